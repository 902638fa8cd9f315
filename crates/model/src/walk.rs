//! Random walks for bounds that no search can exhaust.

use crate::action::Action;
use crate::config::Config;
use crate::search::{Trace, steps};
use crate::state::State;

/// How a walk chooses among the steps it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Every step is as likely as every other.
    Uniform,
    /// Each walk draws a weight for each kind of step, zero for some: walks of very different character.
    Swarm,
}

/// The result of a batch of walks.
#[derive(Clone, Debug, Default)]
pub struct Walks {
    /// Schedules walked.
    pub schedules: u64,
    /// Steps taken.
    pub steps: u64,
    /// The first violation.
    pub trace: Option<Trace>,
}

/// A splitmix64 generator: the walks must be the same on every machine for a given seed.
#[derive(Clone, Copy, Debug)]
pub struct Rng(pub u64);

impl Rng {
    /// The next 64 bits.
    pub const fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which must not be 0.
    pub const fn below(&mut self, bound: u64) -> u64 {
        self.next_u64() % bound
    }
}

/// Walks `schedules` schedules of at most `length` steps from the initial state, seeds `seed`, `seed + 1`, ...
#[must_use]
pub fn walk(cfg: &Config, style: Style, seed: u64, schedules: u64, length: usize) -> Walks {
    let mut walks = Walks::default();
    for number in 0..schedules {
        let mut rng = Rng(seed.wrapping_add(number).wrapping_mul(0x2545_f491_4f6c_dd1d));
        let weights = weights(style, &mut rng);
        let mut state = State::initial(cfg);
        let mut actions = Vec::new();
        walks.schedules += 1;
        for _ in 0..length {
            state.normalise(cfg);
            let choices = steps(cfg, &state);
            let Some(choice) = choose(&choices, &weights, &mut rng) else {
                break;
            };
            let (action, next, violation) = choices[choice];
            walks.steps += 1;
            actions.push(action);
            if let Some(violation) = violation {
                walks.trace = Some(Trace { actions, violation });
                return walks;
            }
            state = next;
        }
    }
    walks
}

fn weights(style: Style, rng: &mut Rng) -> [u64; Action::KINDS] {
    let mut weights = [1; Action::KINDS];
    if style == Style::Swarm {
        for weight in &mut weights {
            *weight = [0, 1, 1, 3, 10, 30][rng.below(6) as usize];
        }
    }
    weights
}

fn choose<T>(choices: &[(Action, State, T)], weights: &[u64], rng: &mut Rng) -> Option<usize> {
    let total: u64 = choices.iter().map(|choice| weights[choice.0.kind()]).sum();
    if total == 0 {
        return None;
    }
    let mut left = rng.below(total);
    choices.iter().position(|choice| {
        let weight = weights[choice.0.kind()];
        let here = left < weight;
        left = left.saturating_sub(weight);
        here
    })
}
