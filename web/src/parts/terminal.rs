//! A terminal that talks to an endpoint or to one node.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use reactive_stores::{Field, StoreFieldIterator};

use crate::engine::{Engine, Line};
use crate::model::{FrameStoreFields, NodeRow, NodeRowStoreFields};

/// Lines that a click puts into the prompt.
const EXAMPLES: [&str; 4] = ["SET cart:7 3", "GET cart:7", "WAIT 1 500", "INFO replication"];

/// Prompt, screen and history.
#[component]
pub(crate) fn Terminal() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let target = RwSignal::new("configuration".to_owned());
    let typed = RwSignal::new(String::new());
    let screen = NodeRef::<html::Ol>::new();
    Effect::new(move |_| {
        engine.lines.track();
        if let Some(screen) = screen.get() {
            screen.set_scroll_top(screen.scroll_height());
        }
    });
    let send = move |ev: ev::SubmitEvent| {
        ev.prevent_default();
        let line = typed.get_untracked();
        if !line.trim().is_empty() {
            engine.type_line(&target.get_untracked(), &line);
            typed.set(String::new());
        }
    };
    let fill = move |line: &'static str| move |_| typed.set(line.to_owned());
    view! {
        <section class="panel terminal" aria-labelledby="terminal-title">
            <header>
                <h2 id="terminal-title">"Terminal"</h2>
                <Show when=move || !engine.playing.get()>
                    <p class="quiet">"Paused: a command runs time until its reply."</p>
                </Show>
            </header>
            <ol class="screen mono" role="log" tabindex="0" aria-label="Terminal output" node_ref=screen>
                <ForEnumerate
                    each=move || engine.lines.get()
                    key=|line| line.number
                    children=|_, line: Line| {
                        let note = (!line.note.is_empty()).then(|| view! { <span class="note">{line.note}</span> });
                        view! { <li class=line.class>{line.text} {note}</li> }
                    }
                />
            </ol>
            <div class="row tries">
                <span class="quiet">"Try"</span>
                {EXAMPLES.map(|line| view! { <button class="small mono" on:click=fill(line)>{line}</button> })}
            </div>
            <form on:submit=send>
                <Target target />
                <Prompt typed />
                <button type="submit">"Send"</button>
            </form>
        </section>
    }
}

#[component]
fn Target(target: RwSignal<String>) -> impl IntoView {
    let engine = expect_context::<Engine>();
    let nodes = Memo::new(move |_| engine.frame.nodes().read().len());
    view! {
        <select
            aria-label="Connect to"
            prop:value=move || target.get()
            on:change=move |ev| target.set(event_target_value(&ev))
        >
            <option value="configuration">"configuration endpoint"</option>
            <option value="reader">"reader endpoint"</option>
            <For
                each=move || 0..nodes.get()
                key=|at| *at
                children=move |at| {
                    let node: Field<NodeRow> = engine.frame.nodes().at_unkeyed(at).into();
                    let id = node.id().get_untracked();
                    view! { <option value=id.to_string()>{format!("node {id:03}")}</option> }
                }
            />
        </select>
    }
}

#[component]
fn Prompt(typed: RwSignal<String>) -> impl IntoView {
    let engine = expect_context::<Engine>();
    let back = RwSignal::new(0_usize);
    let recall = move |steps: usize| {
        let history = engine.history.get_untracked();
        let steps = steps.min(history.len());
        back.set(steps);
        let line = history.len().checked_sub(steps).and_then(|i| history.get(i)).cloned();
        typed.set(line.unwrap_or_default());
    };
    let on_key = move |ev: ev::KeyboardEvent| match ev.key().as_str() {
        "ArrowUp" => {
            ev.prevent_default();
            recall(back.get_untracked() + 1);
        }
        "ArrowDown" => {
            ev.prevent_default();
            recall(back.get_untracked().saturating_sub(1));
        }
        "Enter" => back.set(0),
        _ => {}
    };
    view! {
        <input
            id="prompt"
            type="text"
            class="mono"
            aria-label="Command"
            placeholder="SET greeting hello"
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            prop:value=move || typed.get()
            on:input=move |ev| typed.set(event_target_value(&ev))
            on:keydown=on_key
        />
    }
}
