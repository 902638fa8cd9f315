//! Ways of messages that were too quick to be followed: each lights up once and fades.

use leptos::prelude::document;
use primacy_core::map::Set;
use primacy_port::Host;
use web_sys::Element;

use super::motion::SVG;

/// Trails at most; then the oldest is used again.
const MOST: usize = 40;

/// Whose trail: from, to, and when it left.
type Name = (Host, Host, u64);

#[derive(Default)]
pub(super) struct Trails {
    elements: Vec<Element>,
    next: usize,
    /// Those that have a trail already, and the time of the last look.
    known: Set<Name>,
    now_ns: u64,
}

impl Trails {
    /// This message has left no trail yet; it has now.
    pub(super) fn is_new(&mut self, name: Name, now_ns: u64) -> bool {
        // Nothing is under way for so long, and after a leap back everything is new.
        if now_ns < self.now_ns || self.known.len() > 4 * MOST {
            self.known.clear();
        }
        self.now_ns = now_ns;
        self.known.insert(name)
    }

    /// Draws one.
    pub(super) fn leave(&mut self, ground: &Element, path: &str, kind: &str) {
        if self.next == self.elements.len() {
            let Ok(element) = document().create_element_ns(Some(SVG), "path") else { return };
            let _ = ground.append_child(&element);
            self.elements.push(element);
        }
        let trail = &self.elements[self.next];
        let _ = trail.set_attribute("d", path);
        // Another name for the same fading starts it again.
        let turn =
            if trail.get_attribute("class").is_some_and(|c| c.ends_with("even")) { "odd" } else { "even" };
        let _ = trail.set_attribute("class", &format!("trail {kind} {turn}"));
        self.next = (self.next + 1) % MOST;
    }
}
