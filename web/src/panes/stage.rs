//! The group as a map: zones with their nodes, the names, the applications, and what travels between them.

mod client;
mod dots;
mod motion;
mod node;
mod plane;
mod route;
mod spots;
mod streams;
mod trails;
mod zone;

use leptos::html;
use leptos::prelude::*;
use primacy_core::map::Map;
use primacy_port::{Ribbon, State, Subject};
use primacy_view::view;

use super::table::Tables;
use crate::effect::settled;
use crate::session::{Session, lane, session};
use client::Clients;
use motion::Motion;
use plane::Plane;
use spots::Spots;
use streams::Streams;
use zone::Zones;

/// Applications beyond this many are drawn small.
const ROOMY: usize = 12;

/// Map or tables.
#[component]
pub(crate) fn Stage() -> impl IntoView {
    let session = session();
    Fates::provide();
    start_narrow_as_table(session);
    let shown = move || {
        if session.table.get() { view! { <Tables /> }.into_any() } else { view! { <Map /> }.into_any() }
    };
    view! {
        <section class="panel stage" aria-label="Stage" data-testid="stage">
            <Head />
            {shown}
        </section>
    }
}

/// A narrow screen begins with tables: a map of many cards in one column says less.
fn start_narrow_as_table(session: Session) {
    let wide = window().inner_width().ok().and_then(|w| w.as_f64()).unwrap_or(1000.0);
    if wide < 640.0 && session.run.get_untracked() == 0 {
        session.table.set(true);
    }
}

#[component]
fn Head() -> impl IntoView {
    let session = session();
    let rows = session.rows(lane());
    let facts = rows.facts;
    let lost = Memo::new(move |_| facts.lost_writes().get());
    view! {
        <header class="pane-head">
            <h2>"Group"</h2>
            <p class="stage-facts">
                <span class="mono">{move || facts.group().get()}</span>
                <span
                    class="chip"
                    class:good=move || facts.status().get() == "available"
                    class:warn=move || matches!(facts.status().get().as_str(), "creating" | "modifying")
                    class:bad=move || matches!(facts.status().get().as_str(), "deleting" | "no coordinator")
                >
                    {move || facts.status().get()}
                </span>
                <span class="quiet">"epoch " <b>{move || facts.epoch().get()}</b></span>
                <Show when=move || { lost.get() > 0 }>
                    <super::why::Why
                        ask=Callback::new(move |()| Subject::Lost { at_ns: facts.now_ns().get_untracked() })
                        label=Signal::derive(move || lost_words(lost.get()))
                    />
                </Show>
            </p>
            <button
                type="button"
                class="segments"
                aria-pressed=move || if session.table.get() { "true" } else { "false" }
                title="Map or table (m)"
                data-testid="stage-toggle"
                on:click=move |_| session.table.update(|on| *on = !*on)
            >
                <span class:on=move || !session.table.get()>"Map"</span>
                " "
                <span class:on=move || session.table.get()>"Table"</span>
            </button>
        </header>
    }
}

/// How each application fares where the run stands, as the engine's ribbons tell it. One for all of them: what every card
/// would follow by itself costs each of them as much as there are cards.
#[derive(Clone, Copy)]
struct Fates(ReadSignal<Map<u16, State>>);

impl Fates {
    fn provide() {
        let (session, lane) = (session(), lane());
        let now = session.rows(lane).facts.now_ns();
        provide_context(Self(settled(move || {
            let now = now.get();
            let fate = |ribbon: &Ribbon| {
                let state = ribbon.segments.iter().rev().find(|s| s.from_ns <= now).map(|s| s.state);
                (ribbon.client, state.unwrap_or_default())
            };
            session.past(lane).with(|past| past.ribbons.iter().map(fate).collect())
        })));
    }
}

/// How an application fares.
pub(crate) fn fate_of(index: u16) -> Memo<State> {
    let Fates(all) = expect_context();
    Memo::new(move |_| all.with(|all| all.get(&index).copied().unwrap_or_default()))
}

fn lost_words(lost: u64) -> String {
    if lost == 1 { "1 write lost".into() } else { format!("{} writes lost", crate::format::count(lost)) }
}

#[component]
fn Map() -> impl IntoView {
    let map = NodeRef::<html::Div>::new();
    let spots = Spots::provide(map);
    let motion = Motion::new(map);
    view! {
        <div class="map" node_ref=map on:keydown=move |ev| spots.on_key(&ev) on:focusin=move |ev| spots.on_focus(&ev)>
            <Streams motion />
            <Zones />
            <Plane />
            <Clients />
            <motion::Moving motion />
        </div>
    }
}
