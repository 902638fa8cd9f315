//! Zones with their nodes.

use leptos::html;
use leptos::prelude::*;
use reactive_stores::Field;

use super::wires::Wires;
use crate::format::{bytes, count};
use crate::model::{FrameRowsStoreFields, NodeRow, NodeRowStoreFields, ZoneRow, ZoneRowStoreFields};
use crate::session::{lane, session};

/// The map of the group.
#[component]
pub(crate) fn Stage() -> impl IntoView {
    let rows = session().rows(lane());
    let map = NodeRef::<html::Div>::new();
    view! {
        <section class="panel stage" aria-labelledby="stage-title">
            <header>
                <h2 id="stage-title">"Availability zones and nodes"</h2>
                <p class="quiet">"Writes go to the primary; every change streams to the replicas, asynchronously."</p>
            </header>
            <div class="map" node_ref=map>
                <div class="zones">
                    <For
                        each=move || rows.zones()
                        key=|zone| zone.index().get_untracked()
                        children=|zone| view! { <ZoneCard zone /> }
                    />
                </div>
                <Wires map />
            </div>
        </section>
    }
}

#[component]
fn ZoneCard(#[prop(into)] zone: Field<ZoneRow>) -> impl IntoView {
    let session = session();
    let rows = session.rows(lane());
    let index = zone.index().get_untracked();
    let letter = char::from(b'a' + index.min(25) as u8);
    let down = move || zone.down().get();
    let toggle = move |_| session.act(format!("{} {letter}", if down() { "restore" } else { "lose" }));
    let here = move || rows.nodes().into_iter().filter(|node| node.zone().get() == index).collect::<Vec<_>>();
    view! {
        <section class="zone" class:down=down aria-label=move || format!("Zone {}", zone.name().get())>
            <header>
                <span class="mono">{move || zone.name().get()}</span>
                <button on:click=toggle title="The zone's power">
                    {move || if down() { "Restore zone" } else { "Cut zone" }}
                </button>
            </header>
            <For
                each=here
                key=|node| node.id().get_untracked()
                children=|node| view! { <NodeCard node /> }
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
    let session = session();
    let id = node.id().get_untracked();
    let alive = move || node.alive().get();
    let paused = move || node.paused().get();
    let isolated = move || node.isolated().get();
    let act = move |is: bool, then: &str, otherwise: &str, rest: &str| {
        session.act(format!("{} {id:03}{rest}", if is { then } else { otherwise }));
    };
    let kill = move |_| act(alive(), "kill", "start", "");
    let pause = move |_| act(paused(), "resume", "pause", "");
    let cut = move |_| act(isolated(), "mend", "cut", " all");
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
