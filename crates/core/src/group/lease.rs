//! The primary's lease: renewals are only relayed, by compare-and-set over both registers (R1, R3).

use alloc::vec::Vec;

use crate::control::ToNode;
use crate::control::message::{Members, Peer};
use crate::group::Group;
use crate::group::record::{LeaseRec, Phase, ShardRec};
use crate::id::{Epoch, Incarnation, NodeId, Position};
use crate::time::{Instant, Now};

/// A renewal to be relayed.
#[derive(Clone, Debug)]
pub(super) struct RenewAsk {
    pub(super) from: (NodeId, Incarnation),
    pub(super) asked: Instant,
    pub(super) lease: LeaseRec,
    pub(super) synced: Vec<(NodeId, Incarnation)>,
    /// How many reads of the record had been answered when it came.
    pub(super) reads: u64,
}

/// A lease that is given up (R13).
#[derive(Clone, Copy, Debug)]
pub(super) struct ReleaseAsk {
    pub(super) from: (NodeId, Incarnation),
    pub(super) epoch: Epoch,
    pub(super) seq: u64,
    pub(super) position: Position,
}

/// What becomes of a renewal.
enum Ruling {
    Relay,
    /// It is stored already: the answer was lost.
    Repeat,
    /// An older one that was overtaken.
    Void,
    Deny,
    /// The record known here may be older than the primary.
    Reload,
}

impl Group {
    /// Notes a renewal. Denied at once when the record has moved on for good (R17).
    pub(super) fn note_renewal(&mut self, ask: RenewAsk, now: Now) {
        let release = self.release.filter(|r| r.from == ask.from && r.epoch == ask.lease.epoch);
        if release.is_some_and(|r| r.seq < ask.lease.seq) {
            // R13: whoever renews after a release wants to go on.
            self.release = None;
        }
        match self.rule(&ask) {
            Ruling::Deny => self.deny(ask.from, now),
            Ruling::Repeat => self.answer_renewal(&ask),
            Ruling::Void => {}
            // R13: the release has cancelled it.
            Ruling::Relay if self.release.is_some_and(|r| r.from == ask.from) => {}
            Ruling::Relay | Ruling::Reload => {
                self.renew = Some(ask);
                self.rule_renewal(now);
            }
        }
    }

    /// Notes that the primary gives its lease up, unless it has taken that back by a later renewal, which may have come
    /// first: over another connection, or through another coordinator (R13).
    pub(super) fn note_release(&mut self, ask: ReleaseAsk) {
        self.release = Some(ask);
        self.rule_release();
        if self.release.is_some() {
            self.renew = None;
        }
    }

    /// Forgets a release that the record has left behind.
    pub(super) fn rule_release(&mut self) {
        let Some(ask) = self.release else { return };
        let waits = self.renew.as_ref().is_some_and(|r| r.from == ask.from && r.lease.seq > ask.seq);
        let stored = self.registers.lease.as_ref().is_some_and(|l| l.epoch == ask.epoch && l.seq > ask.seq);
        let holds = self.primary() == Some(ask.from) && self.epoch() == ask.epoch;
        if waits || stored || !holds {
            self.release = None;
        }
    }

    /// Answers the renewal at hand if it is not to be stored (any more).
    pub(super) fn rule_renewal(&mut self, now: Now) {
        let Some(ask) = self.renew.take() else { return };
        match self.rule(&ask) {
            Ruling::Relay => self.renew = Some(ask),
            Ruling::Reload => {
                self.store.reload = true;
                self.renew = Some(ask);
            }
            Ruling::Repeat => self.answer_renewal(&ask),
            Ruling::Void => {}
            Ruling::Deny => self.deny(ask.from, now),
        }
    }

    fn rule(&self, ask: &RenewAsk) -> Ruling {
        let Some(rec) = self.rec() else { return Ruling::Void };
        let fresh = self.store.reads > ask.reads;
        let holds = rec.phase == Phase::Stable { primary: ask.from.0, incarnation: ask.from.1 };
        if rec.deleting || ask.lease.epoch < rec.epoch {
            return Ruling::Deny;
        }
        if ask.lease.epoch > rec.epoch || (!holds && rec.phase == Phase::Electing) {
            return if fresh { Ruling::Deny } else { Ruling::Reload };
        }
        if !holds {
            return Ruling::Deny;
        }
        match &self.registers.lease {
            Some(l) if l.epoch == rec.epoch && l.seq == ask.lease.seq => Ruling::Repeat,
            Some(l) if l.epoch == rec.epoch && l.seq > ask.lease.seq => Ruling::Void,
            _ => Ruling::Relay,
        }
    }

    /// The renewal to be stored next, if there is one. Confirms members (R15), marks synced lives (R9) and takes a
    /// release back (R13) in the same change.
    pub(super) fn draft_renewal(&mut self, rec: &mut ShardRec) -> Option<RenewAsk> {
        let ask = self.renew.take()?;
        for &(node, life) in &ask.synced {
            if let Some(member) = rec.members.get_mut(&node).filter(|m| m.incarnation == life) {
                member.synced = Some(life);
            }
        }
        if ask.lease.members_seen == rec.members_version {
            // Whoever has not joined is on no list that the primary could have seen.
            let listed = rec.members.values_mut().filter(|m| m.incarnation.0 > 0);
            listed.for_each(|m| m.electable = true);
        }
        rec.released = None;
        Some(ask)
    }

    /// The renewal is stored: the lease runs from the primary's own send time (R1).
    pub(super) fn answer_renewal(&mut self, ask: &RenewAsk) {
        let renewed = ToNode::Renewed {
            epoch: ask.lease.epoch,
            seq: ask.lease.seq,
            asked: ask.asked,
            members: self.member_list(),
        };
        self.send(ask.from.0, ask.from.1, renewed);
    }

    /// The store's "no" is final (R17); a node that can follow is told at once whom.
    pub(super) fn deny(&mut self, to: (NodeId, Incarnation), now: Now) {
        self.send(to.0, to.1, ToNode::Denied { epoch: self.epoch() });
        if self.life(to.0) == to.1 {
            self.send_follow(to.0, now);
        }
    }

    /// When the lease has surely ended by this coordinator's own observation (R3): L + margin after it first saw the
    /// lease's revision, and a new primary gets as long to take its first lease.
    pub(super) fn lease_end(&self) -> Instant {
        let timing = &self.config.timing;
        self.lease_seen.max(self.term_seen) + timing.lease + timing.margin
    }

    /// The record's members as nodes must know them.
    pub(super) fn member_list(&self) -> Members {
        let Some(rec) = self.rec() else { return Members::default() };
        let peer = |(&id, m): (&NodeId, &_)| {
            let m: &crate::group::record::Member = m;
            Peer { id, addr: m.addr, incarnation: m.incarnation }
        };
        let joined = rec.members.iter().filter(|(_, m)| m.incarnation.0 > 0);
        Members { version: rec.members_version, peers: joined.map(peer).collect() }
    }
}
