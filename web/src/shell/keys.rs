//! Single keys, outside text fields; the list of them, and the switches of the page.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use primacy_port::Opening;
use primacy_sim::lesson;
use primacy_view::view;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::rooms::{Border, Over, Rooms, Side, rooms};
use super::sheet::Sheet;
use crate::session::{Pick, Session, Tab, session};

/// How long a lesson's second digit is waited for.
const SECOND_DIGIT: Duration = Duration::from_millis(700);

const KEYS: [(&str, &str); 17] = [
    ("Space", "play or pause"),
    (", .", "one event back, forth"),
    ("p n", "milestone before, next"),
    ("[ ]", "slower, faster"),
    ("k", "kill the selected node, or the primary"),
    ("f", "TestFailover"),
    ("t", "terminal"),
    ("e", "template"),
    ("i", "inspector"),
    ("m", "map or tables"),
    ("a", "compare two runs"),
    ("g 1", "lesson 1; g 0 to g 13"),
    ("/", "filter the events"),
    ("Ctrl-Z", "undo; with Shift: redo"),
    ("Ctrl-K", "every action and command"),
    ("Esc", "close what is open"),
    ("?", "this list"),
];

/// The list, and the switches: one of them is the one that WCAG 2.1.4 asks for.
#[component]
pub(crate) fn KeySheet() -> impl IntoView {
    let session = session();
    let switch = |label: &'static str, signal: RwSignal<bool>| {
        view! {
            <label class="switch">
                <input type="checkbox" prop:checked=move || signal.get() on:change=move |ev| signal.set(event_target_checked(&ev)) />
                {label}
            </label>
        }
    };
    view! {
        <Sheet title="Keys and switches">
            <div>
                {switch("Single keys work", session.keys)}
                {switch("Slow down near milestones", session.slowing)}
                {switch("Nothing moves but numbers", session.still)}
                {switch("Read every action out, not only milestones", session.verbose)}
            </div>
            <dl class="keylist">
                {KEYS.map(|(key, does)| view! { <dt><kbd>{key}</kbd></dt><dd>{does}</dd> }).into_iter().collect_view()}
            </dl>
        </Sheet>
    }
}

/// Listens as long as the component that calls this is there.
pub(crate) fn listen() {
    let (session, rooms) = (session(), rooms());
    let number = StoredValue::new(None::<String>);
    let handle = window_event_listener(ev::keydown, move |ev| {
        let focus = document().active_element();
        let tag = focus.as_ref().map(|e| e.tag_name()).unwrap_or_default();
        let rich = focus.is_some_and(|e| e.has_attribute("contenteditable"));
        let range = matches!(tag.as_str(), "INPUT")
            && document()
                .active_element()
                .and_then(|e| e.get_attribute("type"))
                .is_some_and(|t| t == "range" || t == "checkbox");
        let typing = rich || matches!(tag.as_str(), "TEXTAREA" | "SELECT") || (tag == "INPUT" && !range);
        let combined = ev.ctrl_key() || ev.meta_key();
        let done = if combined {
            chord(session, rooms, &ev, typing)
        } else if ev.key() == "Escape" {
            escape(rooms)
        } else if typing
            || ev.alt_key()
            || !session.keys.get_untracked()
            || rooms.over.get_untracked() != Over::Nothing
        {
            false
        } else if let Some(digits) = number.get_value() {
            digit(session, rooms, number, digits, &ev.key())
        } else if ev.key() == "g" {
            number.set_value(Some(String::new()));
            true
        } else {
            let on_button = matches!(tag.as_str(), "BUTTON" | "SUMMARY" | "A") || range;
            single(session, rooms, &ev.key(), on_button)
        };
        if done {
            ev.prevent_default();
        }
    });
    on_cleanup(move || handle.remove());
}

fn chord(session: Session, rooms: Rooms, ev: &ev::KeyboardEvent, typing: bool) -> bool {
    match ev.key().to_ascii_lowercase().as_str() {
        "k" => rooms.toggle(Over::Palette),
        "z" if !typing && ev.shift_key() => session.redo(),
        "z" if !typing => session.undo(),
        "y" if !typing => session.redo(),
        _ => return false,
    }
    true
}

fn escape(rooms: Rooms) -> bool {
    if rooms.over.get_untracked() != Over::Nothing {
        rooms.over.set(Over::Nothing);
    } else if rooms.drawer.get_untracked() {
        rooms.drawer.set(false);
    } else if rooms.intro.get_untracked() {
        rooms.dismiss_intro();
    } else {
        return false;
    }
    true
}

/// A lesson's number, after `g`. Where a second digit could follow it is waited for, but not for long.
fn digit(
    session: Session,
    rooms: Rooms,
    number: StoredValue<Option<String>>,
    digits: String,
    key: &str,
) -> bool {
    number.set_value(None);
    let more = format!("{digits}{key}");
    let known = |word: &str| word.parse::<u8>().ok().filter(|n| lesson::lesson(*n).is_some());
    let Some(wanted) = known(&more) else {
        if let Some(wanted) = known(&digits) {
            open_lesson(session, rooms, wanted);
        }
        return false;
    };
    if wanted == 0 || known(&format!("{more}0")).is_none() {
        open_lesson(session, rooms, wanted);
        return true;
    }
    number.set_value(Some(more.clone()));
    set_timeout(
        move || {
            if number.try_get_value().flatten() == Some(more) {
                number.set_value(None);
                open_lesson(session, rooms, wanted);
            }
        },
        SECOND_DIGIT,
    );
    true
}

fn open_lesson(session: Session, rooms: Rooms, number: u8) {
    rooms.show(Side::Lessons);
    session.open(Opening::Lesson(number));
}

fn single(session: Session, rooms: Rooms, key: &str, on_button: bool) -> bool {
    match key {
        " " if !on_button => session.toggle(),
        "," => session.step(true),
        "." => session.step(false),
        "n" => session.milestone(false),
        "p" => session.milestone(true),
        "[" => session.speed.update(|s| *s = s.faster(-1)),
        "]" => session.speed.update(|s| *s = s.faster(1)),
        "k" => match session.selected.get_untracked() {
            Some(Pick::Node(id)) => session.act(format!("kill {id:03}")),
            _ => session.act("kill primary"),
        },
        "f" => session.act("test-failover"),
        "t" => to_tab(session, rooms, Tab::Terminal, "#prompt, #tab-panel textarea, #tab-panel input"),
        "e" => to_tab(session, rooms, Tab::Template, "#tab-panel textarea, #tab-panel [contenteditable]"),
        "i" => to_tab(session, rooms, Tab::Inspect, "#tab-inspect"),
        "m" => session.table.update(|table| *table = !*table),
        "a" if !session.is_live() => rooms.toggle(Over::Twin),
        "/" => focus(".events input"),
        "?" => rooms.toggle(Over::Keys),
        _ => return false,
    }
    true
}

fn to_tab(session: Session, rooms: Rooms, tab: Tab, place: &'static str) {
    rooms.folded.set(false);
    rooms.behind(Border::Right).open.set(true);
    session.tab.set(tab);
    // The tab's content is there in the next frame.
    request_animation_frame(move || focus(place));
}

fn focus(place: &str) {
    let found = document().query_selector(place).ok().flatten();
    if let Some(found) = found.and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        let _ = found.focus();
    }
}
