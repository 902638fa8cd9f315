//! What a machine reads of the page: its state in words, and the moment from which it can be used.

use leptos::prelude::*;
use primacy_port::Lane;

use crate::model::{FactsStoreFields, FrameRowsStoreFields};
use crate::session::Session;

/// `loading`, `ready` or `crashed`: the tests wait for it.
pub(crate) fn state(session: Session) -> Memo<&'static str> {
    let facts = session.rows(Lane::A).facts();
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
    Effect::new(move |_| {
        let now = state.get();
        if now != "loading" && !marked.get_value() {
            marked.set_value(true);
            request_animation_frame(move || {
                if now == "ready" {
                    let _ = window().performance().map(|performance| performance.mark("usable"));
                }
                // After that frame's painting.
                set_timeout(
                    move || {
                        seen.try_set(true);
                    },
                    std::time::Duration::ZERO,
                );
            });
        }
    });
}
