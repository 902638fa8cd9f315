//! What is left when an engine dies: the last frame, and enough to begin again.

use leptos::prelude::*;
use primacy_port::{Opening, What};

use super::Session;
use super::start::connect;
use crate::trail::Entry;

/// Links that repeat the run: as it is after the newest action, and as it was before.
#[derive(Default)]
pub(super) struct Recovery {
    now: String,
    before: String,
    /// The action that was asked for last, and whether an engine has survived it.
    act: String,
    pending: bool,
}

impl Recovery {
    fn link(&self) -> &str {
        if self.pending || self.before.is_empty() { &self.now } else { &self.before }
    }
}

impl Session {
    pub(super) fn remember_act(&self, text: &str) {
        self.back.update_value(|b| {
            text.clone_into(&mut b.recovery.act);
            b.recovery.pending = true;
        });
        self.ask_text(What::Link, |session, link| {
            session.back.update_value(|b| {
                b.recovery.pending = false;
                if let Ok(link) = link {
                    b.recovery.before = std::mem::replace(&mut b.recovery.now, link);
                }
            });
        });
    }

    pub(super) fn take_death(&self, words: String) {
        self.died.set(Some(words));
        self.busy.set(0);
        self.back.update_value(|b| {
            b.port = None;
            b.awaited.clear();
        });
        self.rewind_clockwork();
    }

    /// The newest link of this run; empty before there is one.
    pub(crate) fn newest_link(&self) -> String {
        self.back.try_with_value(|b| b.recovery.now.clone()).unwrap_or_default()
    }

    /// What a person can paste into an issue.
    pub(crate) fn crash_report(&self) -> String {
        let words = self.died.get_untracked().unwrap_or_default();
        let (version, now_ns) = (env!("CARGO_PKG_VERSION"), self.now_ns());
        let (link, act) = self.back.with_value(|b| (b.recovery.now.clone(), b.recovery.act.clone()));
        format!("Primacy {version}, at {now_ns} ns, after \"{act}\"\n{words}\n#{link}\n")
    }

    /// Starts another engine and repeats the run without its newest action.
    pub(crate) fn rewind_one(&self) {
        let link = self.back.with_value(|b| b.recovery.link().to_owned());
        let at_ns = self.now_ns();
        self.died.set(None);
        connect(*self);
        let opening = if link.is_empty() { Opening::Preset("first".into()) } else { Opening::Link(link) };
        self.open_at(Entry::Here, opening, move |session| session.seek(at_ns));
    }
}
