//! What the requests that change something ask of a coordinator.

use primacy_core::group::action::Request;
use primacy_core::group::view::GroupView;

use super::error::{ApiError, repeat};
use super::{ApiRequest, Effect, clusters, find_group};
use crate::names::{CACHE_NODE, NODE_GROUP};

impl ApiRequest {
    /// What it asks; `None` for a request that only reads. State is the coordinator's to judge: this checks alone that
    /// what is named exists and that AWS allows the parameters together.
    pub(super) fn effect(&self, groups: &[GroupView]) -> Result<Option<Effect>, ApiError> {
        let (group, request) = match self {
            Self::TestFailover { group, node_group } => {
                let group = find_group(groups, group)?;
                if node_group != NODE_GROUP {
                    return Err(ApiError::node_group_not_found(node_group, &group.spec.id));
                }
                (group, Request::TestFailover { node_group: node_group.clone() })
            }
            Self::RebootCacheCluster { cluster, nodes } => {
                let (group, node) = clusters::find(groups, cluster)?;
                if let Some(other) = nodes.iter().find(|id| *id != CACHE_NODE) {
                    let message = format!("Cache node {} not found in {}.", repeat(other), node.name);
                    return Err(ApiError::invalid_value(message));
                }
                (group, Request::Reboot { node: node.id })
            }
            Self::ModifyReplicationGroup { group, .. } => {
                let group = find_group(groups, group)?;
                (group, self.modification(group)?)
            }
            Self::IncreaseReplicaCount { group, count } => {
                (find_group(groups, group)?, Request::IncreaseReplicas { count: Some(*count) })
            }
            Self::DecreaseReplicaCount { group, count, remove } => {
                let group = find_group(groups, group)?;
                let members = std::slice::from_ref(group);
                let node = |id: &String| clusters::find(members, id).map(|(_, node)| node.id);
                let remove = remove.iter().map(node).collect::<Result<_, _>>()?;
                (group, Request::DecreaseReplicas { count: *count, remove })
            }
            _ => return Ok(None),
        };
        Ok(Some(Effect { group: group.spec.id.clone(), request }))
    }

    /// ModifyReplicationGroup: manual promotion, or automatic failover on or off.
    fn modification(&self, group: &GroupView) -> Result<Request, ApiError> {
        let Self::ModifyReplicationGroup { automatic_failover, primary, at_once, .. } = self else {
            return Err(ApiError::combination("No modifications were requested"));
        };
        let spec = &group.spec;
        let failover = automatic_failover.filter(|on| *on != spec.automatic_failover);
        let target = match primary {
            None => None,
            Some(id) => {
                let members = std::slice::from_ref(group);
                clusters::find(members, id).map(|(_, node)| Some(node).filter(|node| !node.is_primary))?
            }
        };
        let request = match (failover, target) {
            (None, None) => return Err(ApiError::combination("No modifications were requested")),
            (Some(_), Some(_)) => {
                return Err(ApiError::not_yet(
                    "Changing AutomaticFailoverEnabled and PrimaryClusterId in one request",
                ));
            }
            (None, Some(_)) if spec.automatic_failover => {
                let message =
                    "Cannot manually promote a new master cache cluster while autofailover is enabled";
                return Err(ApiError::new("InvalidReplicationGroupState", message));
            }
            (None, Some(node)) => Request::Failover { target: Some(node.id) },
            (Some(true), None) if group.nodes.len() < 2 => {
                let message = "Replication group must have at least one read replica to enable autofailover.";
                return Err(ApiError::combination(message));
            }
            (Some(false), None) if spec.multi_az => {
                let message = "Automatic failover cannot be disabled while Multi-AZ is enabled.";
                return Err(ApiError::combination(message));
            }
            (Some(enabled), None) => Request::SetAutomaticFailover { enabled },
        };
        if !at_once {
            return Err(ApiError::not_yet(
                "A change at the next maintenance window (without ApplyImmediately)",
            ));
        }
        Ok(request)
    }
}
