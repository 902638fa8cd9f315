//! What moves: a dot for each message under way. Signals would cost too much here, so the dots are drawn by hand, once a
//! frame, from the engine's own times of departure and arrival.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::html;
use leptos::prelude::*;
use leptos::svg;
use primacy_core::id::NodeId;
use primacy_core::map::Map;
use primacy_port::{Frame, Host, Lane, PacketSight, View};
use primacy_view::view;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};

use super::dots::Dots;
use super::route::{Place, Route};
use super::trails::{Name, Trails};
use crate::effect::effect;
use crate::session::{Session, lane, millis, session};

/// A message is a dot when it lives this many frames at the present speed; else its stream shows that it flows.
const FRAMES: f64 = 3.0;
const FRAME_MS: f64 = 16.7;
/// A message leaves a trail that fades, if it lives this many frames: shorter lives are missed too often, and after a longer one the
/// eye has followed the dot.
const TRAIL_FRAMES: std::ops::Range<f64> = 0.5..10.0;
/// Of more messages under way than this some dot is always in sight, and only what is no dot leaves a trail.
const MANY: usize = 100;
pub(super) const SVG: &str = "http://www.w3.org/2000/svg";
/// Real time between two looks at the streams' rates, and at the cards' places, which text may have moved.
const RATE_EVERY_MS: f64 = 250.0;
/// Simulated time over which a rate is taken, at least: within less, one write more or less is a torrent or a drought.
const RATE_OVER_NS: u64 = 20_000_000;
const MEASURE_EVERY_MS: f64 = 700.0;

/// The map's moving parts.
#[derive(Clone, Copy)]
pub(super) struct Motion {
    map: NodeRef<html::Div>,
    session: Session,
    lane: Lane,
    /// Goes up when cards have moved.
    pub(super) measured: RwSignal<u32>,
    /// Bytes a second that arrive at each replica.
    pub(super) rates: RwSignal<Map<u16, u64>>,
    /// Single messages can be seen now.
    pub(super) dotted: RwSignal<bool>,
    inner: StoredValue<Rc<RefCell<Inner>>, LocalStorage>,
}

#[derive(Default)]
struct Inner {
    ways: Ways,
    /// The layer of the dots, and that of the trails under the cards.
    group: Option<Element>,
    ground: Option<Element>,
    dots: Dots,
    trails: Trails,
    measured_ms: f64,
    rated_ms: f64,
    /// Time and offsets of the last look at the rates.
    before: (u64, Map<u16, u64>),
    observer: Option<(ResizeObserver, Closure<dyn FnMut()>)>,
}

/// Where everybody is, and the ways between them that somebody has gone.
#[derive(Default)]
struct Ways {
    places: Map<Host, Place>,
    routes: Map<(Host, Host), Option<Route>>,
    primary: Option<NodeId>,
}

impl Motion {
    pub(super) fn new(map: NodeRef<html::Div>) -> Self {
        let motion = Self {
            map,
            session: session(),
            lane: lane(),
            measured: RwSignal::new(0),
            rates: RwSignal::new(Map::new()),
            dotted: RwSignal::new(false),
            inner: StoredValue::new_local(Rc::default()),
        };
        motion.watch_size();
        motion
    }

    /// Where somebody's card is.
    pub(super) fn place(self, of: Host) -> Option<Place> {
        self.inner.try_with_value(|inner| inner.borrow().ways.places.get(&of).copied()).flatten()
    }

    fn watch_size(self) {
        effect(move || {
            let Some(map) = self.map.get() else { return };
            let changed = Closure::<dyn FnMut()>::new(move || self.measure());
            if let Ok(observer) = ResizeObserver::new(changed.as_ref().unchecked_ref()) {
                observer.observe(&map);
                self.inner.with_value(|inner| inner.borrow_mut().observer = Some((observer, changed)));
            }
        });
        on_cleanup(move || {
            let observer = self.inner.try_with_value(|inner| inner.borrow_mut().observer.take());
            if let Some((observer, _)) = observer.flatten() {
                observer.disconnect();
            }
        });
    }

    /// Looks where the cards are.
    fn measure(self) {
        let Some(map) = self.map.try_get_untracked().flatten() else { return };
        let origin = map.get_bounding_client_rect();
        let Ok(found) = map.query_selector_all("[data-host]") else { return };
        let mut places = Map::new();
        for card in (0..found.length()).filter_map(|i| found.item(i)?.dyn_into::<Element>().ok()) {
            let rect = card.get_bounding_client_rect();
            let place = Place {
                x: rect.left() - origin.left(),
                y: rect.top() - origin.top(),
                wide: rect.width(),
                high: rect.height(),
            };
            if let Some(host) = card.get_attribute("data-host").and_then(|word| host(&word)) {
                places.insert(host, place);
            }
        }
        // A person's terminal is beside the map.
        let aside = Place { x: origin.width(), y: origin.height() / 2.0, wide: 0.0, high: 0.0 };
        places.insert(Host::Terminal(0), aside);
        let moved = self.inner.try_with_value(|inner| {
            let mut inner = inner.borrow_mut();
            inner.measured_ms = millis();
            if inner.ways.places == places {
                return false;
            }
            inner.ways.places = places;
            inner.ways.routes.clear();
            true
        });
        if moved == Some(true) {
            self.measured.update(|n| *n = n.wrapping_add(1));
        }
    }

    fn draw(self, frame: &Frame) {
        let due = self.inner.with_value(|inner| millis() - inner.borrow().measured_ms >= MEASURE_EVERY_MS);
        if due {
            self.measure();
        }
        let playing = self.session.playing.get_untracked();
        let longest = match playing {
            true => FRAMES * FRAME_MS * self.session.speed.get_untracked().ns_per_ms(),
            false => 0.0,
        };
        let hidden = playing && self.session.still.get_untracked();
        let shown = self.inner.with_value(|inner| {
            let inner = &mut *inner.borrow_mut();
            inner.rate(&frame.view, self.rates);
            inner.ways.lead_from(frame.view.nodes.iter().find(|n| n.is_primary).map(|n| n.id));
            if playing && !hidden {
                inner.leave_trails(&frame.view, longest);
            }
            inner.place_dots(&frame.view, longest, hidden)
        });
        if self.dotted.get_untracked() != (shown > 0) {
            self.dotted.set(shown > 0);
        }
    }
}

impl Inner {
    fn place_dots(&mut self, view: &View, longest: f64, hidden: bool) -> usize {
        let Some(group) = &self.group else { return 0 };
        for packet in view.packets.iter().filter(|p| !hidden && p.left_ns <= view.now_ns) {
            let life = life(packet);
            if life < longest.max(1.0) {
                continue;
            }
            if let Some(route) = self.ways.route(seen(packet.from), seen(packet.to)) {
                let gone = view.now_ns.saturating_sub(packet.left_ns) as f64;
                self.dots.put(kind(packet), route.at(gone / life));
            }
        }
        self.dots.draw(group)
    }

    /// What flies past within a moment is seen by where it has been.
    fn leave_trails(&mut self, view: &View, longest: f64) {
        let Some(ground) = &self.ground else { return };
        let frame = longest / FRAMES;
        let most = if view.packets.len() > MANY { FRAMES } else { TRAIL_FRAMES.end };
        let lives = TRAIL_FRAMES.start * frame..most * frame;
        let packets = view.packets.iter().filter(|p| p.left_ns <= view.now_ns && lives.contains(&life(p)));
        let quick: Vec<(Name, _)> =
            packets.map(|p| ((seen(p.from), seen(p.to), p.left_ns), kind(p))).collect();
        self.trails.leave(ground, &quick, |from, to| self.ways.route(from, to).map(Route::path));
    }

    fn rate(&mut self, view: &View, rates: RwSignal<Map<u16, u64>>) {
        let now = millis();
        if now - self.rated_ms < RATE_EVERY_MS {
            return;
        }
        self.rated_ms = now;
        let passed = view.now_ns.checked_sub(self.before.0);
        if passed.is_some_and(|passed| passed < RATE_OVER_NS) {
            return;
        }
        let offsets: Map<u16, u64> = view.nodes.iter().map(|n| (n.id.0, n.offset)).collect();
        if let Some(passed) = passed {
            let rate = |(id, offset): (&u16, &u64)| {
                let grown = self.before.1.get(id).map_or(0, |before| offset.saturating_sub(*before));
                let rate = u128::from(grown) * 1_000_000_000 / u128::from(passed);
                (*id, u64::try_from(rate).unwrap_or(u64::MAX))
            };
            let found: Map<u16, u64> = offsets.iter().map(rate).collect();
            if rates.with_untracked(|known| *known != found) {
                rates.set(found);
            }
        }
        self.before = (view.now_ns, offsets);
    }
}

impl Ways {
    /// Streams begin at the primary.
    fn lead_from(&mut self, primary: Option<NodeId>) {
        if self.primary != primary {
            self.primary = primary;
            self.routes.clear();
        }
    }

    fn route(&mut self, from: Host, to: Host) -> Option<&Route> {
        let Self { places, routes, primary } = self;
        let find = || {
            let (a, b) = (*places.get(&from)?, *places.get(&to)?);
            Some(match (from, to) {
                (Host::Node(x), Host::Node(y)) if Some(y) == *primary => {
                    Route::stream(b, a, lane_of(x, *primary)).reversed()
                }
                (Host::Node(_), Host::Node(y)) => Route::stream(a, b, lane_of(y, *primary)),
                _ => Route::between(a, b),
            })
        };
        routes.entry((from, to)).or_insert_with(find).as_ref()
    }
}

/// Which place of the bus a replica's stream has: members by id, but for the primary.
pub(super) fn lane_of(node: NodeId, primary: Option<NodeId>) -> usize {
    let before = usize::from(node.0.saturating_sub(1));
    before - usize::from(primary.is_some_and(|p| p.0 < node.0) && before > 0)
}

/// Whose card stands for somebody on the network.
fn seen(host: Host) -> Host {
    match host {
        Host::Store => Host::Coordinator,
        Host::Terminal(_) | Host::Attacker => Host::Terminal(0),
        other => other,
    }
}

fn host(word: &str) -> Option<Host> {
    match word {
        "dns" => return Some(Host::Dns),
        "k" => return Some(Host::Coordinator),
        _ => {}
    }
    let (kind, number) = word.split_at_checked(1)?;
    match kind {
        "n" => number.parse().ok().map(|n| Host::Node(NodeId(n))),
        "c" => number.parse().ok().map(Host::Client),
        _ => None,
    }
}

/// How long it is under way, in nanoseconds of simulated time.
fn life(packet: &PacketSight) -> f64 {
    packet.arrives_ns.saturating_sub(packet.left_ns) as f64
}

fn kind(packet: &PacketSight) -> &'static str {
    match (packet.control, packet.from, packet.to) {
        (true, ..) => "control",
        (_, Host::Node(_), Host::Node(_)) => "stream",
        (_, Host::Dns, _) | (_, _, Host::Dns) => "name",
        _ if packet.len == 0 => "open",
        (_, Host::Node(_), _) => "reply",
        _ => "request",
    }
}

/// The layer of the dots. What they say stands in the cards' text, too, so it is hidden from screen readers.
#[component]
pub(super) fn Moving(motion: Motion) -> impl IntoView {
    let (group, ground) = (NodeRef::<svg::G>::new(), NodeRef::<svg::G>::new());
    effect(move || {
        if let (Some(group), Some(ground)) = (group.get(), ground.get()) {
            motion.inner.with_value(|inner| {
                let mut inner = inner.borrow_mut();
                (inner.group, inner.ground) = (Some(group.unchecked_into()), Some(ground.unchecked_into()));
            });
            motion.measure();
        }
    });
    motion.session.on_frame(move |lane, frame| {
        if lane == motion.lane {
            motion.draw(frame);
        }
    });
    view! {
        <svg class="lines" aria-hidden="true">
            <g node_ref=ground></g>
        </svg>
        <svg class="dots" aria-hidden="true">
            <g node_ref=group></g>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn each_replica_has_a_lane_of_its_own() {
        let lanes = |primary| [1, 2, 3].map(|n| lane_of(NodeId(n), Some(NodeId(primary))));
        assert_eq!(lanes(1)[1..], [0, 1]);
        assert_eq!([lanes(2)[0], lanes(2)[2]], [0, 1]);
    }

    #[wasm_bindgen_test]
    fn cards_name_their_hosts() {
        assert_eq!(host("n12"), Some(Host::Node(NodeId(12))));
        assert_eq!(host("c0"), Some(Host::Client(0)));
        assert_eq!((host("x1"), host("")), (None, None));
    }
}
