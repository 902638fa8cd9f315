//! How many nodes a group has and in which zones: four properties that must agree.

use primacy_core::id::Zone;

use super::group::{Given, Properties};
use super::properties::Kind;
use super::report::{Place, Report};
use super::tree::{Entry, Node, shorten};
use super::value::{self, Value};
use crate::names::NODE_GROUP;

pub(super) struct Shape {
    pub(super) replicas: u8,
    pub(super) zones: Vec<Zone>,
}

/// Replicas as one property says it.
struct Said {
    replicas: i64,
    by: &'static str,
    at: Place,
}

/// Reads and compares `NumNodeGroups`, `ReplicasPerNodeGroup`, `NumCacheClusters`, `NodeGroupConfiguration` and
/// `PreferredCacheClusterAZs`.
pub(super) fn read(resource: &Entry, properties: &Properties, report: &mut Report) -> Shape {
    one_node_group(properties, report);
    let mut said = Vec::new();
    let mut say = |name: &'static str, less: i64| {
        if let (Some(given), Some(number)) = (properties.get(name), properties.whole(name)) {
            said.push(Said { replicas: number - less, by: name, at: given.at });
        }
    };
    say("ReplicasPerNodeGroup", 0);
    say("NumCacheClusters", 1);
    let mut zones: Vec<(Zone, Place)> = properties.texts("PreferredCacheClusterAZs").to_vec();
    if let [one] = properties.mappings("NodeGroupConfiguration") {
        let configured = node_group(one, &mut said, report);
        if !configured.is_empty() && !zones.is_empty() {
            let message =
                "the zones are given twice: in NodeGroupConfiguration and in PreferredCacheClusterAZs";
            report.error(zones[0].1, "conflict", message, "keep one of them");
        } else if !configured.is_empty() {
            zones = configured;
        }
    }
    let replicas = agree(&said, report);
    failover(resource, properties, replicas, report);
    placement(properties, &zones, replicas, report);
    let zones = zones.into_iter().map(|(zone, _)| zone).collect();
    Shape { replicas: u8::try_from(replicas).unwrap_or(0), zones }
}

fn one_node_group(properties: &Properties, report: &mut Report) {
    let help = "write `NumNodeGroups: 1`; one node group has a primary and up to five replicas";
    if let (Some(given), Some(number)) = (properties.get("NumNodeGroups"), properties.whole("NumNodeGroups"))
        && number != 1
    {
        let message = format!("{number} node groups (shards) are not available in Primacy yet");
        report.error(given.at, "not-yet", message, help);
    }
    if let Some(given) = properties.get("NodeGroupConfiguration") {
        let items = properties.mappings("NodeGroupConfiguration").len();
        if items != 1 {
            let message =
                format!("NodeGroupConfiguration describes {items} node groups, and Primacy has one yet");
            report.error(given.key, "not-yet", message, help);
        }
    }
}

/// The zones of a NodeGroupConfiguration, the primary's first.
fn node_group(item: &Node, said: &mut Vec<Said>, report: &mut Report) -> Vec<(Zone, Place)> {
    let mut field = |name: &str, kind: Kind| {
        let node = item.get(name)?;
        Some((value::read(name, kind, node, report)?, node.at))
    };
    let id = field("NodeGroupId", Kind::Text);
    let count = field("ReplicaCount", Kind::Whole(0, 5));
    let primary = field("PrimaryAvailabilityZone", Kind::Text);
    let replicas = field("ReplicaAvailabilityZones", Kind::Texts);
    let slots = field("Slots", Kind::Text);
    if let Some((Value::Text(id), at)) = id
        && id != NODE_GROUP
    {
        let message = format!("the one node group is `{NODE_GROUP}`, found `{}`", shorten(&id));
        report.error(at, "node-group", message, &format!("write `NodeGroupId: '{NODE_GROUP}'`"));
    }
    if let Some((_, at)) = slots {
        report.error(
            at,
            "not-yet",
            "slots are not available in Primacy yet: there is one node group",
            "remove Slots",
        );
    }
    if let Some((Value::Whole(replicas), at)) = count {
        said.push(Said { replicas, by: "ReplicaCount", at });
    }
    let mut zones = Vec::new();
    match (primary, replicas) {
        (Some((Value::Text(zone), at)), Some((Value::Texts(others), _))) => {
            zones.push((zone, at));
            zones.extend(others);
        }
        (Some((Value::Text(_), at)), None) => {
            let help = "add ReplicaAvailabilityZones, or leave both out and Primacy chooses";
            report.warning(
                at,
                "no-effect",
                "PrimaryAvailabilityZone has no effect without the replicas' zones",
                help,
            );
        }
        (None, Some((_, at))) => {
            let help = "add PrimaryAvailabilityZone, or leave both out and Primacy chooses";
            report.warning(
                at,
                "no-effect",
                "ReplicaAvailabilityZones has no effect without the primary's zone",
                help,
            );
        }
        _ => {}
    }
    zones
}

/// The one number of replicas; none said means none, as AWS has it.
fn agree(said: &[Said], report: &mut Report) -> i64 {
    let Some(first) = said.first() else {
        return 0;
    };
    for other in &said[1..] {
        if other.replicas != first.replicas {
            let message = format!(
                "`{}` means {} replicas, but `{}` on line {} means {}",
                other.by, other.replicas, first.by, first.at.line, first.replicas
            );
            let help = "NumCacheClusters counts the primary, ReplicasPerNodeGroup and ReplicaCount do not; keep one of them";
            report.error(other.at, "conflict", message, help);
        }
    }
    first.replicas
}

fn failover(resource: &Entry, properties: &Properties, replicas: i64, report: &mut Report) {
    let failover = properties.get("AutomaticFailoverEnabled");
    let on = properties.flag("AutomaticFailoverEnabled");
    // A count that is itself wrong was reported already; a second complaint about it would only confuse.
    let counts = ["ReplicasPerNodeGroup", "NumCacheClusters", "NodeGroupConfiguration"];
    let written = resource.value.get("Properties");
    let miscounted = counts
        .iter()
        .any(|name| properties.get(name).is_none() && written.is_some_and(|p| p.get(name).is_some()));
    if let Some(given) = failover.filter(|_| on && replicas == 0 && !miscounted) {
        let message = "When using automatic failover, there must be at least 2 cache clusters in the replication group.";
        let help = "write `ReplicasPerNodeGroup: 1` or more, or turn AutomaticFailoverEnabled off";
        report.error(given.at, "failover-without-replica", message, help);
    }
    if let Some(given) = properties.get("MultiAZEnabled").filter(|_| properties.flag("MultiAZEnabled") && !on)
    {
        let message = "MultiAZEnabled needs AutomaticFailoverEnabled";
        report.error(
            given.at,
            "multi-az",
            message,
            "write `AutomaticFailoverEnabled: true`, or turn MultiAZEnabled off",
        );
    }
}

fn placement(properties: &Properties, zones: &[(Zone, Place)], replicas: i64, report: &mut Report) {
    let (Some((first, at)), nodes) = (zones.first(), replicas + 1) else {
        return;
    };
    if i64::try_from(zones.len()) != Ok(nodes) {
        let message = format!("{} zones are given for {nodes} nodes", zones.len());
        let help = "name one zone for each node, the primary's first, or leave them out and Primacy chooses";
        return report.error(*at, "zones", message, help);
    }
    let multi_az: Option<&Given> =
        properties.get("MultiAZEnabled").filter(|_| properties.flag("MultiAZEnabled"));
    if let Some(given) = multi_az.filter(|_| zones.iter().all(|(zone, _)| zone == first)) {
        let message = format!("MultiAZEnabled needs a replica in another zone than `{}`", shorten(first));
        report.error(
            given.at,
            "multi-az",
            message,
            "put a replica into another zone, or turn MultiAZEnabled off",
        );
    }
}
