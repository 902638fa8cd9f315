//! The real group's marks: the switch in the head line, and what the line and the distance to now are.

use leptos::prelude::*;
use primacy_port::{Lane, Opening};
use primacy_view::view;

use crate::format::{Fixed, minutes};
use crate::port::Line;
use crate::port::live::address;
use crate::session::session;
use crate::trail::Entry;

/// Whoever is less behind than this sees what is now, in nanoseconds.
const NOW_NS: u64 = 1_000_000_000;

/// Switches between the tab's own group and the server's. Only a server that has one shows it.
#[component]
pub(crate) fn LiveSwitch() -> impl IntoView {
    let session = session();
    let live = Memo::new(move |_| session.is_live());
    let words = move || match session.line.get() {
        Line::None => "Live ○".to_owned(),
        Line::Connecting { .. } | Line::Waiting { .. } => "Live ◌ no line".to_owned(),
        Line::Open { rtt_ms: None } => "LIVE ●".to_owned(),
        Line::Open { rtt_ms: Some(ms) } => format!("LIVE ● {ms} ms"),
    };
    let title = move || {
        if live.get() {
            "You look at the real group that this server runs. Click for a simulated one in the tab."
        } else {
            "This server runs a real group: look at it."
        }
    };
    let switch = move |_| {
        if live.get_untracked() {
            session.open(Opening::Preset("first".into()));
        } else {
            session.look_at_real_group(Entry::Next);
        }
    };
    address().map(|_| {
        view! {
            <button
                class="live"
                class:on=move || live.get()
                data-testid="live"
                aria-pressed=move || live.get().to_string()
                title=title
                on:click=switch
            >
                {words}
            </button>
        }
    })
}

/// Says when there is no line, and how old what is shown is.
#[component]
pub(crate) fn LiveBar() -> impl IntoView {
    let session = session();
    let facts = session.rows(Lane::A).facts;
    let behind = Memo::new(move |_| {
        let (end, now) = (facts.end_ns().get(), facts.now_ns().get());
        if session.is_live() { end.saturating_sub(now) } else { 0 }
    });
    let trouble = move || match session.line.get() {
        Line::Connecting { attempt: 1 } => Some("Connecting to the group …".to_owned()),
        Line::Connecting { attempt } => Some(format!("Connecting to the group, attempt {attempt} …")),
        Line::Waiting { attempt, wait_ms, why } => {
            let seconds = Fixed(f64::from(wait_ms) / 1e3, 1);
            Some(format!("No line to the group: {why}. Attempt {attempt} in {seconds} s."))
        }
        Line::None | Line::Open { .. } => None,
    };
    view! {
        <Show when=move || trouble().is_some()>
            <p class="banner bad" role="status" data-testid="live-line">{move || trouble()}</p>
        </Show>
        <Show when=move || { behind.get() >= NOW_NS }>
            <p class="banner" data-testid="live-behind">
                <span>
                    "You are " <b class="mono">{move || minutes(behind.get())}</b>
                    " behind live. The group goes on meanwhile."
                </span>
                <button on:click=move |_| session.catch_up() data-testid="live-now">"Jump to live"</button>
            </p>
        </Show>
    }
}
