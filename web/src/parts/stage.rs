//! Zones with their nodes.

use leptos::html;
use leptos::prelude::*;
use reactive_stores::{Field, StoreFieldIterator};

use super::wires::Wires;
use crate::action::Action;
use crate::engine::Engine;
use crate::format::{bytes, count};
use crate::model::{FrameStoreFields, NodeRow, NodeRowStoreFields, ZoneRow, ZoneRowStoreFields};

/// The map of the group.
#[component]
pub(crate) fn Stage() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let map = NodeRef::<html::Div>::new();
    let zones = Memo::new(move |_| engine.frame.zones().read().len());
    view! {
        <section class="panel stage" aria-labelledby="stage-title">
            <header>
                <h2 id="stage-title">"Availability zones and nodes"</h2>
                <p class="quiet">"Writes go to the primary; every change streams to the replicas, asynchronously."</p>
            </header>
            <div class="map" node_ref=map>
                <div class="zones">
                    <For
                        each=move || 0..zones.get()
                        key=|at| *at
                        children=move |at| view! { <ZoneCard zone=engine.frame.zones().at_unkeyed(at) /> }
                    />
                </div>
                <Wires map />
            </div>
        </section>
    }
}

#[component]
fn ZoneCard(#[prop(into)] zone: Field<ZoneRow>) -> impl IntoView {
    let engine = expect_context::<Engine>();
    let index = zone.index().get_untracked();
    let down = move || zone.down().get();
    let toggle =
        move |_| engine.act(if down() { Action::RestoreZone(index) } else { Action::CutZone(index) });
    let nodes = Memo::new(move |_| {
        let here = engine.frame.nodes();
        here.read().iter().enumerate().filter(|(_, n)| n.zone == index).map(|(at, _)| at).collect::<Vec<_>>()
    });
    view! {
        <section class="zone" class:down=down aria-label=move || format!("Zone {}", zone.name().get())>
            <header>
                <span class="mono">{move || zone.name().get()}</span>
                <button on:click=toggle title="The zone's power">
                    {move || if down() { "Restore zone" } else { "Cut zone" }}
                </button>
            </header>
            <For
                each=move || nodes.get()
                key=|at| *at
                children=move |at| view! { <NodeCard node=engine.frame.nodes().at_unkeyed(at) /> }
            />
        </section>
    }
}

#[component]
fn NodeCard(#[prop(into)] node: Field<NodeRow>) -> impl IntoView {
    let id = node.id().get_untracked();
    let class = move || format!("node {}", node.look().get());
    let known = move |text: String| if node.alive().get() { text } else { "–".to_owned() };
    let behind = move || if node.recorded().get() { "–".to_owned() } else { bytes(node.lag_bytes().get()) };
    let bar = move || {
        let share = node.bar().get();
        format!("transform: scaleX({}.{:03})", share / 1000, share % 1000)
    };
    view! {
        <article
            id=format!("node-{id}")
            class=class
            aria-label=move || format!("{}, {}", node.name().get(), node.role().get())
        >
            <h3>
                <span class="mono">{format!("{id:03}")}</span>
                <span class="role">{move || node.role().get()}</span>
            </h3>
            <p class="mono name quiet" title=move || node.name().get()>{move || node.name().get()}</p>
            <div class="lagbar" aria-hidden="true"><i style=bar></i></div>
            <dl>
                <dt>"offset"</dt>
                <dd>{move || known(count(node.offset().get()))}</dd>
                <dt>"behind"</dt>
                <dd>{move || known(behind())}</dd>
                <dt>"keys"</dt>
                <dd>{move || known(count(node.keys().get()))}</dd>
                <dt>"state"</dt>
                <dd>{move || node.detail().get()}</dd>
            </dl>
            <NodeButtons node />
        </article>
    }
}

#[component]
fn NodeButtons(#[prop(into)] node: Field<NodeRow>) -> impl IntoView {
    let engine = expect_context::<Engine>();
    let id = node.id().get_untracked();
    let alive = move || node.alive().get();
    let paused = move || node.paused().get();
    let isolated = move || node.isolated().get();
    let kill = move |_| engine.act(if alive() { Action::Kill(id) } else { Action::Start(id) });
    let pause = move |_| engine.act(if paused() { Action::Resume(id) } else { Action::Pause(id) });
    let cut = move |_| engine.act(if isolated() { Action::Reconnect(id) } else { Action::Isolate(id) });
    view! {
        <div class="buttons">
            <button on:click=kill title="kill -9, or start it again">
                {move || if alive() { "Kill" } else { "Restart" }}
            </button>
            <button on:click=pause disabled=move || !alive() && !paused() title="kill -STOP and kill -CONT">
                {move || if paused() { "Wake" } else { "Freeze" }}
            </button>
            <button on:click=cut title="No link to any other host">
                {move || if isolated() { "Reconnect" } else { "Partition" }}
            </button>
        </div>
    }
}
