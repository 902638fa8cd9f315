//! One stop of the Tab key for the whole map; the arrow keys go from card to card.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::session::{Pick, Session, Tab, session};

/// Which card has the map's place in the tab order.
#[derive(Clone, Copy)]
pub(super) struct Spots {
    map: NodeRef<html::Div>,
    current: RwSignal<String>,
    session: Session,
}

/// What a card says of itself in `data-spot`.
pub(super) fn word(pick: Pick) -> String {
    match pick {
        Pick::Node(id) => format!("node {id}"),
        Pick::Client(index) => format!("client {index}"),
        Pick::Endpoint(index) => format!("endpoint {index}"),
        Pick::Event(id) => format!("event {id}"),
        Pick::Zone(index) => format!("zone {index}"),
        Pick::Coordinator => "coordinator 0".into(),
    }
}

fn pick(word: &str) -> Option<Pick> {
    let (kind, number) = word.split_once(' ')?;
    let number = number.parse().ok()?;
    Some(match kind {
        "node" => Pick::Node(number),
        "client" => Pick::Client(number),
        "endpoint" => Pick::Endpoint(number),
        "zone" => Pick::Zone(number),
        _ => Pick::Coordinator,
    })
}

/// The spots of the map around the caller.
pub(super) fn spots() -> Spots {
    expect_context::<Spots>()
}

impl Spots {
    /// Gives a map its spots.
    pub(super) fn provide(map: NodeRef<html::Div>) -> Self {
        let spots = Self { map, current: RwSignal::new("node 1".into()), session: session() };
        provide_context(spots);
        spots
    }

    /// The card is the one in the tab order.
    pub(super) fn tabbed(self, of: Pick) -> Signal<bool> {
        let word = word(of);
        let memo = Memo::new(move |_| self.current.with(|current| *current == word));
        memo.into()
    }

    /// Chooses a card and shows it in the inspector.
    pub(super) fn choose(self, of: Pick) {
        self.current.set(word(of));
        self.session.selected.set(Some(of));
        self.session.tab.set(Tab::Inspect);
    }

    /// Focus came to a card, by whatever way.
    pub(super) fn on_focus(self, ev: &ev::FocusEvent) {
        if let Some(word) = spot_of(ev.target()).and_then(|spot| spot.get_attribute("data-spot")) {
            self.current.set(word);
        }
    }

    /// Arrows, Home, End, Enter.
    pub(super) fn on_key(self, ev: &ev::KeyboardEvent) {
        let target = ev.target().and_then(|t| t.dyn_into::<Element>().ok());
        let Some(spot) = target.as_ref().filter(|t| t.has_attribute("data-spot")) else { return };
        let next = match ev.key().as_str() {
            "Enter" => {
                if let Some(of) = spot.get_attribute("data-spot").and_then(|word| pick(&word)) {
                    self.choose(of);
                }
                ev.prevent_default();
                return;
            }
            "ArrowRight" => self.nearest(spot, (1.0, 0.0)),
            "ArrowLeft" => self.nearest(spot, (-1.0, 0.0)),
            "ArrowDown" => self.nearest(spot, (0.0, 1.0)),
            "ArrowUp" => self.nearest(spot, (0.0, -1.0)),
            "Home" => self.all().into_iter().next(),
            "End" => self.all().pop(),
            _ => return,
        };
        ev.prevent_default();
        if let Some(next) = next.and_then(|n| n.dyn_into::<HtmlElement>().ok()) {
            let _ = next.focus();
        }
    }

    fn all(self) -> Vec<Element> {
        let Some(map) = self.map.get_untracked() else { return Vec::new() };
        let Ok(found) = map.query_selector_all("[data-spot]") else { return Vec::new() };
        (0..found.length()).filter_map(|i| found.item(i)?.dyn_into().ok()).collect()
    }

    /// The nearest card in a direction; what lies aside counts twice as far.
    fn nearest(self, from: &Element, way: (f64, f64)) -> Option<Element> {
        let (x, y) = middle(from);
        let cost = |to: &Element| {
            let (dx, dy) = (middle(to).0 - x, middle(to).1 - y);
            let (ahead, aside) = (dx * way.0 + dy * way.1, (dx * way.1).abs() + (dy * way.0).abs());
            (ahead > 4.0).then_some(ahead + 2.0 * aside)
        };
        let costs = self.all().into_iter().filter_map(|to| cost(&to).map(|cost| (cost, to)));
        costs.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, to)| to)
    }
}

fn spot_of(target: Option<web_sys::EventTarget>) -> Option<Element> {
    target?.dyn_into::<Element>().ok()?.closest("[data-spot]").ok().flatten()
}

fn middle(of: &Element) -> (f64, f64) {
    let rect = of.get_bounding_client_rect();
    (f64::midpoint(rect.left(), rect.right()), f64::midpoint(rect.top(), rect.bottom()))
}
