//! What is answered.

use std::sync::Arc;

use leptos::prelude::*;
use primacy_port::{Frame, History, Lane, Tell, Told};
use reactive_stores::{AtKeyed, KeyedSubfield, Patch, Store};

use super::clockwork::Due;
use super::{Session, place};
use crate::model::{FrameRows, FrameRowsStoreFields, Row};
use crate::port::Said;
use crate::project;

/// Terminal answers that are kept.
const KEPT: usize = 400;

type Rows<T> = KeyedSubfield<Store<FrameRows>, FrameRows, u16, Vec<T>>;

/// Puts new rows into the store. Those who are there hardly ever change, so there is no finding out who has moved: either the
/// same stand there as before, and the rows that are others are patched, or all are told of all.
fn renew<T: Row>(rows: Rows<T>, new: Vec<T>) {
    let same = |old: &Vec<T>| old.len() == new.len() && old.iter().zip(&new).all(|(a, b)| a.key() == b.key());
    if !rows.with_untracked(same) {
        return rows.set(new);
    }
    let changed = |old: &Vec<T>| -> Vec<T> {
        new.into_iter().zip(old).filter(|(new, old)| new != *old).map(|(new, _)| new).collect()
    };
    for row in rows.with_untracked(changed) {
        AtKeyed::new(rows, row.key()).patch(row);
    }
}

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
        match self.playing.get_untracked() {
            false => self.patch(lane),
            true => match self.due(lane) {
                Some(Due::Facts) => self.patch_facts(lane, &frame),
                Some(Due::Rows) => self.patch_rows(lane, &frame),
                None => {}
            },
        }
    }

    /// Puts the newest frame into the store.
    pub(super) fn patch(&self, lane: Lane) {
        if let Some(frame) = self.latest(lane) {
            self.patch_facts(lane, &frame);
            self.patch_rows(lane, &frame);
        }
    }

    fn patch_facts(&self, lane: Lane, frame: &Frame) {
        self.rows(lane).facts().patch(project::facts(frame));
    }

    fn patch_rows(&self, lane: Lane, frame: &Frame) {
        let rows = project::rows(&frame.view);
        let store = self.rows(lane);
        renew(store.zones(), rows.zones);
        renew(store.nodes(), rows.nodes);
        renew(store.names(), rows.names);
        renew(store.clients(), rows.clients);
    }

    fn take_history(&self, lane: Lane, history: &History) {
        if lane == Lane::A {
            self.announce(history);
        }
        self.history[place(lane)].set(Arc::new(history.clone()));
    }
}
