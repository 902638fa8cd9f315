//! How every application fared, a ribbon each. They grow all together several times a second, so all are drawn by one effect:
//! one for each would cost more to wake than what it draws.

use std::sync::Arc;

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos::svg;
use primacy_core::map::Map;
use primacy_port::{History, Lane, Ribbon};
use primacy_view::view;
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::effect::effect;
use crate::ribbon;
use crate::session::session;

/// Those of one lane, by the application's number.
type Lines = StoredValue<Map<u16, Drawn>, LocalStorage>;

/// What stands in the document of one.
struct Drawn {
    paths: Element,
    list: Element,
    path: Vec<String>,
    troubles: Vec<String>,
}

impl Drawn {
    fn of(line: &Element) -> Option<Self> {
        let find = |what| line.query_selector(what).ok().flatten();
        Some(Self { paths: find("svg")?, list: find("ul")?, path: Vec::new(), troubles: Vec::new() })
    }

    fn show(&mut self, ribbon: &Ribbon, axis_ns: u64) {
        draw(&self.paths, ribbon, axis_ns, &mut self.path);
        let troubles = ribbon::troubles(ribbon);
        if troubles == self.troubles {
            return;
        }
        self.list.set_text_content(None);
        for trouble in &troubles {
            if let Ok(item) = document().create_element("li") {
                item.set_text_content(Some(trouble));
                let _ = self.list.append_child(&item);
            }
        }
        self.troubles = troubles;
    }
}

/// One path for each state, where it is another than before.
fn draw(paths: &Element, ribbon: &Ribbon, axis_ns: u64, before: &mut Vec<String>) {
    let children = paths.children();
    before.resize(ribbon::STATES.len(), String::new());
    for ((before, (state, ..)), at) in before.iter_mut().zip(&ribbon::STATES).zip(0..) {
        let path = ribbon::path(ribbon, *state, axis_ns);
        if let (true, Some(child)) = (path != *before, children.item(at)) {
            let _ = child.set_attribute("d", &path);
        }
        *before = path;
    }
}

/// All of a lane.
#[component]
pub(super) fn Ribbons(lane: Lane, axis: ReadSignal<u64>, hint: RwSignal<String>) -> impl IntoView {
    let past = session().past(lane);
    let names = Memo::new(move |_| {
        past.with(|past| past.ribbons.iter().map(|r| (r.client, r.name.clone())).collect::<Vec<_>>())
    });
    let lines: Lines = StoredValue::new_local(Map::new());
    let added = RwSignal::new(0_u32);
    effect(move || {
        added.track();
        let axis_ns = axis.get();
        let show = |past: &Arc<History>, lines: &mut Map<u16, Drawn>| {
            for ribbon in &past.ribbons {
                if let Some(line) = lines.get_mut(&ribbon.client) {
                    line.show(ribbon, axis_ns);
                }
            }
        };
        past.with(|past| lines.update_value(|lines| show(past, lines)));
    });
    view! {
        <For
            each=move || names.get()
            key=|client| client.clone()
            children=move |(client, name)| {
                let name = if lane == Lane::B { format!("{name} B") } else { name };
                let line = NodeRef::<html::Div>::new();
                effect(move || {
                    if let Some(drawn) = line.get().and_then(|line| Drawn::of(&line)) {
                        lines.update_value(|lines| drop(lines.insert(client, drawn)));
                        added.update(|n| *n = n.wrapping_add(1));
                    }
                });
                let at = move |at_ns| {
                    let of = |past: &Arc<History>| {
                        let ribbon = past.ribbons.iter().find(|r| r.client == client)?;
                        ribbon::at(ribbon, at_ns).map(ribbon::words)
                    };
                    past.with_untracked(of)
                };
                view! { <Line name line axis hint at=Callback::new(at) /> }
            }
        />
    }
}

#[component]
fn Line(
    name: String,
    line: NodeRef<html::Div>,
    axis: ReadSignal<u64>,
    hint: RwSignal<String>,
    /// What is to be said of a time.
    at: Callback<u64, Option<String>>,
) -> impl IntoView {
    let session = session();
    let called = StoredValue::new(name.clone());
    let time = move |ev: &ev::MouseEvent| {
        let target = ev.current_target().and_then(|t| t.dyn_into::<Element>().ok())?;
        let bounds = target.get_bounding_client_rect();
        let share = (f64::from(ev.client_x()) - bounds.left()) / bounds.width().max(1.0);
        Some((share.clamp(0.0, 1.0) * axis.get_untracked() as f64) as u64)
    };
    let moved = move |ev: ev::MouseEvent| {
        let Some(at_ns) = time(&ev) else { return };
        let words = at.run(at_ns);
        hint.set(words.map_or_else(String::new, |words| format!("{}: {words}", called.get_value())));
    };
    let clicked = move |ev: ev::MouseEvent| {
        if let Some(at_ns) = time(&ev) {
            session.seek(at_ns);
        }
    };
    view! {
        <div class="line" node_ref=line>
            <span class="gutter mono">{name.clone()}</span>
            <div class="track" on:mousemove=moved on:mouseleave=move |_| hint.set(String::new()) on:click=clicked>
                <Paths drawing=NodeRef::new() />
            </div>
            <ul class="sr-only" aria-label=format!("How {name} fared")></ul>
        </div>
    }
}

/// One that does not grow.
#[component]
pub(super) fn Drawing(ribbon: Ribbon, axis: ReadSignal<u64>) -> impl IntoView {
    let drawing = NodeRef::<svg::Svg>::new();
    Effect::new(move |before: Option<Vec<String>>| {
        let mut path = before.unwrap_or_default();
        if let Some(drawing) = drawing.get() {
            draw(&drawing, &ribbon, axis.get(), &mut path);
        }
        path
    });
    view! { <Paths drawing /> }
}

#[component]
fn Paths(drawing: NodeRef<svg::Svg>) -> impl IntoView {
    let path = |(_, class, _): &(_, &'static str, _)| view! { <path class=*class /> };
    view! {
        <svg
            node_ref=drawing
            viewBox=format!("0 0 {} 12", ribbon::WIDTH)
            preserveAspectRatio="none"
            aria-hidden="true"
        >
            {ribbon::STATES.iter().map(path).collect_view()}
        </svg>
    }
}
