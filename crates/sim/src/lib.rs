//! Primacy's simulator: hosts, clocks, network, store, name server, clients and faults around the real core, all
//! decided by one scenario.
//!
//! It is the main instrument of the tests and the engine of the playground. A [`Scenario`] gives the same events in
//! the same order on every target; [`World::trace`] is the proof. `check` holds the invariants of
//! `shared/reference/failover.md` §3, one file each.
//!
//! ```
//! use primacy_sim::{Scenario, World};
//!
//! let mut world = World::new(Scenario::default());
//! world.run_until(5_000_000_000);
//! assert!(world.violation().is_none());
//! ```
#![forbid(unsafe_code)]

pub mod campaign;
pub mod check;
mod chunks;
pub mod clock;
pub mod command;
pub mod command_text;
pub mod console;
pub mod draw;
pub mod engine;
pub mod fault;
pub mod golden;
pub mod hash;
pub mod lesson;
pub mod link;
mod members;
pub mod net;
pub mod queue;
pub mod scenario;
pub mod script;
pub mod shrink;
pub mod why;
pub mod world;

pub use command::Command;
pub use primacy_core::resp::client as reply;
pub use scenario::Scenario;
pub use world::{World, WorldView};
