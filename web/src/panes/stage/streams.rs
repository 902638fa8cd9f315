//! Lines behind the cards: the replication streams, and which application talks to whom.

use leptos::prelude::*;
use primacy_core::id::NodeId;
use primacy_port::Host;
use primacy_view::view;

use super::ROOMY;
use super::motion::{Motion, lane_of};
use super::route::Route;
use crate::format::Fixed;
use crate::panes::desk::desk;
use crate::session::{Pick, lane, session};

/// A stream that is as thick as it may be carries this many bytes a second.
const THICK: f64 = 1_000_000.0;

/// All lines. Each fact in them stands in the cards' text, too.
#[component]
pub(super) fn Streams(motion: Motion) -> impl IntoView {
    let session = session();
    let still = move || !session.playing.get() || session.still.get();
    view! {
        <svg class="lines" class:still=still class:dotted=move || motion.dotted.get() aria-hidden="true">
            <Links motion />
            <Flows motion />
        </svg>
    }
}

#[component]
fn Flows(motion: Motion) -> impl IntoView {
    let rows = session().rows(lane());
    let flows = Memo::new(move |_| {
        motion.measured.track();
        let primary = rows.nodes.get().into_iter().find(|n| n.recorded().get()).map(|n| NodeId(n.id().get()));
        let Some(from) = primary.and_then(|p| motion.place(Host::Node(p))) else { return Vec::new() };
        let line = |node: (u16, String)| {
            let to = motion.place(Host::Node(NodeId(node.0)))?;
            let path = Route::stream(from, to, lane_of(NodeId(node.0), primary)).path();
            let tip = format!("M{} {}l-6 -4v8z", Fixed(to.x, 1), Fixed(to.y + 22.0, 1));
            Some((node.0, node.1, path, tip))
        };
        let nodes = rows.nodes.get().into_iter().map(|n| (n.id().get(), n.wire().get()));
        nodes.filter(|(_, wire)| !wire.is_empty()).filter_map(line).collect::<Vec<_>>()
    });
    let draw = move |(id, look, path, tip): (u16, String, String, String)| {
        let wide = move || motion.rates.with(|rates| thickness(rates.get(&id).copied().unwrap_or(0)));
        view! {
            <g class="flow" data-look=look>
                <path class="line" d=path style:stroke-width=move || format!("{}px", Fixed(wide(), 2)) />
                <path class="tip" d=tip />
            </g>
        }
    };
    move || flows.get().into_iter().map(draw).collect_view()
}

/// By the logarithm of the bytes a second: a trickle must be seen, a torrent must not hide the cards.
fn thickness(rate: u64) -> f64 {
    let share = (1.0 + rate as f64).ln() / (1.0 + THICK).ln();
    1.2 + 3.8 * share.min(1.0)
}

#[component]
fn Links(motion: Motion) -> impl IntoView {
    let (session, desk) = (session(), desk());
    let rows = session.rows(lane());
    let links = Memo::new(move |_| {
        motion.measured.track();
        let crowd = rows.clients.get().len() > ROOMY;
        let (pointed, chosen) = (desk.pointed.get(), session.selected.get());
        let drawn = |pick| matches!(pick, Some(Pick::Client(_) | Pick::Node(_)));
        // A crowd of 50 is not asked ten times a second what will not be drawn.
        if crowd && !drawn(pointed) && !drawn(chosen) {
            return Vec::new();
        }
        let line = |(index, node, look): (u16, u16, String)| {
            let near =
                |pick: Option<Pick>| pick == Some(Pick::Client(index)) || pick == Some(Pick::Node(node));
            let strong = near(pointed) || near(chosen);
            if crowd && !strong {
                return None;
            }
            let from = motion.place(Host::Client(u8::try_from(index).ok()?))?;
            let to = motion.place(Host::Node(NodeId(node)))?;
            Some((Route::between(from, to).path(), look, strong))
        };
        let clients = rows.clients.get().into_iter();
        let clients = clients.map(|c| (c.index().get(), c.node().get(), c.look().get()));
        clients.filter(|(_, node, _)| *node > 0).filter_map(line).collect::<Vec<_>>()
    });
    let draw = |(path, look, strong): (String, String, bool)| {
        view! { <path class="link" class:strong=strong data-look=look d=path /> }
    };
    move || links.get().into_iter().map(draw).collect_view()
}
