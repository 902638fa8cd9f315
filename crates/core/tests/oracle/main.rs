//! The keyspace against a real redis-server 7.0.15: the same random commands to both, the same bytes back, the same
//! data afterwards, also on a replica that only sees the log, and through RDB files in both directions.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the oracle is a real process behind a socket, and expires by the real clock"
)]

mod compare;
mod engine;
mod errors;
mod generate;
mod random;
mod rdb;
mod redis;
mod robust;
mod table;
mod walk;
