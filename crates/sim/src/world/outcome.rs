//! How the applications' operations end, for whoever draws their fate. The world does not look at it.

use super::World;

/// The end of one operation of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Which application.
    pub client: u8,
    /// When, in nanoseconds since the beginning.
    pub at_ns: u64,
    /// Since it was asked; 0 when it never was.
    pub latency_ns: u64,
    /// How.
    pub ended: Ended,
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With what was asked for.
    Well,
    /// With less than had been acknowledged before.
    Stale,
    /// With an error, or without an answer.
    Failed(String),
}

impl World {
    /// From now on the ends of operations are kept until they are taken; or none is, not even an earlier one.
    pub fn keep_outcomes(&mut self, keep: bool) {
        self.keeps_outcomes = keep;
        if !keep {
            self.outcomes.clear();
        }
    }

    /// The ends of operations since the last call, oldest first.
    pub fn take_outcomes(&mut self) -> std::vec::Drain<'_, Outcome> {
        self.outcomes.drain(..)
    }

    pub(super) fn outcome(&mut self, client: u8, latency_ns: u64, ended: Ended) {
        if self.keeps_outcomes {
            self.outcomes.push(Outcome { client, at_ns: self.queue.now(), latency_ns, ended });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    #[test]
    fn who_stops_keeping_outcomes_is_not_given_old_ones_later() {
        let scenario =
            Scenario { clients: vec![crate::scenario::ClientSpec::default()], ..Scenario::default() };
        let mut world = World::new(scenario);
        world.keep_outcomes(true);
        world.run_until(20_000_000_000);
        assert!(!world.outcomes.is_empty(), "an application asks something in 20 s");
        world.keep_outcomes(false);
        assert_eq!(world.take_outcomes().count(), 0);
    }
}
