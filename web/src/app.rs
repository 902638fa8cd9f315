//! The page's shape.

use leptos::prelude::*;
use primacy_port::{Lane, Opening};

use crate::model::{FactsStoreFields, FrameRowsStoreFields};
use crate::panes::clients::Clients;
use crate::panes::events::Events;
use crate::panes::names::Names;
use crate::panes::stage::Stage;
use crate::panes::terminal::Terminal;
use crate::session::Session;
use crate::shell::header::Header;
use crate::shell::notices::Notices;
use crate::shell::steps::Steps;
use crate::shell::timebar::TimeBar;

/// The whole page.
#[component]
pub(crate) fn App() -> impl IntoView {
    let session = Session::start(opening());
    // A link pasted into an open page is another run.
    let other_link = window_event_listener_untyped("hashchange", |_| {
        let _ = window().location().reload();
    });
    on_cleanup(move || other_link.remove());
    view! { <Page session /> }
}

/// What the page opens with: the run that its address names, else the usual group.
fn opening() -> Opening {
    let fragment = window().location().hash().unwrap_or_default();
    match fragment.strip_prefix('#') {
        Some(link) if !link.is_empty() => Opening::Link(link.to_owned()),
        _ => Opening::Preset("first".into()),
    }
}

/// The page around a session.
#[component]
pub(crate) fn Page(session: Session) -> impl IntoView {
    provide_context(session);
    let facts = session.rows(Lane::A).facts();
    let broken = Memo::new(move |_| facts.violation().get());
    view! {
        <div class="page">
            <Header />
            <Notices />
            <Show when=move || broken.with(|b| !b.is_empty())>
                <p class="banner bad" role="alert">"An invariant does not hold: " {move || broken.get()}</p>
            </Show>
            <main class="work">
                <Steps />
                <div class="column">
                    <Stage />
                    <Names />
                    <Clients />
                </div>
                <div class="column side">
                    <Terminal />
                    <Events />
                </div>
            </main>
            <TimeBar />
            <p class="sr-only" aria-live="polite">{move || session.news.get()}</p>
        </div>
    }
}
