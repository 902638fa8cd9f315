//! CacheCluster, which is one node, as XML.

use primacy_core::group::view::{GroupStatus, GroupView, NodeStatus, NodeView};

use super::ApiRequest;
use super::error::ApiError;
use super::groups::endpoint;
use super::xml::Xml;
use crate::names::{self, CACHE_NODE, Resource};
use crate::time::iso;

/// `CacheClusterStatus` of a node that reboots, as AWS sends it; its documentation has another text.
const REBOOTING: &str = "rebooting cache cluster nodes";

/// DescribeCacheClusters.
pub(super) fn list(groups: &[GroupView], request: &ApiRequest, xml: &mut Xml) -> Result<(), ApiError> {
    let ApiRequest::DescribeCacheClusters { cluster, page, node_info, outside_groups } = request else {
        return Ok(());
    };
    let mut items = Vec::new();
    if let Some(id) = cluster {
        items.push(find(groups, id)?);
    } else if !outside_groups {
        items.extend(groups.iter().flat_map(|group| group.nodes.iter().map(move |node| (group, node))));
    }
    let items = page.cut(items.into_iter().map(|pair| (pair.1.name.clone(), pair)).collect(), xml);
    xml.nest("CacheClusters", |xml| {
        for (group, node) in items {
            one(group, node, cluster_status(group, node), *node_info, xml);
        }
    });
    Ok(())
}

/// The answer to RebootCacheCluster.
pub(super) fn rebooting(groups: &[GroupView], id: &str, xml: &mut Xml) -> Result<(), ApiError> {
    let (group, node) = find(groups, id)?;
    one(group, node, REBOOTING, false, xml);
    Ok(())
}

/// The node with this name, in any case.
pub(super) fn find<'g>(groups: &'g [GroupView], id: &str) -> Result<(&'g GroupView, &'g NodeView), ApiError> {
    let mut all = groups.iter().flat_map(|group| group.nodes.iter().map(move |node| (group, node)));
    all.find(|(_, node)| node.name.eq_ignore_ascii_case(id)).ok_or_else(|| ApiError::cluster_not_found(id))
}

/// A node that is replaced after a failure stays available, as the group does: AWS tells it in the events alone.
const fn cluster_status(group: &GroupView, node: &NodeView) -> &'static str {
    match (group.status, node.status) {
        (GroupStatus::Deleting, _) => "deleting",
        (_, NodeStatus::Creating) => "creating",
        (_, NodeStatus::Rebooting) => REBOOTING,
        (_, NodeStatus::Available | NodeStatus::Recovering) => "available",
    }
}

fn one(group: &GroupView, node: &NodeView, status: &str, node_info: bool, xml: &mut Xml) {
    let spec = &group.spec;
    xml.nest("CacheCluster", |xml| {
        xml.leaf("CacheClusterId", &node.name);
        xml.leaf("CacheNodeType", &spec.node_type);
        xml.leaf("Engine", &spec.engine);
        xml.leaf("EngineVersion", &names::full_version(spec));
        xml.leaf("CacheClusterStatus", status);
        xml.number("NumCacheNodes", 1_u64);
        xml.leaf("PreferredAvailabilityZone", &node.zone);
        xml.leaf("CacheClusterCreateTime", &iso(group.created_ms));
        xml.nest("PendingModifiedValues", |_| {});
        xml.nest("CacheSecurityGroups", |_| {});
        xml.nest("CacheParameterGroup", |xml| {
            xml.leaf("CacheParameterGroupName", &names::parameter_group(spec));
            xml.leaf("ParameterApplyStatus", "in-sync");
            xml.nest("CacheNodeIdsToReboot", |_| {});
        });
        if node_info {
            xml.nest("CacheNodes", |xml| cache_node(group, node, status, xml));
        }
        xml.nest("SecurityGroups", |xml| {
            for id in &spec.security_groups {
                xml.nest("member", |xml| {
                    xml.leaf("SecurityGroupId", id);
                    xml.leaf("Status", "active");
                });
            }
        });
        xml.leaf("ReplicationGroupId", &spec.id);
        xml.number("SnapshotRetentionLimit", 0_u64);
        xml.flag("AuthTokenEnabled", false);
        xml.flag("TransitEncryptionEnabled", false);
        xml.flag("AtRestEncryptionEnabled", false);
        xml.leaf("ARN", &names::arn(&group.region, &group.account, Resource::CacheCluster, &node.name));
        xml.flag("ReplicationGroupLogDeliveryEnabled", false);
        xml.nest("LogDeliveryConfigurations", |_| {});
        xml.leaf("NetworkType", "ipv4");
        xml.leaf("IpDiscovery", "ipv4");
    });
}

fn cache_node(group: &GroupView, node: &NodeView, status: &str, xml: &mut Xml) {
    xml.nest("CacheNode", |xml| {
        xml.leaf("CacheNodeId", CACHE_NODE);
        xml.leaf("CacheNodeStatus", if status == REBOOTING { "rebooting" } else { status });
        xml.leaf("CacheNodeCreateTime", &iso(group.created_ms));
        endpoint("Endpoint", &node.dns_name, node.addr.port(), xml);
        xml.leaf("ParameterGroupStatus", "in-sync");
        xml.leaf("CustomerAvailabilityZone", &node.zone);
    });
}
