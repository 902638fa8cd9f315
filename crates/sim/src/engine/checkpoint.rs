//! Copies of the world to come back to, thinned so that the newest stand closest together.

use std::sync::Arc;

use super::record::Mark;
use crate::world::World;

/// Simulated time between two checkpoints.
pub(super) const EVERY_NS: u64 = 5_000_000_000;
/// Events between two checkpoints.
pub(super) const EVERY_STEPS: u64 = 100_000;
/// What all checkpoints of a lane may take beside what they share with the running world, in bytes.
pub(super) const CAP: usize = 64 << 20;

/// So many are always kept.
const FEWEST: usize = 40;
/// Within this much simulated time before the newest every moment is as near to a checkpoint as any other.
const EVEN_NS: u64 = 600_000_000_000;

/// So much memory is asked for ahead. An engine that runs in a browser would get it by 64 KiB otherwise, and each time may be the
/// one at which the browser goes through all that its own memory holds: hundreds of times in ten minutes of much traffic.
const AHEAD: usize = 2 << 20;

/// A moment to come back to.
pub(super) struct Checkpoint {
    pub(super) at_ns: u64,
    pub(super) steps: u64,
    pub(super) world: World,
    /// Where the record stood; `None` when it stood further on already.
    pub(super) mark: Option<Mark>,
    /// Bytes of its own, and bytes that it shares with the others.
    weight: (usize, usize),
}

/// Checkpoints by time.
#[derive(Clone, Default)]
pub(super) struct Checkpoints {
    kept: Vec<Arc<Checkpoint>>,
}

impl Checkpoints {
    /// The first one.
    pub(super) fn begin(&mut self, world: World, mark: Mark) {
        let (at_ns, steps, weight) = (world.now_ns(), world.trace().events(), world.weight());
        self.kept.push(Arc::new(Checkpoint { at_ns, steps, world, mark: Some(mark), weight }));
    }

    /// Keeps the world as it is now.
    pub(super) fn add(&mut self, world: &World, mark: Option<Mark>) {
        let (at_ns, steps) = (world.now_ns(), world.trace().events());
        let at = self.kept.partition_point(|c| c.steps < steps);
        if self.kept.get(at).is_some_and(|c| c.steps == steps) {
            return;
        }
        // In the recorded past only wide gaps are filled.
        let near = |c: &Arc<Checkpoint>| {
            c.at_ns.abs_diff(at_ns) < EVERY_NS / 2 && c.steps.abs_diff(steps) < EVERY_STEPS / 2
        };
        let neighbours = self.kept.get(at.saturating_sub(1)..(at + 1).min(self.kept.len()));
        if mark.is_none() && neighbours.is_some_and(|all| all.iter().any(near)) {
            return;
        }
        drop(std::hint::black_box(Vec::<u8>::with_capacity(AHEAD)));
        let (world, weight) = (world.clone(), world.weight());
        self.kept.insert(at, Arc::new(Checkpoint { at_ns, steps, world, mark, weight }));
        // What they share with the running world cannot be made less by having fewer.
        while self.own() > CAP && self.kept.len() > FEWEST {
            self.thin();
        }
    }

    /// Drops the one that is missed least: between near neighbours, or long ago.
    fn thin(&mut self) {
        let now = self.kept.last().map_or(0, |c| c.at_ns);
        let cost = |at: &usize| {
            let gap = self.kept[at + 1].at_ns - self.kept[at - 1].at_ns;
            // Gaps may grow with age; a scale of 2^16 keeps the ratio in whole numbers.
            let age = (now - self.kept[*at].at_ns).max(EVEN_NS);
            (u128::from(gap) << 16) / u128::from(age)
        };
        if let Some(at) = (1..self.kept.len() - 1).min_by_key(cost) {
            self.kept.remove(at);
        }
    }

    /// The last one at or before a time.
    pub(super) fn before(&self, at_ns: u64) -> Option<&Arc<Checkpoint>> {
        let count = self.kept.partition_point(|c| c.at_ns <= at_ns);
        self.kept.get(count.checked_sub(1)?)
    }

    /// The last one with at most so many events.
    pub(super) fn before_step(&self, steps: u64) -> Option<&Arc<Checkpoint>> {
        let count = self.kept.partition_point(|c| c.steps <= steps);
        self.kept.get(count.checked_sub(1)?)
    }

    /// The last one with at most so many events that knows where the record stood.
    pub(super) fn recorded_before(&self, steps: u64) -> Option<(&Arc<Checkpoint>, &Mark)> {
        let count = self.kept.partition_point(|c| c.steps <= steps);
        self.kept.get(..count)?.iter().rev().find_map(|c| Some((c, c.mark.as_ref()?)))
    }

    /// Forgets those with more events.
    pub(super) fn truncate(&mut self, steps: u64) {
        self.kept.retain(|c| c.steps <= steps);
    }

    /// Keeps about so many of those with more events than `steps`.
    pub(super) fn thin_after(&mut self, steps: u64, left: usize) {
        let first = self.kept.partition_point(|c| c.steps <= steps);
        let every = (self.kept.len() - first).div_ceil(left.max(1)).max(1);
        let mut at = 0;
        self.kept.retain(|_| {
            at += 1;
            at <= first || (at - first).is_multiple_of(every)
        });
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Bytes that they take, with what they share with each other and with the running world.
    pub(super) fn bytes(&self) -> usize {
        self.own() + self.kept.iter().map(|c| c.weight.1).max().unwrap_or(0)
    }

    fn own(&self) -> usize {
        self.kept.iter().map(|c| c.weight.0).sum()
    }
}
