//! Who decides and who answers names: the coordinator and the endpoints.

use leptos::prelude::*;
use primacy_view::view;

use super::spots::{spots, word};
use crate::model::NameRow;
use crate::panes::desk::desk;
use crate::panes::menu::Menu;
use crate::session::{Pick, lane, session};
use crate::store::Row;

/// The row between nodes and applications.
#[component]
pub(super) fn Plane() -> impl IntoView {
    let rows = session().rows(lane());
    let facts = rows.facts;
    view! {
        <div class="plane">
            <Coordinator />
            <section class="dns" aria-label="DNS" data-host="dns">
                <header>
                    <b>"DNS"</b>
                    <span class="quiet">"TTL " {move || facts.ttl_s().get()} " s"</span>
                </header>
                <For
                    each=move || rows.names.get()
                    key=|name| name.index().get_untracked()
                    children=|name| view! { <Endpoint name /> }
                />
            </section>
        </div>
    }
}

#[component]
fn Coordinator() -> impl IntoView {
    let (session, lane, spots) = (session(), lane(), spots());
    let of = Pick::Coordinator;
    let tabbed = spots.tabbed(of);
    let facts = session.rows(lane).facts;
    let state = Memo::new(move |_| {
        facts.now_ns().track();
        let frame = session.latest(lane);
        frame.map_or(("starting", "trouble"), |f| match (f.view.coordinator_up, f.view.coordinator_paused) {
            (false, _) => ("down", "down"),
            (true, true) => ("frozen", "trouble"),
            (true, false) => ("watching", "good"),
        })
    });
    view! {
        <div
            class="coordinator"
            class:chosen=move || session.selected.get() == Some(of)
            data-look=move || state.get().1
            data-spot=word(of)
            data-host="k"
            role="group"
            tabindex=move || if tabbed.get() { "0" } else { "-1" }
            aria-label=move || format!("Coordinator, {}", state.get().0)
            on:click=move |_| spots.choose(of)
        >
            <b>"Coordinator"</b>
            <span class="state-word" data-look=move || state.get().1>{move || state.get().0}</span>
            <Menu of name="the coordinator" tabbed />
        </div>
    }
}

#[component]
fn Endpoint(name: Row<NameRow>) -> impl IntoView {
    let (session, desk, spots) = (session(), desk(), spots());
    let of = Pick::Endpoint(name.index().get_untracked());
    let tabbed = spots.tabbed(of);
    let target = move || name.target().get().trim_start_matches("node ").to_owned();
    view! {
        <div
            class="endpoint"
            class:chosen=move || session.selected.get() == Some(of)
            data-spot=word(of)
            role="group"
            tabindex=move || if tabbed.get() { "0" } else { "-1" }
            aria-label=move || format!("{} endpoint, answers {}", name.label().get(), name.target().get())
            title=move || name.name().get()
            on:click=move |_| spots.choose(of)
            on:pointerenter=move |_| desk.pointed.set(Some(of))
            on:pointerleave=move |_| desk.pointed.set(None)
        >
            <span>{move || name.label().get()}</span>
            <span class="arrow" aria-hidden="true">"→"</span>
            <b class="mono">{target}</b>
            <Menu of name=format!("the {} endpoint", name.label().get_untracked()) tabbed />
        </div>
    }
}
