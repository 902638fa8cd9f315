//! What was typed and what came back.

use leptos::html;
use leptos::prelude::*;
use primacy_port::{Answer, Subject};
use primacy_view::view;

use super::tty::{Line, Print, Tty, Wait};
use crate::effect::effect;
use crate::panes::desk::desk;
use crate::panes::why::Why;
use crate::scroll;
use crate::session::session;

const EXAMPLES: [&str; 3] = ["SET cart:7 3", "INFO replication", "dig configuration"];

/// The newest line is in sight, and so is whoever types below it.
fn follow(screen: &web_sys::HtmlElement) {
    screen.set_scroll_top(screen.scroll_height());
    let terminal = screen.parent_element();
    let typing = document().active_element().filter(|e| terminal.is_some_and(|t| t.contains(Some(e))));
    if let Some(prompt) = typing {
        scroll::reveal(&prompt);
    }
}

/// The screen; it follows its newest line.
#[component]
pub(super) fn Screen(tty: Tty) -> impl IntoView {
    let screen = NodeRef::<html::Div>::new();
    effect(move || {
        tty.waits.track();
        // Where nothing has been typed there is nothing to follow, and looking would cost the first sight of the page a layout.
        if tty.lines.with(|lines| !lines.is_empty())
            && let Some(screen) = screen.get()
        {
            // The lines of this change are in the page in the next frame.
            request_animation_frame(move || follow(&screen));
        }
    });
    let empty = Memo::new(move |_| tty.lines.with(Vec::is_empty));
    view! {
        <div
            node_ref=screen
            class="tty-screen mono"
            role="log"
            aria-live="polite"
            aria-label="Answers"
            tabindex="0"
            data-testid="terminal-log"
        >
            <Show when=move || empty.get()>
                <Examples tty />
            </Show>
            <ol>
                <For each=move || tty.lines.get() key=|line| line.number children=|line| view! { <Entry line /> } />
                <Show when=move || tty.waits.get() != Wait::Nothing>
                    <li class="waiting quiet">"waiting … (Ctrl-C hangs up)"</li>
                </Show>
            </ol>
        </div>
    }
}

#[component]
fn Examples(tty: Tty) -> impl IntoView {
    let (session, terminals) = (session(), desk().terminals);
    let button = move |line: &'static str| {
        view! {
            <button type="button" class="small mono" on:click=move |_| tty.submit(session, terminals, line)>
                {line}
            </button>
        }
    };
    view! {
        <div class="examples">
            <p class="quiet">"A connection to the group, as redis-cli has it. Try:"</p>
            {EXAMPLES.map(button).collect_view()}
        </div>
    }
}

#[component]
fn Entry(line: Line) -> impl IntoView {
    match line.what {
        Print::Typed { prompt, text } => {
            view! { <li class="typed"><span class="quiet">{prompt} "> "</span>{text}</li> }.into_any()
        }
        Print::Note { text, bad } => view! { <li class="note" class:bad=bad>{text}</li> }.into_any(),
        Print::Answer(answer) => view! { <Reply answer /> }.into_any(),
    }
}

#[component]
fn Reply(answer: Answer) -> impl IntoView {
    let (terminal, at_ns) = (answer.terminal, answer.at_ns);
    // Of a real group only events are known, and a line that was refused before anybody was asked has no cause in the run.
    let asked = answer.node.is_some() || answer.at_ns > answer.asked_ns;
    let red = (answer.failed || answer.stale) && asked && !session().is_live();
    let ask = Callback::new(move |()| Subject::Answer { terminal, at_ns });
    let note = note(&answer);
    view! {
        <li class="answer" class:failed=answer.failed class:stale=answer.stale>
            <span class="text">{answer.text.trim_end().to_owned()}</span>
            <span class="note">
                {answer.stale.then(|| view! { <b class="stale-word">"stale"</b> })} {note}
                {red.then(|| view! { <Why ask /> })}
            </span>
        </li>
    }
}

/// Who answered, and how long it took.
fn note(answer: &Answer) -> String {
    let took = answer.at_ns.saturating_sub(answer.asked_ns) / 10_000;
    let words = match took {
        0..100_000 => format!("{}.{:02} ms", took / 100, took % 100),
        _ => format!("{}.{} s", took / 100_000, took / 10_000 % 10),
    };
    match answer.node {
        Some(node) => format!("{node:03} · {words}"),
        // Names and calls of the API are answered beside the network.
        None if took == 0 => String::new(),
        None => words,
    }
}
