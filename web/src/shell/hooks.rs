//! What a machine reads of the page: its state in words, and the moment from which it can be used.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use primacy_port::Lane;

use crate::effect::effect;
use crate::port::worker;
use crate::rest;
use crate::session::Session;

/// How long after a failure the rest of the module is asked for again.
const AGAIN: Duration = Duration::from_secs(1);

/// `loading`, `ready` or `crashed`: the tests wait for it.
pub(crate) fn state(session: Session) -> Memo<&'static str> {
    let facts = session.rows(Lane::A).facts;
    Memo::new(move |_| match (session.died.with(Option::is_some), facts.now_ns().get() > 0) {
        (true, _) => "crashed",
        (false, true) => "ready",
        (false, false) => "loading",
    })
}

/// The group has been seen, or will not be: what a visitor does not look at first is built from then on.
#[derive(Clone, Copy)]
pub(crate) struct Seen(RwSignal<bool>);

impl Seen {
    pub(crate) fn get(self) -> bool {
        self.0.get()
    }
}

/// Marks in the browser's own timeline when the first frame has been drawn.
pub(crate) fn mark_usable(state: Memo<&'static str>) {
    let (marked, seen) = (StoredValue::new(false), RwSignal::new(false));
    provide_context(Seen(seen));
    effect(move || {
        let now = state.get();
        if now != "loading" && !marked.get_value() {
            marked.set_value(true);
            request_animation_frame(move || {
                if now == "ready" {
                    mark("usable");
                }
                // After that frame's painting.
                set_timeout(move || complete(seen), Duration::ZERO);
            });
        }
    });
}

/// What is built from now on is made of the rest of the module, and waits for it however long that takes.
fn complete(seen: RwSignal<bool>) {
    spawn_local(async move {
        match rest::fetch().await {
            Ok(module) => {
                module.into_iter().for_each(worker::hand_over_rest);
                mark("complete");
                seen.try_set(true);
            }
            Err(_) => set_timeout(move || complete(seen), AGAIN),
        }
    });
}

/// Marks a moment in the browser's own timeline.
fn mark(name: &str) {
    let _ = window().performance().map(|performance| performance.mark(name));
}
