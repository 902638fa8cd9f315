//! The lease: who may acknowledge (R1, R2, R13, R14).

use alloc::collections::VecDeque;
use core::time::Duration;

use super::{Event, LeaseEnd, Node, Notice, Timer};
use crate::control::{FromNode, NodeRole};
use crate::id::{Epoch, NodeId};
use crate::map::Set;
use crate::time::{Instant, Now};

/// Renewals on their way that are remembered; an older one can no longer extend the lease by much.
const IN_FLIGHT: usize = 8;

/// Renewals and grants of one primary.
#[derive(Clone, Debug, Default)]
pub(super) struct Lease {
    /// Number of the last renewal sent in this epoch.
    pub(super) seq: u64,
    /// Renewals on their way, with their send times on our own clock.
    asked: VecDeque<(u64, Instant)>,
    /// End of the lease.
    pub(super) deadline: Option<Instant>,
    /// Until when acknowledgements may leave without another look: the deadline, or earlier the moment at which the
    /// node counts as stalled.
    pub(super) serve_until: Instant,
    /// Send time of the newest stored renewal.
    pub(super) renewed: Option<Instant>,
    /// The deadline comes from grants (R14).
    pub(super) on_grants: bool,
    /// Number of the failsafe's round, its start, and who has granted in it.
    round: u64,
    round_start: Instant,
    grants: Set<NodeId>,
    /// Wall minus monotonic time, in milliseconds, at the last look.
    skew_ms: Option<i64>,
}

impl Lease {
    /// Forgets everything but the number of the failsafe's round, which never repeats.
    fn reset(&mut self) {
        *self = Self { round: self.round, skew_ms: self.skew_ms, ..Self::default() };
    }

    /// What was sent before counts no more: neither a renewal nor a round of grants, whose answers may still come.
    fn forget_asks(&mut self) {
        self.asked.clear();
        self.round += 1;
        self.grants.clear();
    }
}

impl Node {
    /// True while writes may be acknowledged, with `now` no older than the batch.
    #[inline]
    pub(super) fn serving(&self, now: Instant) -> bool {
        self.role == NodeRole::PrimaryServing && now < self.lease.serve_until
    }

    /// True while replies to what was written before may leave: also while new writes are paused.
    pub(super) fn may_acknowledge(&self, now: Instant) -> bool {
        matches!(self.role, NodeRole::PrimaryServing | NodeRole::PrimaryPaused)
            && now < self.lease.serve_until
    }

    /// Starts an epoch without a lease and asks for one (R5).
    pub(super) fn start_lease(&mut self, now: Instant) {
        self.lease.reset();
        self.renew(now);
    }

    /// Asks for a renewal; the lease will run from this moment (R1).
    pub(super) fn renew(&mut self, now: Instant) {
        let lease = &mut self.lease;
        lease.seq += 1;
        if lease.asked.len() >= IN_FLIGHT {
            lease.asked.pop_front();
        }
        lease.asked.push_back((lease.seq, now));
        let message = FromNode::Renew {
            epoch: self.log.position().epoch,
            seq: self.lease.seq,
            asked: now,
            position: self.log.position(),
            acked: self.acknowledged(),
            members_seen: self.members.version,
            synced: self.synced(),
        };
        self.control.push_back(message);
        self.timers.set(Timer::Renew, now + self.config.timing.renew_every);
        self.refresh_serve_until();
    }

    /// The renewal `seq` is stored. Only one that we remember sending at `asked` counts (R1, R13).
    pub(super) fn renewed(&mut self, epoch: Epoch, seq: u64, asked: Instant, now: Instant) {
        if !self.role.is_primary() || epoch != self.log.position().epoch {
            return;
        }
        let Some(i) = self.lease.asked.iter().position(|&sent| sent == (seq, asked)) else { return };
        self.lease.asked.drain(..=i);
        self.lease.renewed = Some(asked);
        if self.lease.on_grants {
            self.lease.on_grants = false;
            self.notice(Notice::Failsafe { on: false });
        }
        self.extend(asked + self.config.timing.lease, now);
    }

    /// Moves the end of the lease forward, and serves if it lies ahead.
    fn extend(&mut self, until: Instant, now: Instant) {
        self.lease.deadline = self.lease.deadline.max(Some(until));
        if let Some(deadline) = self.lease.deadline {
            self.timers.set(Timer::LeaseEnd, deadline);
        }
        self.refresh_serve_until();
        if self.role == NodeRole::PrimaryNoLease && now < self.lease.serve_until {
            self.set_role(NodeRole::PrimaryServing);
            let epoch = self.log.position().epoch;
            self.notice(Notice::LeaseGained { epoch });
            self.arm_expire(now);
            self.resume_parked();
        }
    }

    /// The node counts as stalled when its renewal timer is late by more than L / 4.
    fn refresh_serve_until(&mut self) {
        let stalled = match self.timers.get(Timer::Renew) {
            Some(due) => due + self.config.timing.lease / 4,
            None => Instant::ZERO,
        };
        self.lease.serve_until = self.lease.deadline.map_or(Instant::ZERO, |d| d.min(stalled));
    }

    /// Looks at both clocks; every entry point of a primary passes here before it relies on its lease.
    pub(super) fn look(&mut self, now: Now) {
        self.check_clocks(now);
        self.check_lease(now.mono);
    }

    /// Looks whether the lease has ended.
    pub(super) fn check_lease(&mut self, now: Instant) {
        if !matches!(self.role, NodeRole::PrimaryServing | NodeRole::PrimaryPaused) {
            return;
        }
        if now < self.lease.serve_until {
            return;
        }
        let ran_out = self.lease.deadline.is_none_or(|d| d <= now);
        self.lose_lease(if ran_out { LeaseEnd::RanOut } else { LeaseEnd::Stalled });
    }

    /// A jump of the wall clock against the monotonic one may mean that the latter stood still: for no longer than the
    /// margin, by which others wait longer than the lease (R3). Or that it jumped forward: then what was granted would
    /// seem to be over too early.
    pub(super) fn check_clocks(&mut self, now: Now) {
        let skew = now.skew_ms();
        let before = self.lease.skew_ms.replace(skew).unwrap_or(skew);
        if before.abs_diff(skew) <= self.config.timing.jump_ms() {
            return;
        }
        if self.lease.deadline.is_some() {
            self.lose_lease(LeaseEnd::ClockJumped);
        } else if self.role.is_primary() {
            // An answer that is still on its way would found a lease on a send time that proves nothing.
            self.lease.forget_asks();
        }
        let ahead = u64::try_from(before.saturating_sub(skew)).map_or(Duration::ZERO, Duration::from_millis);
        self.hold_grants(ahead, now.mono);
    }

    /// What was granted, by this life or perhaps by an earlier one, lasts by the clock that says so longer (R14, R16), and
    /// never longer than what would be granted now.
    fn hold_grants(&mut self, ahead: Duration, now: Instant) {
        let most = now + self.config.timing.lease + self.config.timing.margin;
        let held = |until: Instant| until.max((until + ahead).min(most));
        self.grant_until = self.grant_until.map(held);
        self.quarantine_until = self.quarantine_until.map(held);
        self.quarantine_from = self.quarantine_from.max((self.quarantine_from + ahead).min(now));
    }

    /// Writes stop until a renewal that is sent from now on is stored.
    pub(super) fn lose_lease(&mut self, reason: LeaseEnd) {
        if self.lease.deadline.take().is_none() {
            return;
        }
        if reason != LeaseEnd::RanOut {
            self.lease.forget_asks();
        }
        self.lease.serve_until = Instant::ZERO;
        self.lease.grants.clear();
        self.timers.stop(Timer::LeaseEnd);
        self.timers.stop(Timer::Expire);
        if matches!(self.role, NodeRole::PrimaryServing | NodeRole::PrimaryPaused) {
            self.abort_handover();
            self.set_role(NodeRole::PrimaryNoLease);
        }
        let epoch = self.log.position().epoch;
        self.notice(Notice::LeaseLost { epoch, reason });
    }

    /// Gives the lease up and voids every renewal on its way (R13, R17).
    pub(super) fn drop_lease(&mut self) {
        self.lose_lease(LeaseEnd::StoodDown);
        self.lease.asked.clear();
        self.lease.renewed = None;
        self.lease.on_grants = false;
        self.timers.stop(Timer::Renew);
    }

    /// The renewal timer fired, due at `due`.
    pub(super) fn renew_due(&mut self, now: Instant) {
        if !self.role.is_primary() || self.role == NodeRole::PrimaryReleased {
            return;
        }
        self.renew(now);
        let silent = self.lease.renewed.is_some_and(|at| now >= at + self.config.timing.lease / 2);
        if self.config.failsafe && silent {
            self.ask_grants(now);
        }
    }

    /// R14: a round of asks; the lease will run from this moment if every member grants.
    fn ask_grants(&mut self, now: Instant) {
        let epoch = self.log.position().epoch;
        self.lease.round += 1;
        self.lease.round_start = now;
        self.lease.grants.clear();
        let round = self.lease.round;
        self.log.ask_grants(epoch, round);
    }

    /// A proven member has granted; counted only for the running round, this epoch and its current life.
    pub(super) fn granted(&mut self, member: NodeId, epoch: Epoch, round: u64, now: Instant) {
        let current =
            self.role.is_primary() && epoch == self.log.position().epoch && round == self.lease.round;
        if !self.config.failsafe || !current || self.role == NodeRole::PrimaryReleased {
            return;
        }
        self.lease.grants.insert(member);
        let own = self.config.id;
        let all = self.members.peers.iter().all(|p| p.id == own || self.lease.grants.contains(&p.id));
        if !all || self.members.peers.len() < 2 {
            return;
        }
        let until = self.lease.round_start + self.config.timing.lease;
        if self.lease.deadline.is_none_or(|d| d < until) {
            if !self.lease.on_grants {
                self.lease.on_grants = true;
                self.notice(Notice::Failsafe { on: true });
            }
            self.extend(until, now);
        }
    }

    /// A fact for the driver's log.
    pub(super) fn notice(&mut self, notice: Notice) {
        self.events.push_back(Event::Notice(notice));
    }
}
