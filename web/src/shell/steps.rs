//! What most visitors do first, and the steps of the failover that follows.

use leptos::prelude::*;
use primacy_port::Lane;
use primacy_view::view;

use crate::failover::{Failover, NAMES};
use crate::format::took as words_of;
use crate::session::session;

/// Buttons and the five steps.
#[component]
pub(crate) fn Steps() -> impl IntoView {
    let (session, rooms) = (session(), super::rooms::rooms());
    let act = move |text: &'static str| move |_| session.act(text);
    let denied = move |word: &'static str| move || !session.grants(word);
    let facts = session.rows(Lane::A).facts;
    let newest =
        Memo::new(move |_| session.past(Lane::A).with(|past| Failover::read(past, facts.now_ns().get())));
    view! {
        <section class="panel actions" aria-label="Actions">
            <div class="strip">
            <div class="row">
                <button class:strong=move || !rooms.intro.get() data-testid="kill" hidden=denied("kill")
                    disabled=move || facts.group().get().is_empty()
                    title="kill -9 of the primary's process (k)" on:click=act("kill primary")>"Kill primary"</button>
                <button hidden=denied("test-failover") on:click=act("test-failover") title="As aws elasticache test-failover (f)">
                    "TestFailover"
                </button>
                <button hidden=denied("failover") on:click=act("failover") title="The primary hands over; no write is lost">
                    "Planned failover"
                </button>
                <button hidden=denied("heal") on:click=act("heal") title="Ends every fault: power, links, frozen processes">
                    "Heal"
                </button>
            </div>
            <ol class="steps" aria-label="Steps of the newest failover">
                {(0..NAMES.len()).map(|step| view! { <Step step newest /> }).collect_view()}
            </ol>
            </div>
        </section>
    }
}

#[component]
fn Step(step: usize, newest: Memo<Failover>) -> impl IntoView {
    let done = Memo::new(move |_| newest.with(|f| f.steps[step].is_some()));
    let awaited = Memo::new(move |_| newest.with(|f| f.awaited() == step));
    let words = move || match newest.with(|f| f.took(step)) {
        Some(took) => words_of(took),
        None if awaited.get() => "waiting …".to_owned(),
        None => "–".to_owned(),
    };
    view! {
        <li class:done=move || done.get() class:now=move || awaited.get()>
            <b><i>{step + 1} ". "</i> {NAMES[step]}</b>
            <span>{words}</span>
        </li>
    }
}
