//! What happened and why, newest first.

use leptos::prelude::*;
use primacy_port::{EventRow, Lane};

use crate::format::clock;
use crate::session::session;

/// The event list.
#[component]
pub(crate) fn Events() -> impl IntoView {
    let past = session().past(Lane::A);
    let newest_first = move || past.with(|past| past.events.iter().rev().cloned().collect::<Vec<_>>());
    view! {
        <section class="panel events" aria-labelledby="events-title">
            <h2 id="events-title">"Events, newest first"</h2>
            <ol tabindex="0" aria-label="Events, newest first">
                <Show when=move || past.with(|past| past.events.is_empty())>
                    <li class="empty">"Nothing has happened yet."</li>
                </Show>
                <For each=newest_first key=|row| row.id children=|row| view! { <EventLine row /> } />
            </ol>
        </section>
    }
}

#[component]
fn EventLine(row: EventRow) -> impl IntoView {
    let session = session();
    let cause = row.cause.and_then(|id| {
        session.past(Lane::A).with_untracked(|past| past.events.iter().find(|e| e.id == id).cloned())
    });
    let why = cause.map(|c| view! { <p class="why">"because of " {clock(c.at_ns)} ": " {c.text}</p> });
    view! {
        <li class:loud=row.milestone>
            <time class="mono">{clock(row.at_ns)}</time>
            <div>
                <p>{row.text}</p>
                {why}
            </div>
        </li>
    }
}
