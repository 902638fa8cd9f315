//! Drives the simulated world and hands what it shows to the store, once a frame.

use std::collections::VecDeque;

use leptos::prelude::*;
use primacy_core::group::event::Event;
use primacy_core::id::NodeId;
use primacy_sim::command::Command;
use primacy_sim::link;
use primacy_sim::reply::Reply;
use primacy_sim::scenario::{Scenario, Via};
use primacy_sim::world::{Answer, World};
use reactive_stores::{Patch, Store};

use crate::action::Action;
use crate::failover::Failover;
use crate::model::{EventRow, Frame};
use crate::{project, terminal};

/// Slowest and fastest speed, as powers of ten of real time.
pub(crate) const SLOWEST: i32 = -4;
pub(crate) const FASTEST: i32 = 2;
/// At most this much real time is made up for in one frame, so that a slow frame does not snowball.
const LONGEST_FRAME_MS: f64 = 50.0;
/// The world may take this much of a frame; what is left over is dropped and the run is merely slower.
const FRAME_BUDGET_MS: f64 = 9.0;
/// Real time between two updates of the panes while the world plays: nobody reads numbers faster.
const SHOW_EVERY_MS: f64 = 80.0;
/// Real time between two announcements to a screen reader.
const NEWS_EVERY_MS: f64 = 2_000.0;
/// Simulated time that the world runs between two looks at the clock.
const SLICE_NS: u64 = 2_000_000;
const MS_NS: u64 = 1_000_000;
/// How long a paused world runs at the most for a reply or a milestone.
const SEARCH_NS: u64 = 60_000_000_000;
const REPLY_NS: u64 = 20_000_000_000;
/// Lines that the terminal and the event list keep.
const KEPT: usize = 200;
const TERMINAL: u8 = 0;

/// One line of the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) number: u64,
    pub(crate) class: &'static str,
    pub(crate) text: String,
    /// Who answered, and how fast; empty for other lines.
    pub(crate) note: String,
}

/// Handle of the engine; copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Engine {
    world: StoredValue<World, LocalStorage>,
    pub(crate) frame: Store<Frame>,
    pub(crate) events: RwSignal<Vec<EventRow>>,
    pub(crate) lines: RwSignal<Vec<Line>>,
    pub(crate) history: RwSignal<Vec<String>>,
    pub(crate) playing: RwSignal<bool>,
    pub(crate) speed: RwSignal<i32>,
    /// Single keys do something.
    pub(crate) keys: RwSignal<bool>,
    /// The newest failover, as far as it has come.
    pub(crate) failover: RwSignal<Failover>,
    /// The last milestone in words, for the live region.
    pub(crate) news: RwSignal<String>,
    backstage: StoredValue<Backstage>,
}

/// What no pane shows.
#[derive(Default)]
struct Backstage {
    /// What "start over" starts, but for the seed.
    scenario: Scenario,
    looping: bool,
    /// Real time of the last frame, of the last update of the panes and of the last announcement.
    last: Option<f64>,
    shown: f64,
    announced: f64,
    news: Option<String>,
    /// Fraction of a nanosecond that a slow speed has not yet used.
    debt: f64,
    /// Events of the group so far, for their causes; the newest are kept.
    chronicle: Vec<(u64, Event)>,
    /// Where the terminal is connected, and when the commands without an answer were sent.
    via: Option<Via>,
    asked: VecDeque<u64>,
    /// The coordinator's answer to the newest request was told.
    answered: bool,
}

impl Engine {
    /// Builds the world and lets it run.
    pub(crate) fn start(scenario: Scenario) -> Self {
        let backstage = Backstage {
            scenario: scenario.clone(),
            shown: f64::MIN,
            announced: f64::MIN,
            ..Backstage::default()
        };
        let engine = Self {
            world: StoredValue::new_local(warm(scenario)),
            frame: Store::new(Frame::default()),
            events: RwSignal::new(Vec::new()),
            lines: RwSignal::new(Vec::new()),
            history: RwSignal::new(Vec::new()),
            playing: RwSignal::new(true),
            speed: RwSignal::new(0),
            keys: RwSignal::new(true),
            failover: RwSignal::new(Failover::default()),
            news: RwSignal::new(String::new()),
            backstage: StoredValue::new(backstage),
        };
        engine.show();
        engine.keep_going();
        engine.pause_while_hidden();
        engine
    }

    /// The seed of the run.
    pub(crate) fn seed(&self) -> u64 {
        self.world.with_value(|w| w.scenario().seed)
    }

    /// The part of a link after `#` that repeats this run with all that was done to it.
    pub(crate) fn link(&self) -> String {
        self.world.with_value(|w| link::fragment(w.scenario()))
    }

    /// Begins the run again from its start, with another seed.
    pub(crate) fn restart(&self, seed: u64) {
        let scenario = self.backstage.with_value(|b| b.scenario.clone());
        self.world.set_value(warm(Scenario { seed, ..scenario }));
        self.backstage.update_value(|b| {
            b.chronicle.clear();
            b.asked.clear();
            b.via = None;
            b.debt = 0.0;
        });
        self.events.set(Vec::new());
        self.lines.set(Vec::new());
        self.failover.set(Failover::default());
        self.news.set(String::new());
        self.show();
    }

    /// Applies a click.
    pub(crate) fn act(&self, action: Action) {
        self.world.update_value(to_next_millisecond);
        self.show();
        self.note_event(&action.words());
        let asks = matches!(action, Action::TestFailover | Action::PlannedFailover);
        self.world.update_value(|w| w.apply(action.command()));
        self.backstage.update_value(|b| b.answered = !asks);
        self.show();
    }

    /// Sends a terminal line; a paused world runs until the reply is there.
    pub(crate) fn type_line(&self, target: &str, line: &str) {
        self.history.update(|h| h.push(line.to_owned()));
        self.print("typed", format!("{target}> {line}"), String::new());
        let words = match terminal::words(line) {
            Ok(words) => words,
            Err(message) => return self.print("error", message.to_owned(), String::new()),
        };
        let via = match target {
            "configuration" => Via::Configuration,
            "reader" => Via::Reader,
            node => Via::Node(NodeId(node.parse().unwrap_or(1))),
        };
        self.world.update_value(to_next_millisecond);
        let now = self.world.with_value(World::now_ns);
        self.backstage.update_value(|b| {
            if b.via.replace(via) != Some(via) {
                // Another target hangs up, and what was not answered will not be.
                b.asked.clear();
            }
            b.asked.push_back(now);
        });
        self.world.update_value(|w| w.apply(Command::Type { terminal: TERMINAL, via, words }));
        if !self.playing.get_untracked() {
            self.run_while(REPLY_NS, |w| w.terminal_waits(TERMINAL) > 0);
            if self.world.with_value(|w| w.terminal_waits(TERMINAL)) > 0 {
                let silence = "No reply in 20 s of simulated time. Choose another target to hang up.";
                self.print("note", silence.to_owned(), String::new());
            }
        }
        self.show();
    }

    /// Plays or pauses.
    pub(crate) fn toggle(&self) {
        self.playing.update(|p| *p = !*p);
        self.keep_going();
    }

    /// Sets the speed as a power of ten of real time.
    pub(crate) fn set_speed(&self, power: i32) {
        self.speed.set(power.clamp(SLOWEST, FASTEST));
    }

    /// Exactly one event of the simulation.
    pub(crate) fn step(&self) {
        self.playing.set(false);
        self.world.update_value(|w| {
            w.step(w.now_ns() + SEARCH_NS);
        });
        self.show();
    }

    /// Runs up to the next milestone of the group.
    pub(crate) fn next_milestone(&self) {
        self.playing.set(false);
        self.world.update_value(|w| {
            let end = w.now_ns() + SEARCH_NS;
            let mut seen = w.newest_event();
            while w.step(end) {
                let new = project::new_events(w, seen);
                if new.iter().any(|(_, event)| project::is_milestone(&event.kind)) {
                    break;
                }
                seen = w.newest_event();
            }
        });
        self.show();
    }

    fn run_while(&self, at_most_ns: u64, go_on: impl Fn(&World) -> bool) {
        self.world.update_value(|w| {
            let end = w.now_ns() + at_most_ns;
            while go_on(w) && w.step(end) {}
        });
    }

    fn pause_while_hidden(&self) {
        let engine = *self;
        let handle = window_event_listener_untyped("visibilitychange", move |_| {
            engine.backstage.update_value(|b| b.last = None);
            if !document().hidden() {
                engine.keep_going();
            }
        });
        on_cleanup(move || handle.remove());
    }

    /// Asks for frames as long as the world plays and somebody looks.
    fn keep_going(&self) {
        if !self.playing.get_untracked() || self.backstage.with_value(|b| b.looping) {
            return;
        }
        self.backstage.update_value(|b| {
            b.looping = true;
            b.last = None;
        });
        next_frame(*self);
    }

    fn on_frame(&self) {
        // The page may be gone: a test's always is, some time.
        let Some(playing) = self.playing.try_get_untracked() else { return };
        if !playing || document().hidden() {
            self.backstage.update_value(|b| b.looping = false);
            return;
        }
        let now = millis();
        let last = self.backstage.try_update_value(|b| b.last.replace(now)).flatten();
        let passed = last.map_or(0.0, |last| (now - last).min(LONGEST_FRAME_MS));
        self.advance(passed * 1_000_000.0 * 10_f64.powi(self.speed.get_untracked()), now);
        if now - self.backstage.with_value(|b| b.shown) >= SHOW_EVERY_MS {
            self.show();
        }
        next_frame(*self);
    }

    fn advance(&self, ns: f64, began_ms: f64) {
        let due = ns + self.backstage.with_value(|b| b.debt);
        let whole = due.floor().max(0.0);
        self.backstage.update_value(|b| b.debt = due - whole);
        self.world.update_value(|w| {
            let end = w.now_ns() + whole as u64;
            while w.now_ns() < end && millis() - began_ms < FRAME_BUDGET_MS {
                let slice = (w.now_ns() + SLICE_NS).min(end);
                while w.step(slice) {}
            }
        });
    }

    /// Puts the world's state into the store.
    fn show(&self) {
        let since = self.backstage.with_value(|b| b.chronicle.last().map_or(0, |(_, e)| e.id.0));
        let mut answers = Vec::new();
        self.world.update_value(|w| answers.extend(std::iter::from_fn(|| w.poll_terminal(TERMINAL))));
        let (frame, events) = self.world.with_value(|w| (project::frame(w), project::new_events(w, since)));
        self.backstage.update_value(|b| b.shown = millis());
        self.frame.patch(frame);
        if !events.is_empty() {
            self.take_events(events);
        }
        self.tell_refusal();
        self.announce();
        for answer in answers {
            self.print_answer(answer);
        }
    }

    fn take_events(&self, events: Vec<(u64, Event)>) {
        self.failover.update(|f| events.iter().for_each(|(at, event)| f.take(at / 1000, event)));
        let mut rows = Vec::new();
        self.backstage.update_value(|b| {
            b.chronicle.extend(events.iter().cloned());
            rows.extend(events.iter().map(|(at, event)| project::event_row(*at, event, &b.chronicle)));
            let surplus = b.chronicle.len().saturating_sub(2 * KEPT);
            b.chronicle.drain(..surplus);
            if let Some(loud) = rows.iter().rev().find(|row| row.loud) {
                b.news = Some(loud.text.clone());
            }
        });
        rows.into_iter().for_each(|row| self.add_row(row));
    }

    /// Tells a screen reader the newest milestone, but does not talk without a break.
    fn announce(&self) {
        let now = millis();
        let mut news = None;
        self.backstage.update_value(|b| {
            if now - b.announced >= NEWS_EVERY_MS && b.news.is_some() {
                b.announced = now;
                news = b.news.take();
            }
        });
        if let Some(news) = news {
            self.news.set(news);
        }
    }

    /// A request that the coordinator refuses makes no event of the group, and the visitor must know.
    fn tell_refusal(&self) {
        if self.backstage.with_value(|b| b.answered) {
            return;
        }
        if let Some(words) = self.world.with_value(project::refusal) {
            self.note_event(&words);
        }
        self.backstage.update_value(|b| b.answered = true);
    }

    fn note_event(&self, words: &str) {
        let t_us = self.world.with_value(World::now_ns) / 1000;
        self.add_row(EventRow { id: 0, t_us, text: words.to_owned(), why: String::new(), loud: true });
    }

    fn add_row(&self, row: EventRow) {
        self.events.update(|kept| {
            let id = kept.last().map_or(0, |e| e.id) + 1;
            kept.push(EventRow { id, ..row });
            let surplus = kept.len().saturating_sub(KEPT);
            kept.drain(..surplus);
        });
    }

    fn print_answer(&self, answer: Answer) {
        let asked = self.backstage.try_update_value(|b| b.asked.pop_front()).flatten();
        let took = asked.map_or(0, |asked| answer.at_ns.saturating_sub(asked) / 10_000);
        let from = answer.node.map_or_else(String::new, |node| format!("node {node}, "));
        let note = format!("{from}{}.{:02} ms", took / 100, took % 100);
        match answer.reply {
            Ok(reply @ Reply::Error(_)) => self.print("error", terminal::show(&reply), note),
            Ok(reply) => self.print("reply", terminal::show(&reply), note),
            Err(why) => self.print("error", why, note),
        }
    }

    fn print(&self, class: &'static str, text: String, note: String) {
        self.lines.update(|lines| {
            let number = lines.last().map_or(0, |l| l.number) + 1;
            lines.push(Line { number, class, text, note });
            let surplus = lines.len().saturating_sub(KEPT);
            lines.drain(..surplus);
        });
    }
}

fn next_frame(engine: Engine) {
    request_animation_frame(move || engine.on_frame());
}

fn millis() -> f64 {
    window().performance().map_or(0.0, |p| p.now())
}

/// A visitor finds the group in service, not being born.
fn warm(scenario: Scenario) -> World {
    let limit = project::warm_up_ns(&scenario);
    let mut world = World::new(scenario);
    while world.step(limit) {}
    world
}

/// Runs up to a whole millisecond at which nothing else happens: a link keeps the times of actions in milliseconds,
/// and the run that it repeats has to find the world as it was.
fn to_next_millisecond(world: &mut World) {
    loop {
        let end = (world.now_ns() / MS_NS + 1) * MS_NS;
        let mut busy = false;
        while world.step(end) {
            busy = world.now_ns() == end;
        }
        if !busy {
            return;
        }
    }
}
