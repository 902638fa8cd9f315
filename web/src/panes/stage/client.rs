//! The applications: what each does, what its resolver remembers and for how long, and how it fares.

use leptos::prelude::*;
use primacy_port::{State, Subject};
use primacy_view::view;

use super::spots::{spots, word};
use super::{Fates, ROOMY, fate_of};
use crate::format::{Fixed, count, tenths};
use crate::model::ClientRow;
use crate::panes::desk::desk;
use crate::panes::menu::Menu;
use crate::panes::stage_words::fate;
use crate::panes::why::Why;
use crate::session::{Pick, lane, session};
use crate::store::Row;

/// What is told of a crowd, worst first.
const TOLD: [State; 4] = [State::Failing, State::Retrying, State::Stale, State::Good];

fn words_for(state: State, count: usize) -> String {
    if count == 0 { String::new() } else { format!(" · {count} {}", fate(state)) }
}

/// One card each, small ones when there are many.
#[component]
pub(super) fn Clients() -> impl IntoView {
    let session = session();
    let rows = session.rows(lane());
    let none = move || {
        match session.is_live() {
        true => view! {
            "The applications of a real group are not watched from here. Connect yours to an endpoint, whose addresses "
            <code>"primacy status"</code>
            " prints: the charts show what it writes."
        }
        .into_any(),
        false => "No application uses this group. Add a client to see traffic: Ctrl-K, client.".into_any(),
    }
    };
    let many = Memo::new(move |_| rows.clients.get().len());
    let crowd = Memo::new(move |_| many.get() > ROOMY);
    let Fates(fates) = expect_context();
    // Nobody counts the cards of a crowd, and few of them are in sight.
    let tally = move || match crowd.get() {
        true => TOLD
            .map(|state| {
                words_for(state, fates.with(|all| all.values().filter(|fate| **fate == state).count()))
            })
            .concat(),
        false => String::new(),
    };
    view! {
        <section class="apps" aria-label="Applications">
            <header>
                <b>"Applications"</b>
                <span class="quiet">{move || Some(many.get()).filter(|many| *many > 0)} {tally}</span>
            </header>
            <Show when=move || many.get() == 0>
                <p class="empty quiet">{none}</p>
            </Show>
            <div class="cards" class:crowd=move || crowd.get()>
                <For
                    each=move || rows.clients.get()
                    key=|client| client.index().get_untracked()
                    children=move |client| view! { <Card client crowd /> }
                />
            </div>
        </section>
    }
}

#[component]
fn Card(client: Row<ClientRow>, crowd: Memo<bool>) -> impl IntoView {
    let (session, lane, desk, spots) = (session(), lane(), desk(), spots());
    let index = client.index().get_untracked();
    let of = Pick::Client(index);
    let tabbed = spots.tabbed(of);
    let state = fate_of(index);
    let facts = session.rows(lane).facts;
    let ask =
        Callback::new(move |()| Subject::Client { client: index, at_ns: facts.now_ns().get_untracked() });
    let troubled = Memo::new(move |_| matches!(state.get(), State::Failing | State::Retrying | State::Stale));
    view! {
        <div
            class="app"
            class:chosen=move || session.selected.get() == Some(of)
            data-state=move || fate(state.get())
            data-spot=word(of)
            data-host=format!("c{index}")
            data-testid=move || format!("client-{}", client.name().get())
            role="group"
            tabindex=move || if tabbed.get() { "0" } else { "-1" }
            aria-label=move || name(client, state.get())
            on:click=move |_| spots.choose(of)
            on:pointerenter=move |_| desk.pointed.set(Some(of))
            on:pointerleave=move |_| desk.pointed.set(None)
        >
            <header>
                <b class="mono">{move || client.name().get()}</b>
                <span class="state-word" data-state=move || fate(state.get())>
                    <Sign state />
                    {move || fate(state.get())}
                </span>
                <Menu of name=client.name().get_untracked() tabbed />
            </header>
            <Show when=move || !crowd.get()>
                <p class="via">{move || client.via().get()}</p>
            </Show>
            <Resolver client crowd />
            <Show when=move || !crowd.get()>
                <Score client />
            </Show>
            <Show when=move || troubled.get() && !crowd.get()>
                <p class="trouble">
                    <span title=move || client.last_error().get()>{move || trouble(client, state.get())}</span>
                    <Why ask />
                </p>
            </Show>
        </div>
    }
}

#[component]
fn Score(client: Row<ClientRow>) -> impl IntoView {
    view! {
        <p class="score">
            <span>{move || count(client.ok().get())} <i>"ok"</i></span>
            <span class:bad=move || { client.failed().get() > 0 }>
                {move || count(client.failed().get())} <i>"failed"</i>
            </span>
            <span class:stale=move || { client.stale().get() > 0 }>
                {move || count(client.stale().get())} <i>"stale"</i>
            </span>
        </p>
    }
}

fn trouble(client: Row<ClientRow>, state: State) -> String {
    match state {
        State::Stale => "reads return old values".into(),
        _ => client.last_error().get(),
    }
}

fn name(client: Row<ClientRow>, state: State) -> String {
    let (name, via, cached) = (client.name().get(), client.via().get(), client.cached().get());
    let old = if client.outdated().get() { ", whose answer is out of date" } else { "" };
    let holds = if cached > 0 { format!(", holds node {cached:03}{old}") } else { String::new() };
    format!("{name}, {}, {via}{holds}", fate(state))
}

/// A shape for each state, so that none is told by colour alone.
#[component]
fn Sign(state: Memo<State>) -> impl IntoView {
    let path = move || match state.get() {
        State::Good => "M2 6.5l2.6 2.6L10 3.4",
        State::Failing => "M3 3l6 6M9 3l-6 6",
        State::Retrying => "M9.5 4A4 4 0 1 0 10 6.4M9.8 1.6V4.2H7.2",
        State::Stale => "M6 3v3.2l2 1.4M6 1.5a4.5 4.5 0 1 0 .01 0",
        State::Stopped => "M3.5 3v6M8.5 3v6",
        State::Idle => "M3 6h6",
    };
    view! {
        <svg class="sign" viewBox="0 0 12 12" aria-hidden="true">
            <path d=path />
        </svg>
    }
}

/// The answer that its resolver holds, a ring that runs down, and a flag when the name server says something else.
#[component]
fn Resolver(client: Row<ClientRow>, crowd: Memo<bool>) -> impl IntoView {
    let facts = session().rows(lane()).facts;
    let left = move || client.ttl_ms().get();
    let dash = move || {
        // What is left changes all the time, so nobody has to follow the whole too.
        let whole = u64::from(facts.ttl_s().get_untracked().max(1)) * 1000;
        let share = match (client.cached().get(), left()) {
            (0, _) => 0.0,
            (_, None) => 1.0,
            (_, Some(ms)) => (f64::from(ms) / whole as f64).min(1.0),
        };
        format!("{} 100", Fixed(share * 37.7, 2))
    };
    let words = move || match (client.cached().get(), left()) {
        (0, _) if client.via().get().starts_with("hardcoded") => "asks no DNS".to_owned(),
        (0, _) => "no answer cached".to_owned(),
        (_, None) => "kept for ever".to_owned(),
        (_, Some(0)) => "expired".to_owned(),
        (_, Some(ms)) => tenths(ms),
    };
    let to = move || match client.cached().get() {
        0 => "–".to_owned(),
        node => format!("{node:03}"),
    };
    view! {
        <p class="resolver" class:outdated=move || client.outdated().get()>
            <svg class="ring" viewBox="0 0 16 16" aria-hidden="true">
                // They begin at the top by themselves: a transform in each of many cards costs layers.
                <path d="M8 2a6 6 0 1 1-.01 0" class="track" />
                <path d="M8 2a6 6 0 1 1-.01 0" class="left" stroke-dasharray=dash />
            </svg>
            <b class="mono">"→\u{a0}" {to}</b>
            <Show when=move || !crowd.get()>
                <span class="quiet">{words}</span>
            </Show>
            <Show when=move || client.outdated().get()>
                <span class="flag" title="The name server answers something else now">
                    "≠" {move || if crowd.get() { "" } else { " DNS" }}
                </span>
            </Show>
        </p>
    }
}
