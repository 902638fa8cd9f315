//! The messages of `failover.md` §2.2.

use alloc::string::String;
use alloc::vec::Vec;
use core::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::group::record::EpochStart;
use crate::id::{Epoch, Incarnation, NodeId, Position, ReplId};
use crate::time::Instant;

/// From a node, with its sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The replication group's id.
    pub group: String,
    /// The sender.
    pub from: NodeId,
    /// The sender's life: a message of an earlier life is void (R9).
    pub incarnation: Incarnation,
    /// What it says.
    pub message: FromNode,
}

/// A node's role as it sees itself (`failover.md` §2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NodeRole {
    /// Started, waiting for [`ToNode::Joined`] (R10); reads are answered with `-LOADING`.
    Joining,
    /// A replica without a link to its primary.
    Detached,
    /// A replica that receives a snapshot beside its old data (R18).
    FullSync,
    /// A replica that follows the stream of its primary.
    Following,
    /// Promised an election's epoch: takes no record and sends no ack below it (R4).
    Frozen,
    /// Primary without a lease: serves reads, acknowledges no write (R2).
    PrimaryNoLease,
    /// Primary with a running lease.
    PrimaryServing,
    /// Primary that queues writes for a planned failover.
    PrimaryPaused,
    /// Primary that has given its lease up and waits for the election (R13).
    PrimaryReleased,
}

impl NodeRole {
    /// True in each of the primary's states.
    pub const fn is_primary(self) -> bool {
        matches!(
            self,
            Self::PrimaryNoLease | Self::PrimaryServing | Self::PrimaryPaused | Self::PrimaryReleased
        )
    }
}

/// A member as a node must know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// The member.
    pub id: NodeId,
    /// Where its RESP port listens.
    pub addr: SocketAddr,
    /// The life that the record believes in; acks of another do not count (R7, R9).
    pub incarnation: Incarnation,
}

/// The list of members with its version; the primary confirms it by its next renewal (R15).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Members {
    /// Goes up by one with every change of the list.
    pub version: u64,
    /// All members, by id.
    pub peers: Vec<Peer>,
}

/// From the coordinator to one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToNode {
    /// Answer to [`FromNode::Join`]: the group's epoch and history; the node is a detached replica now (R10).
    Joined {
        /// The committed epoch.
        epoch: Epoch,
        /// All known epochs, newest last.
        history: Vec<EpochStart>,
        /// The members.
        members: Members,
    },
    /// Promise `epoch`, stop following, acknowledging and serving, then report (R4).
    Freeze {
        /// The election's epoch.
        epoch: Epoch,
    },
    /// The record names this node primary of `epoch`. Obeyed only by that incarnation, if it promised `epoch`
    /// and still stands at `start` (R5, R9). Carries no lease (R1).
    Promote {
        /// The new epoch.
        epoch: Epoch,
        /// The life that won.
        incarnation: Incarnation,
        /// The position it reported.
        start: Position,
        /// The new epoch's replication id.
        repl_id: ReplId,
        /// All epochs, the new one last.
        history: Vec<EpochStart>,
        /// The members.
        members: Members,
    },
    /// Follow the primary of `epoch`, unless a higher one is promised (R11).
    Follow {
        /// The primary's epoch.
        epoch: Epoch,
        /// Who it is.
        primary: NodeId,
        /// Where its RESP port listens.
        addr: SocketAddr,
        /// All epochs, newest last.
        history: Vec<EpochStart>,
        /// The members.
        members: Members,
    },
    /// While frozen at `epoch`: fetch what a frozen member that cannot win has beyond this node, up to `until`,
    /// then report again (§2.7 step 4).
    CatchUp {
        /// The election's epoch.
        epoch: Epoch,
        /// Whom to fetch from.
        from: NodeId,
        /// Where its RESP port listens.
        addr: SocketAddr,
        /// Its reported position.
        until: Position,
    },
    /// The renewal sent at `asked` is stored: the lease runs to `asked` + L (R1).
    Renewed {
        /// The epoch of the lease.
        epoch: Epoch,
        /// The renewal's number within the epoch.
        seq: u64,
        /// The node's own send time, echoed.
        asked: Instant,
        /// The members, to be confirmed by the next renewal (R15).
        members: Members,
    },
    /// The store refused: the node is not primary any more, for good (R17). `epoch` is the one that the record has
    /// reached.
    Denied {
        /// The record's epoch.
        epoch: Epoch,
    },
    /// [`FromNode::Lost`] about this epoch has come, and need not be repeated.
    LossNoted {
        /// The epoch that ended.
        epoch: Epoch,
    },
    /// Planned failover: queue writes, wait until `target` has everything, then [`FromNode::Release`].
    Handover {
        /// The primary's epoch.
        epoch: Epoch,
        /// Who is to take over.
        target: NodeId,
    },
    /// Signs of life have come, and there is nothing else to say: a node leaves a coordinator that is silent.
    Heard,
}

/// From one node to the coordinator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromNode {
    /// A process has started (R10). Repeated until answered.
    Join {
        /// Where its RESP port listens.
        addr: SocketAddr,
        /// What it has; `Position::default()` when empty.
        position: Position,
    },
    /// Sign of life.
    Heartbeat {
        /// Its role.
        role: NodeRole,
        /// The highest epoch that it promised or learned.
        promised: Epoch,
        /// How far it has come.
        position: Position,
        /// For a primary: what each attached member has acknowledged. For a replica: empty.
        acked: Vec<(NodeId, Position)>,
        /// For a replica: its link to the primary is up and the stream flows.
        link_up: bool,
        /// Keys in all databases, for display.
        keys: u64,
    },
    /// The promise (R4) and what the election needs.
    Report {
        /// The promised epoch.
        epoch: Epoch,
        /// How far it has come, fixed from now on.
        position: Position,
        /// The replication id of `position.epoch`, as the node knows it.
        repl_id: ReplId,
        /// False: it may vote but not win (a snapshot half loaded, in quarantine after a restart (R16)).
        electable: bool,
    },
    /// It has promised a higher epoch than the message that it got.
    Stale {
        /// The promise.
        promised: Epoch,
    },
    /// A grant of the failsafe still runs: `Freeze` is refused until it ends (R14); the coordinator asks again.
    GrantRunning {
        /// The election's epoch that was asked for.
        epoch: Epoch,
    },
    /// The primary asks for its lease: stored by compare-and-set (R1, R3).
    Renew {
        /// Its epoch.
        epoch: Epoch,
        /// Number of the renewal within the epoch, from 1.
        seq: u64,
        /// Send time on its own clock.
        asked: Instant,
        /// How far it has come.
        position: Position,
        /// What each attached member has acknowledged, by id.
        acked: Vec<(NodeId, Position)>,
        /// Version of the member list that it has seen (R15).
        members_seen: u64,
        /// Members that have been fully caught up in this epoch, with their lives (R9).
        synced: Vec<(NodeId, Incarnation)>,
    },
    /// Planned failover: the lease is given up at this position (R13).
    Release {
        /// Its epoch.
        epoch: Epoch,
        /// Number of the last renewal before it: a later one takes it back, in whatever order the two arrive.
        seq: u64,
        /// Where it stopped.
        position: Position,
    },
    /// Planned failover called off: the target did not catch up in time; writes go on.
    HandoverFailed {
        /// Its epoch.
        epoch: Epoch,
    },
    /// A replica attached to its primary.
    Attached {
        /// The primary's epoch.
        epoch: Epoch,
        /// True when a whole snapshot was needed.
        full: bool,
        /// The position from which it continues.
        position: Position,
    },
    /// What an old primary had that the new history lacks (§2.9); follows every discarded suffix. An exact count is
    /// repeated until [`ToNode::LossNoted`] answers it.
    Lost(LossReport),
}

/// Acknowledged writes that a failover lost, or may have lost (`failover.md` §2.9, I7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LossReport {
    /// The epoch that ended.
    pub epoch: Epoch,
    /// Its primary.
    pub node: NodeId,
    /// The primary's life.
    pub incarnation: Incarnation,
    /// Where the new history leaves the old one.
    pub fork: Position,
    /// Where the old history ended, as far as known.
    pub end: Position,
    /// Writes in between: the exact number when `exact`, else the least.
    pub ops: u64,
    /// Bytes in between.
    pub bytes: u64,
    /// True when the old primary's own position was seen after the failover.
    pub exact: bool,
    /// For an inexact report: milliseconds between the last renewal and the take-over, in which writes may have been
    /// acknowledged unseen.
    pub window_ms: u64,
}
