//! Hand-built schedules: a list of actions done one after the other, for the mutants that no search reaches.

use crate::action::Action;
use crate::check::Violation;
use crate::config::Config;
use crate::rule::Refusal;
use crate::state::State;
use crate::step::step;

/// How a schedule ended; `at` counts from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All steps were allowed and no invariant broke.
    Finished(Box<State>),
    /// The model refused a step.
    Refused {
        /// Which one.
        at: usize,
        /// By which rule.
        refusal: Refusal,
    },
    /// A step broke an invariant.
    Violated {
        /// Which one.
        at: usize,
        /// The invariant.
        violation: Violation,
    },
}

/// Does `actions` from `start` until one is refused or breaks an invariant.
#[must_use]
pub fn run(cfg: &Config, start: &State, actions: &[Action]) -> Ending {
    let mut state = *start;
    for (at, &action) in actions.iter().enumerate() {
        match step(cfg, &state, action) {
            Err(refusal) => return Ending::Refused { at, refusal },
            Ok(step) => {
                if let Some(violation) = step.violation {
                    return Ending::Violated { at, violation };
                }
                state = step.state;
            }
        }
    }
    Ending::Finished(Box::new(state))
}
