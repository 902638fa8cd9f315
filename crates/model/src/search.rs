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
    let (mut search, mut frontier) = Search::begin(cfg, start, bounds.heal);
    let mut depth = 0;
    while !frontier.is_empty() && depth < bounds.depth && search.seen.len() < bounds.states {
        match search.level(&frontier) {
            Ok(next) => frontier = next,
            Err((number, last, violation)) => {
                let path = search.seen.path(number);
                let actions = retrace(cfg, start, &path, last, violation);
                return search.outcome(depth + 1, false, Some(Trace { actions, violation }));
            }
        }
        depth += usize::from(!frontier.is_empty());
    }
    let exhausted = frontier.is_empty();
    search.outcome(depth, exhausted, None)
}

/// The number of steps to the nearest state that `goal` accepts, if there is one within `states` states: for
/// sometimes-assertions, which show that a search is not empty talk.
#[must_use]
pub fn reach(cfg: &Config, states: usize, goal: impl Fn(&State) -> bool) -> Option<usize> {
    let (mut search, mut frontier) = Search::begin(cfg, &State::initial(cfg), false);
    let mut depth = 0;
    while !frontier.is_empty() && search.seen.len() < states {
        if frontier.iter().any(|packed| goal(&unpack(packed))) {
            return Some(depth);
        }
        frontier = search.level(&frontier).ok()?;
        depth += 1;
    }
    None
}

struct Search<'a> {
    cfg: &'a Config,
    seen: Seen,
    edges: Option<Edges>,
    transitions: u64,
    /// The number of states expanded so far, which is the number of the next one.
    expanded: u32,
    actions: Vec<Action>,
}

/// The state whose expansion broke an invariant, by which step.
type Broken = (u32, Action, Violation);

impl<'a> Search<'a> {
    fn begin(cfg: &'a Config, start: &State, heal: bool) -> (Self, Vec<Packed>) {
        assert!(cfg.epochs + cfg.writes <= 8, "a packed log holds eight records");
        let edges = heal.then(Edges::new);
        let mut search =
            Self { cfg, seen: Seen::new(), edges, transitions: 0, expanded: 0, actions: Vec::new() };
        let first = canonical(cfg, start);
        search.seen.insert(fingerprint(&first), 0);
        (search, vec![first])
    }

    /// Expands all states of one depth and returns those of the next.
    fn level(&mut self, frontier: &[Packed]) -> Result<Vec<Packed>, Broken> {
        let mut next = Vec::new();
        for packed in frontier {
            let number = self.expanded;
            if let Some((action, violation)) = self.expand(number, packed, &mut next) {
                return Err((number, action, violation));
            }
            self.expanded += 1;
        }
        Ok(next)
    }

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
