//! Single keys, outside text fields, and the list of them.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::session::{Session, session};

const KEYS: [(&str, &str); 8] = [
    ("Space", "play or pause"),
    (", .", "one event back, forth"),
    ("p n", "milestone before, next"),
    ("[ ]", "slower, faster"),
    ("k", "kill the primary"),
    ("f", "TestFailover"),
    ("t", "to the terminal"),
    ("?", "this list"),
];
const LIST: &str = "keys";

/// The list, and the switch that WCAG 2.1.4 asks for.
#[component]
pub(crate) fn Keys() -> impl IntoView {
    let session = session();
    view! {
        <details class="keys" id=LIST>
            <summary>"Keys"</summary>
            <div class="panel">
                <dl>
                    {KEYS
                        .map(|(key, does)| view! { <dt><kbd>{key}</kbd></dt><dd>{does}</dd> })
                        .collect_view()}
                </dl>
                <label>
                    <input
                        type="checkbox"
                        prop:checked=move || session.keys.get()
                        on:change=move |ev| session.keys.set(event_target_checked(&ev))
                    />
                    " single keys work"
                </label>
            </div>
        </details>
    }
}

/// Listens as long as the component that calls this is there.
pub(crate) fn listen(session: Session) {
    let handle = window_event_listener(ev::keydown, move |ev| {
        let focus = document().active_element().map(|e| e.tag_name()).unwrap_or_default();
        if ev.key() == "Escape" {
            close_list();
        }
        let typing = matches!(focus.as_str(), "INPUT" | "TEXTAREA" | "SELECT");
        if typing || !session.keys.get_untracked() || ev.ctrl_key() || ev.meta_key() || ev.alt_key() {
            return;
        }
        match ev.key().as_str() {
            " " if !matches!(focus.as_str(), "BUTTON" | "SUMMARY") => session.toggle(),
            "." => session.step(false),
            "," => session.step(true),
            "n" => session.milestone(false),
            "p" => session.milestone(true),
            "[" => session.speed.update(|s| *s = s.faster(-1)),
            "]" => session.speed.update(|s| *s = s.faster(1)),
            "k" => session.act("kill primary"),
            "f" => session.act("test-failover"),
            "t" => focus_prompt(),
            "?" => toggle_list(),
            _ => return,
        }
        ev.prevent_default();
    });
    on_cleanup(move || handle.remove());
}

fn focus_prompt() {
    let prompt = document().get_element_by_id("prompt");
    if let Some(prompt) = prompt.and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        let _ = prompt.focus();
    }
}

fn toggle_list() {
    if let Some(list) = document().get_element_by_id(LIST) {
        let _ = list.toggle_attribute("open");
    }
}

fn close_list() {
    if let Some(list) = document().get_element_by_id(LIST) {
        let _ = list.remove_attribute("open");
    }
}
