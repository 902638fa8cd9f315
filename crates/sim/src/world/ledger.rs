//! What the lessons count beyond the writes themselves (`check/writes.rs`): deaths, connection attempts, outages.

use primacy_core::id::{Incarnation, NodeId, Position};

use super::World;
use super::client::Stats;

/// Results of one client that are kept.
const RECENT: usize = 64;
/// Attempts are counted in hundredths of a second: a crowd that moves in step shows only there.
const BUCKET_NS: u64 = 10_000_000;
const SECOND_NS: u64 = 1_000_000_000;
/// Outages that are kept of one client; a longer list would be one that never works.
const OUTAGES: usize = 256;
const DEATHS: usize = 1024;
const BUCKETS: usize = 20_000;
/// Twenty minutes.
const SECONDS: usize = 1_200;

/// A process that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Death {
    pub(crate) at: u64,
    pub(crate) node: NodeId,
    pub(crate) incarnation: Incarnation,
    pub(crate) position: Position,
    pub(crate) keys: u64,
    /// The record named it primary.
    pub(crate) primary: bool,
}

/// A time in which a client had no success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outage {
    /// When the first operation that failed was begun.
    pub(crate) from: u64,
    /// When an operation succeeded again.
    pub(crate) to: Option<u64>,
    /// Operations that failed.
    pub(crate) failed: u32,
    pub(crate) last_error: String,
}

/// A client's operations of one second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Second {
    /// Seconds since the beginning.
    pub(crate) at: u32,
    pub(crate) ok: u32,
    pub(crate) failed: u32,
}

/// What the world keeps for the lessons.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) deaths: Vec<Death>,
    /// Hundredths of a second in which clients asked for connections, ascending, and for how many.
    pub(crate) attempts: Vec<(u64, u32)>,
}

impl World {
    /// A process is about to end.
    pub(crate) fn keep_death(&mut self, node: NodeId) {
        let primary = self.recorded_primary() == Some(node);
        let Some(process) = self.machines.get(&node).and_then(|m| m.process.as_deref()) else { return };
        let death = Death {
            at: self.queue.now(),
            node,
            incarnation: process.incarnation,
            position: process.node.position(),
            keys: process.node.keyspace().len() as u64,
            primary,
        };
        if self.ledger.deaths.len() < DEATHS {
            self.ledger.deaths.push(death);
        }
    }

    /// A client asks for a connection.
    pub(crate) fn keep_attempt(&mut self) {
        let bucket = self.queue.now() / BUCKET_NS;
        let attempts = &mut self.ledger.attempts;
        let room = attempts.len() < BUCKETS;
        match attempts.last_mut() {
            Some((last, n)) if *last == bucket => *n += 1,
            _ if room => attempts.push((bucket, 1)),
            _ => {}
        }
    }
}

impl Stats {
    /// Keeps the newest results.
    pub(super) fn note(&mut self, at: u64, ok: bool) {
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back((at, ok));
    }

    /// An operation succeeded.
    pub(crate) fn succeeded(&mut self, now: u64) {
        if let Some(outage) = self.outages.last_mut().filter(|outage| outage.to.is_none()) {
            outage.to = Some(now);
        }
        if let Some(second) = self.second(now) {
            second.ok += 1;
        }
    }

    /// An operation failed.
    pub(crate) fn failed(&mut self, now: u64, why: &str) {
        let room = self.outages.len() < OUTAGES;
        match self.outages.last_mut().filter(|outage| outage.to.is_none()) {
            Some(outage) => {
                outage.failed += 1;
                if outage.last_error != why {
                    why.clone_into(&mut outage.last_error);
                }
            }
            None if room => {
                self.outages.push(Outage {
                    from: self.began,
                    to: None,
                    failed: 1,
                    last_error: why.to_owned(),
                });
            }
            None => {}
        }
        if let Some(second) = self.second(now) {
            second.failed += 1;
        }
    }

    fn second(&mut self, now: u64) -> Option<&mut Second> {
        let at = u32::try_from(now / SECOND_NS).unwrap_or(u32::MAX);
        if self.seconds.last().is_none_or(|second| second.at != at) && self.seconds.len() < SECONDS {
            self.seconds.push(Second { at, ok: 0, failed: 0 });
        }
        self.seconds.last_mut().filter(|second| second.at == at)
    }
}
