//! Which history holds what: every committed epoch continues an older one at its start.

use super::Pos;
use std::collections::BTreeMap;

/// A committed epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Epoch {
    pub(super) winner: (u8, u64),
    pub(super) start: Pos,
    /// The offset behind the epoch record, once the winner is promoted.
    pub(super) record: Option<u64>,
    /// Number of the last renewal, once there was one.
    pub(super) seq: Option<u64>,
    /// A renewal was refused, or the primary stepped down (R17).
    pub(super) over: bool,
}

/// All committed epochs, never trimmed: a judge lives as long as one run.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    epochs: BTreeMap<u64, Epoch>,
}

impl History {
    pub(super) fn get(&self, epoch: u64) -> Option<&Epoch> {
        self.epochs.get(&epoch)
    }

    pub(super) fn get_mut(&mut self, epoch: u64) -> Option<&mut Epoch> {
        self.epochs.get_mut(&epoch)
    }

    pub(super) fn insert(&mut self, number: u64, epoch: Epoch) {
        self.epochs.insert(number, epoch);
    }

    /// Whether an epoch has started from something (R19).
    pub(super) fn had_data(&self) -> bool {
        self.epochs.values().any(|epoch| epoch.start.offset > 0)
    }

    /// The highest committed epoch, 0 before the first.
    pub(super) fn last(&self) -> u64 {
        self.epochs.last_key_value().map_or(0, |(&number, _)| number)
    }

    /// Whoever held the last lease, else the last winner.
    pub(super) fn last_leader(&self) -> Option<(u8, u64)> {
        let mut latest = self.epochs.values().rev();
        let leased = latest.clone().find(|epoch| epoch.seq.is_some());
        leased.or_else(|| latest.next()).map(|epoch| epoch.winner)
    }

    /// The epoch of the record that ends at `offset` in the history of primary `epoch`.
    pub(super) fn locate(&self, epoch: u64, offset: u64) -> Pos {
        let mut at = epoch;
        while let Some(start) = self.epochs.get(&at).map(|epoch| epoch.start) {
            if offset > start.offset {
                break;
            }
            at = start.epoch;
        }
        Pos { epoch: at, offset }
    }

    /// Whether a node can stand at `pos` (R5): in a known epoch it has applied at least the epoch record.
    pub(super) fn is_place(&self, pos: Pos) -> bool {
        let first = self.epochs.first_key_value().map_or(u64::MAX, |(&first, _)| first);
        let known = self.epochs.get(&pos.epoch).and_then(|epoch| epoch.record);
        pos.epoch < first.max(1) || known.is_some_and(|record| pos.offset >= record)
    }

    /// Whether a node at position `at` has the record that ends at `wanted`.
    pub(super) fn contains(&self, at: Pos, wanted: Pos) -> bool {
        let mut at = at;
        loop {
            if wanted.epoch >= at.epoch {
                return wanted.epoch == at.epoch && wanted.offset <= at.offset;
            }
            let Some(epoch) = self.epochs.get(&at.epoch) else {
                // Older than anything the judge has seen: one common past.
                return wanted.offset <= at.offset;
            };
            at = epoch.start;
        }
    }
}
