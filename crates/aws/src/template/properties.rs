//! Every property of `AWS::ElastiCache::ReplicationGroup` and what Primacy does with it.

/// The one resource type that Primacy runs.
pub const TYPE: &str = "AWS::ElastiCache::ReplicationGroup";

/// What a property's value must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// One of these texts, in any case.
    OneOf(&'static [&'static str]),
    /// A whole number in this range, both ends included; also as text.
    Whole(i64, i64),
    /// `true` or `false`; also as text.
    Flag,
    /// A list of texts.
    Texts,
    /// A list of mappings with these names in each.
    Mappings(&'static [&'static str]),
}

/// What Primacy does with a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// It acts on the value.
    Used,
    /// It shows the value and needs nothing more.
    Shown,
    /// It accepts the value with a warning, since nothing follows from it; values listed are what Primacy does anyway
    /// and give none.
    Warned(&'static [&'static str]),
    /// It refuses the value, since a group without it would mislead; values listed are what Primacy does anyway.
    Refused(&'static [&'static str]),
}

/// One property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Property {
    /// Its name.
    pub name: &'static str,
    /// What its value must look like.
    pub kind: Kind,
    /// What Primacy does with it.
    pub support: Support,
    /// Why, in a few words: part of the warning or the error, and of the README's table.
    pub note: &'static str,
}

const fn property(name: &'static str, kind: Kind, support: Support, note: &'static str) -> Property {
    Property { name, kind, support, note }
}

use Kind::{Flag, Mappings, OneOf, Text, Texts, Whole};
use Support::{Refused, Shown, Used, Warned};

/// Every property that CloudFormation knows, in alphabetical order.
///
/// | property | Primacy |
/// |---|---|
/// | `ReplicationGroupId` | used; left out: the logical id in kebab case |
/// | `ReplicationGroupDescription` | used; required |
/// | `NumCacheClusters`, `NumNodeGroups`, `ReplicasPerNodeGroup`, `NodeGroupConfiguration` | used; one node group, 0 to 5 replicas |
/// | `AutomaticFailoverEnabled`, `MultiAZEnabled`, `PreferredCacheClusterAZs`, `Port`, `Tags` | used |
/// | `Engine`, `EngineVersion`, `CacheNodeType`, `CacheParameterGroupName`, `CacheSubnetGroupName`, `SecurityGroupIds`, `AutoMinorVersionUpgrade` | shown, nothing is enforced |
/// | `AtRestEncryptionEnabled`, `KmsKeyId`, `DataTieringEnabled`, `CacheSecurityGroupNames`, `LogDeliveryConfigurations`, `NotificationTopicArn`, `PreferredMaintenanceWindow`, `SnapshotRetentionLimit`, `SnapshotWindow`, `SnapshottingClusterId` | accepted with a warning |
/// | `TransitEncryptionEnabled`, `TransitEncryptionMode`, `AuthToken`, `UserGroupIds`, `ClusterMode`, `Durability`, `GlobalReplicationGroupId`, `IpDiscovery`, `NetworkType`, `PrimaryClusterId`, `SnapshotArns`, `SnapshotName` | refused unless it says what Primacy does anyway |
pub const PROPERTIES: &[Property] = &[
    property(
        "AtRestEncryptionEnabled",
        Flag,
        Warned(&["false"]),
        "nothing is encrypted; data stay in memory by default",
    ),
    property("AuthToken", Text, Refused(&[]), "every client would get in without a password"),
    property("AutoMinorVersionUpgrade", Flag, Shown, "nothing upgrades itself"),
    property("AutomaticFailoverEnabled", Flag, Used, "false by default, as AWS's"),
    property("CacheNodeType", Text, Shown, "a node takes the memory that it needs"),
    property(
        "CacheParameterGroupName",
        Text,
        Shown,
        "its parameters are not applied; it decides the cluster mode",
    ),
    property("CacheSecurityGroupNames", Texts, Warned(&[]), "EC2-Classic is gone from AWS too"),
    property("CacheSubnetGroupName", Text, Shown, "nodes listen on loopback addresses"),
    property(
        "ClusterMode",
        OneOf(&["enabled", "disabled", "compatible"]),
        Refused(&["disabled"]),
        "there is one node group",
    ),
    property("DataTieringEnabled", Flag, Warned(&["false"]), "all data stay in memory"),
    property(
        "Durability",
        OneOf(&["default", "async", "sync", "disabled"]),
        Refused(&["default", "disabled"]),
        "there is no transaction log",
    ),
    property("Engine", OneOf(&["redis", "valkey"]), Shown, "Primacy's own node answers, whatever the name"),
    property("EngineVersion", Text, Shown, "Primacy's own node answers, whatever the version"),
    property("GlobalReplicationGroupId", Text, Refused(&[]), "there are no global datastores"),
    property("IpDiscovery", OneOf(&["ipv4", "ipv6"]), Refused(&["ipv4"]), "nodes have IPv4 addresses"),
    property("KmsKeyId", Text, Warned(&[]), "nothing is encrypted"),
    property(
        "LogDeliveryConfigurations",
        Mappings(&["DestinationDetails", "DestinationType", "LogFormat", "LogType"]),
        Warned(&[]),
        "logs go to the terminal",
    ),
    property("MultiAZEnabled", Flag, Used, "needs AutomaticFailoverEnabled and a replica"),
    property(
        "NetworkType",
        OneOf(&["ipv4", "ipv6", "dual_stack"]),
        Refused(&["ipv4"]),
        "nodes have IPv4 addresses",
    ),
    property(
        "NodeGroupConfiguration",
        Mappings(&[
            "NodeGroupId",
            "PrimaryAvailabilityZone",
            "ReplicaAvailabilityZones",
            "ReplicaCount",
            "Slots",
        ]),
        Used,
        "one item, since there is one node group",
    ),
    property("NotificationTopicArn", Text, Warned(&[]), "no notification is sent"),
    property("NumCacheClusters", Whole(1, 6), Used, "the primary and its replicas"),
    property("NumNodeGroups", Whole(1, 500), Used, "1: several node groups come later"),
    property("Port", Whole(1, 65_535), Used, "6379 by default"),
    property("PreferredCacheClusterAZs", Texts, Used, "the primary's zone first"),
    property("PreferredMaintenanceWindow", Text, Warned(&[]), "nothing is maintained"),
    property("PrimaryClusterId", Text, Refused(&[]), "there is no cluster to take over"),
    property("ReplicasPerNodeGroup", Whole(0, 5), Used, "the primary does not count"),
    property("ReplicationGroupDescription", Text, Used, "required"),
    property("ReplicationGroupId", Text, Used, "left out: the logical id in kebab case"),
    property("SecurityGroupIds", Texts, Shown, "nodes listen on loopback addresses"),
    property("SnapshotArns", Texts, Refused(&[]), "the group would start empty"),
    property("SnapshotName", Text, Refused(&[]), "the group would start empty"),
    property("SnapshotRetentionLimit", Whole(0, 35), Warned(&["0"]), "no snapshot is taken"),
    property("SnapshotWindow", Text, Warned(&[]), "no snapshot is taken"),
    property("SnapshottingClusterId", Text, Warned(&[]), "no snapshot is taken"),
    property("Tags", Mappings(&["Key", "Value"]), Used, "50 at most"),
    property(
        "TransitEncryptionEnabled",
        Flag,
        Refused(&["false"]),
        "nodes speak without TLS, so a TLS client can't connect",
    ),
    property(
        "TransitEncryptionMode",
        OneOf(&["preferred", "required"]),
        Refused(&[]),
        "nodes speak without TLS",
    ),
    property("UserGroupIds", Texts, Refused(&[]), "every client would get in without a password"),
];

/// The property with this name.
pub fn find(name: &str) -> Option<&'static Property> {
    PROPERTIES.iter().find(|p| p.name == name)
}

/// Attributes that AWS sets and a template may not.
pub(super) const READ_ONLY: &[&str] =
    &["ConfigurationEndPoint", "EffectiveDurability", "PrimaryEndPoint", "ReadEndPoint", "ReaderEndPoint"];
