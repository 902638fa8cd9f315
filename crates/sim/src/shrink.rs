//! Makes a failing scenario small: first the plan (ddmin), then the durations, the clients, the tail.

use crate::campaign;
use crate::check::Violation;
use crate::fault::Fault;
use crate::scenario::Scenario;

/// The smallest scenario found that breaks the same invariant, with at most `budget` runs.
pub fn shrink(scenario: &Scenario, violation: &Violation, budget: u32) -> (Scenario, Violation) {
    let mut shrinker = Shrinker { best: scenario.clone(), violation: violation.clone(), left: budget };
    shrinker.faults();
    shrinker.durations();
    shrinker.clients();
    shrinker.faults();
    (shrinker.best, shrinker.violation)
}

struct Shrinker {
    best: Scenario,
    violation: Violation,
    left: u32,
}

impl Shrinker {
    /// Keeps a candidate that breaks the same invariant.
    fn keep(&mut self, candidate: Scenario) -> bool {
        if self.left == 0 || candidate == self.best {
            return false;
        }
        self.left -= 1;
        match campaign::run(&candidate).violation {
            Some(violation) if violation.invariant == self.violation.invariant => {
                self.best = candidate;
                self.violation = violation;
                true
            }
            _ => false,
        }
    }

    /// Takes parts of the plan away, halves first, single faults last.
    fn faults(&mut self) {
        let mut size = self.best.faults.len().div_ceil(2);
        while size > 0 {
            let mut at = 0;
            while at < self.best.faults.len() {
                let mut candidate = self.best.clone();
                let end = (at + size).min(candidate.faults.len());
                candidate.faults.drain(at..end);
                if !self.keep(candidate) {
                    at += size;
                }
            }
            size /= 2;
        }
    }

    fn durations(&mut self) {
        for index in 0..self.best.faults.len() {
            loop {
                let mut candidate = self.best.clone();
                let Some(Fault { for_ms, .. }) = candidate.faults.get_mut(index) else { break };
                *for_ms /= 2;
                if !self.keep(candidate) {
                    break;
                }
            }
        }
    }

    fn clients(&mut self) {
        let mut index = self.best.clients.len();
        while index > 0 {
            index -= 1;
            let mut candidate = self.best.clone();
            candidate.clients.remove(index);
            self.keep(candidate);
        }
    }
}
