//! What is answered.

use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;
use primacy_port::{Frame, History, Lane, Tell, Told};
use reactive_stores::Patch;

use super::{Session, place};
use crate::model::FrameRowsStoreFields;
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
            Told::Frame(frame) => self.take_frame(lane, frame),
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

    pub(super) fn take_frame(&self, lane: Lane, frame: &Frame) {
        let frame = Rc::new(frame.clone());
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
        self.back.update_value(|b| b.latest[place(lane)] = Some(Rc::clone(&frame)));
        let hooks: Vec<_> = self.back.with_value(|b| b.hooks.values().cloned().collect());
        hooks.iter().for_each(|hook| hook(lane, &frame));
        if !self.playing.get_untracked() || self.may_patch(lane) {
            self.patch(lane);
        }
    }

    /// Puts the newest frame into the store.
    pub(super) fn patch(&self, lane: Lane) {
        let Some(frame) = self.latest(lane) else { return };
        let rows = project::rows(&frame);
        let store = self.rows(lane);
        store.facts().patch(rows.facts);
        store.zones().patch(rows.zones);
        store.nodes().patch(rows.nodes);
        store.names().patch(rows.names);
        store.clients().patch(rows.clients);
    }

    fn take_history(&self, lane: Lane, history: &History) {
        if lane == Lane::A {
            self.announce(history);
        }
        self.history[place(lane)].set(Arc::new(history.clone()));
    }
}
