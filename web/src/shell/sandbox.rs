//! Everything that can be done to the group, and what was done.

use leptos::prelude::*;
use primacy_port::{Act, Lane};
use primacy_view::view;

use super::icon::icon;
use super::rooms::{Over, rooms};
use crate::effect::effect;
use crate::format::clock;
use crate::session::session;

/// A button: its words, and the action in the words of the scripts. `NODE` becomes the chosen node, `ZONE` its zone.
type Deed = (&'static str, &'static str);

const NODE: [Deed; 10] = [
    ("Kill", "kill NODE"),
    ("Start", "start NODE"),
    ("Reboot", "reboot NODE"),
    ("Freeze", "pause NODE"),
    ("Wake", "resume NODE"),
    ("Slow ×10", "slow NODE x10"),
    ("Cut off", "cut NODE all"),
    ("Reconnect", "mend NODE all"),
    ("Promote", "failover NODE"),
    ("Remove", "remove-replica NODE"),
];
const LINKS: [Deed; 6] = [
    ("200 ms delay", "delay primary replicas 200ms"),
    ("Undelay", "undelay primary replicas 200ms"),
    ("20 ms jitter", "jitter primary replicas 20ms"),
    ("5 % loss", "loss primary replicas 5%"),
    ("64 KiB/s", "narrow primary replicas 64KiB/s"),
    ("Cut from coordinator", "cut primary coordinator"),
];
const ZONES: [Deed; 2] = [("Lose its zone", "lose ZONE"), ("Restore its zone", "restore ZONE")];
const NAMES: [Deed; 5] = [
    ("TTL 60 s", "set ttl 60s"),
    ("TTL 5 s", "set ttl 5s"),
    ("Changes 10 s late", "dns delay 10s"),
    ("DNS fails", "dns fails"),
    ("DNS answers", "dns answers"),
];
const APPS: [Deed; 8] = [
    ("Add writer", "client every=100ms does=set"),
    ("Add reader", "client via=reader every=100ms does=get"),
    ("Add 20 writers", "client x20 every=100ms does=set"),
    ("No retry", "client all retry=none"),
    ("Retry at once", "client all retry=immediate"),
    ("Back-off + jitter", "client all retry=jitter:50ms..1s"),
    ("Ten times the load", "client all every=10ms"),
    ("A hot key", "client all keys=20 hot=80%"),
];
const GROUP: [Deed; 11] = [
    ("Add replica", "add-replica"),
    ("Remove replica", "remove-replica"),
    ("TestFailover", "test-failover"),
    ("Planned failover", "failover"),
    ("Failover off", "automatic-failover off"),
    ("Failover on", "automatic-failover on"),
    ("Coordinator dies", "coordinator down"),
    ("Coordinator returns", "coordinator up"),
    ("Two coordinators", "coordinator second"),
    ("One coordinator", "coordinator single"),
    ("Reconnect storm", "storm 100ms"),
];

/// The column.
#[component]
pub(crate) fn Sandbox() -> impl IntoView {
    let (session, rooms) = (session(), rooms());
    let node = RwSignal::new(1_u16);
    // What is selected on the stage is what the buttons are about.
    effect(move || {
        if let Some(crate::session::Pick::Node(id)) = session.selected.get() {
            node.set(id);
        }
    });
    view! {
        <section class="panel sandbox" aria-labelledby="sandbox-title">
            <header>
                <h2 id="sandbox-title">"Sandbox"</h2>
                <button class="mini" title="Every action by its words (Ctrl-K)" on:click=move |_| rooms.toggle(Over::Palette)>
                    {icon("search")} "All actions"
                </button>
            </header>
            <Target node />
            <Group title="Node" deeds=&NODE node />
            <Group title="Links of the primary" deeds=&LINKS node />
            <Group title="Zone" deeds=&ZONES node />
            <Group title="Names" deeds=&NAMES node />
            <Group title="Applications" deeds=&APPS node />
            <Group title="Group" deeds=&GROUP node />
            <Faults />
            <Log />
        </section>
    }
}

#[component]
fn Target(node: RwSignal<u16>) -> impl IntoView {
    let rows = session().rows(Lane::A);
    let option = move |id: u16, role: String| {
        let chosen = move || if node.get() == id { "true" } else { "false" };
        view! {
            <button class="mini mono" aria-pressed=chosen title=role on:click=move |_| node.set(id)>{format!("{id:03}")}</button>
        }
    };
    view! {
        <div class="row" role="group" aria-label="Node">
            <span class="quiet">"Node"</span>
            <For
                each=move || rows.nodes.get()
                key=|node| node.id().get_untracked()
                children=move |node| option(node.id().get_untracked(), node.name().get_untracked())
            />
        </div>
    }
}

#[component]
fn Group(title: &'static str, deeds: &'static [Deed], node: RwSignal<u16>) -> impl IntoView {
    let session = session();
    let rows = session.rows(Lane::A);
    let button = move |(label, text): &'static Deed| {
        let go = move |_| {
            let id = node.get_untracked();
            let zone = rows
                .nodes
                .get_untracked()
                .iter()
                .find(|n| n.id().get_untracked() == id)
                .map_or(0, |n| n.zone().get_untracked());
            let letter = char::from(b'a' + zone.min(25) as u8);
            let text = text.replace("NODE", &format!("{id:03}")).replace("ZONE", &letter.to_string());
            session.act(text);
        };
        let denied = move || !session.grants(text.split(' ').next().unwrap_or_default());
        view! { <button class="mini" title=*text hidden=denied on:click=go>{*label}</button> }
    };
    let nothing =
        move || !deeds.iter().any(|(_, text)| session.grants(text.split(' ').next().unwrap_or_default()));
    view! {
        <div class="deeds" role="group" aria-label=title hidden=nothing>
            <h3>{title}</h3>
            {deeds.iter().map(button).collect_view()}
        </div>
    }
}

/// Faults that run, each with its end.
#[component]
fn Faults() -> impl IntoView {
    let session = session();
    let facts = session.rows(Lane::A).facts;
    let faults = Memo::new(move |_| facts.faults().get());
    let line = move |text: String| {
        let end = format!("end {text}");
        view! {
            <li>
                <code>{text}</code>
                <button class="mini" on:click=move |_| session.act(end.clone())>"End"</button>
            </li>
        }
    };
    view! {
        <Show when=move || faults.with(|f| !f.is_empty())>
            <div class="faults">
                <h3>"Running faults"</h3>
                <button class="mini" data-testid="heal" on:click=move |_| session.act("heal")>"Heal all"</button>
                <ul>{move || faults.get().into_iter().map(line).collect_view()}</ul>
            </div>
        </Show>
    }
}

/// What was done, each line in the words that repeat it.
#[component]
fn Log() -> impl IntoView {
    let session = session();
    let acts = Memo::new(move |_| session.past(Lane::A).with(|past| past.acts.clone()));
    let line = move |act: Act| {
        let at_ns = act.at_ns;
        view! {
            <li>
                <button class="mini mono" title="Go there" on:click=move |_| session.seek(at_ns)>{clock(at_ns)}</button>
                <code>{act.text}</code>
            </li>
        }
    };
    view! {
        <div class="log">
            <h3>"Action log"</h3>
            <Show when=move || acts.with(Vec::is_empty)>
                <p class="quiet">
                    "Nothing was done yet. Every action appears here in words"
                    {move || if session.is_live() { "." } else { "; a link repeats them." }}
                </p>
            </Show>
            <ol data-testid="action-log">{move || acts.get().into_iter().rev().map(line).collect_view()}</ol>
        </div>
    }
}
