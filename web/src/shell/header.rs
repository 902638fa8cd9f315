//! Title, theme and where to read on.

use leptos::prelude::*;
use primacy_port::Lane;

use crate::model::{FactsStoreFields, FrameRowsStoreFields};
use crate::session::session;

const THEME_KEY: &str = "primacy-theme";

/// The page's head line.
#[component]
pub(crate) fn Header() -> impl IntoView {
    let facts = session().rows(Lane::A).facts();
    restore_theme();
    view! {
        <header class="top">
            <div class="brand">
                <h1>"Primacy"</h1>
                <p>"A Redis-style replication group, running inside this tab. Kill the primary and watch."</p>
            </div>
            <dl class="facts">
                <div><dt>"group"</dt><dd class="mono">{move || facts.group().get()}</dd></div>
                <div><dt>"status"</dt><dd>{move || facts.status().get()}</dd></div>
                <div><dt>"epoch"</dt><dd class="mono">{move || facts.epoch().get()}</dd></div>
            </dl>
            <div class="row">
                <super::keys::Keys />
                <button on:click=move |_| switch_theme() title="Light or dark">"Theme"</button>
            </div>
        </header>
    }
}

fn root() -> Option<web_sys::Element> {
    document().document_element()
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

fn restore_theme() {
    let kept = storage().and_then(|s| s.get_item(THEME_KEY).ok().flatten());
    if let (Some(theme), Some(root)) = (kept, root()) {
        let _ = root.set_attribute("data-theme", &theme);
    }
}

fn switch_theme() {
    let Some(root) = root() else { return };
    let dark_by_system =
        window().match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|m| m.matches());
    let dark = root.get_attribute("data-theme").map_or(dark_by_system, |t| t == "dark");
    let next = if dark { "light" } else { "dark" };
    let _ = root.set_attribute("data-theme", next);
    if let Some(storage) = storage() {
        let _ = storage.set_item(THEME_KEY, next);
    }
}
