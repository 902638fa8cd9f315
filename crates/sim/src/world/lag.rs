//! How far the members are behind their primary, in bytes and in time.

use std::collections::VecDeque;

use primacy_core::id::{NodeId, Offset};

use super::World;

/// Steps of the primary's way that are kept, a millisecond apart at least: a lag of at least 4 s is told exactly.
const KEPT: usize = 4096;
const SPACING_NS: u64 = 1_000_000;

/// When the primary got where.
#[derive(Clone, Debug, Default)]
pub(crate) struct Way(VecDeque<(u64, Offset)>);

impl Way {
    /// The primary stands at `offset` now.
    pub(crate) fn reached(&mut self, now: u64, offset: Offset) {
        while self.0.back().is_some_and(|(_, known)| *known >= offset) {
            self.0.pop_back();
        }
        if self.0.back().is_some_and(|(at, _)| now < at + SPACING_NS) {
            return;
        }
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back((now, offset));
    }

    /// How long ago the primary was where somebody at `offset` is now.
    fn behind_ns(&self, now: u64, offset: Offset) -> u64 {
        let next = self.0.partition_point(|(_, known)| *known <= offset);
        self.0.get(next).map_or(0, |(at, _)| now.saturating_sub(*at))
    }
}

/// A member's lag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Which.
    pub node: NodeId,
    /// Its process runs and has a place in the stream: one that has just begun is nowhere, and not behind.
    pub placed: bool,
    /// Bytes behind the recorded primary.
    pub bytes: u64,
    /// How long ago the primary was where this member is now; 0 when it has everything.
    pub ns: u64,
}

impl World {
    /// Each member's lag, by id.
    pub fn lags(&self) -> Vec<Lag> {
        let end = self.recorded_primary().and_then(|id| self.position_of(id)).map_or(0, |p| p.offset);
        let lag = |id: NodeId| {
            let position = self.position_of(id);
            let offset = position.map_or(0, |p| p.offset);
            let bytes = end.saturating_sub(offset);
            let ns = if bytes == 0 { 0 } else { self.way.behind_ns(self.now_ns(), offset) };
            Lag { node: id, placed: position.is_some() && (offset > 0 || end == 0), bytes, ns }
        };
        self.machines.keys().map(lag).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn a_lag_lasts_since_the_primary_left_the_place() {
        let mut way = Way::default();
        for n in 1..10 {
            way.reached(n * 10 * MS, n * 100);
        }
        assert_eq!(way.behind_ns(100 * MS, 900), 0);
        assert_eq!(way.behind_ns(100 * MS, 899), 10 * MS);
        assert_eq!(way.behind_ns(100 * MS, 300), 60 * MS);
        way.reached(95 * MS, 250);
        assert_eq!(way.behind_ns(100 * MS, 220), 5 * MS, "another primary continues from an earlier place");
    }
}
