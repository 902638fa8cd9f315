//! When to look again: one slot per [`Timer`].

use crate::group::Timer;
use crate::time::{Instant, Now};

const ALL: [Timer; 8] = [
    Timer::Silence,
    Timer::Lease,
    Timer::Collect,
    Timer::Retry,
    Timer::Replace,
    Timer::Genesis,
    Timer::Handover,
    Timer::Store,
];

/// The earliest deadline of each kind. Cleared at the start of a step; every condition on time that a step finds
/// not yet true arms its timer, so a condition and its timer cannot differ.
#[derive(Clone, Debug, Default)]
pub(super) struct Timers {
    slots: [Option<Instant>; ALL.len()],
}

impl Timers {
    pub(super) fn clear(&mut self) {
        self.slots = Default::default();
    }

    /// True when `at` is reached; otherwise arms `timer`.
    pub(super) fn due(&mut self, at: Instant, timer: Timer, now: Now) -> bool {
        if now.mono >= at {
            return true;
        }
        let slot = &mut self.slots[timer as usize];
        *slot = Some(slot.map_or(at, |t| t.min(at)));
        false
    }

    pub(super) fn next(&self) -> Option<(Instant, Timer)> {
        self.slots.iter().zip(ALL).filter_map(|(at, timer)| at.map(|at| (at, timer))).min()
    }
}
