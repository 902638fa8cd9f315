//! One run and what came of it; the seed's scenario; how a failure is told.

use crate::check::{Tally, Violation};
use crate::draw::{self, Style};
use crate::link;
use crate::scenario::Scenario;
use crate::world::World;

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The invariant that broke.
    pub violation: Option<Violation>,
    /// What it reached.
    pub tally: Tally,
    /// The trace's hash.
    pub trace: String,
    /// Events of the queue.
    pub steps: u64,
}

/// Runs a scenario to its end, or to its first violation.
pub fn run(scenario: &Scenario) -> Outcome {
    let mut world = World::new(scenario.clone());
    world.keep_stories(false);
    world.run_to_end();
    Outcome {
        violation: world.violation().cloned(),
        tally: world.tally().clone(),
        trace: world.trace().digest(),
        steps: world.trace().events(),
    }
}

/// How half of the seeds are drawn each: even ones uniformly, odd ones as a swarm.
pub const fn style_of(seed: u64) -> Style {
    if seed.is_multiple_of(2) { Style::Uniform } else { Style::Swarm }
}

/// A seed's scenario.
pub fn scenario(seed: u64) -> Scenario {
    draw::scenario(seed, style_of(seed))
}

/// The lines that tell a failure and how to see it again.
pub fn report(scenario: &Scenario, violation: &Violation) -> Vec<String> {
    let mut lines = vec![violation.to_string()];
    lines.push(format!(
        "group of {} replicas in {} zones, {} clients, failsafe {}, automatic failover {}",
        scenario.replicas,
        scenario.zones,
        scenario.clients.len(),
        scenario.failsafe,
        scenario.automatic_failover
    ));
    for fault in &scenario.faults {
        lines.push(format!("  {:>7} ms for {:>6} ms: {:?}", fault.at_ms, fault.for_ms, fault.kind));
    }
    let text = link::encode(scenario);
    lines.push(format!(
        "replay: cargo run --profile sim -p primacy-sim --bin sim -- --trace --scenario {text}"
    ));
    lines.push(format!("page:   /#{}", link::fragment(scenario)));
    lines
}
