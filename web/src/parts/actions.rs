//! What an operator can do to the whole group, and how far the failover that follows has come.

use leptos::prelude::*;

use crate::action::Action;
use crate::engine::Engine;
use crate::failover::NAMES;
use crate::format::seconds;

/// The big buttons and the five steps.
#[component]
pub(crate) fn Actions() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let does = move |action: Action| move |_| engine.act(action.clone());
    let calm = Memo::new(move |_| engine.failover.with(|f| f.number == 0));
    view! {
        <section class="panel actions" class:calm=move || calm.get() aria-label="Break it and watch">
            <div class="row">
                <button class="strong" on:click=does(Action::KillPrimary) title="kill -9 of the primary (k)">
                    "Kill the primary"
                </button>
                <button on:click=does(Action::TestFailover) title="As aws elasticache test-failover (f)">
                    "TestFailover"
                </button>
                <button on:click=does(Action::PlannedFailover) title="The primary hands over; no write is lost">
                    "Planned failover"
                </button>
                <button on:click=does(Action::Heal) title="Ends every fault: power, links, frozen processes">
                    "Heal everything"
                </button>
            </div>
            <ol class="steps" aria-label="Steps of the newest failover">
                {(0..NAMES.len()).map(|step| view! { <Step step /> }).collect_view()}
            </ol>
        </section>
    }
}

#[component]
fn Step(step: usize) -> impl IntoView {
    let engine = expect_context::<Engine>();
    let lit = Memo::new(move |_| engine.failover.with(|f| f.steps[step].clone()));
    let awaited = Memo::new(move |_| engine.failover.with(|f| f.number > 0 && f.awaited() == step));
    let words = move || match lit.get() {
        Some(lit) => format!("{} · {}", lit.detail, seconds(lit.after_us)),
        None if awaited.get() => "waiting …".to_owned(),
        None => "–".to_owned(),
    };
    view! {
        <li class:done=move || lit.with(Option::is_some) class:now=move || awaited.get()>
            <b>{step + 1} ". " {NAMES[step]}</b>
            <span>{words}</span>
        </li>
    }
}
