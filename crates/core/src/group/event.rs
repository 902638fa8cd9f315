//! What happened to a group, each with its cause, for the page, the log and `describe-events`.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::control::LossReport;
use crate::id::{Epoch, EventId, Incarnation, NodeId, Position, Zone};
use crate::time::Instant;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Number, from 1.
    pub id: EventId,
    /// When, on the coordinator's monotonic clock.
    pub at: Instant,
    /// When, milliseconds since 1970.
    pub unix_ms: u64,
    /// The event that made this one happen; `None` for an outside cause.
    pub cause: Option<EventId>,
    /// What.
    pub kind: EventKind,
}

/// Why a primary was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Suspicion {
    /// Its process is known to have ended: nobody has to wait for the lease.
    Exited,
    /// A new life of the node joined: the old one is gone.
    Restarted,
    /// No renewal for L + margin (R3).
    LeaseRanOut,
    /// It gave its lease up for a planned failover (R13).
    Released,
    /// The group never had a primary.
    Genesis,
    /// An election could not be completed and begins again.
    Stalled,
}

/// What can happen.
#[expect(missing_docs, reason = "the fields are the shared words: node, epoch, position, incarnation")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventKind {
    /// The group exists.
    GroupCreated,
    /// Every node is up and follows.
    GroupAvailable,
    /// A node's process was started.
    NodeProvisioned { node: NodeId, zone: Zone, incarnation: Incarnation },
    /// A node's process has joined.
    NodeJoined { node: NodeId, incarnation: Incarnation, position: Position },
    /// Nothing heard from a node for `silent_after`.
    NodeSilent { node: NodeId },
    /// A silent node was heard again.
    NodeHeard { node: NodeId },
    /// A node's process has ended.
    NodeExited { node: NodeId, incarnation: Incarnation },
    /// A node attached to its primary.
    NodeAttached { node: NodeId, epoch: Epoch, full: bool },
    /// A failed node is being replaced.
    RecoveryStarted { node: NodeId },
    /// The replacement has caught up.
    RecoveryFinished { node: NodeId },
    /// TestFailover was called.
    TestFailoverCalled,
    /// A planned failover was asked for.
    PlannedFailoverCalled { target: NodeId },
    /// The planned failover was called off and nothing changed.
    PlannedFailoverAborted { target: NodeId },
    /// RebootCacheCluster was called.
    RebootCalled { node: NodeId },
    /// The primary is given up: an election for `epoch` begins (step 1).
    Suspected { primary: Option<NodeId>, epoch: Epoch, reason: Suspicion },
    /// A member's promise and position arrived (step 3).
    Reported { node: NodeId, epoch: Epoch, position: Position },
    /// The winner is chosen and stored (steps 4 and 5); `reason` says why it and no other.
    Elected { node: NodeId, epoch: Epoch, start: Position, reason: String },
    /// An election that cannot be won yet; `reason` says what it waits for (R12, R19).
    ElectionWaits { epoch: Epoch, reason: String },
    /// The winner holds its first lease: writes work again.
    Serving { node: NodeId, epoch: Epoch },
    /// The endpoint names point to the new primary (R20).
    EndpointMoved { node: NodeId, epoch: Epoch },
    /// The whole failover: from the old primary to the new one.
    FailoverCompleted { from: NodeId, to: NodeId, epoch: Epoch },
    /// What the failover lost; also when it was nothing.
    Lost(LossReport),
    /// All members came back empty: a confirmed start from nothing (R19).
    DataLost,
    /// More or fewer replicas were asked for.
    ReplicasAsked { from: u8, to: u8 },
    /// A further member, not started yet.
    NodeAdded { node: NodeId, zone: Zone },
    /// This node is a member no more; its process is ended.
    NodeRemoved { node: NodeId },
    /// The wanted number of replicas is there, and all follow.
    ReplicasChanged { from: u8, to: u8 },
    /// The group is being deleted.
    GroupDeleting,
    /// Every process has ended: the group is gone.
    GroupDeleted,
}
