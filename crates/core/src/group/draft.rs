//! Which change of the record is wanted now: the write half of a step.

use alloc::vec::Vec;

use crate::group::election::Verdict;
use crate::group::event::Suspicion;
use crate::group::record::{Change, EpochStart, HISTORY_KEPT, LeaseRec, Phase, Revision, ShardRec};
use crate::group::store::Effect;
use crate::group::{Group, Timer};
use crate::id::{EventId, Incarnation, NodeId, ReplId};
use crate::map::Map;
use crate::time::Now;

/// A change in the making.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) rec: ShardRec,
    pub(super) lease: Option<LeaseRec>,
    /// The change holds only for the lease that this coordinator has observed (R3).
    pub(super) names_lease: bool,
    pub(super) effects: Vec<Effect>,
}

impl Group {
    /// One atomic change that brings the record as far as the facts allow; `None` when nothing is to be changed.
    pub(super) fn draft(&mut self, now: Now) -> Option<(Change, Vec<Effect>)> {
        let Some(rec) = self.registers.shard.clone() else { return Some(self.draft_foundation()) };
        if rec.deleting {
            return None;
        }
        let mut draft = Draft { rec, lease: None, names_lease: false, effects: Vec::new() };
        if self.wishes.delete.is_some() {
            draft.rec.deleting = true;
            draft.effects.push(Effect::Deleting);
        } else {
            self.draft_joins(&mut draft);
            self.draft_reboot(&mut draft);
            self.draft_term(&mut draft, now);
            self.draft_scale(&mut draft);
            self.draft_replacements(&mut draft, now);
        }
        self.finish(draft)
    }

    /// A change was not written: the renewal in it is looked at again, unless a later one has come.
    pub(super) fn take_back(&mut self, effects: Vec<Effect>, now: Now) {
        for effect in effects {
            if let Effect::Renewed(ask) = effect
                && self.renew.is_none()
            {
                self.renew = Some(ask);
            }
        }
        self.rule_renewal(now);
    }

    fn finish(&self, draft: Draft) -> Option<(Change, Vec<Effect>)> {
        if draft.effects.is_empty() {
            return None;
        }
        let shard = Some(&draft.rec) != self.registers.shard.as_ref();
        let change = Change {
            expect_shard: Some(self.registers.shard_revision),
            expect_lease: draft.names_lease.then_some(self.registers.lease_revision),
            shard: shard.then_some(draft.rec),
            lease: draft.lease,
        };
        Some((change, draft.effects))
    }

    fn draft_foundation(&self) -> (Change, Vec<Effect>) {
        let rec = ShardRec {
            epoch: crate::id::Epoch(0),
            phase: Phase::Empty,
            history: Vec::new(),
            members: self.first_members(),
            members_version: 1,
            released: None,
            target: None,
            genesis: 0,
            only: None,
            reboot: None,
            replicas: self.config.spec.replicas,
            leaving: Vec::new(),
            former: Map::new(),
            deleting: false,
        };
        let change =
            Change { expect_shard: Some(Revision(0)), expect_lease: None, shard: Some(rec), lease: None };
        (change, alloc::vec![Effect::Founded])
    }

    fn draft_term(&mut self, draft: &mut Draft, now: Now) {
        match draft.rec.phase {
            Phase::Empty => {
                if self.genesis_due(draft, now) {
                    self.open_election(draft, Suspicion::Genesis, None);
                }
            }
            Phase::Stable { primary, incarnation } => {
                if let Some((reason, cause)) = self.suspicion(draft, primary, incarnation, now) {
                    self.open_election(draft, reason, cause);
                } else if let Some(ask) = self.draft_renewal(&mut draft.rec) {
                    draft.lease = Some(ask.lease.clone());
                    draft.names_lease = true;
                    draft.effects.push(Effect::Renewed(ask));
                }
            }
            Phase::Electing => self.draft_commit(draft, now),
        }
    }

    /// Everybody has joined, or those who have waited long enough for the rest.
    fn genesis_due(&mut self, draft: &Draft, now: Now) -> bool {
        let joined = draft.rec.members.values().filter(|m| m.incarnation.0 > 0).count();
        if joined == draft.rec.members.len() {
            return true;
        }
        let patience = self.term_seen + self.config.timing.replace_after + self.config.timing.silent_after;
        joined > 0 && self.timers.due(patience, Timer::Genesis, now)
    }

    /// Why the primary must be given up now, if it must (R3, R13). With automatic failover off only its own return in
    /// a new life, a release or the operator opens an election (`failover.md` §2.11).
    fn suspicion(
        &mut self,
        draft: &Draft,
        primary: NodeId,
        life: Incarnation,
        now: Now,
    ) -> Option<(Suspicion, Option<EventId>)> {
        let seen = self.seen.get(&primary)?;
        let cause = seen.cause;
        let released = self.release.is_some_and(|r| r.from == (primary, life) && r.epoch == draft.rec.epoch);
        if released || draft.rec.released.is_some() {
            return Some((Suspicion::Released, self.handover.as_ref().map(|h| h.event)));
        }
        if draft.rec.members.get(&primary).is_some_and(|m| m.incarnation > life) {
            return Some((Suspicion::Restarted, cause));
        }
        let rebooted = draft.rec.reboot == Some((primary, life));
        let automatic = self.config.spec.automatic_failover || rebooted || self.wishes.open.is_some();
        if !automatic {
            return None;
        }
        let cause = self.wishes.open.or(cause);
        let silent = self.wishes.open.or(seen.silent);
        if seen.dead >= life {
            return Some((Suspicion::Exited, cause));
        }
        let asks = self.renew.as_ref().is_some_and(|r| r.from == (primary, life));
        let ran_out = self.timers.due(self.lease_end(), Timer::Lease, now);
        if !ran_out || asks {
            return None;
        }
        let leased = self.registers.lease.as_ref().is_some_and(|l| l.epoch == draft.rec.epoch);
        let reason = if leased { Suspicion::LeaseRanOut } else { Suspicion::Stalled };
        let stalled = self.story.elected.filter(|_| !leased);
        Some((reason, silent.or(stalled)))
    }

    /// Step 1: from here on no renewal of an earlier epoch can succeed. Restricted to the old primary when it is
    /// rebooted, or when it returns with automatic failover off.
    fn open_election(&self, draft: &mut Draft, reason: Suspicion, cause: Option<EventId>) {
        let rec = &mut draft.rec;
        if let Phase::Stable { primary, incarnation } = rec.phase {
            let rebooted = rec.reboot == Some((primary, incarnation));
            let returns = reason == Suspicion::Restarted && !self.config.spec.automatic_failover;
            rec.only = (rebooted || returns).then_some(primary);
            if let Some(release) = self.release.filter(|r| r.from == (primary, incarnation)) {
                rec.released = Some(release.position);
            }
        }
        rec.target = self.handover.as_ref().map(|h| h.target).filter(|_| rec.released.is_some());
        rec.phase = Phase::Electing;
        rec.epoch = rec.epoch.next();
        draft.names_lease = true;
        draft.effects.push(Effect::Suspected(reason, cause));
    }

    /// Steps 3 to 5.
    fn draft_commit(&mut self, draft: &mut Draft, now: Now) {
        if self.draft_fallback(draft, now) || self.draft_higher(draft) {
            return;
        }
        let Some(election) = self.election.as_ref() else { return };
        let Verdict::Elect { node, reason, genesis } = election.verdict.clone() else { return };
        let Some(vote) = election.votes.get(&node).copied() else { return };
        let repl_id = ReplId(self.rng.bytes());
        let rec = &mut draft.rec;
        rec.phase = Phase::Stable { primary: node, incarnation: vote.incarnation };
        rec.history.push(EpochStart { epoch: rec.epoch, repl_id, start: vote.position });
        if rec.history.len() > HISTORY_KEPT {
            rec.history.remove(0);
        }
        rec.released = None;
        rec.target = None;
        rec.only = None;
        rec.reboot = rec.reboot.filter(|(n, _)| *n != node);
        if genesis {
            rec.genesis += 1;
            rec.members.values_mut().for_each(|m| m.electable = true);
        }
        draft.effects.push(Effect::Elected { reason, genesis });
    }

    /// A member has promised more than this election's epoch: only a higher one can be completed.
    fn draft_higher(&self, draft: &mut Draft) -> bool {
        let promised = draft.rec.members.keys().filter_map(|n| self.seen.get(n)).map(|s| s.promised).max();
        let Some(top) = promised.filter(|p| *p > draft.rec.epoch) else { return false };
        draft.rec.epoch = top.next();
        draft.names_lease = true;
        draft.effects.push(Effect::Suspected(Suspicion::Stalled, self.story.suspected));
        true
    }

    /// A node that was rebooted and does not come back: the replicas' data are better than waiting for ever.
    fn draft_fallback(&mut self, draft: &mut Draft, now: Now) -> bool {
        let Some(only) = draft.rec.only else { return false };
        let voted = self.election.as_ref().is_some_and(|e| e.votes.contains_key(&only));
        if voted || !self.config.spec.automatic_failover {
            return false;
        }
        let given_up = self.term_seen + self.provision_limit() * 2;
        if !self.timers.due(given_up, Timer::Replace, now) {
            return false;
        }
        draft.rec.only = None;
        draft.rec.reboot = None;
        draft.effects.push(Effect::RebootGivenUp);
        true
    }

    /// The promises that still count: of the record's lives only, none of a process that has ended.
    pub(super) fn drop_void_votes(&mut self) {
        let Some(rec) = self.registers.shard.as_ref() else { return };
        let lives: Map<NodeId, Incarnation> = rec.members.iter().map(|(&n, m)| (n, m.incarnation)).collect();
        let seen = &self.seen;
        if let Some(election) = self.election.as_mut() {
            election.votes.retain(|node, vote| {
                lives.get(node) == Some(&vote.incarnation)
                    && seen.get(node).is_some_and(|s| s.dead < vote.incarnation)
            });
        }
    }
}
