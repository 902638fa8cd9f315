//! More or fewer replicas in a running group (`failover.md` §2.11): the record says how many are wanted, and one change at
//! a time adds or removes one member until they are there.
//!
//! The next step waits until the primary has confirmed the list of the step before (R15), so two members never come or
//! go unseen by it. A failover under way comes first. Any coordinator goes on from the record.

use alloc::vec::Vec;
use core::net::{Ipv4Addr, SocketAddr};

use crate::group::draft::Draft;
use crate::group::event::EventKind;
use crate::group::lifecycle::PRIORITY;
use crate::group::record::{Member, Phase, ShardRec};
use crate::group::seen::Seen;
use crate::group::store::Effect;
use crate::group::{Action, Group, RequestError, Timer, place};
use crate::id::{EventId, Incarnation, MAX_REPLICAS, NodeId, Zone};
use crate::time::{Instant, Now};

/// A number of replicas that was asked for and is not in the record yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    count: u8,
    /// Who goes first, when fewer are wanted.
    leaving: Vec<NodeId>,
}

/// A change of the number of replicas that this coordinator has seen begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scaling {
    from: u8,
    event: EventId,
}

/// The last life of a former member, until it is known to have ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Former {
    life: Incarnation,
    killed: Option<Instant>,
    ended: bool,
}

impl Group {
    /// IncreaseReplicaCount (`elasticache.md` §2.10). Not while somebody who was named is still to leave, as of a group that
    /// is being modified: one more wanted would be one less to go, and the name forgotten.
    pub(super) fn accept_more(&mut self, count: Option<u8>, now: Now) -> Result<(), RequestError> {
        let from = self.countable()?;
        let count = count.unwrap_or_else(|| from.saturating_add(1));
        if count > MAX_REPLICAS {
            return Err(RequestError::TooManyReplicas);
        }
        if count <= from {
            return Err(RequestError::NotMore(from));
        }
        if !self.named_before().is_empty() {
            return Err(RequestError::Busy);
        }
        self.want(from, Wanted { count, leaving: Vec::new() }, now);
        Ok(())
    }

    /// DecreaseReplicaCount (`elasticache.md` §2.10): to `count`, or by those that are named, or by one.
    pub(super) fn accept_fewer(
        &mut self,
        count: Option<u8>,
        remove: Vec<NodeId>,
        now: Now,
    ) -> Result<(), RequestError> {
        let from = self.countable()?;
        if let Some(unknown) = remove.iter().find(|node| !self.seen.contains_key(node)) {
            return Err(RequestError::NodeNotFound(*unknown));
        }
        if let Some((primary, _)) = self.primary().filter(|(node, _)| remove.contains(node)) {
            return Err(RequestError::IsPrimary(primary));
        }
        let mut leaving = self.named_before();
        let before = leaving.len();
        leaving.extend(&remove);
        leaving.sort_unstable();
        leaving.dedup();
        let more = u8::try_from(leaving.len() - before).unwrap_or(u8::MAX);
        let fewer = if remove.is_empty() { 1 } else { more };
        let count = count.unwrap_or_else(|| from.saturating_sub(fewer));
        if count >= from {
            return Err(RequestError::NotFewer(from));
        }
        if count == 0 && self.config.spec.automatic_failover {
            return Err(RequestError::LastReplica);
        }
        self.want(from, Wanted { count, leaving }, now);
        Ok(())
    }

    /// Replicas that are wanted now: as asked for last, as stored, or as declared.
    pub(super) fn replicas_wanted(&self) -> u8 {
        self.wishes.replicas.as_ref().map_or(self.config.spec.replicas, |wanted| wanted.count)
    }

    /// Replicas that are wanted now, in a group whose number can be changed.
    fn countable(&self) -> Result<u8, RequestError> {
        let stored = self.rec().filter(|_| self.available).ok_or(RequestError::NotAvailable)?.replicas;
        Ok(self.wishes.replicas.as_ref().map_or(stored, |wanted| wanted.count))
    }

    /// Who was named before and has not left yet.
    fn named_before(&self) -> Vec<NodeId> {
        let stored = self.rec().filter(|rec| usize::from(rec.replicas) + 1 < rec.members.len());
        let wish = self.wishes.replicas.as_ref().map(|wanted| &wanted.leaving);
        wish.or_else(|| stored.map(|rec| &rec.leaving)).cloned().unwrap_or_default()
    }

    fn want(&mut self, from: u8, wanted: Wanted, now: Now) {
        let event = self.emit(EventKind::ReplicasAsked { from, to: wanted.count }, None, now);
        let from = self.scaling.map_or(from, |scaling| scaling.from);
        self.scaling = Some(Scaling { from, event });
        self.wishes.replicas = Some(wanted);
    }

    /// Members come or go, or one that came does not follow yet.
    pub(super) fn is_scaling(&self) -> bool {
        let differs = |rec: &ShardRec| usize::from(rec.replicas) + 1 != rec.members.len();
        self.wishes.replicas.is_some()
            || self.rec().is_some_and(differs)
            || self.seen.values().any(|s| s.newcomer && !s.settled)
    }

    /// The wish, and the next step towards what the record wants.
    pub(super) fn draft_scale(&self, draft: &mut Draft) {
        if let Some(wanted) = self.wishes.replicas.clone() {
            draft.rec.replicas = wanted.count;
            draft.rec.leaving.clone_from(&wanted.leaving);
            draft.effects.push(Effect::ReplicasWanted(wanted));
        }
        let members = draft.rec.members.len();
        let wanted = usize::from(draft.rec.replicas) + 1;
        if members == wanted || !self.steady(&draft.rec) {
            return;
        }
        if members < wanted { self.draft_addition(draft) } else { self.draft_removal(draft) }
    }

    /// A primary serves that knows the list as it is, and nothing is under way that moves its role.
    fn steady(&self, rec: &ShardRec) -> bool {
        let lease = self.registers.lease.as_ref();
        let confirmed = lease.is_some_and(|l| l.epoch == rec.epoch && l.members_seen == rec.members_version);
        let stable = matches!(rec.phase, Phase::Stable { .. }) && self.serving().is_some();
        let moving = self.handover.is_some() || self.release.is_some() || rec.released.is_some();
        confirmed && stable && !moving && rec.reboot.is_none() && self.wishes.reboot.is_none()
    }

    /// The lowest free number, in the zone with the fewest members; R15: not electable before the primary knows it.
    fn draft_addition(&self, draft: &mut Draft) {
        let rec = &mut draft.rec;
        let Some(node) = (1..).map(NodeId).find(|node| !rec.members.contains_key(node)) else { return };
        let Phase::Stable { primary, .. } = rec.phase else { return };
        let zone_of = |(_, member): (&NodeId, &Member)| member.zone.clone();
        let of_primary = rec.members.iter().filter(|(id, _)| **id == primary).map(zone_of);
        let of_others = rec.members.iter().filter(|(id, _)| **id != primary).map(zone_of);
        let placed: Vec<Zone> = of_primary.chain(of_others).collect();
        let zone = place(placed.len() + 1, &self.config.zones, &placed).pop().unwrap_or_default();
        // A number that was used before goes on counting its lives (R9).
        let used = rec.former.remove(&node).unwrap_or_default();
        let member = Member {
            addr: SocketAddr::from((Ipv4Addr::UNSPECIFIED, self.config.spec.port)),
            zone,
            priority: PRIORITY,
            incarnation: Incarnation(0),
            assigned: Incarnation(used.0 + 1),
            synced: None,
            electable: false,
        };
        rec.members.insert(node, member);
        rec.members_version += 1;
        draft.effects.push(Effect::Added(node));
    }

    fn draft_removal(&self, draft: &mut Draft) {
        let Some(node) = self.victim(&draft.rec) else { return };
        let rec = &mut draft.rec;
        let Some(member) = rec.members.remove(&node) else { return };
        let used = self.seen.get(&node).map_or(Incarnation(0), |s| s.life);
        rec.former.insert(node, member.assigned.max(used));
        rec.leaving.retain(|leaving| *leaving != node);
        rec.members_version += 1;
        draft.effects.push(Effect::Removed(node));
    }

    /// Whoever was named; else one of the fullest zone, so that the rest is spread (I27); of these one that is down, or the
    /// one that is furthest behind (`elasticache.md` §2.10). Never the primary.
    fn victim(&self, rec: &ShardRec) -> Option<NodeId> {
        let Phase::Stable { primary, .. } = rec.phase else { return None };
        let replicas = || rec.members.iter().filter(|(node, _)| **node != primary);
        if let Some((node, _)) = replicas().find(|(node, _)| rec.leaving.contains(node)) {
            return Some(*node);
        }
        let crowd = |zone: &Zone| rec.members.values().filter(|m| m.zone == *zone).count();
        let key = |(node, member): &(&NodeId, &Member)| {
            let position = self.seen.get(*node).map(|s| s.position).unwrap_or_default();
            let behind = core::cmp::Reverse((position.epoch, position.offset));
            (crowd(&member.zone), !self.is_up(**node), behind, **node)
        };
        replicas().max_by_key(key).map(|(node, _)| *node)
    }

    /// The wish is in the record; a later one may have come meanwhile.
    pub(super) fn replicas_stored(&mut self, wanted: &Wanted) {
        self.wishes.replicas = self.wishes.replicas.take().filter(|wish| wish != wanted);
    }

    /// The member is in the record: its first process is asked for.
    pub(super) fn added(&mut self, node: NodeId, now: Now) {
        let Some(zone) = self.rec().and_then(|r| r.members.get(&node)).map(|m| m.zone.clone()) else {
            return;
        };
        let cause = self.scaling.map(|scaling| scaling.event);
        let event = self.emit(EventKind::NodeAdded { node, zone }, cause, now);
        let mut before = Incarnation(0);
        if let Some(seen) = self.seen.get_mut(&node) {
            before = seen.life;
            seen.newcomer = true;
            seen.cause = Some(event);
        }
        if before.0 > 0 {
            self.kill(node, before, now);
        }
        self.start(node, Some(event), now);
    }

    /// The member is out of the record: its process is ended.
    pub(super) fn removed(&mut self, node: NodeId, now: Now) {
        let cause = self.scaling.map(|scaling| scaling.event);
        self.emit(EventKind::NodeRemoved { node }, cause, now);
        self.test_finished(node);
    }

    /// Begins to listen to whoever is new in the record, and stops to listen to whoever is out of it.
    pub(super) fn part_with_former(&mut self, now: Now) {
        let Some(rec) = self.registers.shard.as_ref() else { return };
        let spec = &mut self.config.spec;
        spec.replicas = rec.replicas;
        if !spec.preferred_zones.is_empty() && spec.preferred_zones.len() != rec.members.len() {
            // What was declared was for another number of nodes.
            spec.preferred_zones = rec.members.values().map(|member| member.zone.clone()).collect();
        }
        for (&node, &life) in &rec.former {
            let gone = self.seen.remove(&node);
            let ended = gone.as_ref().is_some_and(|s| s.dead >= life) || life.0 == 0;
            let fresh = Former { life, killed: None, ended };
            let known = self.former.entry(node).or_insert(fresh);
            if known.life < life {
                *known = fresh;
            }
        }
        for &node in rec.members.keys() {
            // Its number belongs to a new member: the process of the old one is ended before the new one's is started.
            if let Some(former) = self.former.remove(&node) {
                let mut seen = Seen::new(former.life, now);
                seen.dead =
                    if former.ended { former.life } else { Incarnation(former.life.0.saturating_sub(1)) };
                self.seen.insert(node, seen);
            }
        }
    }

    /// A former member's process has ended.
    pub(super) fn former_ended(&mut self, node: NodeId, life: Incarnation) {
        if let Some(former) = self.former.get_mut(&node).filter(|f| life >= f.life) {
            former.ended = true;
        }
    }

    /// Whoever speaks lives: a process that was started after all is ended again. Of a node that nobody knows here,
    /// another coordinator may know more.
    pub(super) fn hear_stranger(&mut self, node: NodeId, life: Incarnation) {
        match self.former.get_mut(&node) {
            Some(former) => {
                former.life = former.life.max(life);
                former.ended = false;
            }
            None => self.store.reload = true,
        }
    }

    /// Ends the processes of former members. True once all of them are known to have ended.
    pub(super) fn end_former(&mut self, now: Now) -> bool {
        let again = self.provision_limit();
        for (&node, former) in self.former.iter_mut().filter(|(_, f)| !f.ended) {
            if former.killed.is_none_or(|at| self.timers.due(at + again, Timer::Retry, now)) {
                former.killed = Some(now.mono);
                self.timers.due(now.mono + again, Timer::Retry, now);
                self.actions.push_back(Action::Kill { node, incarnation: former.life });
            }
        }
        self.former.values().all(|former| former.ended)
    }

    /// Tells when the wanted number is there.
    pub(super) fn tend_scale(&mut self, now: Now) {
        self.end_former(now);
        if self.is_scaling() {
            return;
        }
        if let Some(Scaling { from, event }) = self.scaling.take() {
            let to = self.config.spec.replicas;
            self.emit(EventKind::ReplicasChanged { from, to }, Some(event), now);
        }
    }
}
