//! Where one types: a text field that grows, with completion, a hint of what may follow, and a history.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use primacy_port::Lane;
use primacy_sim::console::hint;
use primacy_view::view;

use super::complete::{Offer, complete};
use super::tty::{Terminals, Tty};
use super::{node_ids, targets};
use crate::panes::desk::desk;
use crate::session::{Session, session};

/// What the prompt is about to do.
#[derive(Clone, Copy)]
struct Typing {
    tty: Tty,
    session: Session,
    terminals: Terminals,
    field: NodeRef<html::Textarea>,
    /// Offered completions and the one that the arrows have reached.
    offers: RwSignal<Vec<Offer>>,
    offered: RwSignal<Option<usize>>,
    /// How far back in the history, and what was typed before going there.
    back: RwSignal<usize>,
    kept: RwSignal<String>,
    /// What Ctrl-R looks for.
    search: RwSignal<Option<String>>,
}

/// The prompt.
#[component]
pub(super) fn Prompt(tty: Tty) -> impl IntoView {
    let (session, terminals) = (session(), desk().terminals);
    let typing = Typing {
        tty,
        session,
        terminals,
        field: NodeRef::new(),
        offers: RwSignal::new(Vec::new()),
        offered: RwSignal::new(None),
        back: RwSignal::new(0),
        kept: RwSignal::new(String::new()),
        search: RwSignal::new(None),
    };
    let number = tty.number;
    let label = move || match typing.search.get() {
        Some(words) => format!("search '{words}'"),
        None => format!("{}{}", tty.address(), role(session, &tty.target.get())),
    };
    let active = move || typing.offered.get().map(|at| format!("offer-{number}-{at}"));
    let ghost = move || match typing.search.get() {
        Some(_) => String::new(),
        None => tty.draft.with(|draft| if draft.contains('\n') { String::new() } else { hint(draft) }),
    };
    view! {
        <div class="tty-prompt">
            <label class="mono" for="prompt">{label} ">"</label>
            <div class="tty-field mono">
                <div class="ghost" aria-hidden="true">
                    <span class="typed">{move || tty.draft.get()}</span>
                    <span>{ghost}</span>
                    "\u{200b}"
                </div>
                <textarea
                    id="prompt"
                    node_ref=typing.field
                    rows="1"
                    spellcheck="false"
                    autocomplete="off"
                    autocapitalize="off"
                    aria-autocomplete="list"
                    aria-haspopup="listbox"
                    aria-controls=format!("offers-{number}")
                    aria-activedescendant=active
                    data-testid="terminal-input"
                    placeholder="SET greeting hello"
                    prop:value=move || tty.draft.get()
                    on:input=move |ev| typing.input(event_target_value(&ev))
                    on:keydown=move |ev| typing.key(&ev)
                    on:blur=move |_| typing.shut()
                ></textarea>
                <Offers typing />
            </div>
        </div>
        <Paused terminals />
    }
}

/// The role of the node that a terminal is connected to.
fn role(session: Session, target: &str) -> String {
    let Ok(id) = target.parse::<u16>() else { return String::new() };
    let rows = session.rows(Lane::A);
    let node = rows.nodes.get().into_iter().find(|node| node.id().get() == id);
    let role = node.map(|node| node.role().get()).unwrap_or_default();
    let role = role.trim_start_matches("★ ").split(',').next().unwrap_or_default().to_owned();
    if role.is_empty() { role } else { format!(" ({role})") }
}

#[component]
fn Offers(typing: Typing) -> impl IntoView {
    let number = typing.tty.number;
    let rows = move || typing.offers.get().into_iter().enumerate().collect::<Vec<_>>();
    let option = move |(at, offer): (usize, Offer)| {
        let on = move || typing.offered.get() == Some(at);
        let take = move |ev: ev::MouseEvent| {
            // The field keeps the focus.
            ev.prevent_default();
            typing.accept(at);
        };
        view! {
            <li
                id=format!("offer-{number}-{at}")
                role="option"
                aria-selected=move || if on() { "true" } else { "false" }
                on:mousedown=take
            >
                <span>{offer.word}</span>
                <span class="about">{offer.about}</span>
            </li>
        }
    };
    view! {
        <ul
            id=format!("offers-{number}")
            class="offers"
            role="listbox"
            aria-label="Completions"
            hidden=move || typing.offers.with(Vec::is_empty)
        >
            <For each=rows key=|(at, offer)| (*at, offer.clone()) children=option />
        </ul>
    }
}

#[component]
fn Paused(terminals: Terminals) -> impl IntoView {
    let session = session();
    let queue = terminals.queue;
    let words = move || {
        if queue.get() { "Paused: waits until time passes" } else { "Paused: will run until the reply" }
    };
    let other = move || if queue.get() { "Run until reply" } else { "Queue instead" };
    view! {
        <Show when=move || !session.playing.get() && !session.is_live()>
            <p class="tty-paused quiet">
                <span>{words}</span>
                <button type="button" class="small" on:click=move |_| queue.update(|on| *on = !*on)>
                    {other}
                </button>
            </p>
        </Show>
    }
}

impl Typing {
    fn input(self, text: String) {
        self.tty.draft.set(text);
        self.back.set(0);
        self.offered.set(None);
        if self.offers.with_untracked(|offers| !offers.is_empty()) {
            self.offer();
        }
    }

    fn set(self, text: String) {
        self.tty.draft.set(text.clone());
        if let Some(field) = self.field.get_untracked() {
            field.set_value(&text);
            let end = text.encode_utf16().count() as u32;
            let _ = field.set_selection_range(end, end);
        }
    }

    fn shut(self) {
        self.offers.set(Vec::new());
        self.offered.set(None);
    }

    fn key(self, ev: &ev::KeyboardEvent) {
        if self.search.with_untracked(Option::is_some) && self.search_key(ev) {
            return ev.prevent_default();
        }
        let open = self.offers.with_untracked(|offers| !offers.is_empty());
        let draft = self.tty.draft.get_untracked();
        let single = !draft.contains('\n');
        let handled = match (ev.key().as_str(), ev.ctrl_key()) {
            ("Enter", false) if !ev.shift_key() => {
                match self.offered.get_untracked().filter(|_| open) {
                    Some(at) => self.accept(at),
                    None => self.submit(),
                }
                true
            }
            ("Tab", false) if !ev.shift_key() && !draft.trim().is_empty() => self.tab(open),
            ("Escape", _) if open => {
                self.shut();
                true
            }
            ("ArrowDown", false) if open => self.walk(1),
            ("ArrowUp", false) if open => self.walk(-1),
            ("ArrowUp", false) if single => self.recall(1),
            ("ArrowDown", false) if single => self.recall(-1),
            ("l", true) => {
                self.tty.clear();
                true
            }
            ("c", true) => self.interrupt(),
            ("r", true) => {
                self.search.set(Some(String::new()));
                true
            }
            ("u", true) => {
                self.set(String::new());
                true
            }
            _ => false,
        };
        if handled {
            ev.prevent_default();
        }
    }

    fn submit(self) {
        let text = self.tty.draft.get_untracked();
        self.shut();
        self.back.set(0);
        self.set(String::new());
        self.tty.submit(self.session, self.terminals, &text);
    }

    /// Ctrl-C copies when something is selected, as everywhere.
    fn interrupt(self) -> bool {
        let selected = self.field.get_untracked().is_some_and(|field| {
            field.selection_start().ok().flatten() != field.selection_end().ok().flatten()
        });
        if selected {
            return false;
        }
        self.set(String::new());
        self.tty.interrupt(self.session);
        true
    }

    fn offer(self) {
        let rows = self.session.rows(Lane::A);
        let targets = targets(untrack(|| node_ids(rows)));
        let nodes: Vec<String> =
            untrack(|| rows.nodes.get().into_iter().map(|node| node.name().get()).collect());
        let draft = self.tty.draft.get_untracked();
        let offers = self.tty.history.with_untracked(|history| complete(&draft, &targets, &nodes, history));
        self.offers.set(offers);
    }

    /// Completes what is certain; offers a choice when it is not.
    fn tab(self, open: bool) -> bool {
        if open {
            return self.walk(1);
        }
        self.offer();
        match self.offers.with_untracked(Vec::len) {
            0 => {}
            1 => self.accept(0),
            _ => self.offered.set(Some(0)),
        }
        true
    }

    fn walk(self, by: isize) -> bool {
        let count = self.offers.with_untracked(Vec::len) as isize;
        let from = if by > 0 { -1 } else { count };
        let at = self.offered.get_untracked().map_or(from, |at| at as isize) + by;
        self.offered.set(usize::try_from(at.rem_euclid(count.max(1))).ok());
        true
    }

    fn accept(self, at: usize) {
        if let Some(offer) = self.offers.with_untracked(|offers| offers.get(at).cloned()) {
            self.set(format!("{} ", offer.line));
        }
        self.shut();
    }

    /// Goes back and forth in the history.
    fn recall(self, by: isize) -> bool {
        let count = self.tty.history.with_untracked(Vec::len);
        let back = self.back.get_untracked();
        let next = back.saturating_add_signed(by).min(count);
        if next == back {
            return true;
        }
        if back == 0 {
            self.kept.set(self.tty.draft.get_untracked());
        }
        self.back.set(next);
        let text = match next {
            0 => self.kept.get_untracked(),
            n => self.tty.history.with_untracked(|history| history[count - n].clone()),
        };
        self.set(text);
        true
    }

    /// A key while searching; whether it was the search's.
    fn search_key(self, ev: &ev::KeyboardEvent) -> bool {
        let mut words = self.search.get_untracked().unwrap_or_default();
        match ev.key().as_str() {
            "Escape" => {
                self.search.set(None);
                self.set(String::new());
                return true;
            }
            "Enter" => {
                self.search.set(None);
                self.submit();
                return true;
            }
            "r" if ev.ctrl_key() => {
                self.back.update(|back| *back += 1);
                self.find(&words);
                return true;
            }
            "Backspace" => {
                words.pop();
            }
            key if key.chars().count() == 1 && !ev.ctrl_key() && !ev.meta_key() => words.push_str(key),
            "Shift" | "Control" => return true,
            _ => {
                self.search.set(None);
                return false;
            }
        }
        self.back.set(0);
        self.find(&words);
        self.search.set(Some(words));
        true
    }

    fn find(self, words: &str) {
        let skip = self.back.get_untracked();
        let found = self.tty.history.with_untracked(|history| {
            history.iter().rev().filter(|line| line.contains(words)).nth(skip).cloned()
        });
        if let Some(line) = found {
            self.set(line);
        }
    }
}
