//! Processes: the first ones, those that join, and those that replace failed ones.

use core::net::{Ipv4Addr, SocketAddr};
use core::time::Duration;

use crate::control::ToNode;
use crate::group::draft::Draft;
use crate::group::event::EventKind;
use crate::group::record::{Member, Phase};
use crate::group::seen::Started;
use crate::group::store::Effect;
use crate::group::{Action, Group, Timer, place};
use crate::id::{Incarnation, NodeId, Position};
use crate::map::Map;
use crate::time::{Instant, Now};

/// `replica-priority` of a member that nothing was said about, as in Redis.
pub(super) const PRIORITY: u8 = 100;

impl Group {
    /// The members of a new group, spread over the zones.
    pub(super) fn first_members(&self) -> Map<NodeId, Member> {
        let spec = &self.config.spec;
        let zones = place(usize::from(spec.replicas) + 1, &self.config.zones, &spec.preferred_zones);
        let addr = SocketAddr::from((Ipv4Addr::UNSPECIFIED, spec.port));
        let member = |zone| Member {
            addr,
            zone,
            priority: PRIORITY,
            incarnation: Incarnation(0),
            assigned: Incarnation(1),
            synced: None,
            electable: true,
        };
        (1..).map(NodeId).zip(zones.into_iter().map(member)).collect()
    }

    pub(super) fn founded(&mut self, now: Now) {
        let created = self.emit(EventKind::GroupCreated, None, now);
        self.story.created = Some(created);
        for node in self.members() {
            self.start(node, Some(created), now);
        }
    }

    /// Asks for the process of the life that the record has assigned.
    pub(super) fn start(&mut self, node: NodeId, cause: Option<crate::id::EventId>, now: Now) {
        let Some(member) = self.rec().and_then(|r| r.members.get(&node)) else { return };
        let (zone, life) = (member.zone.clone(), member.assigned);
        if let Some(seen) = self.seen.get_mut(&node) {
            seen.life = seen.life.max(life);
            seen.started = Some(Started { life, at: now.mono, cause });
        }
        self.actions.push_back(Action::Provision { node, zone, incarnation: life });
    }

    pub(super) fn note_provisioned(&mut self, node: NodeId, addr: SocketAddr, life: Incarnation, now: Now) {
        let zone = self.rec().and_then(|r| r.members.get(&node)).map(|m| m.zone.clone());
        let (Some(zone), Some(seen)) = (zone, self.seen.get_mut(&node)) else { return };
        if life < seen.life {
            return;
        }
        seen.life = life;
        seen.addr = Some(addr);
        let cause = seen.started.and_then(|s| s.cause).or(seen.cause);
        seen.started = Some(Started { life, at: now.mono, cause });
        let event = self.emit(EventKind::NodeProvisioned { node, zone, incarnation: life }, cause, now);
        if let Some(seen) = self.seen.get_mut(&node) {
            seen.cause = Some(event);
        }
    }

    /// Lets every process in that has asked (R10). What it had acknowledged, its lease and its synced mark belonged to
    /// its earlier life (R9); it may win again once the primary has confirmed the new list (R15).
    pub(super) fn draft_joins(&self, draft: &mut Draft) {
        for (node, member) in draft.rec.members.iter_mut() {
            let Some(join) = self.seen.get(node).and_then(|s| s.join) else { continue };
            if join.incarnation <= member.incarnation {
                continue;
            }
            let fresh = draft.rec.history.is_empty();
            member.addr = join.addr;
            member.incarnation = join.incarnation;
            member.assigned = member.assigned.max(join.incarnation);
            member.electable = fresh;
            draft.rec.members_version += 1;
            let done = |(n, life): (NodeId, Incarnation)| n == *node && life < join.incarnation;
            let primary = matches!(draft.rec.phase, Phase::Stable { primary, .. } if primary == *node);
            if draft.rec.only != Some(*node) && !primary && draft.rec.reboot.is_some_and(done) {
                draft.rec.reboot = None;
            }
            draft.effects.push(Effect::Joined(*node));
        }
    }

    /// A process is let in: its answer, and the events that tell why it came.
    pub(super) fn joined(&mut self, node: NodeId, now: Now) {
        let committed = self.committed().filter(|_| self.election.is_some());
        let Some(seen) = self.seen.get_mut(&node) else { return };
        let Some(join) = seen.join.take() else { return };
        let first = seen.recovering.is_none() && !seen.rebooting && !seen.newcomer && self.available;
        seen.silent = None;
        seen.failed_at = None;
        seen.started = None;
        seen.settled = false;
        seen.blank = committed.filter(|_| join.position == Position::default());
        seen.role = None;
        seen.link_up = false;
        seen.position = join.position;
        seen.heard_at = now.mono;
        let cause = seen.cause;
        let kind = EventKind::NodeJoined { node, incarnation: join.incarnation, position: join.position };
        let event = self.emit(kind, cause, now);
        if let Some(seen) = self.seen.get_mut(&node) {
            seen.cause = Some(event);
        }
        if first {
            // It came back by itself, before a replacement was asked for.
            self.recovery_started(node, now);
        }
        self.send_joined(node);
    }

    fn recovery_started(&mut self, node: NodeId, now: Now) {
        let cause = self.seen.get(&node).and_then(|s| s.cause);
        let event = self.emit(EventKind::RecoveryStarted { node }, cause, now);
        if let Some(seen) = self.seen.get_mut(&node) {
            seen.recovering = Some(event);
        }
    }

    /// Whoever another coordinator has let in waits here no more: it would be told nothing for ever.
    pub(super) fn forget_joins(&mut self) {
        let Some(rec) = self.registers.shard.as_ref() else { return };
        for (node, member) in &rec.members {
            let (Some(seen), life) = (self.seen.get_mut(node), member.incarnation) else { continue };
            if seen.join.is_some_and(|join| join.incarnation <= life) {
                seen.join = None;
                seen.started = seen.started.filter(|started| started.life > life);
            }
        }
    }

    pub(super) fn send_joined(&mut self, node: NodeId) {
        let Some(rec) = self.rec() else { return };
        let epoch = self.committed().unwrap_or_default();
        let history = rec.history.clone();
        let joined = ToNode::Joined { epoch, history, members: self.member_list() };
        self.send(node, self.life(node), joined);
    }

    /// The node asks again who it is: whatever it was told since its start is told again.
    pub(super) fn forget_orders(&mut self, node: NodeId) {
        if let Some(seen) = self.seen.get_mut(&node) {
            seen.followed = None;
        }
        if let Some(election) = self.election.as_mut() {
            election.forget(node);
        }
    }

    /// How long a process that was asked for may take to join before another one is asked for.
    pub(super) fn provision_limit(&self) -> Duration {
        self.config.timing.replace_after * 4 + self.config.timing.silent_after * 2
    }

    /// Assigns a new life to every failed member whose time has come: same id, address and zone.
    pub(super) fn draft_replacements(&mut self, draft: &mut Draft, now: Now) {
        for node in self.members() {
            if self.replacement_due(draft, node, now)
                && let Some(member) = draft.rec.members.get_mut(&node)
            {
                let used = self.seen.get(&node).map_or(Incarnation(0), |s| s.life);
                member.assigned = Incarnation(member.assigned.max(used).0 + 1);
                draft.effects.push(Effect::Assigned(node));
            }
        }
    }

    fn replacement_due(&mut self, draft: &Draft, node: NodeId, now: Now) -> bool {
        let life = self.life(node);
        let limit = self.provision_limit();
        let Some(seen) = self.seen.get(&node).filter(|s| s.join.is_none()) else { return false };
        if let Some(started) = seen.started {
            return self.timers.due(started.at + limit, Timer::Replace, now);
        }
        let dead = seen.dead >= life && seen.dead >= seen.life;
        let Some(failed) = seen.failed_at else {
            // Assigned by another coordinator, or by an earlier life of this one, and never seen.
            let unborn = life.0 == 0 && !dead;
            return unborn && self.timers.due(seen.heard_at + limit, Timer::Replace, now);
        };
        if draft.rec.reboot.is_some_and(|(n, l)| n == node && seen.dead >= l) {
            return true;
        }
        let allowed = if dead { self.may_restart(node) } else { self.may_kill(node, now) };
        let from = self.story.served_at.map_or(failed, |at| at.max(failed));
        let timing = &self.config.timing;
        let patience = if dead { timing.replace_after } else { timing.hung_after };
        allowed && self.timers.due(from + patience, Timer::Replace, now)
    }

    /// A process that has ended is replaced, but not in the middle of a failover that goes well: its events come first.
    fn may_restart(&self, node: NodeId) -> bool {
        match self.rec().map(|r| r.phase) {
            Some(Phase::Stable { primary, .. }) if primary == node => !self.config.spec.automatic_failover,
            Some(Phase::Stable { .. }) => self.serving().is_some() || self.promotion_late(),
            Some(Phase::Electing) => self.election.as_ref().is_some_and(|e| e.blocked.is_some()),
            Some(Phase::Empty) => true,
            None => false,
        }
    }

    /// The winner has been told for a while and has not taken its lease.
    fn promotion_late(&self) -> bool {
        self.promoted.is_some_and(|(epoch, at)| epoch == self.epoch() && at > self.term_seen)
    }

    /// A process that may be alive is ended only when its data are elsewhere: a primary serves that it is not attached
    /// to, and no other member is being brought back. With automatic failover off, a hung primary once its lease has
    /// ended. When nobody serves, silence may be this coordinator's own: it waits as long as for lost data (R19).
    fn may_kill(&mut self, node: NodeId, now: Now) -> bool {
        let busy =
            self.seen.iter().any(|(n, s)| *n != node && (s.recovering.is_some() || s.started.is_some()));
        let patience = self.config.timing.genesis_wait;
        let Some((primary, _)) = self.serving() else {
            let began: Instant = self.election.as_ref().map_or(self.term_seen, |e| e.began);
            return self.timers.due(began + patience, Timer::Genesis, now);
        };
        if busy {
            return false;
        }
        if primary == node {
            let ended = self.lease_end();
            let follower = self.seen.values().any(|s| s.silent.is_none() && s.position.epoch == self.epoch());
            return !self.config.spec.automatic_failover
                && self.timers.due(if follower { ended } else { ended + patience }, Timer::Lease, now);
        }
        let attached = self.seen.get(&primary).is_some_and(|s| s.acked.iter().any(|(n, _)| *n == node));
        self.is_up(primary) && !attached
    }

    /// The further life is stored: the old process is ended if it may still be there, and a new one is started.
    pub(super) fn assigned(&mut self, node: NodeId, now: Now) {
        let Some(seen) = self.seen.get(&node) else { return };
        let (told, last) = (seen.rebooting || seen.newcomer || seen.recovering.is_some(), seen.life);
        if self.available && !told {
            self.recovery_started(node, now);
        }
        if last.0 > 0 {
            self.kill(node, last, now);
        }
        let cause = self.seen.get(&node).and_then(|s| s.recovering.or(s.cause));
        self.start(node, cause, now);
    }
}
