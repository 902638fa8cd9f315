//! Terminals: connections of one's own, as redis-cli shows them, in the run's time.

mod complete;
mod local;
mod prompt;
mod screen;
mod tty;

use leptos::ev;
use leptos::prelude::*;
use primacy_port::Lane;
use primacy_view::view;
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;

use crate::model::Rows;
use crate::session::{Session, session};
use prompt::Prompt;
use screen::Screen;
pub(crate) use tty::{Terminals, Tty};

/// The pane: a tab for each terminal, its screen, its prompt.
#[component]
pub(crate) fn Terminal() -> impl IntoView {
    let terminals = super::desk::desk().terminals;
    let each = move || vec![terminals.active()];
    view! {
        <section class="terminal" aria-label="Terminal">
            <Tabs terminals />
            <For
                each
                key=|tty| tty.number
                children=|tty| {
                    view! {
                        <Screen tty />
                        <Prompt tty />
                    }
                }
            />
        </section>
    }
}

#[component]
fn Tabs(terminals: Terminals) -> impl IntoView {
    let session = session();
    let rows = session.rows(Lane::A);
    let tab = move |tty: Tty| {
        let on = move || terminals.active().number == tty.number;
        let close = move |ev: ev::MouseEvent| {
            ev.stop_propagation();
            terminals.close(session, tty);
        };
        let alone = move || terminals.open_ones().len() == 1;
        view! {
            <span class="tty-tab" class:on=on>
                <button
                    type="button"
                    class="plain mono"
                    aria-pressed=move || if on() { "true" } else { "false" }
                    on:click=move |_| terminals.show(tty)
                >
                    {move || tty.target.get()}
                </button>
                <Show when=move || !alone()>
                    <button type="button" class="plain close" aria-label="Close this terminal" on:click=close>"×"</button>
                </Show>
            </span>
        }
    };
    let choose = move |ev: ev::Event| {
        let list = ev.target().and_then(|t| t.dyn_into::<HtmlSelectElement>().ok());
        if let Some(list) = list.filter(|list| !list.value().is_empty()) {
            terminals.open(&list.value());
            // The list is a button with a choice: it always reads "connect".
            list.set_value("");
        }
    };
    let nodes = move || targets(node_ids(rows));
    let option = |name: String| view! { <option value=name.clone()>{name.clone()}</option> };
    view! {
        <div class="tty-tabs" role="group" aria-label="Terminals">
            <For each=move || terminals.open_ones() key=|tty| tty.number children=tab />
            <select aria-label="Open another terminal" on:change=choose>
                <option value="">"+ connect"</option>
                <For each=nodes key=|name| name.clone() children=option />
            </select>
        </div>
    }
}

fn node_ids(rows: Rows) -> Vec<u16> {
    rows.nodes.get().into_iter().map(|node| node.id().get()).collect()
}

/// Whom a terminal can be connected to.
fn targets(nodes: Vec<u16>) -> Vec<String> {
    let names = ["configuration", "primary", "reader"].map(str::to_owned);
    names.into_iter().chain(nodes.into_iter().map(|id| format!("{id:03}"))).collect()
}

/// Takes answers and lets sleepers sleep, as long as the page is there.
pub(crate) fn attend(session: Session, terminals: Terminals) {
    session.on_frame(move |lane, frame| {
        if lane == Lane::A {
            terminals.take(session, frame);
        }
    });
    Effect::new(move |before: Option<u32>| {
        let run = session.run.get();
        if before.is_some_and(|before| before != run) {
            terminals.restart();
        }
        run
    });
}
