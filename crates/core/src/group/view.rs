//! The group as the API, the page and the terminal show it: plain data, computed by the coordinator.

use alloc::string::String;
use alloc::vec::Vec;
use core::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::control::NodeRole;
use crate::group::event::Event;
use crate::group::spec::GroupSpec;
use crate::id::{Epoch, Incarnation, NodeId, Position, Zone};

/// `Status` of a group (`elasticache.md` §2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupStatus {
    /// Nodes are being started.
    Creating,
    /// In service; also during a failover, as AWS's.
    Available,
    /// Being changed.
    Modifying,
    /// On its way out.
    Deleting,
}

/// `CacheClusterStatus` of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NodeStatus {
    /// Being started for the first time.
    Creating,
    /// In service.
    Available,
    /// Failed and being replaced.
    Recovering,
    /// Being rebooted.
    Rebooting,
}

/// One member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeView {
    /// Its number.
    pub id: NodeId,
    /// `CacheClusterId`, such as `my-replication-group-001`.
    pub name: String,
    /// Its zone.
    pub zone: Zone,
    /// Where its RESP port listens.
    pub addr: SocketAddr,
    /// Its DNS name.
    pub dns_name: String,
    /// Status for the API.
    pub status: NodeStatus,
    /// The record names it primary.
    pub is_primary: bool,
    /// Its life.
    pub incarnation: Incarnation,
    /// Its own word about its role, when heard.
    pub role: Option<NodeRole>,
    /// How far it had come when last heard.
    pub position: Position,
    /// Bytes behind the primary when last heard.
    pub lag_bytes: u64,
    /// Keys when last heard.
    pub keys: u64,
    /// False when it has been silent for too long.
    pub heard: bool,
    /// A replica's link to its primary is up.
    pub link_up: bool,
}

/// The whole group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupView {
    /// As declared.
    pub spec: GroupSpec,
    /// Six characters that make its DNS names unique.
    pub name_hash: String,
    /// Region, such as `us-east-1`.
    pub region: String,
    /// Account number for ARNs.
    pub account: String,
    /// Creation, milliseconds since 1970.
    pub created_ms: u64,
    /// Status for the API.
    pub status: GroupStatus,
    /// Highest epoch.
    pub epoch: Epoch,
    /// The primary, when there is one.
    pub primary: Option<NodeId>,
    /// DNS name that follows the primary (AWS: primary endpoint).
    pub primary_endpoint: String,
    /// DNS name of the replicas.
    pub reader_endpoint: String,
    /// The seed's configuration endpoint: a second name that follows the primary.
    pub configuration_endpoint: String,
    /// All members, by id.
    pub nodes: Vec<NodeView>,
    /// Events, oldest first.
    pub events: Vec<Event>,
}
