//! The page's shape.

use leptos::prelude::*;

use crate::engine::Engine;
use crate::model::FrameStoreFields;
use crate::parts::actions::Actions;
use crate::parts::clients::Clients;
use crate::parts::events::Events;
use crate::parts::names::Names;
use crate::parts::stage::Stage;
use crate::parts::terminal::Terminal;
use crate::parts::timebar::TimeBar;
use crate::parts::top::Top;
use crate::project;

/// The whole page.
#[component]
pub(crate) fn App() -> impl IntoView {
    let (scenario, notice) = project::opening();
    let engine = Engine::start(scenario);
    // A link pasted into an open page is another run.
    let other_link = window_event_listener_untyped("hashchange", |_| {
        let _ = window().location().reload();
    });
    on_cleanup(move || other_link.remove());
    view! { <Page engine notice /> }
}

/// The page around an engine that runs already.
#[component]
pub(crate) fn Page(engine: Engine, notice: String) -> impl IntoView {
    provide_context(engine);
    let violation = move || engine.frame.violation().get();
    let broken = Memo::new(move |_| !violation().is_empty());
    view! {
        <div class="page">
            <Top />
            {(!notice.is_empty()).then(|| view! { <p class="banner" role="status">{notice}</p> })}
            <Show when=move || broken.get()>
                <p class="banner bad" role="alert">"An invariant does not hold: " {violation}</p>
            </Show>
            <main class="work">
                <Actions />
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
            <p class="sr-only" aria-live="polite">{move || engine.news.get()}</p>
        </div>
    }
}
