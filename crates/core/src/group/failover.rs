//! An election from the suspicion to the promotion (`failover.md` §2.7).

use alloc::string::String;

use crate::control::ToNode;
use crate::group::election::{Ballot, Standing, Verdict, Vote};
use crate::group::event::{EventKind, Suspicion};
use crate::group::record::{LeaseRec, Phase, Registers, ShardRec};
use crate::group::seen::Seen;
use crate::group::{Group, Timer};
use crate::id::{Epoch, EventId, Incarnation, NodeId, Position};
use crate::map::Map;
use crate::time::{Instant, Now};

/// The election that runs, as this coordinator sees it.
#[derive(Clone, Debug)]
pub(super) struct Election {
    pub(super) epoch: Epoch,
    pub(super) began: Instant,
    pub(super) first_vote: Option<Instant>,
    pub(super) votes: Map<NodeId, Vote>,
    /// The last `Freeze` to each: life and when.
    asked: Map<NodeId, (Incarnation, Instant)>,
    /// The last `CatchUp`: to whom, from whom, when.
    fetching: Option<(NodeId, NodeId, Instant)>,
    /// It cannot be won as things stand; the text was told.
    pub(super) blocked: Option<String>,
    /// What is to be done now.
    pub(super) verdict: Verdict,
}

/// What explains the events to come, and what the loss report needs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Story {
    pub(super) created: Option<EventId>,
    pub(super) suspected: Option<EventId>,
    pub(super) elected: Option<EventId>,
    pub(super) serving: Option<EventId>,
    /// Where the primary of a lease's epoch really ended: its promise, or its release. Another coordinator may complete
    /// that failover, so what is kept names its epoch.
    old_end: Option<(Epoch, Position)>,
    /// Milliseconds between the last renewal of a served epoch and its end, as seen here.
    window_ms: Option<(Epoch, u64)>,
    /// When the current primary took its first lease.
    pub(super) served_at: Option<Instant>,
}

impl Story {
    fn ended(&mut self, epoch: Epoch, at: Position) {
        if self.old_end.is_none_or(|(known, _)| known != epoch) {
            self.old_end = Some((epoch, at));
        }
    }

    /// Where the primary of that epoch ended, if that is known, and for how long it had not renewed. Told once.
    pub(super) fn take_end(&mut self, epoch: Epoch) -> (Option<Position>, Option<u64>) {
        let end = self.old_end.take().filter(|(of, _)| *of == epoch);
        let window = self.window_ms.take().filter(|(of, _)| *of == epoch);
        (end.map(|(_, at)| at), window.map(|(_, ms)| ms))
    }
}

impl Election {
    /// The node has lost what it was told.
    pub(super) fn forget(&mut self, node: NodeId) {
        self.asked.remove(&node);
    }
}

impl Group {
    /// Begins, or forgets, the election that the record's phase calls for.
    pub(super) fn follow_phase(&mut self, now: Now) {
        self.rule_renewal(now);
        self.rule_release();
        let electing = self.rec().filter(|r| r.phase == Phase::Electing).map(|r| (r.epoch, r.released));
        let Some((epoch, released)) = electing else {
            self.election = None;
            return;
        };
        if self.election.as_ref().is_none_or(|e| e.epoch != epoch) {
            if let (Some(lease), Some(at)) = (&self.registers.lease, released) {
                self.story.ended(lease.epoch, at);
            }
            self.election = Some(Election {
                epoch,
                began: now.mono,
                first_vote: None,
                votes: Map::new(),
                asked: Map::new(),
                fetching: None,
                blocked: None,
                verdict: Verdict::Wait(None),
            });
        }
        self.drop_void_votes();
    }

    /// The election is stored: its cause is told. `before` holds the lease that it ends.
    pub(super) fn suspected(
        &mut self,
        reason: Suspicion,
        cause: Option<EventId>,
        before: &Registers,
        now: Now,
    ) {
        let primary = match before.shard.as_ref().map(|s| s.phase) {
            Some(Phase::Stable { primary, .. }) => Some(primary),
            _ => None,
        };
        let epoch = self.epoch();
        // The new life that proves the old one's end was let in by the same change.
        let returned = primary.filter(|_| reason == Suspicion::Restarted).and_then(|p| self.seen.get(&p));
        let cause = returned.and_then(|s| s.cause).or(cause);
        let created = self.story.created.filter(|_| reason == Suspicion::Genesis);
        let cause = cause.or(created);
        self.story.suspected = Some(self.emit(EventKind::Suspected { primary, epoch, reason }, cause, now));
        let served =
            before.shard.as_ref().zip(before.lease.as_ref()).is_some_and(|(s, l)| s.epoch == l.epoch);
        if served {
            let window = u64::try_from(now.mono.since(self.lease_seen).as_millis()).unwrap_or(u64::MAX);
            self.story.window_ms = before.lease.as_ref().map(|lease| (lease.epoch, window));
        }
        self.wishes.open = None;
    }

    /// A promise (R4). One of an epoch above the record's shows that the record has moved on.
    pub(super) fn note_vote(&mut self, node: NodeId, epoch: Epoch, vote: Vote, now: Now) {
        if epoch > self.epoch() {
            self.store.reload = true;
        }
        let of =
            |l: &&LeaseRec| (l.holder, l.incarnation) == (node, vote.incarnation) && l.epoch < self.epoch();
        let ended = self.registers.lease.as_ref().filter(of).map(|lease| lease.epoch);
        let Some(election) = self.election.as_mut().filter(|e| e.epoch == epoch) else { return };
        election.first_vote.get_or_insert(now.mono);
        let before = election.votes.insert(node, vote);
        if let Some(ended) = ended {
            self.story.ended(ended, vote.position);
        }
        if before != Some(vote) {
            let kind = EventKind::Reported { node, epoch, position: vote.position };
            self.emit(kind, self.story.suspected, now);
        }
    }

    /// Looks at what has been reported; arms the timer for what the election waits for.
    pub(super) fn judge(&mut self, now: Now) {
        let (Some(rec), Some(election)) = (self.registers.shard.as_ref(), self.election.as_ref()) else {
            return;
        };
        let standing = rec.members.iter().map(|(&n, m)| (n, self.standing(n, m.incarnation))).collect();
        let committed = self.committed();
        let empty = |s: &Seen| s.blank.is_some() && s.blank == committed && s.position == Position::default();
        let blank = self.seen.iter().filter(|(_, s)| empty(s)).map(|(&n, _)| n).collect();
        let holder = self.registers.lease.as_ref().map(|l| (l.holder, l.incarnation));
        let ballot = Ballot {
            blank: &blank,
            primary_dead: holder.is_none_or(|(node, life)| self.is_dead(node, life)),
            rec,
            lease: self.registers.lease.as_ref(),
            votes: &election.votes,
            standing: &standing,
            began: election.began,
            first_vote: election.first_vote,
            now: now.mono,
        };
        let verdict = ballot.verdict(&self.config.timing);
        match &verdict {
            Verdict::Wait(Some(until)) => {
                self.timers.due(*until, Timer::Collect, now);
            }
            Verdict::Blocked { until: Some(until), .. } => {
                self.timers.due(*until, Timer::Genesis, now);
            }
            _ => {}
        }
        if let Verdict::Blocked { reason, .. } = &verdict {
            self.tell_blocked(reason.clone(), now);
        }
        if let Some(election) = self.election.as_mut() {
            election.verdict = verdict;
        }
    }

    fn standing(&self, node: NodeId, life: Incarnation) -> Standing {
        match self.seen.get(&node) {
            Some(s) if life.0 == 0 || s.dead >= life => Standing::Down,
            Some(s) if s.silent.is_some() => Standing::Silent,
            Some(_) => Standing::Up,
            None => Standing::Down,
        }
    }

    /// The messages of a running election: `Freeze` to whoever has not promised, the old primary included (step 2);
    /// `CatchUp` to the winner to be (step 4).
    pub(super) fn tend_election(&mut self, now: Now) {
        let Some(rec) = self.registers.shard.clone() else { return };
        let epoch = rec.epoch;
        for (&node, member) in &rec.members {
            let life = member.incarnation;
            let Some(election) = self.election.as_ref() else { return };
            let waits = self.seen.get(&node).is_some_and(|s| s.join.is_some());
            if life.0 == 0 || waits || self.is_dead(node, life) || election.votes.contains_key(&node) {
                continue;
            }
            let again = election.asked.get(&node).filter(|(l, _)| *l == life).map(|(_, at)| *at);
            let every = self.retry_every();
            if again.is_none_or(|at| self.timers.due(at + every, Timer::Retry, now)) {
                self.send(node, life, ToNode::Freeze { epoch });
                if let Some(election) = self.election.as_mut() {
                    election.asked.insert(node, (life, now.mono));
                    self.timers.due(now.mono + every, Timer::Retry, now);
                }
            }
        }
        if let Some(Verdict::CatchUp { node, from, until }) = self.election.as_ref().map(|e| &e.verdict) {
            let fetch = (*node, *from, *until);
            self.fetch(&rec, fetch, now);
        }
    }

    fn fetch(&mut self, rec: &ShardRec, (node, from, until): (NodeId, NodeId, Position), now: Now) {
        let every = self.config.timing.straggler;
        let Some(election) = self.election.as_mut() else { return };
        let again = election.fetching.filter(|(n, f, _)| (*n, *f) == (node, from)).map(|(_, _, at)| at);
        if again.is_some_and(|at| !self.timers.due(at + every, Timer::Retry, now)) {
            return;
        }
        election.fetching = Some((node, from, now.mono));
        self.timers.due(now.mono + every, Timer::Retry, now);
        let (Some(to), Some(source)) = (rec.members.get(&node), rec.members.get(&from)) else { return };
        self.has_data(node);
        let message = ToNode::CatchUp { epoch: rec.epoch, from, addr: source.addr, until };
        self.send(node, to.incarnation, message);
    }

    fn tell_blocked(&mut self, reason: String, now: Now) {
        let Some(election) = self.election.as_mut() else { return };
        if election.blocked.as_ref() == Some(&reason) {
            return;
        }
        election.blocked = Some(reason.clone());
        let epoch = election.epoch;
        self.emit(EventKind::ElectionWaits { epoch, reason }, self.story.suspected, now);
    }

    /// The winner is stored.
    pub(super) fn elected(&mut self, reason: String, genesis: bool, now: Now) {
        let Some((node, _)) = self.primary() else { return };
        let Some(entry) = self.rec().and_then(|r| r.history.last()).copied() else { return };
        let kind = EventKind::Elected { node, epoch: entry.epoch, start: entry.start, reason };
        let elected = self.emit(kind, self.story.suspected, now);
        self.story.elected = Some(elected);
        if genesis {
            self.emit(EventKind::DataLost, Some(elected), now);
        }
    }

    /// Step 6: the winner is told, again and again until its first renewal is stored. It takes its lease by itself (R1).
    pub(super) fn tend_promotion(&mut self, now: Now) {
        let Some((node, incarnation)) = self.primary() else { return };
        let Some(entry) = self.rec().and_then(|r| r.history.last()).copied() else { return };
        let every = self.retry_every();
        let sent = self.promoted.filter(|(epoch, _)| *epoch == entry.epoch);
        if self.is_dead(node, incarnation)
            || sent.is_some_and(|(_, at)| !self.timers.due(at + every, Timer::Retry, now))
        {
            return;
        }
        self.promoted = Some((entry.epoch, now.mono));
        self.timers.due(now.mono + every, Timer::Retry, now);
        let message = ToNode::Promote {
            epoch: entry.epoch,
            incarnation,
            start: entry.start,
            repl_id: entry.repl_id,
            history: self.rec().map(|r| r.history.clone()).unwrap_or_default(),
            members: self.member_list(),
        };
        self.send(node, incarnation, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_primary_ended_is_told_of_its_own_epoch_only() {
        let at = |offset| Position { epoch: Epoch(1), offset, opseq: 1 };
        let mut story = Story::default();
        story.ended(Epoch(1), at(50));
        story.ended(Epoch(1), at(60));
        assert_eq!(story.take_end(Epoch(1)).0, Some(at(50)), "the first word counts");
        story.ended(Epoch(1), at(50));
        assert_eq!(story.take_end(Epoch(2)), (None, None), "another coordinator has completed that failover");
        assert_eq!(story.take_end(Epoch(1)).0, None);
    }
}
