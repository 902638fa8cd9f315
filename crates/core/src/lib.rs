//! Primacy's core: the keyspace, the asynchronous replication log, the node, the coordinator of a
//! replication group (failure detection, election, failover) and endpoint resolution.
//!
//! > Bytes are handed in and appended out. Facts are polled. Time is an argument. Nothing is called back.
//!
//! The crate has no clock, thread, socket, file or source of randomness: the same code runs in the
//! simulator, in a browser tab and in the native server. `shared/reference/failover.md` §2 is the
//! protocol; its rules appear here under their names, R1 to R20.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod command;
pub mod control;
pub mod endpoint;
pub mod group;
pub mod id;
pub mod keyspace;
pub mod log;
pub mod map;
pub mod node;
pub mod order;
pub mod resp;
pub mod rng;
pub mod time;
