//! Acknowledged writes that the group does not have any more, counted as it goes: what an unacknowledged write came to
//! is nobody's loss.
//!
//! Measured against the newest history that the store has committed. Applications' writes count once they were told; what
//! a terminal or a counter wrote, once its reply went into the socket.

use std::collections::BTreeSet;

use primacy_core::id::Offset;

use super::history::{Op, Point};
use super::{Checks, Write};

/// What has been counted.
#[derive(Clone, Default)]
pub(crate) struct LostAcks {
    pub(crate) count: u64,
    /// Acknowledged writes that no application's list of writes knows.
    others: BTreeSet<Point>,
}

impl Checks {
    /// A reply to a write that ends at `point` has left; an application's own `SET`s are counted when it reads the reply.
    pub(crate) fn reply_left(&mut self, point: Point) {
        let ops = self.histories.branch(point.0).map(|branch| &branch.ops);
        let other = ops.is_some_and(|ops| {
            let at = ops.partition_point(|(end, _)| *end < point.1);
            ops.after(at).next().is_some_and(|(end, op)| *end == point.1 && matches!(op, Op::Other(_)))
        });
        if other && self.lost_acks.others.insert(point) {
            self.lost_acks.count += u64::from(self.is_lost(point));
        }
    }

    /// An application has been told of a write.
    pub(crate) fn told_of(&mut self, point: Point) {
        self.lost_acks.count += u64::from(self.is_lost(point));
    }

    /// The store has committed an epoch: what its history lacks is lost, and what it has is not.
    pub(crate) fn count_lost(&mut self) {
        let acked = self.writes.iter().filter(|write| write.acked().is_some()).filter_map(Write::at);
        let all = acked.chain(self.lost_acks.others.iter().copied());
        self.lost_acks.count = all.filter(|point| self.is_lost(*point)).count() as u64;
    }

    fn is_lost(&self, point: Point) -> bool {
        let newest = self.histories.epochs().next_back().map(|(epoch, _)| (epoch, Offset::MAX));
        newest.is_some_and(|tip| tip.0 > point.0 && !self.histories.contains(tip, point))
    }
}

#[cfg(test)]
mod tests {
    use crate::command_text::parse;
    use crate::scenario::Scenario;
    use crate::world::World;

    const S: u64 = 1_000_000_000;

    fn act(world: &mut World, words: &str) {
        world.apply(parse(words).unwrap());
    }

    /// A primary that has lost its replicas takes writes for the rest of its lease.
    fn alone(words: &[&str]) -> World {
        let mut world = World::new(Scenario::default());
        world.run_until(5 * S);
        act(&mut world, "type 0 001 SET before 1");
        act(&mut world, "client via=001 does=set every=20ms keys=3 timeout=5s");
        world.run_until(6 * S);
        words.iter().for_each(|line| act(&mut world, line));
        act(&mut world, "cut 001 replicas");
        act(&mut world, "cut 001 coordinator");
        world.run_until(12 * S);
        world
    }

    fn reported(world: &World) -> u64 {
        world.checks.losses.iter().map(|report| report.ops).max().unwrap_or(0)
    }

    #[test]
    fn an_acknowledged_write_that_a_failover_lacks_is_lost_and_what_stays_is_not() {
        let mut world = alone(&[]);
        act(&mut world, "mend 001 replicas");
        act(&mut world, "mend 001 coordinator");
        world.run_until(30 * S);
        let lost = world.checks.lost_acks.count;
        assert!(lost > 10 && reported(&world) >= lost, "{lost} of {}", reported(&world));
    }

    #[test]
    fn a_write_that_nobody_was_told_of_is_not_counted() {
        let mut world = alone(&["cut 001 c1 one-way"]);
        act(&mut world, "mend 001 replicas");
        act(&mut world, "mend 001 coordinator");
        world.run_until(30 * S);
        assert!(reported(&world) > 0, "the old primary had written it");
        assert_eq!(world.checks.lost_acks.count, 0);
    }

    #[test]
    fn what_a_terminal_was_told_counts() {
        let world = alone(&["stop-client c1"]);
        assert_eq!(world.checks.lost_acks.count, 0);
        let mut world = {
            let mut world = World::new(Scenario::default());
            world.run_until(5 * S);
            act(&mut world, "cut 001 replicas");
            act(&mut world, "cut 001 coordinator");
            act(&mut world, "type 0 001 SET k v");
            world
        };
        world.run_until(12 * S);
        assert_eq!(world.checks.lost_acks.count, 1);
    }
}
