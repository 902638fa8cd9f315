//! The endpoint names and where they point.

use leptos::prelude::*;
use reactive_stores::{Field, StoreFieldIterator};

use crate::engine::Engine;
use crate::model::{FrameStoreFields, NameRow, NameRowStoreFields};

/// What DNS answers right now.
#[component]
pub(crate) fn Names() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let rows = Memo::new(move |_| engine.frame.names().read().len());
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
                        each=move || 0..rows.get()
                        key=|at| *at
                        children=move |at| view! { <NameLine row=engine.frame.names().at_unkeyed(at) /> }
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
