//! The judge over a whole recording.

use std::collections::VecDeque;
use std::fmt::Write;

use primacy_model::replay::{ControlEvent, Replay, ReplayConfig};
use primacy_model::{Refusal, Rule};
use primacy_sim::world::ControlFact;
use primacy_sim::{Scenario, World};

use super::mapping::{Mapper, nanos};

/// Steps before a refused one that are worth reading.
const SHOWN: usize = 12;

/// A step that the judge refuses, with those that led to it.
#[derive(Debug)]
pub(crate) struct Refused {
    /// The rule that forbids it.
    pub(crate) rule: Rule,
    /// For a person.
    pub(crate) story: String,
}

/// Judges all that a world has recorded; how many steps that were, or the first refusal.
pub(crate) fn world(world: &World) -> Result<usize, Refused> {
    facts(world.scenario(), world.control())
}

/// Judges a recording.
pub(crate) fn facts(scenario: &Scenario, facts: &[(u64, ControlFact)]) -> Result<usize, Refused> {
    let timing = scenario.timing.timing();
    let mut replay = Replay::new(config(scenario));
    let mut mapper = Mapper::new(&timing);
    let (mut steps, mut last) = (0, VecDeque::new());
    for (at, fact) in facts {
        replay.advance(*at);
        for event in mapper.events(*at, fact) {
            last.push_back((*at, event));
            if last.len() > SHOWN {
                last.pop_front();
            }
            replay.step(&event).map_err(|refusal| refused(&refusal, &last))?;
            steps += 1;
        }
    }
    Ok(steps)
}

fn refused(refusal: &Refusal, last: &VecDeque<(u64, ControlEvent)>) -> Refused {
    let mut story = refusal.to_string();
    for (at, event) in last {
        let _ = write!(story, "\n  {:>12.6} s {event:?}", *at as f64 / 1e9);
    }
    Refused { rule: refusal.rule, story }
}

/// The group before its first process: every member is on the list, and none has a life that has joined.
fn config(scenario: &Scenario) -> ReplayConfig {
    let timing = scenario.timing.timing();
    ReplayConfig {
        members: (1..=scenario.replicas + 1).map(|id| (id, 0)).collect(),
        lease: Some((nanos(timing.lease), nanos(timing.margin))),
        failsafe: scenario.failsafe,
        bad_clocks: scenario.faults.iter().any(|fault| fault.kind.strays()),
        ..ReplayConfig::default()
    }
}
