//! The endpoint names and where they point.

use leptos::prelude::*;
use reactive_stores::Field;

use crate::model::{FrameRowsStoreFields, NameRow, NameRowStoreFields};
use crate::session::{lane, session};

/// What DNS answers right now.
#[component]
pub(crate) fn Names() -> impl IntoView {
    let rows = session().rows(lane());
    view! {
        <section class="panel names" aria-labelledby="names-title">
            <header>
                <h2 id="names-title">"Endpoints in DNS"</h2>
                <p class="quiet">"AWS calls the one that follows the primary the primary endpoint."</p>
            </header>
            <table>
                <thead class="sr-only">
                    <tr>
                        <th scope="col">"endpoint"</th>
                        <th scope="col">"name"</th>
                        <th scope="col">"answers"</th>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || rows.names()
                        key=|row| row.index().get_untracked()
                        children=|row| view! { <NameLine row /> }
                    />
                </tbody>
            </table>
        </section>
    }
}

#[component]
fn NameLine(#[prop(into)] row: Field<NameRow>) -> impl IntoView {
    view! {
        <tr>
            <th scope="row">{move || row.label().get()}</th>
            <td class="mono name" title=move || row.name().get()>{move || row.name().get()}</td>
            <td class="target">"→ " <b>{move || row.target().get()}</b></td>
        </tr>
    }
}
