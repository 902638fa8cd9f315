//! Zones side by side, each with its nodes.

use leptos::prelude::*;
use primacy_view::view;

use super::node::NodeCard;
use crate::model::ZoneRow;
use crate::panes::menu::Menu;
use crate::session::{Pick, lane, session};
use crate::store::Row;

/// The lanes.
#[component]
pub(super) fn Zones() -> impl IntoView {
    let rows = session().rows(lane());
    view! {
        <div class="zones">
            <For
                each=move || rows.zones.get()
                key=|zone| zone.index().get_untracked()
                children=|zone| view! { <Lane zone /> }
            />
        </div>
    }
}

#[component]
fn Lane(zone: Row<ZoneRow>) -> impl IntoView {
    let rows = session().rows(lane());
    let index = zone.index().get_untracked();
    let down = move || zone.down().get();
    let here =
        move || rows.nodes.get().into_iter().filter(|node| node.zone().get() == index).collect::<Vec<_>>();
    let empty = Memo::new(move |_| rows.nodes.get().into_iter().all(|node| node.zone().get() != index));
    view! {
        <section
            class="zone"
            class:down=down
            aria-label=move || format!("Zone {}{}", zone.name().get(), if down() { ", no power" } else { "" })
        >
            <header>
                <span class="mono">{move || zone.name().get()}</span>
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
