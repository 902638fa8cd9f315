//! All lessons, and which of them are done.

use leptos::prelude::*;
use primacy_sim::lesson::{LESSONS, Lesson};
use primacy_view::view;

use super::{Course, show_real};

/// The list.
#[component]
pub(super) fn List() -> impl IntoView {
    let course = expect_context::<Course>();
    let count = move || course.finished.with(|all| all.len());
    let next = move || {
        let left = |lesson: &&&Lesson| course.finished.with(|all| !all.contains(&lesson.number));
        LESSONS.iter().collect::<Vec<_>>().iter().find(left).map_or(0, |lesson| lesson.number)
    };
    view! {
        <header class="lesson-head">
            <h2>"Lessons"</h2>
            <p class="quiet">"About two minutes each. Guess, do, see, and a number that the engine computed."</p>
        </header>
        <p class="row">
            <button class="strong" on:click=move |_| course.begin(next())>
                {move || if count() == 0 { "Begin" } else { "Go on" }}
            </button>
            <button on:click=move |_| show_real()>"What is real here?"</button>
        </p>
        <p class="quiet small">{move || format!("{} of {} done", count(), LESSONS.len())}</p>
        <ol class="lessons">
            {LESSONS.iter().map(|lesson| view! { <Entry lesson /> }).collect_view()}
        </ol>
    }
}

#[component]
fn Entry(lesson: &'static Lesson) -> impl IntoView {
    let course = expect_context::<Course>();
    let done = Memo::new(move |_| course.finished.with(|all| all.contains(&lesson.number)));
    let number = if lesson.number == 13 { "★".to_owned() } else { lesson.number.to_string() };
    view! {
        <li>
            <button class="entry" data-testid="lesson-entry" data-lesson=lesson.number.to_string() on:click=move |_| course.begin(lesson.number)>
                <span class="mono number">{number}</span>
                <span>{lesson.title}</span>
                <span class="tick" aria-hidden="true">{move || if done.get() { "✓" } else { "" }}</span>
                <Show when=move || done.get()>
                    <span class="sr-only">", done"</span>
                </Show>
            </button>
        </li>
    }
}
