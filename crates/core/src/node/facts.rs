//! What a node tells about itself, for INFO, the page and the checks.

use super::{Node, NodeConfig};
use crate::control::NodeRole;
use crate::id::{ConnId, Epoch, Offset, Position, ReplId};
use crate::keyspace::Keyspace;
use crate::log::Lineage;
use crate::time::Instant;

/// Counters since the start, or since CONFIG RESETSTAT.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Commands executed or queued.
    pub commands: u64,
    /// Connections accepted.
    pub connections: u64,
    /// Connections refused for want of places.
    pub rejected: u64,
    /// Snapshots asked for.
    pub sync_full: u64,
    /// Resyncs that needed no snapshot.
    pub sync_partial_ok: u64,
    /// Resyncs that asked for the stream and needed a snapshot.
    pub sync_partial_err: u64,
    /// Keys deleted because their time was over.
    pub expired_keys: u64,
    /// Commands refused.
    pub errors: u64,
}

impl Node {
    /// What it was started with.
    pub const fn config(&self) -> &NodeConfig {
        &self.config
    }

    /// Its role, as of the last call.
    pub const fn role(&self) -> NodeRole {
        self.role
    }

    /// How far it has come.
    pub fn position(&self) -> Position {
        self.log.position()
    }

    /// Epoch of the last applied record (R5).
    pub fn epoch(&self) -> Epoch {
        self.current_epoch()
    }

    /// The highest epoch that it promised or learned.
    pub const fn promised(&self) -> Epoch {
        self.promised
    }

    /// Replication id of the last applied record's epoch.
    pub fn repl_id(&self) -> ReplId {
        self.log.repl_id()
    }

    /// The epochs that its log went through.
    pub const fn lineage(&self) -> &Lineage {
        self.log.lineage()
    }

    /// When the lease ends (R1); `None` without one.
    pub const fn lease_deadline(&self) -> Option<Instant> {
        self.lease.deadline
    }

    /// Send time of the renewal that the lease rests on; `None` without a lease or on grants only (R14).
    pub const fn last_renewed(&self) -> Option<Instant> {
        match self.lease.deadline {
            Some(_) if !self.lease.on_grants => self.lease.renewed,
            _ => None,
        }
    }

    /// The lease rests on the members' grants (R14).
    pub const fn failsafe(&self) -> bool {
        self.lease.on_grants
    }

    /// Until when a grant given to the primary runs (R14).
    pub const fn grant_until(&self) -> Option<Instant> {
        self.grant_until
    }

    /// The link to the primary, if there is one.
    pub const fn primary_conn(&self) -> Option<ConnId> {
        self.upstream.conn
    }

    /// Offset before the oldest byte of the log that is held.
    pub const fn backlog_start(&self) -> Offset {
        self.log.ring().start()
    }

    /// Bytes of the log that are held.
    pub const fn backlog_bytes(&self) -> u64 {
        self.log.ring().held()
    }

    /// Up to two chunks of the log after `from`; `None` when it is not held.
    pub fn log_tail(&self, from: Offset) -> Option<[&[u8]; 2]> {
        self.log.ring().after(from)
    }

    /// Connections whose writes are queued by a planned failover.
    pub fn parked(&self) -> &[ConnId] {
        &self.parked
    }

    /// Clients blocked by WAIT or PRIMACY WAIT.
    pub const fn blocked(&self) -> usize {
        self.waiters.len()
    }

    /// Read access to the data.
    pub const fn keyspace(&self) -> &Keyspace {
        &self.keyspace
    }

    /// Counters.
    pub const fn stats(&self) -> &Stats {
        &self.stats
    }
}
