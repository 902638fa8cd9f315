//! What the panes share and no engine knows: open menus and popovers, terminals, what is pointed at.

use leptos::prelude::*;

use super::terminal::Terminals;
use crate::session::Pick;

/// The handle; copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Desk {
    pub(crate) terminals: Terminals,
    /// What the pointer is over, so that its connections can stand out.
    pub(crate) pointed: RwSignal<Option<Pick>>,
    /// Where the newest "why?" was asked, in pixels of the window: left and bottom of its button.
    pub(crate) why_at: RwSignal<(f64, f64)>,
    /// The text of the template editor, kept while its tab is not shown; `None` until it was opened.
    pub(crate) template: RwSignal<Option<String>>,
}

impl Desk {
    /// Gives the page its desk.
    pub(crate) fn provide() {
        provide_context(Self {
            terminals: Terminals::new(),
            pointed: RwSignal::new(None),
            why_at: RwSignal::new((0.0, 0.0)),
            template: RwSignal::new(None),
        });
    }
}

/// The desk of the page.
pub(crate) fn desk() -> Desk {
    expect_context::<Desk>()
}
