//! The coordinator of one replication group: a decision maker.
//!
//! It knows members, epochs, positions and leases; never keys or log bytes. It acts only through
//! [`Action`], and emits nothing that depends on a change of the record before the store has said that the
//! change is stored.

pub mod event;
pub mod record;
pub mod spec;
pub mod view;
