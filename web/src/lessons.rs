//! The lessons' texts as HTML, made from `lessons/*.md` by the build script, and what a visitor has done.

use leptos::prelude::window;

/// One lesson's text.
pub(crate) struct Text {
    /// The lesson's slug, as in the file's name.
    pub(crate) slug: &'static str,
    /// HTML: what there is.
    pub(crate) setup: &'static str,
    /// HTML: what to look at.
    pub(crate) watch: &'static str,
    /// HTML: why it is so.
    pub(crate) why: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/lessons.rs"));

const DONE_KEY: &str = "primacy-lessons";

/// Numbers of the lessons that were played to their end in this browser.
pub(crate) fn done() -> Vec<u8> {
    let kept = window().local_storage().ok().flatten().and_then(|s| s.get_item(DONE_KEY).ok().flatten());
    kept.map_or_else(Vec::new, |text| text.split(',').filter_map(|n| n.parse().ok()).collect())
}

/// Remembers them; a browser that forbids it forgets.
pub(crate) fn remember(done: &[u8]) {
    let text = done.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
    if let Some(storage) = window().local_storage().ok().flatten() {
        let _ = storage.set_item(DONE_KEY, &text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primacy_sim::lesson::LESSONS;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn every_lesson_has_its_text() {
        let slugs: Vec<&str> = LESSONS.iter().map(|lesson| lesson.slug).collect();
        assert_eq!(slugs, TEXTS.iter().map(|text| text.slug).collect::<Vec<_>>());
        assert!(REAL.contains("<table>"));
    }

    #[wasm_bindgen_test]
    fn what_was_done_is_remembered() {
        remember(&[0, 3, 13]);
        assert_eq!(done(), [0, 3, 13]);
        remember(&[]);
        assert!(done().is_empty());
    }
}
