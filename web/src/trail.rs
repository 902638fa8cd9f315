//! The way from run to run. Each has an entry in the browser's history, so that Back leads to the run before, as it was left.
//!
//! An entry's state is a key; under it the tab's own storage, which lives as long as the history does, keeps what was there to
//! be seen. A browser that keeps nothing leads to what the entry's address says.

use leptos::prelude::*;
use primacy_port::{Lane, Opening};
use wasm_bindgen::JsValue;
use web_sys::{History, Storage};

use crate::port::live;
use crate::prefs;
use crate::session::Session;
use crate::sight::{self, Sight};
use crate::speed::Speed;

/// What becomes of the address when a run begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// The run is a step forward from the one before it.
    Next,
    /// The address is about this run already: it was typed, or Back has led to it.
    Here,
}

/// Where a visitor is about to leave: the entry, and the view.
pub(crate) struct Place {
    key: String,
    sight: Sight,
}

/// What the page opens with: the run that its address names, else the one that was left, else the usual group.
pub(crate) fn begin(session: Session) {
    follow(session);
    if opens_address(session) {
        return;
    }
    let introduced = prefs::recall(prefs::INTRO).is_some();
    match kept().or_else(|| prefs::recall(prefs::LAST)).filter(|_| introduced) {
        Some(last) => {
            sight::open(session, &last, Entry::Here);
            session.offer(false, "You are where you left off.", Some(("Begin anew", begin_anew)));
        }
        None => usual(session, Entry::Here, None),
    }
}

fn begin_anew(session: Session) {
    usual(session, Entry::Next, None);
}

/// The usual group, at a speed at which packets can be seen; and why, when something else was asked for.
pub(crate) fn usual(session: Session, entry: Entry, why: Option<String>) {
    session.speed.set(Speed::SLOW);
    session.open_at(entry, Opening::Preset("first".into()), move |session| {
        session.play();
        if let Some(why) = why {
            session.notice(true, why);
        }
    });
}

/// Follows Back, Forward and what is typed into the address.
fn follow(session: Session) {
    let led = window_event_listener_untyped("popstate", move |_| {
        let Some(key) = key().filter(|key| *key != session.entry()) else { return };
        match recall(&key) {
            Some(left) => sight::open(session, &left, Entry::Here),
            None if opens_address(session) => {}
            None => usual(session, Entry::Here, None),
        }
    });
    let typed = window_event_listener_untyped("hashchange", move |_| {
        // Steps in the history change it too, and have been followed already.
        if key().is_none() && !opens_address(session) {
            // A place within the page.
            mark(&session.entry());
        }
    });
    let gone = window_event_listener_untyped("pagehide", move |_| {
        if let (Some(place), link) = (place(session), session.newest_link())
            && !link.is_empty()
        {
            let left = link + &sight::text(&place.sight);
            keep(&place.key, &left);
            prefs::remember(prefs::LAST, &left);
        }
    });
    on_cleanup(move || [led, typed, gone].into_iter().for_each(|listener| listener.remove()));
}

/// Opens what the address names, if it names a run or the real group.
fn opens_address(session: Session) -> bool {
    let hash = window().location().hash().unwrap_or_default();
    let name = hash.strip_prefix('#').unwrap_or_default();
    // A later format is no link for this page, but whoever follows one is told so.
    let run = name.starts_with("r=") || (name.starts_with('p') && name.contains('.'));
    let real = name == "live" && live::address().is_some();
    if run {
        sight::open(session, name, Entry::Here);
    } else if real {
        session.look_at_real_group(Entry::Here);
    }
    run || real
}

/// Where the visitor is; `None` at a real group, which nothing leads back into the past of, and before the first run.
pub(crate) fn place(session: Session) -> Option<Place> {
    let runs = session.run.get_untracked() > 0 && !session.is_live();
    runs.then(|| {
        let lesson = session.latest(Lane::A).and_then(|frame| frame.lesson);
        let sight = Sight { playing: session.playing.get_untracked(), lesson, ..sight::now(session) };
        Place { key: session.entry(), sight }
    })
}

/// The step from the run that `link` repeats, which was left at `place`, to another one with the address `to`.
pub(crate) fn step(session: Session, place: Option<Place>, link: &str, entry: Entry, to: &str) {
    if let Some(Place { key, sight }) = place.filter(|_| !link.is_empty()) {
        keep(&key, &format!("{link}{}", sight::text(&sight)));
    }
    let here = key().filter(|_| entry == Entry::Here);
    let fresh = here.is_none();
    let key = here.unwrap_or_else(|| format!("primacy-run-{}", js_sys::Date::now() as u64));
    session.enter(&key);
    match history() {
        Some(history) if entry == Entry::Next => {
            let _ = history.push_state_with_url(&JsValue::from_str(&key), "", Some(to));
        }
        _ if fresh => mark(&key),
        _ => {}
    }
}

/// The page's address without a run.
pub(crate) fn bare() -> String {
    let location = window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

fn history() -> Option<History> {
    window().history().ok()
}

/// The key of the entry that the browser is at.
fn key() -> Option<String> {
    history()?.state().ok()?.as_string()
}

fn mark(key: &str) {
    if let Some(history) = history() {
        // Without it Back does not lead here.
        let _ = history.replace_state(&JsValue::from_str(key), "");
    }
}

fn storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

fn keep(key: &str, left: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, left);
    }
}

fn recall(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// What was left at the entry that the browser is at.
fn kept() -> Option<String> {
    recall(&key()?)
}
