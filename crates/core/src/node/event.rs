//! What a node tells its driver: rare facts, never one per command.

use core::net::SocketAddr;

use crate::control::NodeRole;
use crate::id::{ConnId, Epoch, NodeId, Offset};

/// One attempt to reach a primary, numbered by the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DialId(pub u64);

/// For the driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Connect to `addr`, then call `dialed` with the same number, or `dial_failed`.
    Dial {
        /// Number of the attempt.
        dial: DialId,
        /// Who listens there.
        to: NodeId,
        /// Where.
        addr: SocketAddr,
    },
    /// Close the connection now, without sending the rest of its outbox; then call `closed`.
    Hangup(ConnId),
    /// Call `handle_wake` for the connection.
    Wake(ConnId),
    /// The coordinator has been silent for too long: close the link to it and make another, which may lead to another one.
    LeaveCoordinator,
    /// The role has changed.
    RoleChanged {
        /// Before.
        from: NodeRole,
        /// After.
        to: NodeRole,
        /// Epoch of the last applied record.
        epoch: Epoch,
    },
    /// For the log and the page.
    Notice(Notice),
}

/// Why a lease ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseEnd {
    /// No renewal in time.
    RanOut,
    /// The node was not called for more than L / 4: it may have been frozen.
    Stalled,
    /// Wall clock and monotonic clock drifted apart by more than L / 4.
    ClockJumped,
    /// The node gave it up (R13), was frozen (R4), denied or told to follow (R17).
    StoodDown,
}

/// Why a replica's connection was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// It took the stream too slowly: the log outgrew the replica output limit.
    OutputLimit,
    /// It was silent for `link_timeout`.
    Silent,
    /// The same member attached again.
    Replaced,
    /// This node is not a primary any more.
    StoodDown,
}

/// Worth a line in the log; plain data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Writes stop.
    LeaseLost {
        /// The epoch that was served.
        epoch: Epoch,
        /// Why.
        reason: LeaseEnd,
    },
    /// Writes go on.
    LeaseGained {
        /// The epoch that is served.
        epoch: Epoch,
    },
    /// The node serves on the grants of all members (R14), or stops doing so.
    Failsafe {
        /// Entered or left.
        on: bool,
    },
    /// A replica attached.
    FeedAttached {
        /// Its connection.
        conn: ConnId,
        /// The proven member; `None` for a foreign replica, whose acks never count.
        member: Option<NodeId>,
        /// A snapshot was needed.
        full: bool,
        /// Where the stream goes on.
        offset: Offset,
    },
    /// A replica's connection is cut by the node.
    FeedCut {
        /// Its connection.
        conn: ConnId,
        /// Why.
        reason: Cut,
    },
    /// A connection claimed to be a member and could not prove it.
    AttachRefused {
        /// The connection.
        conn: ConnId,
    },
    /// The link to the primary is up and the stream flows.
    LinkUp {
        /// A snapshot was loaded.
        full: bool,
        /// Where the stream goes on.
        offset: Offset,
    },
    /// The link to the primary is down.
    LinkDown {
        /// What happened.
        reason: &'static str,
    },
    /// A command of the primary's stream failed here.
    StreamError {
        /// End of the batch that held it.
        offset: Offset,
    },
    /// An HTTP request came to the RESP port.
    HttpRefused {
        /// The connection.
        conn: ConnId,
    },
}
