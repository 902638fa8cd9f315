//! What the user declared.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::id::Zone;

/// One declared replication group: what a template or an API call comes down to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSpec {
    /// `ReplicationGroupId`, in lower case; 1 to 40 letters, digits and hyphens.
    pub id: String,
    /// `ReplicationGroupDescription`.
    pub description: String,
    /// `CacheNodeType`, such as `cache.m6g.large`; shown, not enforced.
    pub node_type: String,
    /// `Engine`: `redis` or `valkey`.
    pub engine: String,
    /// `EngineVersion`, such as `6.x`.
    pub engine_version: String,
    /// `CacheParameterGroupName`.
    pub parameter_group: Option<String>,
    /// Replicas of the one node group, 0 to 5.
    pub replicas: u8,
    /// `AutomaticFailoverEnabled`.
    pub automatic_failover: bool,
    /// `MultiAZEnabled`.
    pub multi_az: bool,
    /// `PreferredCacheClusterAZs`: the primary's first; empty: placed by Primacy.
    pub preferred_zones: Vec<Zone>,
    /// Port that the nodes report, 6379 by default.
    pub port: u16,
    /// `SecurityGroupIds` as given, references unresolved.
    pub security_groups: Vec<String>,
    /// `Tags`.
    pub tags: Vec<(String, String)>,
}
