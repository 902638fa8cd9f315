//! The applications that use the group.

use leptos::prelude::*;
use reactive_stores::Field;

use crate::format::count;
use crate::model::{ClientRow, ClientRowStoreFields, FrameRowsStoreFields};
use crate::session::{lane, session};

/// One line per application: where it goes and how it fares.
#[component]
pub(crate) fn Clients() -> impl IntoView {
    let rows = session().rows(lane());
    let none = Memo::new(move |_| rows.clients().read().is_empty());
    view! {
        <section class="panel clients" aria-labelledby="clients-title">
            <header>
                <h2 id="clients-title">"Applications"</h2>
                <p class="quiet">"The newest 64 results of each: green succeeded, red failed."</p>
            </header>
            <Show when=move || none.get()>
                <p class="quiet">"No application uses this group."</p>
            </Show>
            <ul>
                <For
                    each=move || rows.clients()
                    key=|row| row.index().get_untracked()
                    children=|row| view! { <ClientLine row /> }
                />
            </ul>
        </section>
    }
}

#[component]
fn ClientLine(#[prop(into)] row: Field<ClientRow>) -> impl IntoView {
    view! {
        <li class=move || format!("client {}", row.look().get())>
            <b class="mono">{move || row.name().get()}</b>
            <span class="via">
                {move || row.via().get()} <span class="quiet">" · now at " {move || row.target().get()}</span>
            </span>
            <svg class="ribbon" viewBox="0 0 192 12" preserveAspectRatio="none" aria-hidden="true">
                <path class="ok" d=move || row.ok_ticks().get() />
                <path class="bad" d=move || row.bad_ticks().get() />
            </svg>
            <span class="numbers mono">
                {move || count(row.ok().get())} " ok, " {move || count(row.failed().get())} " failed"
            </span>
            <span class="state">{move || row.state().get()}</span>
        </li>
    }
}
