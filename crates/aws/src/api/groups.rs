//! ReplicationGroup as XML.

use primacy_core::endpoint::cluster_id;
use primacy_core::group::view::{GroupStatus, GroupView, NodeView};
use primacy_core::id::NodeId;

use super::error::ApiError;
use super::find_group;
use super::page::Page;
use super::xml::Xml;
use crate::names::{self, CACHE_NODE, NODE_GROUP, Resource};
use crate::time::iso;

/// DescribeReplicationGroups.
pub(super) fn list(
    groups: &[GroupView],
    id: Option<&str>,
    page: &Page,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let chosen = match id {
        Some(id) => vec![find_group(groups, id)?],
        None => groups.iter().collect(),
    };
    let items = chosen.into_iter().map(|group| (group.spec.id.clone(), group)).collect();
    let items = page.cut(items, xml);
    xml.nest("ReplicationGroups", |xml| items.into_iter().for_each(|group| one(group, xml)));
    Ok(())
}

/// One `<ReplicationGroup>`. What a group with cluster mode disabled does not have (ConfigurationEndpoint, Slots) is left
/// out, since Terraform takes its presence for cluster mode; and NodeGroups is left out rather than empty, since
/// Terraform reads its first item.
pub(super) fn one(group: &GroupView, xml: &mut Xml) {
    let spec = &group.spec;
    let gone = group.status == GroupStatus::Deleting;
    xml.nest("ReplicationGroup", |xml| {
        xml.leaf("ReplicationGroupId", &spec.id);
        xml.leaf("Description", &spec.description);
        xml.leaf("Status", status(group.status));
        xml.nest("PendingModifiedValues", |_| {});
        if !gone {
            xml.nest("MemberClusters", |xml| {
                for name in members(group) {
                    xml.leaf("ClusterId", &name);
                }
            });
        }
        if !gone && group.status != GroupStatus::Creating && !group.nodes.is_empty() {
            xml.nest("NodeGroups", |xml| node_group(group, xml));
        }
        xml.leaf("AutomaticFailover", automatic_failover(group));
        xml.leaf("MultiAZ", if spec.multi_az { "enabled" } else { "disabled" });
        xml.number("SnapshotRetentionLimit", 0_u64);
        if !gone {
            xml.flag("ClusterEnabled", false);
            xml.leaf("CacheNodeType", &spec.node_type);
        }
        xml.flag("AuthTokenEnabled", false);
        xml.flag("TransitEncryptionEnabled", false);
        xml.flag("AtRestEncryptionEnabled", false);
        xml.leaf("ARN", &names::arn(&group.region, &group.account, Resource::ReplicationGroup, &spec.id));
        xml.nest("LogDeliveryConfigurations", |_| {});
        xml.leaf("ReplicationGroupCreateTime", &iso(group.created_ms));
        xml.leaf("DataTiering", "disabled");
        xml.leaf("NetworkType", "ipv4");
        xml.leaf("IpDiscovery", "ipv4");
        xml.leaf("ClusterMode", "disabled");
        xml.leaf("Engine", &spec.engine);
    });
}

fn node_group(group: &GroupView, xml: &mut Xml) {
    let port = |node: Option<&NodeView>| node.map_or(group.spec.port, |n| n.addr.port());
    let primary = group.nodes.iter().find(|n| n.is_primary);
    let reader = group.nodes.iter().find(|n| !n.is_primary).or(primary);
    xml.nest("NodeGroup", |xml| {
        xml.leaf("NodeGroupId", NODE_GROUP);
        xml.leaf("Status", status(group.status));
        endpoint("PrimaryEndpoint", &group.primary_endpoint, port(primary), xml);
        endpoint("ReaderEndpoint", &group.reader_endpoint, port(reader), xml);
        xml.nest("NodeGroupMembers", |xml| {
            for node in &group.nodes {
                xml.nest("NodeGroupMember", |xml| {
                    xml.leaf("CacheClusterId", &node.name);
                    xml.leaf("CacheNodeId", CACHE_NODE);
                    endpoint("ReadEndpoint", &node.dns_name, node.addr.port(), xml);
                    xml.leaf("PreferredAvailabilityZone", &node.zone);
                    xml.leaf("CurrentRole", if node.is_primary { "primary" } else { "replica" });
                });
            }
        });
    });
}

/// An endpoint's name and port.
pub(super) fn endpoint(name: &str, address: &str, port: u16, xml: &mut Xml) {
    xml.nest(name, |xml| {
        xml.leaf("Address", address);
        xml.number("Port", port);
    });
}

/// Names of all members, by number; a group that is being created has them before it has nodes.
fn members(group: &GroupView) -> Vec<String> {
    if !group.nodes.is_empty() {
        return group.nodes.iter().map(|n| n.name.clone()).collect();
    }
    (1..=u16::from(group.spec.replicas) + 1).map(|n| cluster_id(&group.spec.id, NodeId(n))).collect()
}

const fn automatic_failover(group: &GroupView) -> &'static str {
    match (group.spec.automatic_failover, group.status) {
        (true, GroupStatus::Creating) => "enabling",
        (true, _) => "enabled",
        (false, _) => "disabled",
    }
}

const fn status(status: GroupStatus) -> &'static str {
    match status {
        GroupStatus::Creating => "creating",
        GroupStatus::Available => "available",
        GroupStatus::Modifying => "modifying",
        GroupStatus::Deleting => "deleting",
    }
}
