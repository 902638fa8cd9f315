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

/// Marks in the browser's own timeline when the first frame has been drawn.
pub(crate) fn mark_usable(state: Memo<&'static str>) {
    let marked = StoredValue::new(false);
    Effect::new(move |_| {
        if state.get() == "ready" && !marked.get_value() {
            marked.set_value(true);
            request_animation_frame(|| {
                let _ = window().performance().map(|performance| performance.mark("usable"));
            });
        }
    });
}
