//! The oracle of `failover.md` §2.14: state invariants after every step, and the fate of WAITed writes at every commit.

use crate::config::Config;
use crate::rule::Invariant;
use crate::state::{NODES, State};

/// A broken invariant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which one.
    pub invariant: Invariant,
    /// What was seen.
    pub what: &'static str,
}

const fn broken(invariant: Invariant, what: &'static str) -> Option<Violation> {
    Some(Violation { invariant, what })
}

/// Checks what can be seen in one state: I1, I4, I5, I9.
#[must_use]
pub(crate) fn state(cfg: &Config, s: &State) -> Option<Violation> {
    if cfg.checks_leases() {
        let serving = s.nodes.iter().filter(|node| node.serves()).count();
        if serving > 1 {
            return broken(Invariant::I1, "two nodes serve at once");
        }
        let committed = s.store.epoch - u8::from(s.store.electing);
        if s.nodes.iter().any(|node| node.serves() && node.epoch < committed) {
            return broken(Invariant::I4, "a lease runs below a committed epoch");
        }
    }
    for (id, node) in s.nodes.iter().enumerate() {
        for other in &s.nodes[id + 1..] {
            if !node.log.matches(other.log) {
                return broken(Invariant::I9, "two histories differ before the same position");
            }
            let same = node.epoch == other.epoch;
            if same && node.leads() && !other.log.is_prefix_of(node.log)
                || same && other.leads() && !node.log.is_prefix_of(other.log)
            {
                return broken(Invariant::I5, "a replica is no prefix of its primary");
            }
        }
    }
    None
}

/// Checks I6 (or I6s) at a commit and excuses the writes that had no holder among the reporters.
pub(crate) fn commit(cfg: &Config, s: &mut State, reports: u8, winner: u8) -> Option<Violation> {
    let mut violation = None;
    for write in 0..cfg.writes {
        let fact = s.writes[usize::from(write)];
        if !fact.waited || fact.excused {
            continue;
        }
        let had = |id: usize| {
            let node = &s.nodes[id];
            node.report.writes & (1 << write) != 0
                || node.report.fresh && node.log.find_write(write).is_some()
        };
        if had(usize::from(winner)) {
            continue;
        }
        let held = |id: usize| had(id) || s.nodes[id].report.fresh && fact.holders & (1 << id) != 0;
        let attended = (0..NODES).any(|id| reports & (1 << id) != 0 && held(id));
        if cfg.strict {
            violation = broken(Invariant::I6s, "a WAITed write is not in the winner");
        } else if attended {
            violation = broken(Invariant::I6, "a WAITed write is lost with a holder at the table");
        } else {
            s.writes[usize::from(write)].excused = true;
        }
    }
    violation
}
