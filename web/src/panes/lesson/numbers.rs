//! The numbers, each with its formula.

use leptos::prelude::*;
use primacy_port::Figure;
use primacy_view::view;

use super::Course;

/// All of them; the first is the proof.
#[component]
pub(super) fn Numbers() -> impl IntoView {
    let course = expect_context::<Course>();
    let figures = Memo::new(move |_| course.progress().map(|p| p.figures).unwrap_or_default());
    let count = Memo::new(move |_| figures.with(Vec::len));
    view! {
        <div class="figures">
            <For
                each=move || 0..count.get()
                key=|at| *at
                children=move |at| view! { <Number at figures /> }
            />
        </div>
    }
}

#[component]
fn Number(at: usize, figures: Memo<Vec<Figure>>) -> impl IntoView {
    let text = move |part: fn(&Figure) -> &String| {
        Memo::new(move |_| figures.with(|all| all.get(at).map(part).cloned().unwrap_or_default()))
    };
    let (label, value, formula) = (text(|f| &f.label), text(|f| &f.value), text(|f| &f.formula));
    view! {
        <div class="figure" data-testid="lesson-figure">
            <p class="label">{label}</p>
            <p class="value">{value}</p>
            <details>
                <summary>"formula"<span class="sr-only">" of " {label}</span></summary>
                <p class="formula">{formula}</p>
            </details>
        </div>
    }
}
