//! All facts of what is selected, and what can be done to it; the legend while nothing is.

mod facts;
mod legend;

use leptos::prelude::*;
use primacy_port::Frame;
use primacy_view::view;

use super::deeds::{Deed, deeds};
use super::stage_words;
use crate::session::{Pick, lane, session};
use legend::Legend;

/// One line: what, and how it is.
type Fact = (&'static str, String);

/// The pane.
#[component]
pub(crate) fn Inspector() -> impl IntoView {
    let session = session();
    let shown = move || match session.selected.get() {
        Some(pick) => view! { <Sheet pick /> }.into_any(),
        None => view! { <Legend /> }.into_any(),
    };
    view! { <section class="inspector" aria-label="Inspector">{shown}</section> }
}

#[component]
fn Sheet(pick: Pick) -> impl IntoView {
    let (session, lane) = (session(), lane());
    let now = session.rows(lane).facts.now_ns();
    let read = move |of: fn(&Frame, Pick) -> Vec<Fact>| {
        Memo::new(move |_| {
            now.track();
            session.latest(lane).map(|frame| of(&frame, pick)).unwrap_or_default()
        })
    };
    let rows = read(facts::facts);
    let gone = Memo::new(move |_| rows.with(Vec::is_empty));
    let past = Memo::new(move |_| match pick {
        Pick::Event(id) => session.past(lane).with(|past| facts::event(past, id)),
        _ => Vec::new(),
    });
    let all = move || if matches!(pick, Pick::Event(_)) { past.get() } else { rows.get() };
    let can = Memo::new(move |_| {
        now.track();
        let frame = session.latest(lane)?;
        Some(session.caps.with(|caps| deeds(&frame, caps, pick)))
    });
    view! {
        <header class="pane-head">
            <h2>{stage_words::title(pick)}</h2>
            <button type="button" class="small" on:click=move |_| session.selected.set(None)>"Show the legend"</button>
        </header>
        <Show when=move || gone.get() && past.with(Vec::is_empty)>
            <p class="empty quiet">"It is not there at this moment of the run."</p>
        </Show>
        <dl class="facts-of">
            <For each=all key=|fact| fact.clone() children=|(what, how)| view! { <div><dt>{what}</dt><dd>{how}</dd></div> } />
        </dl>
        <Deeds can />
        <Faults />
    }
}

#[component]
fn Deeds(can: Memo<Option<Vec<Deed>>>) -> impl IntoView {
    let (session, lane) = (session(), lane());
    let each = move || can.get().unwrap_or_default();
    let button = move |deed: Deed| {
        let (label, hint, harms) = (deed.label.clone(), deed.hint, deed.harms);
        let run = move |ev: leptos::ev::MouseEvent| {
            let at = (f64::from(ev.client_x()), f64::from(ev.client_y()));
            deed.clone().run(session, lane, at);
        };
        view! { <button type="button" class="small" class:harms=harms title=hint on:click=run>{label}</button> }
    };
    view! {
        <div class="deeds" role="group" aria-label="Actions">
            <For each key=|deed| deed.label.clone() + deed.hint children=button />
        </div>
    }
}

/// Faults that run now: each can be ended in the words that began it.
#[component]
pub(crate) fn Faults() -> impl IntoView {
    let (session, lane) = (session(), lane());
    let facts = session.rows(lane).facts;
    let none = Memo::new(move |_| facts.faults().get().is_empty());
    let each = move || facts.faults().get().into_iter().enumerate().collect::<Vec<_>>();
    let line = move |(_, words): (usize, String)| {
        let end = format!("end {words}");
        view! {
            <li>
                <code>{words}</code>
                <button type="button" class="small" on:click=move |_| session.act(end.clone())>"End"</button>
            </li>
        }
    };
    view! {
        <Show when=move || !none.get()>
            <h3 class="small-head">"Faults that run"</h3>
            <ul class="faults">
                <For each key=|(place, words)| (*place, words.clone()) children=line />
            </ul>
        </Show>
    }
}
