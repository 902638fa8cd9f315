//! What a failover lost (`failover.md` §2.9): always told, also when it is nothing (I7).

use crate::control::{LossReport, ToNode};
use crate::group::Group;
use crate::group::event::EventKind;
use crate::group::record::EpochStart;
use crate::id::{Epoch, EventId, Incarnation, NodeId, Position};
use crate::map::Map;
use crate::time::Now;

/// How many loss reports may wait to be made exact.
const KEPT: usize = 64;

/// Where the history of `epoch` leaves what `ended` had. Both histories are walked back through the epochs that their
/// primaries really lived through (each begins at the winner's position, which names the epoch before it; a winner that
/// never held its lease leaves an entry, but perhaps no records), the later one first, until both stand in the same
/// epoch. Everything after the result is not part of the history of `epoch`.
pub fn fork_of(history: &[EpochStart], epoch: Epoch, ended: Position) -> Position {
    let start = |at: Epoch| history.iter().find(|e| e.epoch == at).map(|e| e.start).filter(|s| s.epoch < at);
    let (mut mine, mut theirs) = (ended, None);
    let mut at = epoch;
    while mine.epoch != at {
        let back = if mine.epoch > at { mine.epoch } else { at };
        let Some(begin) = start(back) else { return Position::default() };
        if back == at {
            theirs = Some(begin);
            at = begin.epoch;
        } else {
            mine = begin;
        }
    }
    theirs.map_or(mine, |t: Position| t.min(mine))
}

/// The report about an old primary that stood, or at least stood, at `end`.
pub(super) fn report(of: (Epoch, NodeId, Incarnation), fork: Position, end: Position) -> LossReport {
    LossReport {
        epoch: of.0,
        node: of.1,
        incarnation: of.2,
        fork,
        end: end.max(fork),
        ops: end.opseq.saturating_sub(fork.opseq),
        bytes: end.offset.saturating_sub(fork.offset),
        exact: true,
        window_ms: 0,
    }
}

/// The reports told so far, by the life that they are about.
#[derive(Clone, Debug, Default)]
pub(super) struct Losses {
    told: Map<(Epoch, NodeId, Incarnation), Told>,
}

/// What was told, its event, and the epoch that served next: the history that the loss is measured against.
#[derive(Clone, Debug)]
struct Told {
    report: LossReport,
    event: EventId,
    next: Epoch,
}

impl Group {
    /// Tells a loss; an exact report is told once, an inexact one only if nothing was told yet.
    pub(super) fn tell_loss(&mut self, report: LossReport, cause: Option<EventId>, now: Now) {
        let key = (report.epoch, report.node, report.incarnation);
        let before = self.losses.told.get(&key);
        if before.is_some_and(|told| told.report.exact || !report.exact) {
            return;
        }
        let next = before.map_or_else(|| self.epoch(), |told| told.next);
        let cause = before.map(|told| told.event).or(cause);
        let event = self.emit(EventKind::Lost(report.clone()), cause, now);
        self.losses.told.insert(key, Told { report, event, next });
        if self.losses.told.len() > KEPT {
            self.losses.told.pop_first();
        }
    }

    /// A node says what it had to discard. Exact is only the word of the epoch's primary about its own life; what a
    /// replica discards is a part of that, and is told by the primary or not at all.
    pub(super) fn note_lost(&mut self, from: (NodeId, Incarnation), report: LossReport, now: Now) {
        self.send(from.0, from.1, ToNode::LossNoted { epoch: report.epoch });
        let of_another = self.losses.told.keys().any(|k| k.0 == report.epoch && (k.1, k.2) != from);
        if !report.exact || (report.node, report.incarnation) != from || of_another {
            return;
        }
        self.tell_loss(self.against_next(report), None, now);
    }

    /// The old primary compares itself with the history of today; what later failovers lost of it was told by them. When
    /// another coordinator told this one, it is not known which epoch served next: then the count is exact only if it is
    /// the same for all that may have.
    fn against_next(&self, said: LossReport) -> LossReport {
        let of = (said.epoch, said.node, said.incarnation);
        let Some(rec) = self.rec() else { return said };
        let lost = |next| report(of, fork_of(&rec.history, next, said.end), said.end);
        let later = || rec.history.iter().map(|e| e.epoch).filter(|epoch| *epoch > said.epoch);
        let known = |epoch| rec.history.iter().any(|e| e.epoch == epoch);
        let next = self.losses.told.get(&of).map(|told| told.next);
        if !known(said.epoch) || next.is_some_and(|next| !known(next)) {
            return said;
        }
        match next {
            Some(next) => lost(next),
            None => {
                let least = later().map(lost).min_by_key(|report| report.ops);
                let same = later().map(lost).all(|report| Some(&report) == least.as_ref());
                least.map_or(said, |report| LossReport { exact: same, ..report })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(epoch: u64, offset: u64, opseq: u64) -> Position {
        Position { epoch: Epoch(epoch), offset, opseq }
    }

    fn entry(epoch: u64, start: Position) -> EpochStart {
        EpochStart { epoch: Epoch(epoch), repl_id: crate::id::ReplId::default(), start }
    }

    #[test]
    fn the_fork_is_where_the_next_lived_epoch_begins() {
        let history = [entry(1, at(0, 0, 0)), entry(2, at(1, 50, 5))];
        assert_eq!(fork_of(&history, Epoch(2), at(1, 80, 8)), at(1, 50, 5));
        assert_eq!(fork_of(&history, Epoch(2), at(1, 40, 4)), at(1, 40, 4));
    }

    #[test]
    fn an_epoch_that_nobody_lived_through_does_not_count() {
        // Epoch 2 was committed at 90 and died unseen; epoch 3 goes on from epoch 1 at 50.
        let history = [entry(1, at(0, 0, 0)), entry(2, at(1, 90, 9)), entry(3, at(1, 50, 5))];
        assert_eq!(fork_of(&history, Epoch(3), at(1, 95, 10)), at(1, 50, 5));
    }

    #[test]
    fn an_older_epoch_is_found_through_the_chain() {
        let history = [entry(1, at(0, 0, 0)), entry(2, at(1, 50, 5)), entry(3, at(2, 70, 6))];
        assert_eq!(fork_of(&history, Epoch(3), at(1, 60, 7)), at(1, 50, 5));
    }

    #[test]
    fn an_epoch_that_was_lived_alone_is_lost_from_where_it_left() {
        // Epoch 2 left epoch 1 at 80 and was served by one node alone; epoch 3 goes on from epoch 1 at 100.
        let history = [entry(1, at(0, 0, 0)), entry(2, at(1, 80, 4)), entry(3, at(1, 100, 5))];
        assert_eq!(fork_of(&history, Epoch(3), at(2, 150, 9)), at(1, 80, 4));
        assert_eq!(fork_of(&history, Epoch(3), at(1, 70, 3)), at(1, 70, 3));
        assert_eq!(fork_of(&history, Epoch(2), at(2, 150, 9)), at(2, 150, 9), "its own");
    }

    #[test]
    fn a_start_from_nothing_keeps_nothing() {
        let history = [entry(1, at(0, 0, 0)), entry(2, at(0, 0, 0))];
        let lost = report(
            (Epoch(1), NodeId(1), Incarnation(1)),
            fork_of(&history, Epoch(2), at(1, 60, 7)),
            at(1, 60, 7),
        );
        assert_eq!((lost.ops, lost.bytes), (7, 60));
    }
}
