//! From the winner's first lease on: names move, siblings follow, the failover is told (R20).

use alloc::vec::Vec;

use crate::control::{NodeRole, ToNode};
use crate::endpoint::Endpoints;
use crate::group::event::EventKind;
use crate::group::lease::RenewAsk;
use crate::group::loss::{fork_of, report};
use crate::group::record::Registers;
use crate::group::{Action, Group, Timer};
use crate::id::{Incarnation, NodeId};
use crate::time::Now;

impl Group {
    /// A renewal is stored. The first one of an epoch completes the failover.
    pub(super) fn renewed(&mut self, ask: &RenewAsk, before: &Registers, now: Now) {
        self.answer_renewal(ask);
        if before.lease.as_ref().is_none_or(|l| l.epoch < ask.lease.epoch) {
            self.complete(ask.from, before, now);
        }
    }

    fn complete(&mut self, new: (NodeId, Incarnation), before: &Registers, now: Now) {
        let epoch = self.epoch();
        let serving = self.emit(EventKind::Serving { node: new.0, epoch }, self.story.elected, now);
        self.story.serving = Some(serving);
        self.story.served_at = Some(now.mono);
        if let Some(seen) = self.seen.get_mut(&new.0) {
            seen.role = Some(NodeRole::PrimaryServing);
            seen.promised = epoch;
        }
        for node in self.members() {
            if node != new.0 && self.is_up(node) {
                self.send_follow(node, now);
            }
        }
        self.publish(now);
        if let Some(old) = &before.lease {
            let mut told = serving;
            if old.holder != new.0 {
                let kind = EventKind::FailoverCompleted { from: old.holder, to: new.0, epoch };
                told = self.emit(kind, Some(serving), now);
            }
            let history = self.rec().map(|r| r.history.clone()).unwrap_or_default();
            let same_life = (old.holder, old.incarnation) == new;
            let (end, window_ms) = self.story.take_end(old.epoch);
            let ended = end.unwrap_or(old.position);
            let fork = fork_of(&history, epoch, ended);
            let mut loss = report((old.epoch, old.holder, old.incarnation), fork, ended);
            loss.exact = end.is_some() || same_life;
            // R1: no primary serves for longer than L after its last renewal, whoever saw that one.
            let longest = u64::try_from(self.config.timing.lease.as_millis()).unwrap_or(u64::MAX);
            loss.window_ms = if loss.exact { 0 } else { window_ms.unwrap_or(longest) };
            self.tell_loss(loss, Some(told), now);
        }
        self.handover_settled(new.0, now);
        self.settled(new.0, Some(serving), now);
    }

    /// What the stored, served term calls for: everybody follows, the names are right.
    pub(super) fn tend_service(&mut self, now: Now) {
        let Some((primary, _)) = self.serving() else { return };
        let (epoch, every) = (self.epoch(), self.config.timing.silent_after);
        for node in self.members() {
            let life = self.life(node);
            let Some(seen) = self.seen.get(&node) else { continue };
            if node == primary || !self.is_up(node) || seen.join.is_some() || seen.follows(epoch) {
                continue;
            }
            let sent = seen.followed.filter(|(e, l, _)| (*e, *l) == (epoch, life)).map(|(_, _, at)| at);
            // A node that dials again or loads a snapshot needs no reminder.
            let busy = seen.promised == epoch && matches!(seen.role, Some(NodeRole::FullSync));
            if sent.is_none_or(|at| !busy && self.timers.due(at + every, Timer::Retry, now)) {
                self.send_follow(node, now);
            }
        }
        self.publish(now);
        self.watch_available(now);
    }

    /// Whom to follow; only once that primary holds its lease, so that nobody is turned away.
    pub(super) fn send_follow(&mut self, node: NodeId, now: Now) {
        let Some((primary, _)) = self.serving().filter(|(p, _)| *p != node) else { return };
        let Some(rec) = self.rec() else { return };
        let Some(addr) = rec.members.get(&primary).map(|m| m.addr) else { return };
        let life = self.life(node);
        let (epoch, history) = (rec.epoch, rec.history.clone());
        let members = self.member_list();
        if let Some(seen) = self.seen.get_mut(&node) {
            seen.followed = Some((epoch, life, now.mono));
        }
        self.send(node, life, ToNode::Follow { epoch, primary, addr, history, members });
    }

    /// Lets the names point to what is stored and leased, when that differs from what they point to (R20).
    pub(super) fn publish(&mut self, now: Now) {
        let Some(endpoints) = self.endpoints() else { return };
        if self.published.as_ref() == Some(&endpoints) {
            return;
        }
        let moved = endpoints.primary.map(|(n, _)| n).filter(|n| {
            self.published.as_ref().and_then(|e| e.primary).is_none_or(|(before, _)| before != *n)
        });
        self.published = Some(endpoints.clone());
        let epoch = endpoints.epoch;
        self.actions.push_back(Action::Publish(endpoints));
        // A restarted coordinator tells the names again, which is no event.
        if let (Some(node), Some(serving)) = (moved, self.story.serving) {
            self.emit(EventKind::EndpointMoved { node, epoch }, Some(serving), now);
        }
    }

    fn endpoints(&self) -> Option<Endpoints> {
        let (primary, _) = self.serving()?;
        let rec = self.rec()?;
        let addr = |n: NodeId| rec.members.get(&n).map(|m| (n, m.addr));
        let nodes = rec.members.keys().filter(|n| self.life(**n).0 > 0).filter_map(|n| addr(*n)).collect();
        let readers: Vec<_> =
            rec.members.keys().filter(|n| self.reads(**n, primary)).filter_map(|n| addr(*n)).collect();
        Some(Endpoints { epoch: rec.epoch, primary: addr(primary), readers, nodes })
    }

    /// A replica fit to be read from: it follows this epoch's primary, not far behind. One that is listed stays until
    /// it is twice as far behind as one that is let in, so that the names do not flap.
    fn reads(&self, node: NodeId, primary: NodeId) -> bool {
        let (Some(seen), Some(of)) = (self.seen.get(&node), self.seen.get(&primary)) else { return false };
        if node == primary || !self.is_up(node) || !seen.follows(self.epoch()) {
            return false;
        }
        let listed = self.published.as_ref().is_some_and(|e| e.readers.iter().any(|(n, _)| *n == node));
        let limit = if listed { self.config.reader_lag.saturating_mul(2) } else { self.config.reader_lag };
        of.position.offset.saturating_sub(seen.position.offset) <= limit
    }

    fn watch_available(&mut self, now: Now) {
        let whole = |g: &Self| g.members().all(|n| g.seen.get(&n).is_some_and(|s| s.settled));
        if !self.available && whole(self) {
            self.available = true;
            let cause = self.story.serving;
            self.emit(EventKind::GroupAvailable, cause, now);
        }
    }
}
