//! What lies over the page: closed with Esc or by a click beside it, and the focus goes back to where it was.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use primacy_view::view;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::icon::icon;
use super::rooms::{Over, rooms};
use crate::effect::effect;

/// The element that has the focus.
fn focused() -> Option<HtmlElement> {
    document().active_element()?.dyn_into().ok()
}

/// A dialog at the right. It has neither `header` nor `footer`: they would be the page's own to a screen reader.
#[component]
pub(crate) fn Sheet(
    title: &'static str,
    #[prop(optional)] class: &'static str,
    children: Children,
) -> impl IntoView {
    let rooms = rooms();
    let before = StoredValue::new_local(focused());
    let dialog = NodeRef::<html::Div>::new();
    effect(move || {
        if let Some(dialog) = dialog.get() {
            let first = dialog.query_selector("input, textarea, .options button").ok().flatten();
            let first = first.and_then(|e| e.dyn_into::<HtmlElement>().ok());
            let _ = first.as_ref().unwrap_or(&dialog).focus();
        }
    });
    on_cleanup(move || {
        if let Some(before) = before.try_get_value().flatten() {
            let _ = before.focus();
        }
    });
    let close = move || rooms.over.set(Over::Nothing);
    let key = move |ev: ev::KeyboardEvent| {
        if ev.key() == "Escape" {
            ev.stop_propagation();
            close();
        } else if ev.key() == "Tab" {
            keep_inside(&ev, dialog);
        }
    };
    let plain = class.is_empty();
    view! {
        <div class="veil" on:click=move |_| close()></div>
        <div class=format!("sheet {class}") role="dialog" aria-modal="true" aria-label=title tabindex="-1" node_ref=dialog on:keydown=key>
            {plain
                .then(|| {
                    view! {
                        <div class="sheet-head">
                            <h2>{title}</h2>
                            <button class="bare" aria-label="Close" title="Close (Esc)" on:click=move |_| close()>{icon("x")}</button>
                        </div>
                    }
                })} {children()}
        </div>
    }
}

/// Tab goes round inside the dialog.
fn keep_inside(ev: &ev::KeyboardEvent, dialog: NodeRef<html::Div>) {
    let Some(dialog) = dialog.get_untracked() else { return };
    let Ok(all) = dialog.query_selector_all("button:not(:disabled), input, textarea, a[href]") else {
        return;
    };
    let (Some(first), Some(last)) = (all.get(0), all.get(all.length().saturating_sub(1))) else { return };
    let now = focused();
    let at = |node: &web_sys::Node| now.as_ref().is_some_and(|n| n.is_same_node(Some(node)));
    let next = if ev.shift_key() && (at(&first) || at(&dialog)) {
        last
    } else if !ev.shift_key() && at(&last) {
        first
    } else {
        return;
    };
    ev.prevent_default();
    if let Ok(next) = next.dyn_into::<HtmlElement>() {
        let _ = next.focus();
    }
}
