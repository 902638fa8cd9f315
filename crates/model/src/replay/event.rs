//! What the judge is told: one control step of the real implementation, as plain data.

/// A node of the group, an abstract number of the caller's choice below 64 (so that a set of nodes fits a `u64`).
pub type NodeId = u8;

/// A position in a history (R5): the epoch of the last applied record, then the byte offset. Ordered as R6 orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Pos {
    /// Epoch of the last applied record, 0 before the first.
    pub epoch: u64,
    /// Bytes of the replication stream.
    pub offset: u64,
}

/// One control step. Events come in the order in which they happen in global time.
///
/// A step of a node is told when the node does it; a step of the store when the store has stored it; `Reported` and
/// `Acked` when the receiver counts the message, since it may be lost or late. Incarnations of one node grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ControlEvent {
    /// The store has opened the election of `epoch`, one above the last (R3).
    Suspect {
        /// The new epoch.
        epoch: u64,
    },
    /// A node has promised `epoch`: it follows nobody, sends no ack and serves no more (R4).
    Frozen {
        /// The member.
        node: NodeId,
        /// Its incarnation.
        inc: u64,
        /// The promised epoch.
        epoch: u64,
        /// Where it stands.
        pos: Pos,
    },
    /// A coordinator has received a report.
    Reported {
        /// The member.
        node: NodeId,
        /// Its incarnation when it reported.
        inc: u64,
        /// The election.
        epoch: u64,
        /// The reported position.
        pos: Pos,
        /// Whether it may be primary (priority above 0, data complete).
        electable: bool,
    },
    /// An electable member has fetched what a reporter ahead of it has, both frozen at the epoch (§2.7 step 4).
    CaughtUp {
        /// The member.
        node: NodeId,
        /// Its incarnation.
        inc: u64,
        /// The election.
        epoch: u64,
        /// The reporter it fetched from.
        from: NodeId,
        /// Its new position, which replaces the one in its report.
        pos: Pos,
    },
    /// The store has committed a winner.
    Committed {
        /// The election.
        epoch: u64,
        /// The winner.
        winner: NodeId,
        /// Its incarnation.
        inc: u64,
        /// The winner's position, where the new epoch starts.
        start: Pos,
        /// The reports that the coordinator counted, one bit per node; 0 for all that were received.
        counted: u64,
    },
    /// The winner has appended its epoch record and leads, without a lease yet (R5).
    Promoted {
        /// The winner.
        node: NodeId,
        /// Its incarnation.
        inc: u64,
        /// Its epoch.
        epoch: u64,
        /// The offset behind the epoch record.
        record: u64,
    },
    /// The store has stored a renewal (R1).
    Renewed {
        /// The primary.
        node: NodeId,
        /// Its incarnation.
        inc: u64,
        /// Its epoch.
        epoch: u64,
        /// The renewal's number within the epoch, growing.
        seq: u64,
        /// When it was sent, in the caller's unit of [`super::Replay::advance`]; unused without a lease length.
        sent: u64,
        /// The version of the member list that the primary uses (R15).
        members_seen: u64,
    },
    /// The store has refused a renewal and the primary has heard it; this is final (R17).
    Denied {
        /// The primary.
        node: NodeId,
        /// Its incarnation.
        inc: u64,
        /// Its epoch.
        epoch: u64,
    },
    /// The store has stored that the primary gave up its lease (R13).
    Released {
        /// The primary.
        node: NodeId,
        /// Its incarnation.
        inc: u64,
        /// Its epoch.
        epoch: u64,
        /// Where it stopped.
        pos: Pos,
    },
    /// A primary has learnt of a higher epoch, or gives up its role for another reason (R17).
    SteppedDown {
        /// The old primary.
        node: NodeId,
        /// Its incarnation.
        inc: u64,
        /// The epoch it led.
        epoch: u64,
    },
    /// A replica has attached to a primary (R11).
    Attached {
        /// The replica.
        replica: NodeId,
        /// Its incarnation.
        inc: u64,
        /// The primary.
        primary: NodeId,
        /// The primary's epoch.
        epoch: u64,
        /// The replica's position when it attached.
        pos: Pos,
        /// Whether a full sync follows; the position stays until `Swapped` (R18).
        full: bool,
    },
    /// A full sync has replaced the replica's data (R18).
    Swapped {
        /// The replica.
        replica: NodeId,
        /// Its incarnation.
        inc: u64,
        /// The new position.
        pos: Pos,
    },
    /// A replica has applied records up to a position. May be told once for many records.
    Applied {
        /// The replica.
        replica: NodeId,
        /// Its incarnation.
        inc: u64,
        /// The epoch of the primary they came from.
        epoch: u64,
        /// The new position.
        pos: Pos,
    },
    /// A primary has counted an ack (R7).
    Acked {
        /// The replica.
        replica: NodeId,
        /// The incarnation that the ack carries.
        inc: u64,
        /// The primary.
        primary: NodeId,
        /// The epoch that the ack carries.
        epoch: u64,
        /// The acknowledged offset.
        offset: u64,
    },
    /// A primary has answered WAIT, or `PRIMACY WAIT`, with at least `k` (R2, R8).
    WaitAnswered {
        /// The primary.
        node: NodeId,
        /// Its incarnation.
        inc: u64,
        /// Its epoch.
        epoch: u64,
        /// The offset behind the last write that was waited for.
        offset: u64,
        /// The number of replicas in the answer.
        k: u64,
    },
    /// A primary has acknowledged writes (R2).
    Acknowledged {
        /// The primary.
        node: NodeId,
        /// Its incarnation.
        inc: u64,
        /// Its epoch.
        epoch: u64,
    },
    /// The primary's mark that a replica has everything is stored (R12).
    Synced {
        /// The replica.
        replica: NodeId,
        /// Its incarnation.
        inc: u64,
        /// The marking primary's epoch.
        epoch: u64,
    },
    /// A process has ended: told when it ends, whoever knows of it, and before its successor's `Joined`.
    Exited {
        /// The node.
        node: NodeId,
        /// The incarnation that is gone.
        inc: u64,
    },
    /// A new incarnation has learnt the current epoch (R10).
    Joined {
        /// The node.
        node: NodeId,
        /// The new incarnation.
        inc: u64,
        /// The epoch it was told, which it promises.
        epoch: u64,
    },
    /// The store has let a new incarnation in; it learns that by `Joined`.
    Admitted {
        /// The node.
        node: NodeId,
        /// The new incarnation.
        inc: u64,
        /// It has told that it has nothing (R19).
        empty: bool,
    },
    /// The endpoint names a new primary (R20).
    Published {
        /// The primary's epoch.
        epoch: u64,
        /// The primary.
        node: NodeId,
    },
    /// A member has granted a failsafe round (R14).
    FailsafeGranted {
        /// The member.
        member: NodeId,
        /// Its incarnation.
        inc: u64,
        /// The primary that asked.
        primary: NodeId,
        /// The primary's epoch.
        epoch: u64,
        /// The round.
        round: u64,
    },
    /// A primary serves on the grants of a round (R14).
    FailsafeServing {
        /// The primary.
        node: NodeId,
        /// Its incarnation.
        inc: u64,
        /// Its epoch.
        epoch: u64,
        /// The round.
        round: u64,
        /// When the round started, in the caller's unit of time.
        started: u64,
    },
    /// A node has become a member, or the life of one has, with the list version that contains it first.
    MemberAdded {
        /// The node.
        node: NodeId,
        /// The version of the list.
        version: u64,
    },
    /// A node is no member any more.
    MemberRemoved {
        /// The node.
        node: NodeId,
        /// The version of the list.
        version: u64,
    },
    /// An empty group has been accepted as a new beginning (R19), by an operator, a timer or a reboot that empties.
    GenesisConfirmed,
}
