//! Light or dark, moving or still.

use leptos::prelude::*;
use web_sys::Element;

use crate::effect::effect;
use crate::prefs;
use crate::session::Session;

fn root() -> Option<Element> {
    document().document_element()
}

fn media(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|m| m.matches())
}

/// Light becomes dark, and dark light.
pub(crate) fn switch_theme() {
    let Some(root) = root() else { return };
    let by_system = media("(prefers-color-scheme: dark)");
    let dark = root.get_attribute("data-theme").map_or(by_system, |theme| theme == "dark");
    let next = if dark { "light" } else { "dark" };
    let _ = root.set_attribute("data-theme", next);
    prefs::remember(prefs::THEME, next);
}

/// As it was left; index.html has set the theme already, before the first paint.
pub(crate) fn restore(session: Session) {
    let kept = prefs::recall(prefs::MOTION);
    let still = kept.map_or_else(|| media("(prefers-reduced-motion: reduce)"), |motion| motion == "off");
    session.still.set(still);
    session.slowing.set(prefs::recall(prefs::SLOWING).is_some());
    session.keys.set(prefs::recall(prefs::KEYS).is_none());
    Effect::new(move |before: Option<bool>| {
        let still = session.still.get();
        if let Some(root) = root() {
            let _ = root.set_attribute("data-motion", if still { "off" } else { "on" });
        }
        if before.is_some_and(|before| before != still) {
            prefs::remember(prefs::MOTION, if still { "off" } else { "on" });
        }
        still
    });
    effect(move || prefs::remember(prefs::SLOWING, if session.slowing.get() { "on" } else { "" }));
    effect(move || prefs::remember(prefs::KEYS, if session.keys.get() { "" } else { "off" }));
}
