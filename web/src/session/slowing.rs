//! Slowing down by itself: near a milestone time passes so slowly that one can watch, and before it and after it as fast as
//! was chosen.
//!
//! What comes next nobody knows before it was run. So when a run turns out to have gone past a milestone, what it came to is
//! not shown yet: time goes back to a little before it, and from there the future is known.

use std::sync::Arc;

use leptos::prelude::*;
use primacy_port::{Frame, History, Lane, Told, What};

use super::Session;
use crate::speed::Speed;

/// At this speed a milestone passes,
const WATCHABLE: Speed = Speed::SLOW;
/// from so long before it to so long after it, in nanoseconds: a real second each.
const AROUND_NS: u64 = 10_000_000;

impl Session {
    /// The speed at which time passes now.
    pub(crate) fn pace(&self) -> Speed {
        let chosen = self.speed.get_untracked();
        let now = self.now_ns();
        let near = |past: &Arc<History>| {
            past.milestones.iter().any(|m| m.at_ns <= now + AROUND_NS && now < m.at_ns + AROUND_NS)
        };
        match self.slows() && chosen > WATCHABLE && self.past(Lane::A).with_untracked(near) {
            true => WATCHABLE,
            false => chosen,
        }
    }

    /// It is wanted, and nobody is made ill by it.
    fn slows(&self) -> bool {
        self.slowing.get_untracked() && !self.still.get_untracked() && !self.caps.with_untracked(|c| c.live)
    }

    /// How far the next question for time may go: not past where the next milestone that is known begins to be near.
    pub(super) fn not_past(&self, until_ns: u64) -> u64 {
        if !self.slows() || self.pace() < self.speed.get_untracked() {
            return until_ns;
        }
        let near = self.now_ns() + AROUND_NS;
        let next = |past: &Arc<History>| past.milestones.iter().map(|m| m.at_ns).find(|at| *at > near);
        let next = self.past(Lane::A).with_untracked(next);
        next.map_or(until_ns, |at_ns| until_ns.min(at_ns - AROUND_NS))
    }

    /// True: the frame went too far and is not to be shown as it is.
    pub(super) fn hold_back(&self, lane: Lane, frame: &Arc<Frame>) -> bool {
        let Some(shown) = self.latest(Lane::A).filter(|_| lane == Lane::A && self.slows()) else {
            return false;
        };
        let from_ns = shown.view.now_ns + AROUND_NS;
        let leapt = frame.view.now_ns > from_ns && frame.view.newest_event > shown.view.newest_event;
        let asked = self.back.with_value(|b| b.clockwork.asked_for_time());
        if !leapt || !asked || self.pace() == WATCHABLE {
            return false;
        }
        self.back.update_value(|b| b.clockwork.held = true);
        let (run, frame) = (self.run.get_untracked(), Arc::clone(frame));
        self.ask_then(Lane::A, What::History, move |session, told| {
            session.back.update_value(|b| b.clockwork.held = false);
            if session.run.get_untracked() != run {
                return;
            }
            let passed = |at_ns: &u64| (from_ns..=frame.view.now_ns).contains(at_ns);
            let first = match &told {
                Told::History(past) => past.milestones.iter().map(|m| m.at_ns).find(passed),
                _ => None,
            };
            match first {
                Some(at_ns) => session.seek(at_ns - AROUND_NS),
                None => session.take_frame(Lane::A, Arc::clone(&frame)),
            }
        });
        true
    }
}
