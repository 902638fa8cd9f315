//! "Why?": a button wherever something is red, and the chain of causes that answers it.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use primacy_port::{Cause, Subject};
use primacy_view::view;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::desk::desk;
use crate::effect::effect;
use crate::format::{Fixed, clock, seconds, span};
use crate::session::Why as Answered;
use crate::session::{Pick, Session, lane, session};

/// Width of the popover and its distance from the window's edge, in pixels.
const WIDE: f64 = 380.0;
const EDGE: f64 = 10.0;

/// A small button that asks.
#[component]
pub(crate) fn Why(
    ask: Callback<(), Subject>,
    /// What stands on it, if not "Why?".
    #[prop(optional, into)]
    label: Option<Signal<String>>,
) -> impl IntoView {
    let (session, desk, lane) = (session(), desk(), lane());
    let click = move |ev: ev::MouseEvent| {
        ev.stop_propagation();
        let button = ev.current_target().and_then(|t| t.dyn_into::<HtmlElement>().ok());
        if let Some(rect) = button.map(|b| b.get_bounding_client_rect()) {
            desk.why_at.set((rect.left(), rect.bottom()));
        }
        session.ask_why(lane, ask.run(()));
    };
    let words = move || label.map_or_else(|| "Why?".to_owned(), |label| label.get());
    view! {
        <button type="button" class="why-button" class:named=label.is_some() title="Why?" on:click=click>
            {words}
        </button>
    }
}

/// The newest answer, near where it was asked. One for the whole page.
#[component]
pub(crate) fn WhyPopover() -> impl IntoView {
    let session = session();
    move || session.why.get().map(|why| view! { <Chain why /> })
}

#[component]
fn Chain(why: Answered) -> impl IntoView {
    let (session, desk) = (session(), desk());
    let popover = NodeRef::<html::Div>::new();
    effect(move || {
        let Some(popover) = popover.get() else { return };
        let _ = popover.show_popover();
        let _ = popover.focus();
    });
    let on_toggle = move |_: web_sys::Event| {
        let open = popover.get_untracked().is_none_or(|p| p.matches(":popover-open").unwrap_or(true));
        if !open {
            session.why.set(None);
        }
    };
    let (x, y) = place(desk.why_at.get_untracked());
    let mut chain = why.chain.into_iter();
    let question = chain.next();
    let title = question.as_ref().map_or_else(|| "Nothing is known".into(), |q| q.text.clone());
    let at = question.as_ref().map(|q| clock(q.at_ns));
    let from = question.map_or(0, |q| q.at_ns);
    let causes: Vec<Cause> = chain.collect();
    let nothing = causes.is_empty();
    view! {
        <div
            node_ref=popover
            class="why"
            popover="auto"
            role="dialog"
            aria-label="Why?"
            tabindex="-1"
            data-testid="why"
            style:left=format!("{}px", Fixed(x, 1))
            style:top=format!("{}px", Fixed(y, 1))
            on:toggle=on_toggle
        >
            <header>
                <p class="why-at mono">{at}</p>
                <h3>{title}</h3>
                <button type="button" class="plain" aria-label="Close" on:click=move |_| session.why.set(None)>"×"</button>
            </header>
            <Show when=move || nothing>
                <p class="quiet">"No earlier event of this run led to it."</p>
            </Show>
            <ol>
                {causes.into_iter().map(|cause| view! { <Link cause from /> }).collect_view()}
            </ol>
        </div>
    }
}

/// One cause: a click goes to its moment.
#[component]
fn Link(cause: Cause, from: u64) -> impl IntoView {
    let session = session();
    let before = match from.saturating_sub(cause.at_ns) {
        soon @ 0..1_000_000 => span(soon),
        later => seconds(later),
    };
    let (at, event) = (cause.at_ns, cause.event);
    view! {
        <li>
            <button type="button" title="Go to this moment" on:click=move |_| follow(session, at, event)>
                <span class="because" aria-hidden="true">"←"</span>
                <span class="text">{cause.text}</span>
                <span class="mono quiet">{clock(at)}</span>
                <span class="mono quiet before">"−" {before}</span>
            </button>
        </li>
    }
}

fn follow(session: Session, at_ns: u64, event: Option<u64>) {
    session.pause();
    session.seek(at_ns);
    if let Some(event) = event {
        session.selected.set(Some(Pick::Event(event)));
    }
}

/// Under the button, inside the window; at its lower edge on a narrow one.
fn place((x, y): (f64, f64)) -> (f64, f64) {
    let size = |value: Result<wasm_bindgen::JsValue, _>| value.ok().and_then(|v| v.as_f64()).unwrap_or(800.0);
    let (wide, high) = (size(window().inner_width()), size(window().inner_height()));
    let x = x.min(wide - WIDE - EDGE).max(EDGE);
    (x, (y + 6.0).min(high - 320.0).max(EDGE))
}
