//! A border between two parts: dragged, moved with the arrow keys, or closed with Enter.

use leptos::ev;
use leptos::prelude::*;
use primacy_view::view;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::rooms::{Border, rooms};

const STEP: i32 = 16;

/// See the module.
#[component]
pub(crate) fn Divider(border: Border, label: &'static str) -> impl IntoView {
    let room = rooms().behind(border);
    let (least, usual, most) = border.sizes();
    let lying = border == Border::Lower;
    // Towards the part that it borders on, the part becomes smaller.
    let sign = if border == Border::Left { 1 } else { -1 };
    let rooms = rooms();
    let set = move |size: i32| {
        rooms.folded.set(false);
        room.open.set(true);
        room.size.set(size.clamp(least, most));
    };
    let from = StoredValue::new(None::<(i32, i32)>);
    let place = move |ev: &ev::PointerEvent| if lying { ev.client_y() } else { ev.client_x() };
    let down = move |ev: ev::PointerEvent| {
        if let Some(target) = ev.current_target().and_then(|t| t.dyn_into::<Element>().ok()) {
            let _ = target.set_pointer_capture(ev.pointer_id());
        }
        from.set_value(Some((place(&ev), room.size.get_untracked())));
    };
    let moved = move |ev: ev::PointerEvent| {
        if let Some((start, size)) = from.get_value() {
            set(size + sign * (place(&ev) - start));
        }
    };
    let key = move |ev: ev::KeyboardEvent| {
        let size = room.size.get_untracked();
        match ev.key().as_str() {
            "ArrowLeft" if !lying => set(size - sign * STEP),
            "ArrowRight" if !lying => set(size + sign * STEP),
            "ArrowUp" if lying => set(size + STEP),
            "ArrowDown" if lying => set(size - STEP),
            "Home" => set(least),
            "End" => set(most),
            "Enter" if rooms.folded.get_untracked() => rooms.folded.set(false),
            "Enter" => room.open.update(|open| *open = !*open),
            _ => return,
        }
        ev.prevent_default();
    };
    view! {
        <div
            class="divider"
            class:lying=lying
            role="separator"
            tabindex="0"
            aria-label=label
            aria-orientation=if lying { "horizontal" } else { "vertical" }
            aria-valuemin=least
            aria-valuemax=most
            aria-valuenow=move || if room.open.get() { room.size.get() } else { 0 }
            title="Drag, or arrow keys; Enter closes and opens; double-click resets"
            on:pointerdown=down
            on:pointermove=moved
            on:pointerup=move |_| from.set_value(None)
            on:pointercancel=move |_| from.set_value(None)
            on:dblclick=move |_| set(usual)
            on:keydown=key
        ></div>
    }
}
