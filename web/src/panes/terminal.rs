//! A terminal that talks to an endpoint or to one node.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use primacy_port::{Answer, Lane};

use crate::model::{FrameRowsStoreFields, NodeRowStoreFields};
use crate::session::session;

const TERMINAL: u8 = 0;
/// Lines that a click puts into the prompt.
const EXAMPLES: [&str; 4] = ["SET cart:7 3", "GET cart:7", "WAIT 1 500", "INFO replication"];

/// Prompt, screen and history.
#[component]
pub(crate) fn Terminal() -> impl IntoView {
    let session = session();
    let target = RwSignal::new("configuration".to_owned());
    let typed = RwSignal::new(String::new());
    let typed_so_far = RwSignal::new(Vec::<String>::new());
    let screen = NodeRef::<html::Ol>::new();
    Effect::new(move |_| {
        session.answers.track();
        if let Some(screen) = screen.get() {
            screen.set_scroll_top(screen.scroll_height());
        }
    });
    let send = move |ev: ev::SubmitEvent| {
        ev.prevent_default();
        let line = typed.get_untracked();
        if !line.trim().is_empty() {
            session.type_line(TERMINAL, &target.get_untracked(), &line);
            typed_so_far.update(|lines| lines.push(line));
            typed.set(String::new());
        }
    };
    let fill = move |line: &'static str| move |_| typed.set(line.to_owned());
    view! {
        <section class="panel terminal" aria-labelledby="terminal-title">
            <header>
                <h2 id="terminal-title">"Terminal"</h2>
                <Show when=move || !session.playing.get()>
                    <p class="quiet">"Paused: a command runs time until its reply."</p>
                </Show>
            </header>
            <ol class="screen mono" role="log" tabindex="0" aria-label="Terminal output" node_ref=screen>
                <For
                    each=move || session.answers.get()
                    key=|(_, answer)| (answer.asked_ns, answer.at_ns, answer.line.clone())
                    children=|(_, answer)| view! { <Entry answer /> }
                />
            </ol>
            <div class="row tries">
                <span class="quiet">"Try"</span>
                {EXAMPLES.map(|line| view! { <button class="small mono" on:click=fill(line)>{line}</button> })}
            </div>
            <form on:submit=send>
                <Target target />
                <Prompt typed lines=typed_so_far />
                <button type="submit">"Send"</button>
            </form>
        </section>
    }
}

#[component]
fn Entry(answer: Answer) -> impl IntoView {
    let took = answer.at_ns.saturating_sub(answer.asked_ns) / 10_000;
    let from = answer.node.map_or_else(String::new, |node| format!("node {node:03}, "));
    let note = format!("{from}{}.{:02} ms", took / 100, took % 100);
    view! {
        <li class="typed">"> " {answer.line}</li>
        <li class=if answer.failed { "error" } else { "reply" }>
            {answer.text} <span class="note">{note}</span>
        </li>
    }
}

#[component]
fn Target(target: RwSignal<String>) -> impl IntoView {
    let rows = session().rows(Lane::A);
    view! {
        <select
            aria-label="Connect to"
            prop:value=move || target.get()
            on:change=move |ev| target.set(event_target_value(&ev))
        >
            <option value="configuration">"configuration endpoint"</option>
            <option value="reader">"reader endpoint"</option>
            <For
                each=move || rows.nodes()
                key=|node| node.id().get_untracked()
                children=move |node| {
                    let id = format!("{:03}", node.id().get_untracked());
                    view! { <option value=id.clone()>{format!("node {id}")}</option> }
                }
            />
        </select>
    }
}

#[component]
fn Prompt(typed: RwSignal<String>, lines: RwSignal<Vec<String>>) -> impl IntoView {
    let back = RwSignal::new(0_usize);
    let recall = move |steps: usize| {
        let history = lines.get_untracked();
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
