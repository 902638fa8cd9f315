//! The Resources section.

use primacy_core::group::spec::GroupSpec;

use super::properties::TYPE;
use super::report::Report;
use super::scope::Scope;
use super::tree::{Entry, Kind, Node, shorten};
use super::{group, meant};
use crate::suggest::nearest;

const KEYS: &[&str] = &[
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
];

/// The resource types of ElastiCache.
const ELASTICACHE: &[&str] = &[
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::GlobalReplicationGroup",
    "AWS::ElastiCache::ParameterGroup",
    TYPE,
    "AWS::ElastiCache::SecurityGroup",
    "AWS::ElastiCache::SecurityGroupIngress",
    "AWS::ElastiCache::ServerlessCache",
    "AWS::ElastiCache::SubnetGroup",
    "AWS::ElastiCache::User",
    "AWS::ElastiCache::UserGroup",
];

/// Every replication group of the template whose condition holds.
pub(super) fn groups(resources: &Entry, scope: &mut Scope<'_>, report: &mut Report) -> Vec<GroupSpec> {
    let mut found: Vec<GroupSpec> = Vec::new();
    for entry in resources.value.entries() {
        let Some(properties) = group_properties(entry, scope, report) else {
            continue;
        };
        let Some(spec) = group::read(entry, properties, scope, report) else {
            continue;
        };
        if found.iter().any(|other| other.id == spec.id) {
            let message = format!("a second replication group would have the id `{}`", spec.id);
            report.error(entry.at, "duplicate-id", message, "give each its own ReplicationGroupId");
            continue;
        }
        found.push(spec);
    }
    found
}

/// The Properties of a resource that is a replication group; `None` for any other.
fn group_properties<'t>(entry: &'t Entry, scope: &mut Scope<'_>, report: &mut Report) -> Option<&'t Node> {
    let name = &entry.key;
    if !name.chars().all(|c| c.is_ascii_alphanumeric()) || name.is_empty() {
        let message = format!("Template format error: Resource name {} is non alphanumeric.", shorten(name));
        report.error(entry.at, "resource-name", message, "a logical id has letters and digits alone");
    }
    if !matches!(entry.value.kind, Kind::Map(_)) {
        let message = format!("a resource is a mapping, found {}", entry.value.describe());
        report.error(entry.value.at, "wrong-type", message, "write `Type:` and `Properties:` below it");
        return None;
    }
    for part in entry.value.entries() {
        if !KEYS.contains(&part.key.as_str()) {
            let key = shorten(&part.key);
            let message = format!("Template format error: Invalid template resource property '{key}'");
            let help = match super::find(&part.key) {
                Some(_) => format!("`{key}` belongs under `Properties:`"),
                None => meant(&part.key, KEYS),
            };
            report.error(part.at, "unknown-attribute", message, &help);
        }
    }
    if !is_group(entry, report) {
        return None;
    }
    if let Some(condition) = entry.value.get("Condition") {
        let name = condition.as_text().unwrap_or_default();
        match scope.decide(name, condition.at, report) {
            Some(true) => {}
            Some(false) => return None,
            None if report.has_errors() => return None,
            None => {
                let message =
                    format!("whether the condition `{}` holds is known to AWS alone", shorten(name));
                report.error(condition.at, "unknown-value", message, "give its parameters a Default");
                return None;
            }
        }
    }
    let properties = entry.value.get("Properties");
    match properties {
        Some(node) if matches!(node.kind, Kind::Map(_)) => Some(node),
        Some(node) => {
            let message = format!("Properties must be a mapping, found {}", node.describe());
            report.error(node.at, "wrong-type", message, "write `Name: value` lines below it");
            None
        }
        None => {
            let help = "add `Properties:` with at least `ReplicationGroupDescription: …`";
            report.error(entry.at, "missing", format!("`{}` has no Properties", shorten(name)), help);
            None
        }
    }
}

fn is_group(entry: &Entry, report: &mut Report) -> bool {
    let Some(node) = entry.value.get("Type") else {
        let message = format!("the resource `{}` has no Type", shorten(&entry.key));
        report.error(entry.at, "missing", message, &format!("write `Type: {TYPE}`"));
        return false;
    };
    let Some(kind) = node.as_text().filter(|_| node.tag.is_none()) else {
        let message = format!("a resource's Type is plain text, found {}", node.describe());
        report.error(node.at, "wrong-type", message, &format!("write `Type: {TYPE}`"));
        return false;
    };
    if kind == TYPE {
        return true;
    }
    let parts: Vec<&str> = kind.split("::").collect();
    let word = |part: &&str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "_@-".contains(c))
    };
    let formed = parts.len() >= 2 && parts.len() <= 4 && parts.iter().all(word);
    let custom = parts[0] == "Custom" || (parts.len() >= 3 && parts[0] != "AWS");
    let aws = parts.len() == 3 && parts[0] == "AWS";
    let elasticache =
        parts[0] == "AWS" && parts.get(1).is_some_and(|service| service.eq_ignore_ascii_case("ElastiCache"));
    let near = nearest(kind, [TYPE]).is_some();
    if !formed || !(custom || aws) || near || (elasticache && !ELASTICACHE.contains(&kind)) {
        let message = format!("Template format error: Unrecognized resource types: [{}]", shorten(kind));
        report.error(node.at, "unknown-type", message, &meant(kind, ELASTICACHE));
        return false;
    }
    let message = format!(
        "`{}` ({}) is left alone: Primacy runs replication groups",
        shorten(&entry.key),
        shorten(kind)
    );
    report.warning(node.at, "other-resource", message, "");
    false
}
