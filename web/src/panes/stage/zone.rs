//! Zones side by side, each with its nodes.

use leptos::prelude::*;
use primacy_view::view;
use reactive_stores::Field;

use super::node::NodeCard;
use crate::model::{FrameRowsStoreFields, NodeRowStoreFields, Shown, ZoneRow, ZoneRowStoreFields};
use crate::panes::menu::Menu;
use crate::session::{Pick, lane, session};

/// The lanes.
#[component]
pub(super) fn Zones() -> impl IntoView {
    let rows = session().rows(lane());
    view! {
        <div class="zones">
            <For
                each=move || rows.zones()
                key=|zone| zone.index().get_untracked()
                children=|zone| view! { <Lane zone /> }
            />
        </div>
    }
}

#[component]
fn Lane(#[prop(into)] zone: Field<ZoneRow>) -> impl IntoView {
    let rows = session().rows(lane());
    let index = zone.index().get_untracked();
    let down = move || zone.down().shown();
    let here =
        move || rows.nodes().into_iter().filter(|node| node.zone().shown() == index).collect::<Vec<_>>();
    let empty = Memo::new(move |_| rows.nodes().into_iter().all(|node| node.zone().shown() != index));
    view! {
        <section
            class="zone"
            class:down=down
            aria-label=move || format!("Zone {}{}", zone.name().shown(), if down() { ", no power" } else { "" })
        >
            <header>
                <span class="mono">{move || zone.name().shown()}</span>
                <Show when=down>
                    <span class="state-word bad">"no power"</span>
                </Show>
                <Menu of=Pick::Zone(index) name=format!("zone {}", zone.name().get_untracked()) />
            </header>
            <For each=here key=|node| node.id().get_untracked() children=|node| view! { <NodeCard node /> } />
            <Show when=move || empty.get()>
                <p class="zone-empty quiet">"no node here"</p>
            </Show>
        </section>
    }
}
