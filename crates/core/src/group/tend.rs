//! What the stored record calls for, sent until it has happened: the other half of a step.

use crate::group::record::Phase;
use crate::group::{Action, Group, Timer};
use crate::id::{Incarnation, NodeId};
use crate::time::Now;

impl Group {
    /// Sends what the record's phase calls for.
    pub(super) fn tend(&mut self, now: Now) {
        let Some(rec) = self.rec() else { return };
        if rec.deleting {
            return self.tend_deletion(now);
        }
        match rec.phase {
            Phase::Empty => {}
            Phase::Electing => self.tend_election(now),
            Phase::Stable { .. } if self.serving().is_some() => self.tend_service(now),
            Phase::Stable { .. } => self.tend_promotion(now),
        }
        self.tend_reboot(now);
        self.tend_handover(now);
        self.tend_scale(now);
    }

    /// Ends a life, and again until it is known to have ended.
    pub(super) fn kill(&mut self, node: NodeId, incarnation: Incarnation, now: Now) {
        let every = self.config.timing.silent_after;
        let Some(seen) = self.seen.get_mut(&node).filter(|s| s.dead < incarnation) else { return };
        let sent = seen.killed.filter(|(life, _)| *life >= incarnation).map(|(_, at)| at);
        if sent.is_none_or(|at| self.timers.due(at + every, Timer::Retry, now)) {
            seen.killed = Some((incarnation, now.mono));
            self.timers.due(now.mono + every, Timer::Retry, now);
            self.actions.push_back(Action::Kill { node, incarnation });
        }
    }
}
