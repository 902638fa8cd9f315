//! What a driver hands to a [`Group`](super::Group) and what it gets back: plain data.

use alloc::string::String;
use alloc::vec::Vec;

use crate::control::ToNode;
use crate::endpoint::Endpoints;
use crate::group::event::Event;
use crate::group::record::{Change, Revision};
use crate::group::spec::GroupSpec;
use crate::id::{Incarnation, NodeId, Zone};
use crate::time::Timing;

/// Everything that a coordinator is told at its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupConfig {
    /// The declared group.
    pub spec: GroupSpec,
    /// The durations of the protocol.
    pub timing: Timing,
    /// Zones to place nodes in; the order decides ties.
    pub zones: Vec<Zone>,
    /// Region, such as `us-east-1`.
    pub region: String,
    /// Account number for ARNs, 12 digits.
    pub account: String,
    /// DNS suffix, such as `cache.primacy.internal`.
    pub domain: String,
    /// The primary may go on without the store while all members grant it (R14).
    pub failsafe: bool,
    /// A replica more bytes behind its primary than this is not read from.
    pub reader_lag: u64,
    /// Creation of the group, milliseconds since 1970; `None`: now.
    pub created_ms: Option<u64>,
}

impl GroupConfig {
    /// The local defaults around `spec`: profile `lan`, three zones of us-east-1.
    pub fn new(spec: GroupSpec) -> Self {
        Self {
            spec,
            timing: Timing::LAN,
            zones: ["us-east-1a", "us-east-1b", "us-east-1c"].map(String::from).to_vec(),
            region: "us-east-1".into(),
            account: "000000000000".into(),
            domain: crate::endpoint::DEFAULT_DOMAIN.into(),
            failsafe: false,
            reader_lag: 8 << 20,
            created_ms: None,
        }
    }
}

/// What the driver is to do, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Deliver to that life of the node; drop it when another life, or none, is connected.
    Send(NodeId, Incarnation, ToNode),
    /// Compare-and-set; answered by `handle_stored` with the same ticket. At most one is under way.
    Store {
        /// Names the answer.
        ticket: u64,
        /// The change.
        change: Change,
    },
    /// Read both registers (linearizable); answered by `handle_registers`, or by `handle_stored` with
    /// [`Stored::Unknown`] when the store cannot be reached.
    Load {
        /// Names a failure.
        ticket: u64,
    },
    /// Let the names point here (R20).
    Publish(Endpoints),
    /// Start a process for this member and answer with `handle_provisioned`. The driver may give it a larger
    /// incarnation than asked for, never a smaller one or one that was used before.
    Provision {
        /// The member.
        node: NodeId,
        /// Where.
        zone: Zone,
        /// Its life.
        incarnation: Incarnation,
    },
    /// End that life of the process hard (SIGKILL), stopped or not; `handle_exited` follows.
    Kill {
        /// The member.
        node: NodeId,
        /// The life to be ended: a later one is left alone.
        incarnation: Incarnation,
    },
    /// Something happened; also kept in the view.
    Event(Event),
}

/// The store's answer to [`Action::Store`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// Written: the revisions of both registers now, also of one that the change did not touch.
    Ok {
        /// The shard's.
        shard: Revision,
        /// The lease's.
        lease: Revision,
    },
    /// An expected revision did not hold; nothing was written.
    Conflict,
    /// No answer in time: it may have been written, or may yet be.
    Unknown,
}

/// What a user or the API asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// The primary's process is ended hard, then failover and recovery as after a crash.
    TestFailover {
        /// `NodeGroupId`: always `0001` here.
        node_group: String,
    },
    /// Planned failover without loss.
    Failover {
        /// Who is to take over; `None`: the best replica.
        target: Option<NodeId>,
    },
    /// RebootCacheCluster. Of the primary: no failover, the group comes back empty.
    Reboot {
        /// The member.
        node: NodeId,
    },
    /// Switches `AutomaticFailoverEnabled`.
    SetAutomaticFailover {
        /// The new value.
        enabled: bool,
    },
    /// IncreaseReplicaCount: further members, one after the other.
    IncreaseReplicas {
        /// Replicas wanted, 1 to 5; `None`: one more.
        count: Option<u8>,
    },
    /// DecreaseReplicaCount: members leave, one after the other, never the primary.
    DecreaseReplicas {
        /// Replicas wanted, 0 to 4; `None`: without those that are named, or one less.
        count: Option<u8>,
        /// Who is to leave; whoever else has to is chosen.
        remove: Vec<NodeId>,
    },
    /// One of the two, whichever leads there.
    SetReplicas {
        /// Replicas wanted, 0 to 5.
        count: u8,
    },
    /// Ends every process; the driver drops the group after [`EventKind::GroupDeleted`](super::event::EventKind).
    Delete,
}

/// Why a request is refused. Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// There is no such node group.
    NodeGroupNotFound,
    /// There is no such member.
    NodeNotFound(NodeId),
    /// The group is being created or deleted, or has no serving primary.
    NotAvailable,
    /// Needs at least one replica.
    NoReplica,
    /// Needs automatic failover.
    AutomaticFailoverOff,
    /// A failover, a reboot, the recovery of a node or a change of replicas is under way.
    Busy,
    /// 15 test failovers in the last 24 hours.
    QuotaExceeded,
    /// A node group has at most [`MAX_REPLICAS`](crate::id::MAX_REPLICAS) replicas.
    TooManyReplicas,
    /// The group has so many replicas, or that many are wanted already: no increase.
    NotMore(u8),
    /// The group has only so many replicas, or only that many are wanted already: no decrease.
    NotFewer(u8),
    /// Automatic failover needs at least one replica.
    LastReplica,
    /// The primary cannot be removed.
    IsPrimary(NodeId),
    /// The target cannot take over: it is the primary already, silent, not following or has priority 0.
    BadTarget(NodeId),
}

/// The coordinator's timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// A member was silent for `silent_after`.
    Silence,
    /// The lease was not renewed for L + margin (R3).
    Lease,
    /// An election has collected long enough.
    Collect,
    /// A message that was not answered is sent again.
    Retry,
    /// A failed member is replaced.
    Replace,
    /// R19: the wait for members with data ends.
    Genesis,
    /// A planned failover was neither completed nor called off.
    Handover,
    /// The store is asked again.
    Store,
}
