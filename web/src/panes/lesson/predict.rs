//! A guess before the run, and what became of it.

use leptos::prelude::*;
use primacy_sim::lesson::Lesson;
use primacy_view::view;

use super::Course;

/// The question. It is closed once the run has begun, and answered when it is over.
#[component]
pub(super) fn Predict(lesson: &'static Lesson) -> impl IntoView {
    let course = expect_context::<Course>();
    let question = &lesson.predict;
    let answered = move || course.ended();
    let outcome = move || match course.guess.get() {
        Some(guess) if guess == question.right => "You guessed right. ",
        Some(_) => "It went another way than you guessed. ",
        None => "",
    };
    view! {
        <fieldset class="predict" disabled=move || course.started.get()>
            <legend>"Guess first"</legend>
            <p>{question.question}</p>
            {question
                .choices
                .iter()
                .enumerate()
                .map(|(at, choice)| view! { <Choice at choice=*choice right=question.right == at /> })
                .collect_view()}
        </fieldset>
        <Show when=move || !course.started.get()>
            <p class="row">
                <button class="strong" data-testid="lesson-start" on:click=move |_| course.start()>
                    {move || if course.guess.get().is_some() { "Start" } else { "Start without a guess" }}
                </button>
            </p>
        </Show>
        <Show when=answered>
            <p class="outcome" role="status">
                <b>{outcome}</b>
                {question.explain}
            </p>
        </Show>
    }
}

#[component]
fn Choice(at: usize, choice: &'static str, right: bool) -> impl IntoView {
    let course = expect_context::<Course>();
    let class = move || match (course.ended(), right, course.guess.get() == Some(at)) {
        (true, true, _) => "choice right",
        (true, false, true) => "choice wrong",
        _ => "choice",
    };
    view! {
        <label class=class>
            <input
                type="radio"
                name="guess"
                data-testid="lesson-choice"
                prop:checked=move || course.guess.get() == Some(at)
                on:change=move |_| course.guess.set(Some(at))
            />
            <span>{choice}</span>
            <Show when=move || course.ended() && right>
                <span class="tick">"✓" <span class="sr-only">" right"</span></span>
            </Show>
        </label>
    }
}
