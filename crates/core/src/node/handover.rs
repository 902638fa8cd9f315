//! Planned failover, the old primary's side (R13, `failover.md` §2.10).

use super::{Node, Timer};
use crate::control::{FromNode, NodeRole};
use crate::id::{Epoch, NodeId};
use crate::time::Instant;

/// How many times `handover_limit` a queued write waits for an election that has begun.
const QUEUE_PATIENCE: u32 = 5;

impl Node {
    /// Queues writes until `target` has everything.
    pub(super) fn start_handover(&mut self, epoch: Epoch, target: NodeId, now: Instant) {
        self.check_lease(now);
        if self.role != NodeRole::PrimaryServing || epoch != self.current_epoch() {
            if self.role != NodeRole::PrimaryPaused && self.role != NodeRole::PrimaryReleased {
                self.control.push_back(FromNode::HandoverFailed { epoch });
            }
            return;
        }
        self.handover = Some(target);
        self.set_role(NodeRole::PrimaryPaused);
        self.feeds.getack = true;
        self.timers.set(Timer::Handover, now + self.config.timing.handover_limit);
        self.handover_progress();
    }

    /// Gives the lease up as soon as the target has acknowledged the end of the log.
    pub(super) fn handover_progress(&mut self) {
        let (NodeRole::PrimaryPaused, Some(target)) = (self.role, self.handover) else { return };
        if self.acknowledged_by(target) != Some(self.log.end()) {
            return;
        }
        self.handover = None;
        // The role first, so that the end of the lease is not taken for a loss that calls the handover off.
        self.set_role(NodeRole::PrimaryReleased);
        self.drop_lease();
        let (epoch, seq, position) = (self.current_epoch(), self.lease.seq, self.log.position());
        self.control.push_back(FromNode::Release { epoch, seq, position });
        // From here the timer counts how long the election may take to begin.
        if let Some(at) = self.timers.get(Timer::Handover) {
            self.timers.set(Timer::Handover, at + self.config.timing.handover_limit);
        }
    }

    /// The target did not catch up in time, or no election came: writes go on, after a new renewal where the lease was
    /// given up (R13).
    pub(super) fn handover_due(&mut self, now: Instant) {
        match self.role {
            NodeRole::PrimaryPaused => {
                self.abort_handover();
                self.set_role(NodeRole::PrimaryServing);
                self.resume_parked();
            }
            NodeRole::PrimaryReleased => {
                self.set_role(NodeRole::PrimaryNoLease);
                self.renew(now);
            }
            // No election has decided anything for so long that whoever is queued had better look elsewhere.
            _ if self.keep_parked => {
                self.keep_parked = false;
                self.unblock_all();
            }
            _ => {}
        }
    }

    /// Leaves queued writes where they are until the election is decided, for a limited time.
    pub(super) fn keep_queue(&mut self, now: Instant) {
        self.keep_parked = true;
        self.timers.set(Timer::Handover, now + self.config.timing.handover_limit * QUEUE_PATIENCE);
    }

    /// Tells the coordinator that nothing will be released.
    pub(super) fn abort_handover(&mut self) {
        if self.handover.take().is_some() {
            self.timers.stop(Timer::Handover);
            self.control.push_back(FromNode::HandoverFailed { epoch: self.current_epoch() });
        }
    }
}
