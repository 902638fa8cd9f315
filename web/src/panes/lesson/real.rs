//! What is real here, and what is simplified: a page of its own, as a dialog.

use leptos::prelude::*;
use primacy_view::view;
use wasm_bindgen::JsCast;
use web_sys::HtmlDialogElement;

use crate::lessons::REAL;

const ID: &str = "real";

/// The dialog; closed until [`show_real`].
#[component]
pub(crate) fn Real() -> impl IntoView {
    view! {
        <dialog id=ID class="real" aria-label="What is real here, and what is simplified">
            <form method="dialog" class="close">
                <button>"Close"</button>
            </form>
            <div class="prose" />
        </dialog>
    }
}

/// Opens it.
pub(crate) fn show_real() {
    let dialog = document().get_element_by_id(ID).and_then(|e| e.dyn_into::<HtmlDialogElement>().ok());
    if let Some(dialog) = dialog {
        // Its text is long, and few look at once.
        if let Ok(Some(prose)) = dialog.query_selector(".prose") {
            prose.set_inner_html(REAL);
        }
        let _ = dialog.show_modal();
    }
}
