//! The tabs at the right: terminal, template, inspector, API.

use leptos::ev;
use leptos::prelude::*;
use primacy_view::view;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::api::Api;
use super::editor::Editor;
use super::inspector::Inspector;
use super::terminal::Terminal;
use crate::session::{Tab, session};

const TABS: [(Tab, &str, &str); 4] = [
    (Tab::Terminal, "terminal", "Terminal"),
    (Tab::Template, "template", "Template"),
    (Tab::Inspect, "inspect", "Inspect"),
    (Tab::Api, "api", "API"),
];

/// The panel.
#[component]
pub(crate) fn Tabs() -> impl IntoView {
    let session = session();
    let tab = move |(tab, id, label): (Tab, &'static str, &'static str)| {
        let on = move || session.tab.get() == tab;
        view! {
            <button
                type="button"
                role="tab"
                id=format!("tab-{id}")
                aria-selected=move || if on() { "true" } else { "false" }
                aria-controls="tab-panel"
                tabindex=move || if on() { "0" } else { "-1" }
                on:click=move |_| session.tab.set(tab)
            >
                {label}
            </button>
        }
    };
    let on_key = move |ev: ev::KeyboardEvent| {
        let at = TABS.iter().position(|t| t.0 == session.tab.get_untracked()).unwrap_or(0);
        let next = match ev.key().as_str() {
            "ArrowRight" => at + 1,
            "ArrowLeft" => at + TABS.len() - 1,
            "Home" => 0,
            "End" => TABS.len() - 1,
            _ => return,
        };
        ev.prevent_default();
        let (tab, id, _) = TABS[next % TABS.len()];
        session.tab.set(tab);
        let button = document().get_element_by_id(&format!("tab-{id}"));
        if let Some(button) = button.and_then(|b| b.dyn_into::<HtmlElement>().ok()) {
            let _ = button.focus();
        }
    };
    let shown = move || match session.tab.get() {
        Tab::Terminal => view! { <Terminal /> }.into_any(),
        Tab::Template => view! { <Editor /> }.into_any(),
        Tab::Inspect => view! { <Inspector /> }.into_any(),
        Tab::Api => view! { <Api /> }.into_any(),
    };
    let labelled = move || {
        let id = TABS.iter().find(|t| t.0 == session.tab.get()).map_or("terminal", |t| t.1);
        format!("tab-{id}")
    };
    view! {
        <section class="panel tabs">
            <div class="tab-list" role="tablist" aria-label="Tools" on:keydown=on_key>
                {TABS.map(tab).collect_view()}
            </div>
            <div class="tab-panel" id="tab-panel" role="tabpanel" aria-labelledby=labelled>{shown}</div>
        </section>
    }
}
