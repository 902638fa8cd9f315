//! Who becomes primary: pure functions of what was reported (`failover.md` §2.7 steps 3 and 4).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Reverse;

use crate::group::record::{LeaseRec, ShardRec};
use crate::id::{Epoch, Incarnation, NodeId, Position};
use crate::map::{Map, Set};
use crate::order;
use crate::time::{Instant, Timing};

/// A member that has promised the election's epoch and can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The member.
    pub node: NodeId,
    /// What it reported.
    pub position: Position,
    /// It may win; otherwise it only gives what it has (priority 0, R15, R16).
    pub electable: bool,
    /// A planned failover names it.
    pub target: bool,
    /// No other member of its zone has gone silent.
    pub zone_healthy: bool,
    /// Lower is preferred.
    pub priority: u8,
}

/// What [`choose`] says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// This member wins.
    Elect {
        /// The winner.
        node: NodeId,
        /// Why it and no other, for people.
        reason: String,
    },
    /// `node` would win, but first fetches from `from`, which is further and cannot win.
    CatchUp {
        /// The winner to be.
        node: NodeId,
        /// Who has more.
        from: NodeId,
        /// Up to here.
        until: Position,
    },
    /// No candidate may win.
    Nobody,
}

/// R6: the order of election is position (epoch, then offset), target of a planned failover, healthy zone,
/// priority (lower first), node id (lower first). Position comes first, so a replica that lags is chosen only when
/// it is the best there is. Deterministic: equal candidates give the equal winner, whatever their order.
pub fn choose(candidates: &[Candidate]) -> Choice {
    let rank = |c: &Candidate| (c.position, c.target, c.zone_healthy, Reverse(c.priority), Reverse(c.node));
    let mut ranked: Vec<&Candidate> = candidates.iter().filter(|c| c.electable).collect();
    order::sort_by_key(&mut ranked, |c| Reverse(rank(c)));
    let Some(best) = ranked.first() else { return Choice::Nobody };
    let ahead = candidates.iter().filter(|c| !c.electable && c.position > best.position);
    if let Some(from) = ahead.max_by_key(|c| (c.position, Reverse(c.node))) {
        return Choice::CatchUp { node: best.node, from: from.node, until: from.position };
    }
    Choice::Elect { node: best.node, reason: reason(best, ranked.get(1).copied()) }
}

/// The first criterion of R6 that tells the winner from the next one.
fn reason(best: &Candidate, next: Option<&Candidate>) -> String {
    let at = show(best.position);
    let Some(next) = next else {
        return format!("{} at {at} is the only member that may win", best.node);
    };
    let (a, b) = (best.node, next.node);
    if best.position.epoch > next.position.epoch {
        return format!("{a} at {at} has records of a later epoch than {b} at {}", show(next.position));
    }
    if best.position > next.position {
        let bytes = best.position.offset - next.position.offset;
        return format!("{a} at {at} is {bytes} bytes ahead of {b}");
    }
    let why = if best.target != next.target {
        "it is the target of the planned failover".to_string()
    } else if best.zone_healthy != next.zone_healthy {
        format!("a member of {b}'s zone is silent")
    } else if best.priority != next.priority {
        format!("its priority {} comes before {}", best.priority, next.priority)
    } else {
        "its number is lower".to_string()
    };
    format!("{a} and {b} are level at {at}; {why}")
}

fn show(p: Position) -> String {
    format!("{}:{}", p.epoch.0, p.offset)
}

/// One member's promise (R4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vote {
    /// The life that promised.
    pub incarnation: Incarnation,
    /// How far it has come; fixed but for a catch-up.
    pub position: Position,
    /// Its own word: it may win.
    pub electable: bool,
}

/// How a member's current life looks from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Heard lately.
    Up,
    /// Nothing heard for `silent_after`: may be alive, is not waited for unless the lease shows it ahead.
    Silent,
    /// Has never joined, or its life is known to have ended.
    Down,
}

/// Everything that decides an election.
#[derive(Clone, Copy, Debug)]
pub struct Ballot<'a> {
    /// The record, in phase `Electing`.
    pub rec: &'a ShardRec,
    /// The last lease: a lower bound of how far members had come.
    pub lease: Option<&'a LeaseRec>,
    /// The promises so far.
    pub votes: &'a Map<NodeId, Vote>,
    /// Every member of the record.
    pub standing: &'a Map<NodeId, Standing>,
    /// Members whose life is known to have nothing: it joined empty during this election.
    pub blank: &'a Set<NodeId>,
    /// The life that held the last lease is known to have ended: nobody can serve on grants (R15).
    pub primary_dead: bool,
    /// When this coordinator began this election.
    pub began: Instant,
    /// When the first promise came.
    pub first_vote: Option<Instant>,
    /// Now.
    pub now: Instant,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// More promises may come until then; `None`: until one comes.
    Wait(Option<Instant>),
    /// It cannot be won as things stand; looked at again at that time, or when something changes.
    Blocked {
        /// What it waits for.
        reason: String,
        /// R19: when the wait ends.
        until: Option<Instant>,
    },
    /// The winner to be fetches first.
    CatchUp {
        /// The winner to be.
        node: NodeId,
        /// Who has more.
        from: NodeId,
        /// Up to here.
        until: Position,
    },
    /// Commit.
    Elect {
        /// The winner.
        node: NodeId,
        /// Why.
        reason: String,
        /// The group starts from nothing, and may (R19).
        genesis: bool,
    },
}

impl Ballot<'_> {
    /// Decides, or says what to wait for.
    pub fn verdict(&self, timing: &Timing) -> Verdict {
        if let Some(only) = self.rec.only {
            if !self.voted(only) {
                let reason = format!("{only} must return: the election is restricted to it");
                return Verdict::Blocked { reason, until: None };
            }
            if self.wipes() {
                let reason = format!("{only} is rebooted: the group starts from nothing");
                return Verdict::Elect { node: only, reason, genesis: true };
            }
        }
        let Some(first) = self.first_vote else { return self.unheard() };
        if let Some(wait) = self.more_to_come(first, timing) {
            return Verdict::Wait(Some(wait));
        }
        let patience = self.began + timing.genesis_wait;
        let complete = self.complete() || self.now >= patience;
        match choose(&self.candidates(complete)) {
            Choice::CatchUp { node, from, until } => Verdict::CatchUp { node, from, until },
            Choice::Nobody => {
                let reason = "no member that has reported may win; waiting for the others".to_string();
                Verdict::Blocked { reason, until: Some(patience) }
            }
            Choice::Elect { node, reason } => self.confirm(node, reason, (first, patience), timing),
        }
    }

    /// A winner is found: is there a known better one that cannot be reached now, and may an empty one win (R19)?
    fn confirm(
        &self,
        node: NodeId,
        reason: String,
        (first, patience): (Instant, Instant),
        timing: &Timing,
    ) -> Verdict {
        let won = self.votes.get(&node).map(|v| v.position).unwrap_or_default();
        let best = self.votes.values().map(|v| v.position).max().unwrap_or_default();
        let straggler = first + timing.straggler;
        if best > won && self.now < straggler {
            return Verdict::Wait(Some(straggler));
        }
        let genesis = won.epoch == Epoch(0) && !self.rec.history.is_empty();
        let gone = best.epoch == Epoch(0)
            && self.rec.members.keys().all(|n| self.voted(*n) || self.blank.contains(n));
        if genesis && !gone && self.now < patience {
            let reason = "only empty members can be reached, but the group had data".to_string();
            return Verdict::Blocked { reason, until: Some(patience) };
        }
        Verdict::Elect { node, reason, genesis }
    }

    /// A reboot of the primary confirms the start from nothing.
    fn wipes(&self) -> bool {
        self.rec.only.is_some() && self.rec.reboot.map(|(node, _)| node) == self.rec.only
    }

    fn unheard(&self) -> Verdict {
        if self.standing.values().any(|s| *s == Standing::Up) {
            return Verdict::Wait(None);
        }
        Verdict::Blocked { reason: "no member can be reached".to_string(), until: None }
    }

    /// Until when it is worth waiting for promises that have not come.
    fn more_to_come(&self, first: Instant, timing: &Timing) -> Option<Instant> {
        let best = self.votes.values().map(|v| v.position).max().unwrap_or_default();
        if self.released_to(best) {
            return None;
        }
        let missing = |standing: Standing| {
            self.standing.iter().filter(move |(n, s)| **s == standing && !self.voted(**n))
        };
        let collect = first + timing.collect;
        if missing(Standing::Up).next().is_some() && self.now < collect {
            return Some(collect);
        }
        let straggler = first + timing.straggler;
        let ahead = |node: &NodeId| self.known(*node).is_some_and(|p| p > best);
        let mut late = missing(Standing::Up).chain(missing(Standing::Silent)).map(|(n, _)| n);
        (self.now < straggler && late.any(ahead)).then_some(straggler)
    }

    /// Planned failover: nothing lies beyond the released position, so a target that stands there has everything.
    fn released_to(&self, best: Position) -> bool {
        let (Some(released), Some(target)) = (self.rec.released, self.rec.target) else { return false };
        best <= released && self.votes.get(&target).is_some_and(|v| v.position >= released)
    }

    /// How far the lease says that a member had come.
    fn known(&self, node: NodeId) -> Option<Position> {
        let lease = self.lease.filter(|_| !self.blank.contains(&node))?;
        if node == lease.holder {
            let same = self.rec.members.get(&node).is_some_and(|m| m.incarnation == lease.incarnation);
            return same.then_some(lease.position);
        }
        lease.acked.get(&node).copied()
    }

    /// Every member of the record has reported.
    fn complete(&self) -> bool {
        self.rec.members.keys().all(|node| self.voted(*node))
    }

    /// The record's life of this member has promised (R9).
    fn voted(&self, node: NodeId) -> bool {
        let life = self.rec.members.get(&node).map(|m| m.incarnation);
        self.votes.get(&node).is_some_and(|v| Some(v.incarnation) == life)
    }

    /// Members that reported and can still be reached. R15 keeps a member out that the last primary may not have
    /// known when it asked for grants; once that primary is known to be dead, or every member has promised, nobody can
    /// serve on grants, and it counts.
    fn candidates(&self, complete: bool) -> Vec<Candidate> {
        let reached =
            self.votes.iter().filter(|(n, _)| self.voted(**n) && self.standing.get(n) == Some(&Standing::Up));
        let candidate = |(&node, vote): (&NodeId, &Vote)| {
            let member = self.rec.members.get(&node)?;
            let confirmed = member.electable || self.primary_dead;
            let allowed = match self.rec.only {
                Some(only) => only == node,
                None => member.priority > 0 && (complete || (confirmed && vote.electable)),
            };
            let sick = self.rec.members.iter().any(|(n, m)| {
                *n != node && m.zone == member.zone && self.standing.get(n) == Some(&Standing::Silent)
            });
            Some(Candidate {
                node,
                position: vote.position,
                electable: allowed,
                target: self.rec.target == Some(node),
                zone_healthy: !sick,
                priority: member.priority,
            })
        };
        reached.filter_map(candidate).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(node: u16, offset: u64) -> Candidate {
        let position = Position { epoch: Epoch(1), offset, opseq: 0 };
        Candidate {
            node: NodeId(node),
            position,
            electable: true,
            target: false,
            zone_healthy: true,
            priority: 100,
        }
    }

    fn winner(candidates: &[Candidate]) -> (u16, String) {
        match choose(candidates) {
            Choice::Elect { node, reason } => (node.0, reason),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn r6_position_comes_before_everything_else() {
        let mut behind = candidate(1, 90);
        behind.target = true;
        behind.priority = 1;
        let (node, reason) = winner(&[behind, candidate(2, 100)]);
        assert_eq!((node, reason.as_str()), (2, "002 at 1:100 is 10 bytes ahead of 001"));
    }

    #[test]
    fn r6_the_epoch_of_the_last_record_comes_before_the_offset() {
        let mut later = candidate(2, 10);
        later.position.epoch = Epoch(2);
        let (node, reason) = winner(&[candidate(1, 900), later]);
        assert_eq!(
            (node, reason.as_str()),
            (2, "002 at 2:10 has records of a later epoch than 001 at 1:900")
        );
    }

    #[test]
    fn r6_ties_go_to_target_then_zone_then_priority_then_number() {
        let (one, mut two) = (candidate(1, 5), candidate(2, 5));
        assert_eq!(winner(&[two, one]).0, 1);
        two.priority = 99;
        assert_eq!(winner(&[two, one]).0, 2);
        let mut sick = two;
        sick.zone_healthy = false;
        assert_eq!(winner(&[sick, one]).0, 1);
        sick.target = true;
        assert_eq!(winner(&[sick, one]).0, 2);
    }

    #[test]
    fn r6_the_order_of_candidates_does_not_matter() {
        let all = [candidate(3, 7), candidate(1, 7), candidate(2, 9)];
        let reversed: Vec<_> = all.iter().rev().copied().collect();
        assert_eq!(choose(&all), choose(&reversed));
    }

    #[test]
    fn one_that_cannot_win_gives_what_it_has() {
        let mut first = candidate(3, 9);
        first.electable = false;
        let until = first.position;
        let expected = Choice::CatchUp { node: NodeId(1), from: NodeId(3), until };
        assert_eq!(choose(&[candidate(1, 7), first]), expected);
        assert_eq!(choose(&[first]), Choice::Nobody);
        assert_eq!(choose(&[]), Choice::Nobody);
    }
}
