//! What there is to do, ticked off by the engine.

use leptos::prelude::*;
use primacy_sim::lesson::{Does, Lesson, Task};
use primacy_view::view;

use super::Course;
use crate::session::{Session, session};

/// The tasks.
#[component]
pub(super) fn Tasks(lesson: &'static Lesson) -> impl IntoView {
    let course = expect_context::<Course>();
    let all = lesson.tasks.len();
    let count = Memo::new(move |_| (0..all).filter(|at| course.ticked(*at)).count());
    view! {
        <ol class="tasks">
            {lesson.tasks.iter().enumerate().map(|(at, task)| view! { <Entry at task /> }).collect_view()}
        </ol>
        <p class="sr-only" role="status">
            {move || match count.get() {
                0 => String::new(),
                n => format!("{n} of {all} tasks done"),
            }}
        </p>
    }
}

#[component]
fn Entry(at: usize, task: &'static Task) -> impl IntoView {
    let course = expect_context::<Course>();
    let done = Memo::new(move |_| course.ticked(at));
    let next = Memo::new(move |_| !course.ticked(at) && (0..at).all(|before| course.ticked(before)));
    let button = match task.does {
        Does::Wait => None,
        Does::Command(words) | Does::Line(words) => Some(words),
        Does::Template(_) => Some("apply the template"),
    };
    view! {
        <li
            class=move || if done.get() { "task done" } else if next.get() { "task next" } else { "task" }
            data-testid="lesson-task"
            data-done=move || done.get().to_string()
        >
            <span class="tick" aria-hidden="true">{move || if done.get() { "✓" } else { "○" }}</span>
            <div>
                <p>
                    {task.text}
                    <Show when=move || done.get()>
                        <span class="sr-only">" Done."</span>
                    </Show>
                </p>
                <p class="row small">
                    {button.map(|words| {
                        view! {
                            <button class="do mono" on:click=move |_| course.carry_out(task.does)>{words}</button>
                        }
                    })}
                    {(!task.hint.is_empty()).then(|| view! { <Hint hint=task.hint /> })}
                </p>
            </div>
        </li>
    }
}

/// What a button does.
type Go = fn(Session);

/// How else it is done. A key is worth nothing where there are none: there it is a button, unless the task has one anyway.
#[component]
fn Hint(hint: &'static str) -> impl IntoView {
    let session = session();
    let touch: Option<(_, Go)> = match key(hint) {
        Some("n") => Some(("Next milestone", |session| session.milestone(false))),
        Some("]") => Some(("Play faster", |session| {
            session.speed.update(|s| *s = s.faster(1));
            session.play();
        })),
        Some("Space") => Some(("Play", |session| session.play())),
        _ => None,
    };
    view! {
        <span class="quiet" class:keys={key(hint).is_some()}>{hint}</span>
        {touch.map(|(label, go)| view! { <button class="touch" on:click=move |_| go(session)>{label}</button> })}
    }
}

/// The key that a hint begins with.
fn key(hint: &str) -> Option<&str> {
    let first = hint.split([' ', ',', ';']).next()?;
    matches!(first, "n" | "]" | "Space" | "k" | "t" | "e" | "Ctrl-K").then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use primacy_sim::lesson::LESSONS;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_task_without_a_button_of_its_own_can_be_done_without_keys() {
        for task in LESSONS.iter().flat_map(|lesson| lesson.tasks) {
            let waits = matches!(task.does, Does::Wait);
            match key(task.hint) {
                Some("n" | "]" | "Space") => {}
                Some(_) => assert!(!waits, "{}", task.hint),
                None => assert!(task.hint.is_empty() || task.hint.starts_with("the "), "{}", task.hint),
            }
        }
    }
}
