//! What the engine finds in the template, as a list that anybody can read, with corrections to click.

use leptos::prelude::*;
use primacy_aws::diagnostic::{Diagnostic, Severity};
use primacy_view::view;

use super::Draft;

/// The list.
#[component]
pub(super) fn Findings(draft: Draft) -> impl IntoView {
    let all = Memo::new(move |_| draft.findings());
    let summary = move || {
        let (errors, warnings) = all.with(|all| {
            let errors = all.iter().filter(|d| d.severity == Severity::Error).count();
            (errors, all.len() - errors)
        });
        match (errors, warnings) {
            (0, 0) => "The template is valid.".to_owned(),
            (0, n) => format!("The template is valid; {} to know.", things(n, "thing")),
            (n, _) => format!("{} to correct.", things(n, "error")),
        }
    };
    view! {
        <p class="findings-summary" role="status">{summary}</p>
        <ul class="findings" aria-label="Findings in the template">
            <For each=move || all.get().into_iter().enumerate() key=|(at, d)| (*at, key(d)) children=move |(_, of)| view! { <Finding of draft /> } />
        </ul>
    }
}

fn things(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

fn key(of: &Diagnostic) -> String {
    format!("{} {} {} {}", of.line, of.column, of.code, of.message)
}

#[component]
fn Finding(of: Diagnostic, draft: Draft) -> impl IntoView {
    let (line, column, length) = (of.line, of.column, of.length);
    let bad = of.severity == Severity::Error;
    let goto = move |_| {
        draft.wanted.update(|wanted| {
            let number = wanted.map_or(0, |w| w.2) + 1;
            *wanted = Some((line, column, number));
        });
    };
    let fix = meant(&of.help).map(|word| {
        let label = format!("Write {word}");
        let apply = move |_| draft.text.update(|text| *text = replaced(text, line, column, length, &word));
        view! { <button type="button" class="small" on:click=apply>{label}</button> }
    });
    view! {
        <li class:bad=bad data-testid="template-diagnostic" data-code=of.code>
            <button type="button" class="plain mono" title="Go to this place" on:click=goto>
                {format!("{line}:{column}")}
            </button>
            <div>
                <p><span class="severity">{if bad { "error" } else { "note" }}</span> {of.message.clone()}</p>
                {(!of.help.is_empty()).then(|| view! { <p class="quiet help">{of.help.clone()}</p> })}
            </div>
            {fix}
        </li>
    }
}

/// The one word that was probably meant.
fn meant(help: &str) -> Option<String> {
    let (_, rest) = help.split_once("did you mean `")?;
    rest.split_once('`').map(|(word, _)| word.to_owned())
}

/// The text with `length` characters at a place replaced.
fn replaced(text: &str, line: u32, column: u32, length: u32, by: &str) -> String {
    let mut out = String::new();
    for (index, row) in (1..).zip(text.split_inclusive('\n')) {
        if index != line {
            out.push_str(row);
            continue;
        }
        let (before, after) =
            (column.saturating_sub(1) as usize, (column.saturating_sub(1) + length) as usize);
        out.extend(row.chars().take(before));
        out.push_str(by);
        out.extend(row.chars().skip(after));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use primacy_aws::template::{Options, parse};
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_click_mends_a_misspelt_property() {
        let text = crate::panes::editor::START.replace("ReplicasPerNodeGroup", "ReplicaPerNodeGroup");
        let Err(found) = parse(&text, Options::default()) else { panic!("it is misspelt") };
        // Without the property the group has no replica either, which is an error of its own.
        let (of, word) = found.iter().find_map(|d| Some((d, meant(&d.help)?))).expect("a suggestion");
        let mended = replaced(&text, of.line, of.column, of.length, &word);
        assert_eq!(mended, crate::panes::editor::START);
    }
}
