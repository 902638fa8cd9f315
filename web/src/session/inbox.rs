//! What is answered.

use std::sync::Arc;

use leptos::prelude::*;
use primacy_port::{Frame, History, Lane, Tell, Told};

use super::clockwork::Due;
use super::{Session, place};
use crate::port::Said;
use crate::project;

/// Terminal answers that are kept.
const KEPT: usize = 400;

impl Session {
    /// Takes what the port said.
    pub(super) fn hear(&self, said: Said) {
        // The page may be gone: a test's always is, some time.
        if self.playing.try_get_untracked().is_none() {
            return;
        }
        match said {
            Said::Told(tell) => self.take(tell),
            Said::Line(line) => self.line.set(line),
            Said::Notice(words) => self.notice(false, words),
            Said::Died(words) => self.take_death(words),
        }
    }

    fn take(&self, Tell { number, lane, told }: Tell) {
        match &told {
            Told::Ready(caps) => self.caps.set(caps.clone()),
            Told::Frame(frame) if self.hold_back(lane, frame) => {}
            Told::Frame(frame) => self.take_frame(lane, Arc::clone(frame)),
            Told::History(history) => self.take_history(lane, history),
            Told::Series(series) => self.series[place(lane)].set(Arc::new(series.clone())),
            Told::Lesson(progress) => self.lesson.set(Some(progress.clone())),
            Told::Closed => self.twin.set(false),
            Told::Why(_) | Told::Text(_) | Told::Refused(_) => {}
        }
        let then = self.back.try_update_value(|b| b.awaited.remove(&number)).flatten();
        if let Some(then) = then {
            then(*self, told);
        }
    }

    pub(super) fn take_frame(&self, lane: Lane, frame: Arc<Frame>) {
        for notice in &frame.notices {
            self.notice(false, notice.clone());
        }
        if !frame.answers.is_empty() {
            self.answers.update(|kept| {
                kept.extend(frame.answers.iter().map(|answer| (lane, answer.clone())));
                let surplus = kept.len().saturating_sub(KEPT);
                kept.drain(..surplus);
            });
        }
        if lane == Lane::B && !self.twin.get_untracked() {
            self.twin.set(true);
        }
        if frame.view.violation.is_some() {
            self.playing.set(false);
        }
        self.back.update_value(|b| b.latest[place(lane)] = Some(Arc::clone(&frame)));
        let hooks: Vec<_> = self.back.with_value(|b| b.hooks.values().cloned().collect());
        hooks.iter().for_each(|hook| hook(lane, &frame));
        let due = match self.playing.get_untracked() {
            false => Due { facts: true, rows: true },
            true => self.due(lane),
        };
        if due.facts {
            self.patch_facts(lane, &frame);
        }
        if due.rows {
            self.patch_rows(lane, &frame);
        }
    }

    /// Puts the newest frame into the rows.
    pub(super) fn patch(&self, lane: Lane) {
        if let Some(frame) = self.latest(lane) {
            self.patch_facts(lane, &frame);
            self.patch_rows(lane, &frame);
        }
    }

    fn patch_facts(&self, lane: Lane, frame: &Frame) {
        self.rows(lane).facts.put(project::facts(frame));
    }

    fn patch_rows(&self, lane: Lane, frame: &Frame) {
        self.rows(lane).put(project::rows(&frame.view));
    }

    fn take_history(&self, lane: Lane, history: &History) {
        if lane == Lane::A {
            self.announce(history);
        }
        self.history[place(lane)].set(Arc::new(history.clone()));
    }
}
