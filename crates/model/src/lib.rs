//! The failover protocol of Primacy as a small executable model (`failover.md` §2, §3), and a judge of traces.
//!
//! Two halves that share nothing but the names of the rules:
//!
//! * **The model**: three nodes, up to two coordinators and a compare-and-set store, exhausted by breadth-first
//!   search ([`search`]) within the bounds of a [`Config`], walked at random beyond them ([`walk`]). Every message is
//!   delivered by a step of its own, at any later time or never; time is small relative counters; the oracle is that
//!   of §2.14. A [`Mutant`] takes one rule out, and the tests show that the oracle notices.
//! * **The judge** ([`replay`]): takes the control steps of the real core as plain data, any number of nodes and any
//!   size of numbers, and refuses the first one that no rule allows.
//!
//! # How the model differs from the protocol, and why that loses nothing
//!
//! * `Freeze` and its `Report` are one step, and a commit may use any subset of the reports sent for its epoch. That is
//!   every order, delay and loss of reports at once, for any number of coordinators.
//! * Records are applied while the primary still leads. A record that arrives after its sender stepped down would
//!   change nothing that the replica's own order of steps does not already show.
//! * A restart follows its crash at once. A process that stays down is one that never joins.
//! * An offset counts records. Every record has length one, so ties are more frequent than with bytes; they are
//!   resolved both ways.
//! * Writes and WAIT are the only client commands; a lease serves or does not, so strong reads need no step.
//! * R18 is atomic (a full sync swaps in one step) and R20 is not in the model: the judge checks it.

mod action;
mod check;
mod config;
mod enumerate;
mod heal;
mod log;
mod pack;
pub mod replay;
mod rule;
mod schedule;
mod search;
mod seen;
mod state;
mod step;
mod walk;

pub use action::Action;
pub use check::Violation;
pub use config::{Config, LEASE, Mutant};
pub use log::Log;
pub use rule::{Invariant, Refusal, Rule};
pub use schedule::{Ending, run};
pub use search::{Bounds, Outcome, Trace, reach, search, search_from, steps};
pub use state::{
    AckMessage, Budget, Coordinator, NOBODY, NODES, Node, Position, Promotion, Renewal, Report, Role, Round,
    State, Store, WRITES, WriteFact,
};
pub use step::{Step, step};
pub use walk::{Rng, Style, Walks, walk};
