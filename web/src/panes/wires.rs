//! The replication streams, drawn in the gutters between the cards.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};

use crate::model::FrameRowsStoreFields;
use crate::session::{lane, session};

/// An observer with the function that it calls; both must live as long as the other.
type Watch = (ResizeObserver, Closure<dyn FnMut()>);

/// Pixels between a card and the nearest wire beside it, between two wires, and of the first wire above the zones.
const BESIDE: f64 = 9.0;
const APART: f64 = 5.0;
const ABOVE: f64 = 15.0;
/// Where a wire meets a card, in pixels below its top.
const DOOR: f64 = 20.0;

/// One stream.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wire {
    from: u16,
    to: u16,
    state: String,
}

/// A card's left edge and top, relative to the map.
type Corner = (f64, f64);

/// An SVG over the map; it is told by text in the cards, too, so it is hidden from screen readers.
#[component]
pub(crate) fn Wires(map: NodeRef<html::Div>) -> impl IntoView {
    let session = session();
    let rows = session.rows(lane());
    let resized = RwSignal::new(0_u32);
    watch_size(map, resized);
    let wires = Memo::new(move |_| {
        let nodes = rows.nodes();
        let nodes = nodes.read();
        let Some(primary) = nodes.iter().find(|n| n.recorded) else { return Vec::new() };
        let replicas = nodes.iter().filter(|n| !n.wire.is_empty());
        replicas.map(|n| Wire { from: primary.id, to: n.id, state: n.wire.clone() }).collect()
    });
    let drawn = Memo::new(move |_| {
        resized.track();
        let Some(map) = map.get() else { return Vec::new() };
        let line = |(lane, wire): (usize, Wire)| {
            let (a, b) = (corner(&map, wire.from)?, corner(&map, wire.to)?);
            Some((format!("wire {}", wire.state), path(a, b, lane as f64), b))
        };
        wires.get().into_iter().enumerate().filter_map(line).collect::<Vec<_>>()
    });
    let line = |(class, path, (x, y)): (String, String, Corner)| {
        let (x, y) = (x - 1.0, y + DOOR);
        let head = format!("M{} {}L{x} {y}L{} {}z", x - 7.0, y - 4.5, x - 7.0, y + 4.5);
        view! { <g class=class><path class="line" d=path /><path class="head" d=head /></g> }
    };
    view! {
        <svg class="wires" class:still=move || !session.playing.get() aria-hidden="true">
            {move || drawn.get().into_iter().map(line).collect_view()}
        </svg>
    }
}

/// From the primary's edge up its gutter, along the top of the map, down the replica's gutter to its edge; within one
/// column straight along the gutter. No card is crossed, however the zones wrap.
fn path((ax, ay): Corner, (bx, by): Corner, lane: f64) -> String {
    let (left, right) = (ax - BESIDE - lane * APART, bx - BESIDE - lane * APART);
    let (top, door) = (ABOVE - lane * APART, ay + DOOR + lane * APART);
    let (a, b, end) = (ax - 1.0, bx - 6.0, by + DOOR);
    if (ax - bx).abs() < 1.0 {
        return format!("M{a} {door}H{left}V{end}H{b}");
    }
    format!("M{a} {door}H{left}V{top}H{right}V{end}H{b}")
}

fn corner(map: &Element, node: u16) -> Option<Corner> {
    let card = document().get_element_by_id(&format!("node-{node}"))?;
    let (card, map) = (card.get_bounding_client_rect(), map.get_bounding_client_rect());
    Some((card.left() - map.left(), card.top() - map.top()))
}

fn watch_size(map: NodeRef<html::Div>, resized: RwSignal<u32>) {
    let kept = StoredValue::new_local(None);
    Effect::new(move |_| {
        let Some(map) = map.get() else { return };
        let changed = Closure::<dyn FnMut()>::new(move || resized.update(|n| *n = n.wrapping_add(1)));
        if let Ok(observer) = ResizeObserver::new(changed.as_ref().unchecked_ref()) {
            observer.observe(&map);
            kept.set_value(Some((observer, changed)));
        }
    });
    on_cleanup(move || {
        kept.update_value(|kept: &mut Option<Watch>| {
            if let Some((observer, _)) = kept.take() {
                observer.disconnect();
            }
        });
    });
}
