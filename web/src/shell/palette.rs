//! Everything that can be done, found by typing. What is typed may also be an action itself.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use primacy_core::order;
use primacy_port::{Lane, Opening};
use primacy_sim::command_text::{TABLE, parse};
use primacy_sim::engine::GALLERY;
use primacy_sim::lesson::LESSONS;
use primacy_view::view;

use super::look;
use super::rooms::{Over, Rooms, Side, rooms};
use super::sheet::Sheet;
use crate::panes::lesson::show_real;
use crate::scroll;
use crate::session::{Session, Tab, session};
use crate::speed::Speed;

/// Entries that are shown at once.
const SHOWN: usize = 60;
/// Actions on every node.
const ON_NODES: [(&str, &str); 7] = [
    ("kill", "ends the process"),
    ("pause", "freezes the process"),
    ("resume", "wakes the process"),
    ("start", "starts the process"),
    ("reboot", "RebootCacheCluster"),
    ("failover", "promotes it"),
    ("remove-replica", "takes it out of the group"),
];

/// What an entry does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Go {
    /// An action as it stands.
    Act,
    /// Puts the action's first word into the prompt: it needs more.
    Fill,
    Preset(&'static str),
    Lesson(u8),
    /// By its place in [`PAGE`].
    Page(usize),
}

#[derive(Clone, PartialEq, Eq)]
struct Entry {
    words: String,
    hint: String,
    go: Go,
}

fn entry(words: impl Into<String>, hint: impl Into<String>, go: Go) -> Entry {
    Entry { words: words.into(), hint: hint.into(), go }
}

/// What an entry of the page itself does.
type Deed = fn(Session, Rooms);

/// The first of them need a run that can be repeated.
const REPEATABLE: usize = 11;
const PAGE: [(&str, &str, Deed); 23] = [
    ("One event forth", ".", |s, _| s.step(false)),
    ("One event back", ",", |s, _| s.step(true)),
    ("Undo", "Ctrl-Z", |s, _| s.undo()),
    ("Redo", "Ctrl-Shift-Z", |s, _| s.redo()),
    ("Speed 1/1000", "see a packet", |s, _| s.speed.set(Speed::PACKETS)),
    ("Speed 1/10", "see the stream", |s, _| s.speed.set(Speed::STREAM)),
    ("Speed 1×", "real time", |s, _| s.speed.set(Speed::REAL)),
    ("Speed 60×", "skip the boring two minutes", |s, _| s.speed.set(Speed::FAST)),
    ("Speed max", "as fast as this machine can", |s, _| s.speed.set(Speed::MAX)),
    ("Compare two runs", "same seed, one difference", |_, r| r.over.set(Over::Twin)),
    ("Share", "a link to this run and this view", |_, r| r.over.set(Over::Share)),
    ("Play or pause", "Space", |s, _| s.toggle()),
    ("Next milestone", "n", |s, _| s.milestone(false)),
    ("Previous milestone", "p", |s, _| s.milestone(true)),
    ("To the beginning", "of the run", |s, _| s.seek(0)),
    ("What is real here", "and what is simplified", |_, _| show_real()),
    ("Keys and switches", "?", |_, r| r.over.set(Over::Keys)),
    ("Light or dark", "theme", |_, _| look::switch_theme()),
    ("Still or moving", "motion", |s, _| s.still.update(|still| *still = !*still)),
    ("Map or tables", "m", |s, _| s.table.update(|table| *table = !*table)),
    ("Terminal", "t", |s, _| s.tab.set(Tab::Terminal)),
    ("Template", "e", |s, _| s.tab.set(Tab::Template)),
    ("API calls", "what the coordinator would be asked", |s, _| s.tab.set(Tab::Api)),
];

fn all(session: Session) -> Vec<Entry> {
    let nodes: Vec<u16> =
        session.rows(Lane::A).nodes.get_untracked().iter().map(|n| n.id().get_untracked()).collect();
    let mut all = vec![
        entry("kill primary", "ends the primary's process with its memory", Go::Act),
        entry("test-failover", "calls TestFailover", Go::Act),
        entry("failover", "hands the primary's role over without loss", Go::Act),
        entry("add-replica", "one more replica, 5 at most", Go::Act),
        entry("remove-replica", "one replica less", Go::Act),
        entry("heal", "ends all faults", Go::Act),
    ];
    if crate::port::worker::may_crash() {
        all.push(entry("crash", "Crash the engine, to see what the page does then", Go::Act));
    }
    all.extend(PAGE.iter().enumerate().map(|(at, (words, hint, _))| entry(*words, *hint, Go::Page(at))));
    for (verb, hint) in ON_NODES {
        all.extend(nodes.iter().map(|id| entry(format!("{verb} {id:03}"), hint, Go::Act)));
    }
    all.extend(
        LESSONS
            .iter()
            .map(|l| entry(format!("Lesson {}: {}", l.number, l.title), "lesson", Go::Lesson(l.number))),
    );
    all.extend(
        GALLERY.iter().map(|(name, title, _)| entry(format!("Open: {title}"), "gallery", Go::Preset(name))),
    );
    all.extend(TABLE.iter().map(|(usage, hint)| entry(*usage, *hint, Go::Fill)));
    all.retain(|e| {
        let granted = || session.grants(e.words.split(' ').next().unwrap_or_default());
        match e.go {
            Go::Act | Go::Fill => granted(),
            Go::Page(at) => at >= REPEATABLE || !session.is_live(),
            Go::Preset(_) | Go::Lesson(_) => true,
        }
    });
    all
}

/// Entries that hold every word; first what was typed itself, if it is an action.
fn found(all: &[Entry], typed: &str) -> Vec<Entry> {
    let wanted = typed.to_ascii_lowercase();
    let wanted: Vec<&str> = wanted.split_whitespace().collect();
    let holds = |e: &&Entry| {
        let text = format!("{} {}", e.words, e.hint).to_ascii_lowercase();
        wanted.iter().all(|word| text.contains(word))
    };
    let mut found: Vec<Entry> = all.iter().filter(holds).take(SHOWN).cloned().collect();
    // Words that begin like what was typed come first.
    let first = wanted.first().copied().unwrap_or_default();
    order::sort_by_key(&mut found, |e| !e.words.to_ascii_lowercase().starts_with(first));
    // What an entry shows as an example may be an action as it stands.
    let known = found.iter().any(|e| e.go == Go::Act && e.words == typed.trim());
    if !wanted.is_empty() && !known && parse(typed).is_ok() {
        found.insert(0, entry(typed.trim(), "do this", Go::Act));
    }
    found
}

/// The dialog.
#[component]
pub(crate) fn Palette() -> impl IntoView {
    let (session, rooms) = (session(), rooms());
    let typed = RwSignal::new(String::new());
    let at = RwSignal::new(0_usize);
    let entries = StoredValue::new(all(session));
    let shown = Memo::new(move |_| typed.with(|typed| entries.with_value(|all| found(all, typed))));
    let list = NodeRef::<html::Ul>::new();
    let go = move |entry: Entry| {
        if let Go::Fill = entry.go {
            typed.set(verb(&entry.words));
            return;
        }
        rooms.over.set(Over::Nothing);
        run(session, rooms, entry);
    };
    let go = Callback::new(go);
    let key = move |ev: ev::KeyboardEvent| {
        let last = shown.with_untracked(Vec::len).saturating_sub(1);
        match ev.key().as_str() {
            "ArrowDown" => at.update(|at| *at = if *at >= last { 0 } else { *at + 1 }),
            "ArrowUp" => at.update(|at| *at = at.checked_sub(1).unwrap_or(last)),
            "Enter" => {
                if let Some(entry) = shown.with_untracked(|s| s.get(at.get_untracked()).cloned()) {
                    go.run(entry);
                }
            }
            _ => return,
        }
        ev.prevent_default();
        reveal(list, at.get_untracked());
    };
    view! {
        <Sheet title="Everything that can be done" class="palette">
            <input
                type="text"
                role="combobox"
                aria-expanded="true"
                aria-controls="palette-list"
                aria-activedescendant=move || format!("palette-{}", at.get())
                aria-label="Search, or an action in words"
                placeholder=if session.is_live() {
                    "Search, or type an action: kill 002"
                } else {
                    "Search, or type an action: delay 001 002 200ms"
                }
                autocomplete="off"
                spellcheck="false"
                data-testid="palette-input"
                prop:value=move || typed.get()
                on:input=move |ev| {
                    typed.set(event_target_value(&ev));
                    at.set(0);
                }
                on:keydown=key
            />
            <Found shown at list go />
            <p class="advice">{move || advice(shown, typed)}</p>
        </Sheet>
    }
}

/// The first word of an action's usage, with room for what follows.
fn verb(usage: &str) -> String {
    let word = usage.split(['[', '|', ' ']).next().unwrap_or_default();
    format!("{word} ")
}

fn advice(shown: Memo<Vec<Entry>>, typed: RwSignal<String>) -> String {
    if shown.with(Vec::is_empty) {
        typed.with(|typed| parse(typed).err()).unwrap_or_default()
    } else {
        "↑ ↓ to choose, Enter to do, Esc to close".to_owned()
    }
}

/// The list of what was found.
#[component]
fn Found(
    shown: Memo<Vec<Entry>>,
    at: RwSignal<usize>,
    list: NodeRef<html::Ul>,
    go: Callback<Entry>,
) -> impl IntoView {
    let line = move |(number, entry): (usize, Entry)| {
        let (chosen, action) = (entry.clone(), matches!(entry.go, Go::Act | Go::Fill));
        let selected = move || if at.get() == number { "true" } else { "false" };
        view! {
            <li
                role="option"
                id=format!("palette-{number}")
                class:action=action
                aria-selected=selected
                on:mousemove=move |_| at.set(number)
                on:click=move |_| go.run(chosen.clone())
            >
                <b>{entry.words}</b>
                <span>{entry.hint}</span>
            </li>
        }
    };
    view! {
        <ul role="listbox" id="palette-list" aria-label="What was found" node_ref=list>
            {move || shown.get().into_iter().enumerate().map(line).collect_view()}
        </ul>
    }
}

fn reveal(list: NodeRef<html::Ul>, at: usize) {
    let line = list.get_untracked().and_then(|list| list.children().item(at as u32));
    if let Some(line) = line {
        scroll::reveal(&line);
    }
}

fn run(session: Session, rooms: Rooms, entry: Entry) {
    match entry.go {
        Go::Act | Go::Fill => session.act(entry.words),
        Go::Preset(name) => session.open_then(Opening::Preset(name.to_owned()), |session| session.play()),
        Go::Lesson(number) => {
            rooms.show(Side::Lessons);
            session.open(Opening::Lesson(number));
        }
        Go::Page(at) => PAGE[at].2(session, rooms),
    }
}
