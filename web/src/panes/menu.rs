//! A real menu button with what can be done to one thing. The list stands in the browser's top layer, so no pane clips it.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use primacy_view::view;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::deeds::{Deed, deeds};
use crate::effect::effect;
use crate::format::Fixed;
use crate::session::{Pick, lane, session};

/// Width and height of an item, with its list's margins, to keep the list inside the window.
const WIDE: f64 = 226.0;
const ITEM: f64 = 34.0;
const EDGE: f64 = 8.0;

/// The button and, while it is open, its list.
#[component]
pub(crate) fn Menu(
    of: Pick,
    /// Of whom, for a screen reader: `node 001`.
    #[prop(into)]
    name: String,
    /// In the tab order now; a group of cards has one such button.
    #[prop(optional, into)]
    tabbed: Option<Signal<bool>>,
) -> impl IntoView {
    let (session, lane) = (session(), lane());
    let open = RwSignal::new(None::<(f64, f64, Vec<Deed>)>);
    let button = NodeRef::<html::Button>::new();
    let toggle = move |ev: ev::MouseEvent| {
        ev.stop_propagation();
        if open.with_untracked(Option::is_some) {
            return open.set(None);
        }
        let (Some(frame), Some(button)) = (session.latest(lane), button.get_untracked()) else { return };
        let all = session.caps.with_untracked(|caps| deeds(&frame, caps, of));
        let (x, y) = place(&button, all.len());
        open.set(Some((x, y, all)));
    };
    let close = move |refocus: bool| {
        open.set(None);
        if let Some(button) = button.get_untracked().filter(|_| refocus) {
            let _ = button.focus();
        }
    };
    let list = move || {
        open.get().map(|(x, y, all)| view! { <List x y all on_close=Callback::new(close) label=format!("Actions for {name}") /> })
    };
    let expanded = move || if open.with(Option::is_some) { "true" } else { "false" };
    let tabindex = move || if tabbed.is_none_or(|t| t.get()) { "0" } else { "-1" };
    view! {
        <button
            node_ref=button
            type="button"
            class="menu-button"
            aria-haspopup="menu"
            aria-expanded=expanded
            aria-label="Actions"
            title="Actions"
            tabindex=tabindex
            on:click=toggle
        >
            <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                <circle cx="3" cy="8" r="1.4" />
                <circle cx="8" cy="8" r="1.4" />
                <circle cx="13" cy="8" r="1.4" />
            </svg>
        </button>
        {list}
    }
}

/// Where the list opens: under the button, or above it where there is no room.
fn place(button: &HtmlElement, items: usize) -> (f64, f64) {
    let rect = button.get_bounding_client_rect();
    let size = |value: Result<wasm_bindgen::JsValue, _>| value.ok().and_then(|v| v.as_f64()).unwrap_or(800.0);
    let (wide, high) = (size(window().inner_width()), size(window().inner_height()));
    let tall = items as f64 * ITEM + 2.0 * EDGE;
    let x = (rect.right() - WIDE).min(wide - WIDE - EDGE).max(EDGE);
    let below = rect.bottom() + 4.0;
    let y = if below + tall > high { (rect.top() - tall - 4.0).max(EDGE) } else { below };
    (x, y)
}

#[component]
fn List(x: f64, y: f64, all: Vec<Deed>, on_close: Callback<bool>, label: String) -> impl IntoView {
    let (session, lane) = (session(), lane());
    let list = NodeRef::<html::Div>::new();
    effect(move || {
        let Some(list) = list.get() else { return };
        let _ = list.show_popover();
        focus(&list, 0, false);
    });
    let on_toggle = move |_: web_sys::Event| {
        // The browser closed it: a click elsewhere, or Escape.
        let closed = list.get_untracked().is_some_and(|l| !l.matches(":popover-open").unwrap_or(true));
        if closed {
            on_close.run(false);
        }
    };
    let on_key = move |ev: ev::KeyboardEvent| {
        let Some(list) = list.get_untracked() else { return };
        match ev.key().as_str() {
            "ArrowDown" => focus(&list, 1, true),
            "ArrowUp" => focus(&list, -1, true),
            "Home" => focus(&list, 0, false),
            "End" => focus(&list, -1, false),
            "Escape" | "Tab" => on_close.run(true),
            _ => return ev.stop_propagation(),
        }
        ev.stop_propagation();
        ev.prevent_default();
    };
    let item = move |deed: Deed| {
        let (label, hint, harms) = (deed.label.clone(), deed.hint, deed.harms);
        let run = move |ev: ev::MouseEvent| {
            ev.stop_propagation();
            on_close.run(true);
            deed.clone().run(session, lane, (x, y));
        };
        view! {
            <button type="button" role="menuitem" tabindex="-1" class:harms=harms title=hint on:click=run>
                {label}
            </button>
        }
    };
    view! {
        <div
            node_ref=list
            class="menu"
            popover="auto"
            role="menu"
            aria-label=label
            style:left=format!("{}px", Fixed(x, 1))
            style:top=format!("{}px", Fixed(y, 1))
            on:toggle=on_toggle
            on:keydown=on_key
        >
            {all.into_iter().map(item).collect_view()}
        </div>
    }
}

/// Moves the focus among the items, from the one that has it or from an end.
fn focus(list: &HtmlElement, by: i32, relative: bool) {
    let items = list.children();
    let count = i32::try_from(items.length()).unwrap_or(0);
    if count == 0 {
        return;
    }
    let active = document().active_element();
    let current = (0..count).find(|i| items.item(i.unsigned_abs()) == active);
    let next = if relative { current.map_or(0, |c| c + by) } else { by };
    let item = items.item(next.rem_euclid(count).unsigned_abs());
    if let Some(item) = item.and_then(|item| item.dyn_into::<HtmlElement>().ok()) {
        let _ = item.focus();
    }
}
