//! The text itself: a plain field at first, CodeMirror as soon as its chunk is there.

use leptos::html;
use leptos::prelude::*;
use primacy_aws::diagnostic::{Diagnostic, Severity};
use primacy_aws::template::PROPERTIES;
use primacy_view::view;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue, wasm_bindgen};

use super::Draft;
use crate::chunk::chunk;
use crate::effect::effect;

#[wasm_bindgen]
extern "C" {
    /// `web/js/editor.js`.
    type Module;
    #[wasm_bindgen(method)]
    fn make(
        this: &Module,
        host: &web_sys::HtmlElement,
        text: &str,
        names: &str,
        changed: &Closure<dyn FnMut(String)>,
    ) -> Mirror;

    type Mirror;
    #[wasm_bindgen(method, js_name = setText)]
    fn set_text(this: &Mirror, text: &str);
    #[wasm_bindgen(method)]
    fn mark(this: &Mirror, rows: &str);
    #[wasm_bindgen(method)]
    fn reveal(this: &Mirror, line: u32, column: u32);
    #[wasm_bindgen(method)]
    fn destroy(this: &Mirror);
}

/// The editor with what it calls back.
struct Live {
    mirror: Mirror,
    _changed: Closure<dyn FnMut(String)>,
}

/// The field.
#[component]
pub(super) fn Code(draft: Draft) -> impl IntoView {
    let module = RwSignal::new_local(None::<JsValue>);
    leptos::task::spawn_local(async move {
        if let Some(found) = chunk("editor").await {
            module.try_set(Some(found));
        }
    });
    move || match module.get() {
        Some(module) => view! { <Rich module draft /> }.into_any(),
        None => view! { <Field draft /> }.into_any(),
    }
}

#[component]
fn Field(draft: Draft) -> impl IntoView {
    let field = NodeRef::<html::Textarea>::new();
    effect(move || {
        let Some(((line, column, _), field)) = draft.wanted.get().zip(field.get_untracked()) else { return };
        let at = draft.text.with_untracked(|text| units_before(text, line, column));
        let _ = field.set_selection_range(at, at);
        let _ = field.focus();
    });
    view! {
        <textarea
            node_ref=field
            class="editor-field mono"
            aria-label="CloudFormation template"
            spellcheck="false"
            data-testid="template-text"
            prop:value=move || draft.text.get()
            on:input=move |ev| draft.text.set(event_target_value(&ev))
        ></textarea>
    }
}

/// UTF-16 units before a place that is counted in characters.
fn units_before(text: &str, line: u32, column: u32) -> u32 {
    let before = text.split_inclusive('\n').take(line.saturating_sub(1) as usize);
    let start: usize = before.map(|line| line.encode_utf16().count()).sum();
    let row = text.lines().nth(line.saturating_sub(1) as usize).unwrap_or_default();
    let within: usize = row.chars().take(column.saturating_sub(1) as usize).map(char::len_utf16).sum();
    (start + within) as u32
}

#[component]
fn Rich(module: JsValue, draft: Draft) -> impl IntoView {
    let host = NodeRef::<html::Div>::new();
    let live = StoredValue::new_local(None::<Live>);
    let module: Module = module.unchecked_into();
    let with = move |then: &dyn Fn(&Mirror)| {
        live.with_value(|live| {
            if let Some(live) = live {
                then(&live.mirror);
            }
        });
    };
    effect(move || {
        let Some(host) = host.get() else { return };
        if live.with_value(Option::is_none) {
            let changed = Closure::new(move |text: String| draft.text.set(text));
            let names: Vec<String> = PROPERTIES.iter().map(|p| format!("{}\t{}", p.name, p.note)).collect();
            let text = draft.text.get_untracked();
            let mirror = module.make(&host, &text, &names.join("\n"), &changed);
            live.set_value(Some(Live { mirror, _changed: changed }));
        }
        draft.text.with(|text| with(&|mirror| mirror.set_text(text)));
        let rows: Vec<String> = draft.findings().iter().map(row).collect();
        with(&|mirror| mirror.mark(&rows.join("\n")));
    });
    effect(move || {
        if let Some((line, column, _)) = draft.wanted.get() {
            with(&|mirror| mirror.reveal(line, column));
        }
    });
    on_cleanup(move || {
        if let Some(live) = live.try_update_value(Option::take).flatten() {
            live.mirror.destroy();
        }
    });
    view! { <div class="editor-rich mono" node_ref=host data-testid="template-text"></div> }
}

/// One finding as the editor takes it.
fn row(of: &Diagnostic) -> String {
    let severity = match of.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let message = [of.message.as_str(), of.help.as_str()].join(" ").replace(['\t', '\n'], " ");
    format!("{}\t{}\t{}\t{severity}\t{message}", of.line, of.column, of.length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn places_count_as_the_browser_counts() {
        assert_eq!(units_before("a\nbc", 2, 2), 3);
        assert_eq!(units_before("😀x\ny", 2, 1), 4);
        assert_eq!(units_before("", 9, 9), 0);
    }
}
