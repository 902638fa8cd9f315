//! Breadth-first search over all reachable states, shortest counterexample first.

use crate::action::Action;
use crate::check::Violation;
use crate::config::Config;
use crate::enumerate::candidates;
use crate::heal::Edges;
use crate::pack::{Packed, canonical, fingerprint, unpack};
use crate::seen::Seen;
use crate::state::State;
use crate::step::step;

/// Bounds on one search.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Stop after this many distinct states.
    pub states: usize,
    /// Stop after this many steps.
    pub depth: usize,
    /// Also check that a healthy state can be reached from every state (needs the search to be exhausted).
    pub heal: bool,
}

impl Bounds {
    /// At most `states` distinct states, any depth, no heal check.
    #[must_use]
    pub const fn states(states: usize) -> Self {
        Self { states, depth: usize::MAX, heal: false }
    }

    /// The same with the heal check.
    #[must_use]
    pub const fn with_heal(self) -> Self {
        Self { heal: true, ..self }
    }
}

/// A way into a violation.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The steps from the initial state.
    pub actions: Vec<Action>,
    /// What the last one broke.
    pub violation: Violation,
}

/// The result of a search.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Distinct states, symmetric ones merged.
    pub states: usize,
    /// Steps taken, with those into known states.
    pub transitions: u64,
    /// The longest shortest path.
    pub depth: usize,
    /// Whether every reachable state was expanded.
    pub exhausted: bool,
    /// The first violation.
    pub trace: Option<Trace>,
    /// With the heal check: states from which no healthy state can be reached.
    pub stuck: Option<usize>,
}

/// Searches from the initial state of `cfg`.
#[must_use]
pub fn search(cfg: &Config, bounds: Bounds) -> Outcome {
    search_from(cfg, &State::initial(cfg), bounds)
}

/// Searches from `start`, for instance the end of a hand-built schedule.
#[must_use]
pub fn search_from(cfg: &Config, start: &State, bounds: Bounds) -> Outcome {
    assert!(cfg.epochs + cfg.writes <= 8, "a packed log holds eight records");
    let mut search = Search {
        cfg,
        seen: Seen::new(),
        edges: bounds.heal.then(Edges::new),
        transitions: 0,
        actions: Vec::new(),
    };
    let first = canonical(cfg, start);
    search.seen.insert(fingerprint(&first), 0);
    let mut frontier = vec![first];
    let mut depth = 0;
    let mut from = 0;
    while !frontier.is_empty() && depth < bounds.depth && search.seen.len() < bounds.states {
        let level_end = search.seen.len() as u32;
        let mut next = Vec::new();
        for (number, packed) in (from..).zip(&frontier) {
            if let Some((action, violation)) = search.expand(number, packed, &mut next) {
                let path = search.seen.path(number);
                let actions = retrace(cfg, start, &path, action, violation);
                return search.outcome(depth + 1, false, Some(Trace { actions, violation }));
            }
        }
        from = level_end;
        frontier = next;
        depth += usize::from(!frontier.is_empty());
    }
    let exhausted = frontier.is_empty();
    search.outcome(depth, exhausted, None)
}

struct Search<'a> {
    cfg: &'a Config,
    seen: Seen,
    edges: Option<Edges>,
    transitions: u64,
    actions: Vec<Action>,
}

impl Search<'_> {
    /// Takes every step from one state; the states found go to `next` in the order of their numbers.
    fn expand(
        &mut self,
        number: u32,
        packed: &Packed,
        next: &mut Vec<Packed>,
    ) -> Option<(Action, Violation)> {
        let state = unpack(packed);
        if let Some(edges) = &mut self.edges {
            edges.begin(state.is_healthy());
        }
        let mut actions = core::mem::take(&mut self.actions);
        actions.clear();
        candidates(self.cfg, &state, &mut actions);
        let mut found = None;
        for &action in &actions {
            let Ok(step) = step(self.cfg, &state, action) else {
                continue;
            };
            self.transitions += 1;
            if let Some(violation) = step.violation {
                found = Some((action, violation));
                break;
            }
            let packed = canonical(self.cfg, &step.state);
            let (to, new) = self.seen.insert(fingerprint(&packed), number);
            if let Some(edges) = &mut self.edges {
                edges.add(to);
            }
            if new {
                next.push(packed);
            }
        }
        self.actions = actions;
        found
    }

    fn outcome(self, depth: usize, exhausted: bool, trace: Option<Trace>) -> Outcome {
        Outcome {
            states: self.seen.len(),
            transitions: self.transitions,
            depth,
            exhausted,
            trace,
            stuck: self.edges.filter(|_| exhausted).map(Edges::stuck),
        }
    }
}

/// Finds the steps behind a path of fingerprints again, in the names that the nodes have at the start. The last
/// step is looked for by its effect: the search names it in the canonical state, where nodes are called otherwise.
fn retrace(cfg: &Config, start: &State, path: &[u64], last: Action, violation: Violation) -> Vec<Action> {
    let mut state = *start;
    let mut actions = Vec::new();
    for &print in &path[1..] {
        let found = steps(cfg, &state)
            .into_iter()
            .find(|(_, next, broken)| broken.is_none() && fingerprint(&canonical(cfg, next)) == print);
        let Some((action, next, _)) = found else {
            unreachable!("a path of the search can be walked again");
        };
        actions.push(action);
        state = next;
    }
    let end = steps(cfg, &state)
        .into_iter()
        .find(|(action, _, broken)| *broken == Some(violation) && action.kind() == last.kind());
    actions.extend(end.map(|(action, _, _)| action));
    actions
}

/// Every step that `state` allows, with its effect.
#[must_use]
pub fn steps(cfg: &Config, state: &State) -> Vec<(Action, State, Option<Violation>)> {
    let mut actions = Vec::new();
    candidates(cfg, state, &mut actions);
    let taken = |action| step(cfg, state, action).ok().map(|step| (action, step.state, step.violation));
    actions.into_iter().filter_map(taken).collect()
}
