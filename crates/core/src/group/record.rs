//! What the store keeps: one register for the shard, one for the lease (`failover.md` §2.1).

use alloc::vec::Vec;
use core::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::id::{Epoch, Incarnation, NodeId, Position, ReplId, Zone};
use crate::map::Map;

/// How many epochs the history keeps; an older suffix needs a full sync.
pub const HISTORY_KEPT: usize = 64;

/// Version of a register; 0: not there. A compare-and-set names the version that it replaces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Revision(pub u64);

/// The beginning of one epoch's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochStart {
    /// The epoch.
    pub epoch: Epoch,
    /// Its replication id, drawn at the commit.
    pub repl_id: ReplId,
    /// The winner's position: the history before it belongs to earlier epochs.
    pub start: Position,
}

/// A member as the record has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Where its RESP port listens.
    pub addr: SocketAddr,
    /// Its availability zone.
    pub zone: Zone,
    /// 0: never primary; otherwise lower is preferred, 100 by default (Redis's `replica-priority`).
    pub priority: u8,
    /// The last life that joined.
    pub incarnation: Incarnation,
    /// The highest life that was ever asked for: stored before a process is started, so that no two
    /// coordinators start two processes with one incarnation (R9).
    pub assigned: Incarnation,
    /// The life that has once been fully caught up (R9, R12).
    pub synced: Option<Incarnation>,
    /// May win an election: confirmed by the primary (R15).
    pub electable: bool,
}

/// Where the shard stands between two elections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// No primary has ever been.
    Empty,
    /// `epoch` has a primary.
    Stable {
        /// The primary.
        primary: NodeId,
        /// Its life.
        incarnation: Incarnation,
    },
    /// `epoch` is being decided; no renewal of an earlier one can succeed.
    Electing,
}

/// The shard's register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardRec {
    /// The highest epoch proposed.
    pub epoch: Epoch,
    /// Decided or not.
    pub phase: Phase,
    /// Committed epochs, newest last, at most [`HISTORY_KEPT`].
    pub history: Vec<EpochStart>,
    /// All members.
    pub members: Map<NodeId, Member>,
    /// Goes up by one with every change of `members` that nodes must know (R15).
    pub members_version: u64,
    /// Planned failover: the old primary gave its lease up here (R13).
    pub released: Option<Position>,
    /// Planned failover: who is preferred on equal positions.
    pub target: Option<NodeId>,
    /// Counts the confirmed starts from nothing (R19).
    pub genesis: u64,
    /// The election that runs is restricted to this member: automatic failover is off, or it is rebooted.
    pub only: Option<NodeId>,
    /// A reboot was asked for: this life is being ended and replaced. Of a primary it is the confirmed start from
    /// nothing (`elasticache.md` §2.10).
    pub reboot: Option<(NodeId, Incarnation)>,
    /// Replicas that are wanted, 0 to 5; members come and go one at a time until they are there (`failover.md` §2.11).
    pub replicas: u8,
    /// Who goes first when there are more.
    pub leaving: Vec<NodeId>,
    /// The highest life ever asked for of those that were members: to be ended, and not to be used again (R9).
    pub former: Map<NodeId, Incarnation>,
    /// The group is being deleted: no election, no replacement.
    pub deleting: bool,
}

/// The lease's register: rewritten by every renewal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseRec {
    /// The primary's epoch.
    pub epoch: Epoch,
    /// The primary.
    pub holder: NodeId,
    /// Its life.
    pub incarnation: Incarnation,
    /// Number of the renewal within the epoch.
    pub seq: u64,
    /// How far the primary had come.
    pub position: Position,
    /// What each attached member had acknowledged.
    pub acked: Map<NodeId, Position>,
    /// Version of the member list that the primary had seen (R15).
    pub members_seen: u64,
}

/// One atomic change: every named revision must still hold, else nothing is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The shard's revision that must still hold, when named.
    pub expect_shard: Option<Revision>,
    /// The lease's revision that must still hold, when named.
    pub expect_lease: Option<Revision>,
    /// New value of the shard's register.
    pub shard: Option<ShardRec>,
    /// New value of the lease's register.
    pub lease: Option<LeaseRec>,
}

/// Both registers as last read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registers {
    /// The shard's value, if there is one.
    pub shard: Option<ShardRec>,
    /// Its revision.
    pub shard_revision: Revision,
    /// The lease's value, if there is one.
    pub lease: Option<LeaseRec>,
    /// Its revision.
    pub lease_revision: Revision,
}

impl Registers {
    /// Applies `change` if its expectations hold: the rule of every store, whatever it is made of.
    pub fn apply(&mut self, change: Change) -> bool {
        let holds = change.expect_shard.is_none_or(|r| r == self.shard_revision)
            && change.expect_lease.is_none_or(|r| r == self.lease_revision);
        if !holds {
            return false;
        }
        if let Some(shard) = change.shard {
            self.shard = Some(shard);
            self.shard_revision.0 += 1;
        }
        if let Some(lease) = change.lease {
            self.lease = Some(lease);
            self.lease_revision.0 += 1;
        }
        true
    }
}
