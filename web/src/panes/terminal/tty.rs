//! What a terminal holds: its lines, what it waits for, and what it will send next.

use std::collections::VecDeque;

use leptos::prelude::*;
use primacy_port::{Answer, Frame, Lane, Told, What};
use primacy_sim::console;

use super::local::{self, Local};
use crate::session::Session;

/// Terminals at most.
const MOST: usize = 6;
/// Lines that a screen keeps, and commands that a history does.
const KEPT: usize = 200;
/// Events that one question lets happen while a terminal sleeps.
const SLEEP_EVENTS: u32 = 100_000;

/// All terminals. They are made once and opened when wanted, so that the handles can be copied.
#[derive(Clone, Copy)]
pub(crate) struct Terminals {
    all: [Tty; MOST],
    open: RwSignal<Vec<u8>>,
    active: RwSignal<u8>,
    /// While time stands still, commands wait for it to pass instead of letting it pass.
    pub(super) queue: RwSignal<bool>,
}

/// One terminal.
#[derive(Clone, Copy)]
pub(crate) struct Tty {
    pub(super) number: u8,
    /// `configuration`, `primary`, `reader`, or a node's number.
    pub(super) target: RwSignal<String>,
    pub(super) lines: RwSignal<Vec<Line>>,
    pub(super) draft: RwSignal<String>,
    pub(super) history: RwSignal<Vec<String>>,
    pub(super) waits: RwSignal<Wait>,
    /// Inside MULTI, and the chosen database.
    transaction: RwSignal<bool>,
    database: RwSignal<u32>,
    queued: RwSignal<VecDeque<String>>,
    printed: RwSignal<u64>,
}

/// What a terminal waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Wait {
    #[default]
    Nothing,
    /// A reply to its newest command.
    Reply,
    /// A moment.
    Until(u64),
}

/// One entry of the screen.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) what: Print,
}

/// What an entry shows.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Print {
    Typed { prompt: String, text: String },
    Answer(Answer),
    Note { text: String, bad: bool },
}

impl Terminals {
    pub(crate) fn new() -> Self {
        Self {
            all: std::array::from_fn(|number| Tty::new(number as u8)),
            open: RwSignal::new(vec![0]),
            active: RwSignal::new(0),
            queue: RwSignal::new(false),
        }
    }

    /// The one that is shown.
    pub(super) fn active(self) -> Tty {
        self.all[usize::from(self.active.get()) % MOST]
    }

    /// Those with a tab.
    pub(super) fn open_ones(self) -> Vec<Tty> {
        self.open.get().into_iter().map(|n| self.all[usize::from(n) % MOST]).collect()
    }

    pub(super) fn show(self, tty: Tty) {
        self.active.set(tty.number);
    }

    /// Shows the terminal to this target, a new one if there is none.
    pub(crate) fn open(self, target: &str) {
        let open = self.open.get_untracked();
        let there = open.iter().find(|n| self.all[usize::from(**n)].target.get_untracked() == target);
        let number = there.copied().unwrap_or_else(|| {
            let free = (0..MOST as u8).find(|n| !open.contains(n));
            let number = free.unwrap_or_else(|| self.active.get_untracked());
            if free.is_some() {
                self.open.update(|open| open.push(number));
                self.all[usize::from(number)].clear();
            }
            self.all[usize::from(number)].target.set(target.to_owned());
            number
        });
        self.active.set(number);
    }

    pub(super) fn close(self, session: Session, tty: Tty) {
        session.ask(Lane::A, What::Hangup { terminal: tty.number });
        tty.forget();
        self.open.update(|open| open.retain(|n| *n != tty.number));
        if self.active.get_untracked() == tty.number {
            self.active.set(self.open.with_untracked(|open| open.last().copied().unwrap_or(0)));
        }
    }

    /// Another run: no connection has survived.
    pub(super) fn restart(self) {
        for tty in self.all {
            tty.clear();
            tty.forget();
        }
    }

    /// Takes what a frame brings.
    pub(crate) fn take(self, session: Session, frame: &Frame) {
        for answer in &frame.answers {
            if let Some(tty) = self.all.get(usize::from(answer.terminal)) {
                tty.take(session, self, answer.clone());
            }
        }
        for tty in self.all {
            if let Wait::Until(end) = tty.waits.get_untracked()
                && frame.view.now_ns >= end
            {
                tty.waits.set(Wait::Nothing);
                tty.pump(session, self);
            }
        }
    }
}

impl Tty {
    fn new(number: u8) -> Self {
        Self {
            number,
            target: RwSignal::new("configuration".into()),
            lines: RwSignal::new(Vec::new()),
            draft: RwSignal::new(String::new()),
            history: RwSignal::new(Vec::new()),
            waits: RwSignal::new(Wait::Nothing),
            transaction: RwSignal::new(false),
            database: RwSignal::new(0),
            queued: RwSignal::new(VecDeque::new()),
            printed: RwSignal::new(0),
        }
    }

    /// Sends what was typed, line by line, each when the one before it is answered.
    pub(super) fn submit(self, session: Session, terminals: Terminals, text: &str) {
        self.queued.update(|queued| queued.extend(commands(text)));
        self.pump(session, terminals);
    }

    /// Ctrl-C: ends what it waits for, and the connection with it.
    pub(super) fn interrupt(self, session: Session) {
        if self.waits.get_untracked() == Wait::Reply {
            session.ask(Lane::A, What::Hangup { terminal: self.number });
            self.note("^C, the connection is closed", false);
        }
        self.forget();
    }

    /// Ctrl-L.
    pub(super) fn clear(self) {
        self.lines.set(Vec::new());
    }

    /// What stands before the cursor, without the role.
    pub(super) fn address(self) -> String {
        let database = match self.database.get() {
            0 => String::new(),
            n => format!("[{n}]"),
        };
        format!("{}:6379{database}{}", self.target.get(), if self.transaction.get() { "(TX)" } else { "" })
    }

    fn forget(self) {
        self.waits.set(Wait::Nothing);
        self.queued.set(VecDeque::new());
        self.transaction.set(false);
        self.database.set(0);
    }

    fn print(self, what: Print) {
        let number = self.printed.get_untracked() + 1;
        self.printed.set(number);
        self.lines.update(|lines| {
            lines.push(Line { number, what });
            let surplus = lines.len().saturating_sub(KEPT);
            lines.drain(..surplus);
        });
    }

    fn note(self, text: &str, bad: bool) {
        self.print(Print::Note { text: text.to_owned(), bad });
    }

    /// Sends the next line, if nothing is awaited.
    fn pump(self, session: Session, terminals: Terminals) {
        while self.waits.get_untracked() == Wait::Nothing {
            let Some(line) = self.queued.try_update(VecDeque::pop_front).flatten() else { return };
            self.print(Print::Typed { prompt: untrack(|| self.address()), text: line.clone() });
            self.history.update(|history| {
                history.retain(|known| *known != line);
                history.push(line.clone());
                let surplus = history.len().saturating_sub(KEPT);
                history.drain(..surplus);
            });
            match local::read(&line) {
                Some(command) => self.run_here(session, terminals, command),
                None => self.send(session, terminals, line),
            }
        }
    }

    fn run_here(self, session: Session, terminals: Terminals, command: Local) {
        match command {
            Local::Help => self.note(local::HELP, false),
            Local::Clear => self.clear(),
            Local::Wrong(why) => self.note(&why, true),
            Local::Act(text) => {
                self.note("An action on the group, as from Ctrl-K.", false);
                session.act(text);
            }
            Local::Connect(target) if !exists(session, &target) => {
                self.note(&format!("There is no {target} here."), true);
            }
            Local::Connect(target) => {
                session.ask(Lane::A, What::Hangup { terminal: self.number });
                self.transaction.set(false);
                self.database.set(0);
                self.target.set(target);
            }
            Local::Sleep(ns) => {
                let end = session.now_ns().saturating_add(ns);
                self.waits.set(Wait::Until(end));
                if !session.playing.get_untracked() && !terminals.queue.get_untracked() {
                    self.sleep(session, end);
                }
            }
        }
    }

    fn sleep(self, session: Session, until_ns: u64) {
        session.ask_then(Lane::A, What::Run { until_ns, events: SLEEP_EVENTS }, move |session, told| {
            let going = matches!(told, Told::Frame(frame) if frame.view.now_ns < until_ns);
            if going && self.waits.try_get_untracked() == Some(Wait::Until(until_ns)) {
                self.sleep(session, until_ns);
            } else {
                session.settle();
            }
        });
    }

    fn send(self, session: Session, terminals: Terminals, line: String) {
        self.waits.set(Wait::Reply);
        let run = !session.playing.get_untracked() && !terminals.queue.get_untracked();
        let target = self.target.get_untracked();
        let ask = What::Type { terminal: self.number, target, line, run };
        session.ask_then(Lane::A, ask, move |session, told| {
            if let Told::Refused(why) = told {
                self.note(&why, true);
                self.waits.set(Wait::Nothing);
                self.pump(session, terminals);
            } else if run && self.waits.try_get_untracked() == Some(Wait::Reply) {
                self.note("No reply within 20 s of the run's time. Ctrl-C hangs up.", true);
            }
            session.settle();
        });
    }

    fn take(self, session: Session, terminals: Terminals, answer: Answer) {
        let word = answer.line.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        match word.as_str() {
            "multi" if !answer.failed => self.transaction.set(true),
            "exec" | "discard" => self.transaction.set(false),
            "select" if !answer.failed => {
                let database = answer.line.split_whitespace().nth(1).and_then(|n| n.parse().ok());
                self.database.set(database.unwrap_or(0));
            }
            _ => {}
        }
        self.print(Print::Answer(answer));
        if self.waits.get_untracked() == Wait::Reply {
            self.waits.set(Wait::Nothing);
        }
        self.pump(session, terminals);
    }
}

/// A node's number may be that of nobody; names are always there.
fn exists(session: Session, target: &str) -> bool {
    let nodes = session.rows(Lane::A).nodes.get_untracked();
    target.parse::<u16>().ok().is_none_or(|id| nodes.iter().any(|node| node.id().get_untracked() == id))
}

/// A command a line; one that does not end goes on in the next line.
fn commands(text: &str) -> Vec<String> {
    let (mut all, mut open) = (Vec::new(), String::new());
    for line in text.lines() {
        if !open.is_empty() {
            open.push('\n');
        }
        open.push_str(line.trim());
        if console::is_whole(&open) {
            all.push(std::mem::take(&mut open));
        }
    }
    all.push(open);
    all.retain(|command| !command.trim().is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn what_is_pasted_runs_line_by_line_and_continued_lines_stay_together() {
        assert_eq!(commands("SET a 1\n\n  GET a\n"), ["SET a 1", "GET a"]);
        assert_eq!(commands("aws elasticache \\\n describe-events"), ["aws elasticache \\\ndescribe-events"]);
        assert_eq!(commands("SET a \"x"), ["SET a \"x"]);
    }
}
