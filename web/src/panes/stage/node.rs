//! A member's card.

use leptos::prelude::*;
use primacy_view::view;

use super::spots::{spots, word};
use crate::model::NodeRow;
use crate::panes::desk::desk;
use crate::panes::menu::Menu;
use crate::panes::stage_words::role;
use crate::session::{Pick, session};
use crate::store::Row;

/// Number, role, how far behind or how long its lease runs, and how much it holds.
#[component]
pub(super) fn NodeCard(node: Row<NodeRow>) -> impl IntoView {
    let (session, desk, spots) = (session(), desk(), spots());
    let id = node.id().get_untracked();
    let of = Pick::Node(id);
    let tabbed = spots.tabbed(of);
    let chosen = Memo::new(move |_| session.selected.get() == Some(of));
    let bar = move || {
        let share = node.bar().get();
        format!("transform: scaleX({}.{:03})", share / 1000, share % 1000)
    };
    view! {
        <div
            class="node"
            class:chosen=move || chosen.get()
            data-look=move || node.look().get()
            data-spot=word(of)
            data-host=format!("n{id}")
            data-testid=format!("node-{id:03}")
            data-role=move || role(&node.role().get())
            data-up=move || if node.alive().get() { "true" } else { "false" }
            role="group"
            tabindex=move || if tabbed.get() { "0" } else { "-1" }
            aria-label=move || node.spoken().get()
            on:click=move |_| spots.choose(of)
            on:pointerenter=move |_| desk.pointed.set(Some(of))
            on:pointerleave=move |_| desk.pointed.set(None)
        >
            <header>
                <b class="mono number">{format!("{id:03}")}</b>
                <span class="role">{move || badge(&node.role().get())}</span>
                <Menu of name=format!("node {id:03}") tabbed />
            </header>
            <p class="lead">{move || node.lead().get()}</p>
            <div class="meter" aria-hidden="true"><i style=bar></i></div>
            <p class="pair">
                <span><i>"offset"</i> {move || node.offset().get()}</span>
                <span><i>"keys"</i> {move || node.keys().get()}</span>
                <Show when=move || { node.pid().get() > 0 }>
                    <span><i>"pid"</i> {move || node.pid().get()}</span>
                </Show>
            </p>
        </div>
    }
}

/// The role in capitals, but for the star.
fn badge(role: &str) -> String {
    role.to_ascii_uppercase()
}
