//! What a node is told at its start.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::net::SocketAddr;

use crate::id::{Incarnation, NodeId, Zone};
use crate::time::Timing;

/// The group's secret; never printed (I28).
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Ceilings, in bytes unless said otherwise; 0 switches a limit off where noted. Defaults are Redis's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeLimits {
    /// Client connections at once (`maxclients`).
    pub max_clients: usize,
    /// Unparsed input of one client (`client-query-buffer-limit`).
    pub query_buffer: usize,
    /// Unparsed input of a client before AUTH.
    pub query_buffer_unauthenticated: usize,
    /// Unsent replies of one client; 0: no limit (`client-output-buffer-limit normal`).
    pub output_normal: usize,
    /// Unsent replies of one client before AUTH (CVE-2025-21605).
    pub output_unauthenticated: usize,
    /// How far the log grows for a slow replica before the replica is cut.
    pub output_replica: usize,
    /// Bytes of the log that are always kept for partial resyncs (`repl-backlog-size`).
    pub backlog: usize,
    /// Memory of the keyspace above which commands that add data get `-OOM`; 0: no limit (`maxmemory`).
    pub max_memory: u64,
}

impl NodeLimits {
    /// Redis 7.0's defaults, with a backlog that rides out a failover at a few hundred MB/s.
    pub const DEFAULT: Self = Self {
        max_clients: 10_000,
        query_buffer: 1 << 30,
        query_buffer_unauthenticated: 1 << 20,
        output_normal: 0,
        output_unauthenticated: 64 << 10,
        output_replica: 256 << 20,
        backlog: 16 << 20,
        max_memory: 0,
    };
}

impl Default for NodeLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Identity, timing and limits of one life of a node.
#[derive(Clone, Debug)]
pub struct NodeConfig {
    /// Its number within the group.
    pub id: NodeId,
    /// The replication group's id.
    pub group: String,
    /// This life; larger than every earlier one of `id` (R9).
    pub incarnation: Incarnation,
    /// Its availability zone; shown only.
    pub zone: Zone,
    /// Where its RESP port listens, as others reach it.
    pub addr: SocketAddr,
    /// `replica-priority`: 0 is never primary. Shown only; the coordinator decides.
    pub priority: u8,
    /// Shared by the group's members and its coordinator.
    pub secret: Secret,
    /// Password that clients must give (`requirepass`); `None`: none.
    pub password: Option<Secret>,
    /// Durations of the protocol.
    pub timing: Timing,
    /// R14: serve on the grants of all members while the store is silent.
    pub failsafe: bool,
    /// Follow a primary that cannot prove membership, such as a redis-server that is being migrated from.
    pub trust_foreign_primary: bool,
    /// Ceilings.
    pub limits: NodeLimits,
    /// Version that INFO shows as `primacy_version`.
    pub version: &'static str,
}

impl NodeConfig {
    /// A config with the `LAN` timing, default limits and no password.
    pub fn new(id: NodeId, group: &str, incarnation: Incarnation, addr: SocketAddr, secret: Secret) -> Self {
        Self {
            id,
            group: group.into(),
            incarnation,
            zone: Zone::new(),
            addr,
            priority: 100,
            secret,
            password: None,
            timing: Timing::LAN,
            failsafe: false,
            trust_foreign_primary: false,
            limits: NodeLimits::DEFAULT,
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}
