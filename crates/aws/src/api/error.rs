//! Errors with AWS's codes: a code is not always the name of its shape (`elasticache.md` §4.1).

use primacy_core::endpoint::cluster_id;
use primacy_core::group::action::{Request, RequestError};

use super::xml::Xml;
use super::{Effect, Response};
use crate::names::NODE_GROUP;
use primacy_core::id::MAX_REPLICAS;

/// Characters of a client's own words that an error repeats at most.
const REPEATED: usize = 80;

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// AWS's code, such as `ReplicationGroupNotFoundFault`.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// The text for a person.
    pub message: String,
}

impl ApiError {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, status: 400, message: message.into() }
    }

    fn missing_thing(code: &'static str, message: String) -> Self {
        Self { code, status: 404, message }
    }

    pub(super) fn invalid_value(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValue", message)
    }

    pub(super) fn combination(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterCombination", message)
    }

    /// Primacy's form of "not yet": the code that AWS's EC2 has for operations that it does not serve.
    pub(super) fn not_yet(what: &str) -> Self {
        Self::new("UnsupportedOperation", format!("{what} is not available in Primacy yet."))
    }

    pub(super) fn group_not_found(id: &str) -> Self {
        Self::missing_thing(
            "ReplicationGroupNotFoundFault",
            format!("ReplicationGroup {} not found.", repeat(id)),
        )
    }

    pub(super) fn node_group_not_found(id: &str, group: &str) -> Self {
        let message = format!("Node group {} not found in replication group {group}.", repeat(id));
        Self::missing_thing("NodeGroupNotFoundFault", message)
    }

    pub(super) fn cluster_not_found(id: &str) -> Self {
        Self::missing_thing("CacheClusterNotFound", format!("CacheCluster not found: {}", repeat(id)))
    }

    /// What the coordinator's refusal of `effect` is in AWS's terms. Where `elasticache.md` §7 says that AWS's code is
    /// unknown, the choice is Primacy's.
    pub fn refused(effect: &Effect, error: &RequestError) -> Self {
        let group = &effect.group;
        let state = |message: String| Self::new("InvalidReplicationGroupState", message);
        match error {
            RequestError::NodeGroupNotFound => {
                let asked = if let Request::TestFailover { node_group } = &effect.request {
                    node_group
                } else {
                    NODE_GROUP
                };
                Self::node_group_not_found(asked, group)
            }
            RequestError::NodeNotFound(node) => Self::cluster_not_found(&cluster_id(group, *node)),
            RequestError::NotAvailable => {
                state(format!("Replication group {group} is not in available state."))
            }
            RequestError::NoReplica if matches!(effect.request, Request::SetAutomaticFailover { .. }) => {
                Self::combination(
                    "Replication group must have at least one read replica to enable autofailover.",
                )
            }
            RequestError::NoReplica => {
                state(format!("Replication group {group} has no read replica to fail over to."))
            }
            RequestError::AutomaticFailoverOff => {
                state(format!("Automatic failover is not enabled for replication group {group}."))
            }
            RequestError::Busy if matches!(effect.request, Request::Reboot { .. }) => {
                let message = format!(
                    "A failover, a reboot, a recovery or a change of replicas is under way in replication group {group}."
                );
                Self::new("InvalidCacheClusterState", message)
            }
            RequestError::Busy => state(format!(
                "A failover, a reboot, a recovery or a change of replicas is under way in replication group {group}."
            )),
            RequestError::QuotaExceeded => {
                let message = "TestFailover can be called for at most 15 node groups in 24 hours.";
                Self::new("APICallRateForCustomerExceeded", message)
            }
            RequestError::TooManyReplicas => Self::invalid_value(format!(
                "The number of replicas per node group must be between 0 and {MAX_REPLICAS}."
            )),
            RequestError::NotMore(has) | RequestError::NotFewer(has) if asks_for(&effect.request, *has) => {
                Self::new(
                    "NoOperationFault",
                    "The operation was not performed because no changes were required.",
                )
            }
            RequestError::NotMore(has) => {
                Self::invalid_value(format!("NewReplicaCount must be larger than the current count, {has}."))
            }
            RequestError::NotFewer(has) => {
                Self::invalid_value(format!("NewReplicaCount must be smaller than the current count, {has}."))
            }
            RequestError::LastReplica => Self::invalid_value(
                "Must have at least 1 replica when cluster mode is disabled with auto failover enabled.",
            ),
            RequestError::IsPrimary(node) => {
                let message = format!(
                    "Cache cluster {} cannot be removed: it is serving as primary.",
                    cluster_id(group, *node)
                );
                Self::new("InvalidCacheClusterState", message)
            }
            RequestError::BadTarget(node) => {
                let message =
                    format!("CacheCluster {group}-{node} is primary already, or not fit to become primary.");
                Self::new("InvalidCacheClusterState", message)
            }
        }
    }

    /// The error as an answer.
    pub fn respond(&self, request_id: &str) -> Response {
        let mut xml = Xml::new();
        xml.document("ErrorResponse", |xml| {
            xml.nest("Error", |xml| {
                xml.leaf("Type", if self.status < 500 { "Sender" } else { "Receiver" });
                xml.leaf("Code", self.code);
                xml.leaf("Message", &self.message);
            });
            xml.leaf("RequestId", request_id);
        });
        Response { status: self.status, body: xml.finish(), effect: None }
    }
}

const fn asks_for(request: &Request, replicas: u8) -> bool {
    match request {
        Request::IncreaseReplicas { count: Some(count) }
        | Request::DecreaseReplicas { count: Some(count), .. } => *count == replicas,
        _ => false,
    }
}

/// A client's own words, cut short.
pub(super) fn repeat(text: &str) -> String {
    text.chars().take(REPEATED).collect()
}
