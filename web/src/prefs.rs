//! What the browser remembers. It may refuse to, so nothing that matters stands only here.

use leptos::prelude::window;
use web_sys::Storage;

/// How light or dark the page is: `light`, `dark`, or nothing for the system's choice.
pub(crate) const THEME: &str = "primacy-theme";
/// `off`: nothing moves but numbers.
pub(crate) const MOTION: &str = "primacy-motion";
/// `on`: time passes slowly near milestones.
pub(crate) const SLOWING: &str = "primacy-slowing";
/// `off`: single keys do nothing.
pub(crate) const KEYS: &str = "primacy-keys";
/// `done`: the introduction was dismissed.
pub(crate) const INTRO: &str = "primacy-intro";
/// The fragment of the run that was left.
pub(crate) const LAST: &str = "primacy-last";
/// Widths, heights and what is folded away.
pub(crate) const LAYOUT: &str = "primacy-layout";

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// What was remembered.
pub(crate) fn recall(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Remembers, or forgets when the text is empty.
pub(crate) fn remember(key: &str, text: &str) {
    if let Some(storage) = storage() {
        let _ = if text.is_empty() { storage.remove_item(key) } else { storage.set_item(key, text) };
    }
}
