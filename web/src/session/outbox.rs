//! What is asked.

use leptos::prelude::*;
use primacy_port::{Ask, Lane, Opening, Subject, Told, What};

use super::{Session, Why};
use crate::trail::{self, Entry};

impl Session {
    /// Asks, and does something with the first answer; frames, histories and lines find their way without it.
    pub(crate) fn ask_then(&self, lane: Lane, what: What, then: impl FnOnce(Self, Told) + 'static) {
        let number = self.back.try_update_value(|b| {
            b.asked += 1;
            b.awaited.insert(b.asked, Box::new(then));
            b.asked
        });
        if let Some(number) = number {
            self.send(Ask { number, lane, what });
        }
    }

    /// Asks; a refusal becomes a notice.
    pub(crate) fn ask(&self, lane: Lane, what: What) {
        self.ask_then(lane, what, |session, told| {
            if let Told::Refused(why) = told {
                session.notice(true, why);
            }
        });
    }

    fn send(&self, ask: Ask) {
        self.back.try_with_value(|b| {
            if let Some(port) = &b.port {
                port.ask(ask);
            }
        });
    }

    /// Carries a command out, in both lanes if there are two.
    pub(crate) fn act(&self, text: impl Into<String>) {
        let text = text.into();
        self.change(What::Do(text.clone()));
        self.remember_act(&text);
        if self.verbose.get_untracked() {
            self.news.set(text);
        }
    }

    /// Goes to a moment.
    pub(crate) fn seek(&self, at_ns: u64) {
        self.change(What::Seek { at_ns });
    }

    /// Goes to a moment, and then on with something else.
    pub(crate) fn seek_then(&self, at_ns: u64, then: impl FnOnce(Self) + 'static) {
        self.change_then(What::Seek { at_ns }, then);
    }

    /// One event of the simulation, forth or back; time stands still after it.
    pub(crate) fn step(&self, back: bool) {
        self.pause();
        self.change(What::Step { back });
    }

    /// To the next milestone, or to the one before; time stands still there.
    pub(crate) fn milestone(&self, back: bool) {
        self.pause();
        self.change(What::Milestone { back });
    }

    /// Takes the newest action back.
    pub(crate) fn undo(&self) {
        self.change(What::Undo);
    }

    /// Does it again.
    pub(crate) fn redo(&self) {
        self.change(What::Redo);
    }

    /// Swaps the future with that of a branch.
    pub(crate) fn restore(&self, branch: u32) {
        self.change(What::Restore(branch));
    }

    /// Begins another run.
    pub(crate) fn open(&self, opening: Opening) {
        self.open_then(opening, |_| {});
    }

    /// Begins another run and goes on when its first frame is there.
    pub(crate) fn open_then(&self, opening: Opening, then: impl FnOnce(Self) + 'static) {
        self.open_at(Entry::Next, opening, then);
    }

    /// The same, and says what becomes of the page's address.
    pub(crate) fn open_at(&self, entry: Entry, opening: Opening, then: impl FnOnce(Self) + 'static) {
        let place = trail::place(*self);
        // A link that cannot be followed must not leave a page behind on which nothing happens.
        let must_open = place.is_none() && matches!(opening, Opening::Link(_) | Opening::Course { .. });
        self.leave_real_group();
        self.busy.update(|busy| *busy += 1);
        self.ask_then(Lane::A, What::Open(opening), move |session, told| {
            session.busy.update(|busy| *busy = busy.saturating_sub(1));
            match told {
                Told::Refused(why) if must_open => {
                    let why = format!("This link cannot be opened: {why}. Here is the usual group instead.");
                    trail::usual(session, entry, Some(why));
                }
                Told::Refused(why) => session.notice(true, why),
                _ => {
                    trail::step(session, place, &session.newest_link(), entry, &trail::bare());
                    session.begin_run();
                    then(session);
                }
            }
        });
    }

    /// Begins the twin with one difference in the words of `act`, or ends it when they are empty.
    pub(crate) fn set_twin(&self, difference: impl Into<String>) {
        self.change(What::Twin(difference.into()));
    }

    /// A line for a terminal; when time stands still it runs until the reply is there.
    pub(crate) fn type_line(&self, terminal: u8, target: &str, line: &str) {
        let (target, line) = (target.to_owned(), line.to_owned());
        let run = !self.playing.get_untracked();
        self.change(What::Type { terminal, target, line, run });
    }

    /// Asks why; the answer is in `why`.
    pub(crate) fn ask_why(&self, lane: Lane, subject: Subject) {
        let of = subject.clone();
        self.ask_then(lane, What::Why(subject), move |session, told| match told {
            Told::Why(chain) => session.why.set(Some(Why { lane, subject: of, chain })),
            Told::Refused(why) => session.notice(true, why),
            _ => {}
        });
    }

    /// Asks for a text: a link, a template, a trace hash.
    pub(crate) fn ask_text(&self, what: What, then: impl FnOnce(Self, Result<String, String>) + 'static) {
        self.ask_then(Lane::A, what, |session, told| match told {
            Told::Text(text) => then(session, Ok(text)),
            Told::Refused(why) => then(session, Err(why)),
            _ => {}
        });
    }

    /// Asks for something that changes the run, and shows at once what comes of it.
    fn change(&self, what: What) {
        self.change_then(what, |_| {});
    }

    fn change_then(&self, what: What, then: impl FnOnce(Self) + 'static) {
        self.busy.update(|busy| *busy += 1);
        self.ask_then(Lane::A, what, |session, told| {
            session.busy.update(|busy| *busy = busy.saturating_sub(1));
            if let Told::Refused(why) = told {
                session.notice(true, why);
            }
            session.after_change();
            then(session);
        });
    }
}
