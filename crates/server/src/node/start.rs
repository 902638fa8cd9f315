//! What a node process is told at its start: one line of JSON on its standard input, so that the group's secret is
//! on no command line and in no environment. The pipe stays open; its end means that the parent is gone.

use std::io::BufRead;
use std::net::SocketAddr;
use std::time::Duration;

use primacy_core::id::{Incarnation, NodeId};
use primacy_core::node::{NodeConfig, Secret};
use primacy_core::time::Timing;
use serde::{Deserialize, Serialize};

use crate::fail::Fail;

/// The parent's order.
#[derive(Serialize, Deserialize)]
pub(crate) struct Start {
    /// The replication group's id.
    pub(crate) group: String,
    /// The node.
    pub(crate) node: NodeId,
    /// This life.
    pub(crate) incarnation: Incarnation,
    /// Its zone.
    pub(crate) zone: String,
    /// Where it is to listen.
    pub(crate) addr: SocketAddr,
    /// Where the coordinator listens for nodes.
    pub(crate) control: SocketAddr,
    /// The group's secret.
    pub(crate) secret: Vec<u8>,
    /// Seed of everything random in the node but the control link's nonces.
    pub(crate) seed: [u8; 32],
    /// Durations of the protocol.
    pub(crate) timing: Timing,
    /// R14.
    pub(crate) failsafe: bool,
    /// Ceiling of the keyspace in bytes; 0: none.
    pub(crate) max_memory: u64,
    /// Delay of all that arrives from the primary.
    pub(crate) link_delay: Duration,
}

impl Start {
    /// Reads the order from standard input.
    pub(crate) fn read() -> Result<Self, Fail> {
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        let misused =
            || Fail::new("`primacy node` is started by `primacy up`").hint("run `primacy up TEMPLATE`");
        read.map_err(|_| misused())?;
        serde_json::from_str(&line).map_err(|_| misused())
    }

    /// The same for core.
    pub(crate) fn config(&self) -> NodeConfig {
        let secret = Secret(self.secret.clone());
        let mut config = NodeConfig::new(self.node, &self.group, self.incarnation, self.addr, secret);
        config.zone.clone_from(&self.zone);
        config.timing = self.timing;
        config.failsafe = self.failsafe;
        config.limits.max_memory = self.max_memory;
        config.version = env!("CARGO_PKG_VERSION");
        config
    }
}
