//! What happened and why, newest first.

use leptos::prelude::*;

use crate::engine::Engine;
use crate::format::clock;
use crate::model::EventRow;

/// The event list.
#[component]
pub(crate) fn Events() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let newest_first = move || engine.events.get().into_iter().rev().collect::<Vec<_>>();
    view! {
        <section class="panel events" aria-labelledby="events-title">
            <h2 id="events-title">"Events, newest first"</h2>
            <ol tabindex="0" aria-label="Events, newest first">
                <Show when=move || engine.events.with(Vec::is_empty)>
                    <li class="empty">"Nothing has happened yet."</li>
                </Show>
                <For each=newest_first key=|row| row.id children=|row| view! { <EventLine row /> } />
            </ol>
        </section>
    }
}

#[component]
fn EventLine(row: EventRow) -> impl IntoView {
    let why = (!row.why.is_empty()).then(|| view! { <p class="why">{row.why}</p> });
    view! {
        <li class:loud=row.loud>
            <time class="mono">{clock(row.t_us)}</time>
            <div>
                <p>{row.text}</p>
                {why}
            </div>
        </li>
    }
}
