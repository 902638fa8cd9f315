//! Ways of messages that were too quick to be followed: each lights up once and fades.

use leptos::prelude::document;
use primacy_core::map::Set;
use primacy_port::Host;
use web_sys::Element;

use super::motion::SVG;

/// Trails at most; then the oldest is used again.
const MOST: usize = 40;
/// New ones in one frame at most: more would take the place of those that have just lit up.
const AT_ONCE: usize = 4;

/// Whose trail: from, to, and when it left.
pub(super) type Name = (Host, Host, u64);

#[derive(Default)]
pub(super) struct Trails {
    elements: Vec<Element>,
    next: usize,
    /// Those under way at the last look, which have a trail or had their turn.
    known: Set<Name>,
}

impl Trails {
    /// Those that are under way now and are not followed: who has come since the last look leaves a trail.
    pub(super) fn leave(
        &mut self,
        ground: &Element,
        quick: &[(Name, &'static str)],
        mut way: impl FnMut(Host, Host) -> Option<String>,
    ) {
        let known = std::mem::replace(&mut self.known, quick.iter().map(|(name, _)| *name).collect());
        let new = quick.iter().filter(|(name, _)| !known.contains(name));
        for ((from, to, _), kind) in new.take(AT_ONCE) {
            if let Some(path) = way(*from, *to) {
                self.draw(ground, &path, kind);
            }
        }
    }

    fn draw(&mut self, ground: &Element, path: &str, kind: &str) {
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
