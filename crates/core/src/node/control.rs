//! Orders of the coordinator (`failover.md` §2.2).

use alloc::vec::Vec;
use core::net::SocketAddr;

use super::session::Kind;
use super::upstream::{Errand, Target};
use super::{Cut, Event, Node, Timer};
use crate::control::message::Members;
use crate::control::{FromNode, LossReport, NodeRole, ToNode};
use crate::group::record::EpochStart;
use crate::id::{Epoch, Incarnation, NodeId, Position, ReplId};
use crate::log::Lineage;

use crate::time::{Instant, Now};

impl Node {
    /// An authentic message of the coordinator ([`crate::control::frame`] checks that).
    pub fn handle_control(&mut self, message: ToNode, now: Now) {
        self.look(now);
        self.unanswered = 0;
        match message {
            ToNode::Heard => {}
            ToNode::Joined { epoch, members, .. } => self.joined(epoch, members, now.mono),
            ToNode::Freeze { epoch } => self.freeze(epoch, now.mono),
            ToNode::Promote { epoch, incarnation, start, repl_id, members, .. } => {
                self.promote(epoch, incarnation, start, repl_id, members, now.mono);
            }
            ToNode::Follow { epoch, primary, addr, history, members } => {
                self.follow(
                    Target { epoch, id: primary, addr, errand: Errand::Follow },
                    &history,
                    members,
                    now.mono,
                );
            }
            ToNode::CatchUp { epoch, from, addr, until } => self.catch_up(epoch, from, addr, until, now.mono),
            ToNode::Renewed { epoch, seq, asked, members } => {
                self.learn_members(members);
                self.renewed(epoch, seq, asked, now.mono);
            }
            ToNode::Denied { epoch } => self.denied(epoch, now.mono),
            ToNode::LossNoted { epoch } => {
                self.unheard_loss = self.unheard_loss.take().filter(|report| report.epoch != epoch);
            }
            ToNode::Handover { epoch, target } => self.start_handover(epoch, target, now.mono),
        }
    }

    /// A link to a coordinator is up: that one has not been silent yet.
    pub const fn coordinator_found(&mut self) {
        self.unanswered = 0;
    }

    /// The next message for the coordinator; the driver adds sender and life.
    pub fn poll_control(&mut self) -> Option<FromNode> {
        self.control.pop_front()
    }

    /// R10: the group's epoch is known, so the node may follow and promise.
    fn joined(&mut self, epoch: Epoch, members: Members, now: Instant) {
        self.learn_members(members);
        if self.role != NodeRole::Joining {
            return;
        }
        self.promised = self.promised.max(epoch);
        if self.config.failsafe && epoch > Epoch(0) {
            // R16: an earlier life may have granted, and forgotten it.
            let timing = &self.config.timing;
            self.quarantine_until = Some(self.quarantine_from + timing.lease + timing.margin);
        }
        self.set_role(NodeRole::Detached);
        self.heartbeat(now);
    }

    /// A newer list replaces the known one.
    fn learn_members(&mut self, members: Members) {
        if members.version >= self.members.version {
            self.members = members;
            self.wake_waiting();
        }
    }

    /// R4: promise, stop following, acknowledging and serving, then report.
    fn freeze(&mut self, epoch: Epoch, now: Instant) {
        if self.role == NodeRole::Joining {
            self.heartbeat(now);
            return;
        }
        let again = epoch == self.promised && self.role == NodeRole::Frozen;
        let idle = epoch == self.promised
            && self.role == NodeRole::Detached
            && self.upstream.target().is_none_or(|t| t.epoch < epoch)
            && self.current_epoch() < epoch;
        if epoch < self.promised || (epoch == self.promised && !again && !idle) {
            self.control.push_back(FromNode::Stale { promised: self.promised });
            return;
        }
        if self.grant_until.max(self.quarantine_until).is_some_and(|until| now < until) {
            self.control.push_back(FromNode::GrantRunning { epoch });
            return;
        }
        if !again {
            self.promised = epoch;
            self.stop_replicating();
            self.handover = None;
            self.timers.stop(Timer::Handover);
            if self.keep_parked || matches!(self.role, NodeRole::PrimaryPaused | NodeRole::PrimaryReleased) {
                self.keep_queue(now);
            }
            self.set_role(NodeRole::Frozen);
            self.drop_lease();
        }
        self.report();
    }

    fn report(&mut self) {
        let message = FromNode::Report {
            epoch: self.promised,
            position: self.log.position(),
            repl_id: self.log.repl_id(),
            electable: true,
        };
        self.control.push_back(message);
    }

    /// Ends both sides of replication: the link to the primary and every replica's.
    fn stop_replicating(&mut self) {
        self.drop_link("stopped by the coordinator");
        self.upstream.set_target(None);
        self.cut_feeds(Cut::StoodDown, |_| true);
    }

    /// R5, R9: becomes primary only as the life that won, still at the position that won, under its promise.
    fn promote(
        &mut self,
        epoch: Epoch,
        incarnation: Incarnation,
        start: Position,
        repl_id: ReplId,
        members: Members,
        now: Instant,
    ) {
        let ours = incarnation == self.config.incarnation && epoch == self.promised;
        if !ours || self.role != NodeRole::Frozen || self.log.position() != start {
            if epoch < self.promised {
                self.control.push_back(FromNode::Stale { promised: self.promised });
            }
            return;
        }
        self.learn_members(members);
        // Siblings that were quicker than this message stay attached: the record reaches them first.
        self.drop_link("promoted");
        self.upstream.set_target(None);
        self.log.begin_epoch(epoch, repl_id);
        self.max_waited = 0;
        self.keep_parked = false;
        self.timers.stop(Timer::Handover);
        self.was_primary = true;
        self.set_role(NodeRole::PrimaryNoLease);
        self.start_lease(now);
        self.heartbeat(now);
    }

    /// Follows the primary of `target.epoch`, unless a higher one is promised (R11).
    fn follow(&mut self, target: Target, history: &[EpochStart], members: Members, now: Instant) {
        if target.epoch < self.promised {
            self.control.push_back(FromNode::Stale { promised: self.promised });
            return;
        }
        self.learn_members(members);
        let leads = self.role.is_primary() && self.current_epoch() >= target.epoch;
        if self.role == NodeRole::Joining || target.id == self.config.id || leads {
            return;
        }
        self.promised = target.epoch;
        self.stand_down();
        self.report_loss(Lineage::of_history(history, target.epoch), target.epoch);
        if self.upstream.target() == Some(&target) {
            return;
        }
        self.drop_link("another primary");
        self.upstream.set_target(Some(target));
        self.set_role(NodeRole::Detached);
        self.dial(now);
    }

    /// R17: this node is a primary no more; its clients have to look for the new one.
    pub(super) fn stand_down(&mut self) {
        let led = self.was_primary;
        self.drop_lease();
        self.handover = None;
        self.timers.stop(Timer::Handover);
        if self.role.is_primary() {
            self.set_role(NodeRole::Detached);
        }
        if led {
            self.was_primary = false;
            self.led = true;
            self.keep_parked = false;
            self.unblock_all();
            self.cut_feeds(Cut::StoodDown, |_| true);
            self.close_clients();
        }
    }

    /// Closes every client that is not being told why.
    pub(super) fn close_clients(&mut self) {
        for client in self.clients.iter_mut() {
            if client.kind == Kind::Client && client.wake.is_none() {
                self.events.push_back(Event::Hangup(client.conn));
            }
        }
    }

    /// The store's "no" is final (R17); silence is not.
    fn denied(&mut self, epoch: Epoch, now: Instant) {
        if !self.role.is_primary() || epoch < self.current_epoch() {
            return;
        }
        if self.role == NodeRole::PrimaryReleased {
            // The election that was asked for has begun: who is queued waits for its outcome.
            self.drop_lease();
            self.keep_queue(now);
            self.set_role(NodeRole::Detached);
        } else {
            self.stand_down();
        }
        self.heartbeat(now);
    }

    /// What the new history lacks of this node's (§2.9); an old primary also reports that it lost nothing, and only its
    /// count is exact for its epoch.
    fn report_loss(&mut self, theirs: Lineage, epoch: Epoch) {
        let own = self.log.position();
        if theirs.last().is_none() || own.epoch >= epoch || self.loss_reported.is_some_and(|e| e >= epoch) {
            return;
        }
        let fork = self.log.lineage().fork(own, &theirs);
        if fork.offset >= own.offset && !self.led {
            return;
        }
        self.loss_reported = Some(epoch);
        let report = LossReport {
            epoch: own.epoch,
            node: self.config.id,
            incarnation: self.config.incarnation,
            fork,
            end: own,
            ops: own.opseq - fork.opseq.min(own.opseq),
            bytes: own.offset - fork.offset.min(own.offset),
            // What a replica discards is a part of what its primary had.
            exact: self.led,
            window_ms: 0,
        };
        self.led = false;
        if report.exact {
            self.unheard_loss = Some(report.clone());
        }
        self.control.push_back(FromNode::Lost(report));
    }

    /// Fetches what a frozen member that cannot win has beyond this node (§2.7 step 4).
    fn catch_up(&mut self, epoch: Epoch, from: NodeId, addr: SocketAddr, until: Position, now: Instant) {
        if epoch != self.promised || self.role != NodeRole::Frozen {
            self.control.push_back(FromNode::Stale { promised: self.promised });
            return;
        }
        if self.log.position() >= until {
            self.report();
            return;
        }
        let target = Target { epoch, id: from, addr, errand: Errand::CatchUp { until } };
        if self.upstream.target() == Some(&target) {
            return;
        }
        self.drop_link("another errand");
        self.upstream.set_target(Some(target));
        self.dial(now);
    }

    /// The errand is done: what was fetched is part of the promise.
    pub(super) fn caught_up(&mut self) {
        self.drop_link("caught up");
        self.upstream.set_target(None);
        self.report();
    }

    /// The next sign of life is due. Its process may stand still while its kernel keeps the link: then only its silence
    /// tells, counted in signs of life, which need no clock to be trusted.
    pub(super) fn heartbeat_due(&mut self, now: Instant) {
        self.heartbeat(now);
        self.unanswered += 1;
        let timing = &self.config.timing;
        let patience = (timing.silent_after * 2).as_nanos() / timing.heartbeat_every.as_nanos().max(1);
        if u128::from(self.unanswered) > patience {
            self.unanswered = 0;
            self.events.push_back(Event::LeaveCoordinator);
        }
    }

    /// Sign of life, or the next Join (R10); with it, a count that nobody may have heard.
    pub(super) fn heartbeat(&mut self, now: Instant) {
        let position = self.log.position();
        self.control.extend(self.unheard_loss.clone().map(FromNode::Lost));
        let message = if self.role == NodeRole::Joining {
            FromNode::Join { addr: self.config.addr, position }
        } else {
            FromNode::Heartbeat {
                role: self.role,
                promised: self.promised,
                position,
                acked: if self.role.is_primary() { self.acknowledged() } else { Vec::new() },
                link_up: self.link_up(),
                keys: self.keyspace.len() as u64,
            }
        };
        self.control.push_back(message);
        self.timers.set(Timer::Heartbeat, now + self.config.timing.heartbeat_every);
    }

    pub(super) fn set_role(&mut self, role: NodeRole) {
        if self.role != role {
            let from = core::mem::replace(&mut self.role, role);
            self.events.push_back(Event::RoleChanged { from, to: role, epoch: self.current_epoch() });
        }
    }
}
