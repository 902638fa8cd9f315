//! What there is to do, ticked off by the engine.

use leptos::prelude::*;
use primacy_sim::lesson::{Does, Lesson, Task};
use primacy_view::view;

use super::Course;

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
                    {(!task.hint.is_empty()).then(|| view! { <span class="quiet">{task.hint}</span> })}
                </p>
            </div>
        </li>
    }
}
