//! What the lessons count beyond the writes themselves (`check/writes.rs`): deaths, connection attempts, outages.

use primacy_core::id::{Incarnation, NodeId, Position};

use super::World;

const BUCKET_NS: u64 = 100_000_000;
/// Outages that are kept of one client; a longer list would be one that never works.
const OUTAGES: usize = 256;
const DEATHS: usize = 1024;
/// 20 minutes of tenths of a second.
const BUCKETS: usize = 12_000;

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

/// What the world keeps for the lessons.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) deaths: Vec<Death>,
    /// Tenths of a second in which clients asked for connections, ascending, and for how many.
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

/// A client's operation failed.
pub(crate) fn keep_failure(outages: &mut Vec<Outage>, began: u64, why: &str) {
    let room = outages.len() < OUTAGES;
    match outages.last_mut().filter(|outage| outage.to.is_none()) {
        Some(outage) => {
            outage.failed += 1;
            if outage.last_error != why {
                why.clone_into(&mut outage.last_error);
            }
        }
        None if room => {
            outages.push(Outage { from: began, to: None, failed: 1, last_error: why.to_owned() });
        }
        None => {}
    }
}

/// A client's operation succeeded.
pub(crate) fn keep_success(outages: &mut [Outage], now: u64) {
    if let Some(outage) = outages.last_mut().filter(|outage| outage.to.is_none()) {
        outage.to = Some(now);
    }
}
