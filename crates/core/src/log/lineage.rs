//! Which epochs a log went through, and where two logs part (`failover.md` §2.5, §2.9).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use crate::group::record::{EpochStart, HISTORY_KEPT};
use crate::id::{Epoch, Offset, Position, ReplId};

/// The epochs whose records a log holds or has held, oldest first: a node's own history, built from what it applied
/// and never from what it heard (R5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lineage(Vec<EpochStart>);

impl Lineage {
    /// The newest epoch.
    pub fn last(&self) -> Option<&EpochStart> {
        self.0.last()
    }

    /// The epoch before the newest, whose replication id INFO shows as `master_replid2`.
    pub fn before_last(&self) -> Option<&EpochStart> {
        self.0.len().checked_sub(2).and_then(|i| self.0.get(i))
    }

    /// Every epoch, oldest first.
    pub fn epochs(&self) -> &[EpochStart] {
        &self.0
    }

    /// An epoch record was applied. One that is not above the newest is ignored.
    pub fn push(&mut self, start: EpochStart) {
        if self.0.last().is_some_and(|last| last.epoch >= start.epoch) {
            return;
        }
        if self.0.len() >= HISTORY_KEPT {
            self.0.remove(0);
        }
        self.0.push(start);
    }

    /// The lineage of `epoch`'s primary as the group's history tells it: epochs that were committed but whose
    /// record nobody applied are left out.
    pub fn of_history(history: &[EpochStart], epoch: Epoch) -> Self {
        let mut want = epoch;
        let mut epochs: Vec<EpochStart> = history
            .iter()
            .rev()
            .filter(|e| {
                let wanted = e.epoch == want;
                if wanted {
                    want = e.start.epoch;
                }
                wanted
            })
            .copied()
            .collect();
        epochs.reverse();
        Self(epochs)
    }

    /// True when a log that ends at `offset` under `repl_id` is the beginning of this one: `repl_id` is any epoch's of
    /// the lineage and `offset` lies within that epoch.
    pub fn contains(&self, repl_id: ReplId, offset: Offset) -> bool {
        let Some(i) = self.0.iter().rposition(|e| e.repl_id == repl_id) else { return false };
        self.0[i].start.offset <= offset && self.0.get(i + 1).is_none_or(|next| offset <= next.start.offset)
    }

    /// Where a log with this lineage that ends at `end` leaves the history of `theirs`: the last position that both
    /// have. Equal to `end` when nothing diverged.
    pub fn fork(&self, end: Position, theirs: &Self) -> Position {
        let shared = self.0.iter().enumerate().rev().find_map(|(i, mine)| {
            let j = theirs.0.iter().position(|t| t.epoch == mine.epoch && t.repl_id == mine.repl_id)?;
            Some((i, j))
        });
        let Some((i, j)) = shared else {
            return self.before_first(end, theirs);
        };
        let my_end = self.0.get(i + 1).map_or(end, |next| next.start);
        let point = match theirs.0.get(j + 1) {
            Some(next) if next.start.offset < my_end.offset => next.start,
            _ => my_end,
        };
        Position { epoch: self.0[i].epoch, ..point }
    }

    /// The fork of two lineages without a common epoch: the whole log counts as diverged, unless it ends before
    /// either history begins.
    fn before_first(&self, end: Position, theirs: &Self) -> Position {
        let first = theirs.0.first().map(|e| e.start).unwrap_or_default();
        let mine = self.0.first().map_or(end, |e| e.start);
        let point = if mine.offset < first.offset { mine } else { first };
        if point.epoch == mine.epoch { point } else { Position::default() }
    }

    /// As text, for the snapshot's `primacy-lineage` field.
    pub fn encode(&self) -> String {
        let mut out = String::new();
        for e in &self.0 {
            let (p, sep) = (e.start, if out.is_empty() { "" } else { "," });
            let _ = write!(out, "{sep}{}:{}:{}:{}:{}", e.epoch.0, e.repl_id, p.epoch.0, p.offset, p.opseq);
        }
        out
    }

    /// Reads what [`Self::encode`] wrote; `None` for anything else.
    pub fn decode(text: &[u8]) -> Option<Self> {
        let text = core::str::from_utf8(text).ok()?;
        let mut lineage = Self::default();
        for item in text.split(',').filter(|item| !item.is_empty()) {
            let mut fields = item.split(':');
            let mut field = || fields.next();
            let epoch = Epoch(field()?.parse().ok()?);
            let repl_id = ReplId::parse(field()?.as_bytes())?;
            let start = Position {
                epoch: Epoch(field()?.parse().ok()?),
                offset: field()?.parse().ok()?,
                opseq: field()?.parse().ok()?,
            };
            lineage.push(EpochStart { epoch, repl_id, start });
        }
        Some(lineage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn pos(epoch: u64, offset: u64, opseq: u64) -> Position {
        Position { epoch: Epoch(epoch), offset, opseq }
    }

    fn at(epoch: u64, start: Position) -> EpochStart {
        EpochStart { epoch: Epoch(epoch), repl_id: ReplId([epoch as u8; 20]), start }
    }

    fn lineage(epochs: &[EpochStart]) -> Lineage {
        let mut l = Lineage::default();
        epochs.iter().for_each(|&e| l.push(e));
        l
    }

    #[test]
    fn a_replica_that_missed_promotions_is_still_a_beginning() {
        let l = lineage(&[at(1, pos(0, 0, 0)), at(2, pos(1, 100, 5)), at(3, pos(2, 200, 9))]);
        assert!(l.contains(ReplId([1; 20]), 0) && l.contains(ReplId([1; 20]), 100));
        assert!(!l.contains(ReplId([1; 20]), 101), "beyond the fork");
        assert!(l.contains(ReplId([3; 20]), 5_000), "the newest epoch is open");
        assert!(!l.contains(ReplId([2; 20]), 99) && !l.contains(ReplId([9; 20]), 50));
    }

    #[test]
    fn the_loss_of_an_old_primary_is_exact() {
        let mine = lineage(&[at(1, pos(0, 0, 0))]);
        let theirs = lineage(&[at(1, pos(0, 0, 0)), at(2, pos(1, 100, 5))]);
        assert_eq!(mine.fork(pos(1, 130, 8), &theirs), pos(1, 100, 5));
        assert_eq!(mine.fork(pos(1, 90, 4), &theirs), pos(1, 90, 4));
    }

    #[test]
    fn an_epoch_that_nobody_applied_does_not_move_the_fork() {
        // Epoch 2 was committed at offset 80 and its winner died before its record; epoch 3 starts from epoch 1.
        let history = vec![at(1, pos(0, 0, 0)), at(2, pos(1, 80, 4)), at(3, pos(1, 100, 5))];
        let theirs = Lineage::of_history(&history, Epoch(3));
        assert_eq!(theirs.epochs().len(), 2);
        let mine = lineage(&[at(1, pos(0, 0, 0))]);
        assert_eq!(mine.fork(pos(1, 120, 7), &theirs), pos(1, 100, 5));
    }

    #[test]
    fn a_whole_lost_epoch_is_counted_from_where_it_left() {
        // The loser applied the record of epoch 2, served it alone, and epoch 3 starts from epoch 1.
        let mine = lineage(&[at(1, pos(0, 0, 0)), at(2, pos(1, 80, 4))]);
        let theirs = lineage(&[at(1, pos(0, 0, 0)), at(3, pos(1, 100, 5))]);
        assert_eq!(mine.fork(pos(2, 150, 9), &theirs), pos(1, 80, 4));
    }

    #[test]
    fn nothing_in_common_loses_everything_and_nothing_loses_nothing() {
        let theirs = lineage(&[at(2, pos(0, 0, 0))]);
        assert_eq!(lineage(&[at(1, pos(0, 0, 0))]).fork(pos(1, 50, 3), &theirs), pos(0, 0, 0));
        assert_eq!(Lineage::default().fork(pos(0, 0, 0), &theirs), pos(0, 0, 0));
    }

    #[test]
    fn text_form_round_trips() {
        let l = lineage(&[at(1, pos(0, 0, 0)), at(7, pos(1, 1 << 40, 12))]);
        assert_eq!(Lineage::decode(l.encode().as_bytes()), Some(l));
        assert_eq!(Lineage::decode(b""), Some(Lineage::default()));
        assert_eq!(Lineage::decode(b"1:zz:0:0:0"), None);
    }
}
