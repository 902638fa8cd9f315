//! Events in AWS's words for `describe-events`; [`reason_text`] has Primacy's own for the page and the log.

use std::collections::BTreeSet;

use primacy_core::endpoint::cluster_id;
use primacy_core::group::event::EventKind;
use primacy_core::group::view::GroupView;
use primacy_core::id::{EventId, NodeId};

pub use crate::reasons::reason_text;

use crate::names::CACHE_NODE;

/// What an event happened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceType {
    /// `replication-group`.
    ReplicationGroup,
    /// `cache-cluster`: one node.
    CacheCluster,
}

impl SourceType {
    /// The word of the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ReplicationGroup => "replication-group",
            Self::CacheCluster => "cache-cluster",
        }
    }
}

/// One entry of `describe-events`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsEvent {
    /// What it happened to.
    pub source_type: SourceType,
    /// Id of the group or of the cluster.
    pub source: String,
    /// AWS's text.
    pub message: String,
    /// When, milliseconds since 1970.
    pub unix_ms: u64,
    /// Primacy's event behind it.
    pub event: EventId,
    /// Number among the entries of that event, from 0.
    pub part: u8,
}

/// The name of a member: what the view says, or what it must be.
pub(crate) fn node_name(view: &GroupView, node: NodeId) -> String {
    let known = view.nodes.iter().find(|n| n.id == node);
    known.map_or_else(|| cluster_id(&view.spec.id, node), |n| n.name.clone())
}

/// All entries of a group, oldest first.
///
/// | event | source | AWS's text |
/// |---|---|---|
/// | `GroupCreated` | group | `Replication group X created` |
/// | `GroupAvailable`, automatic failover on | group | `Automatic failover has been turned on for replication group X` |
/// | `NodeProvisioned`, the first of the node | node | `Added cache node 0001 in availability zone Z`, `Cache cluster created` |
/// | `TestFailoverCalled` | group | `Test Failover API called for node group 0001` |
/// | `FailoverCompleted` | old primary, then group | `Failover from primary node A to replica node B completed` |
/// | `RecoveryStarted` | node | `Recovering cache nodes 0001` |
/// | `RecoveryFinished` | node | `Finished recovery for cache nodes 0001` |
/// | `ReplicasAsked`, more | group | `Increasing number of requested nodes` |
/// | `NodeRemoved` | node | `Removed cache nodes 0001`, `Cache cluster deleted` |
/// | `ReplicasChanged` | group | `Finished modifying number of nodes from M to N` |
/// | `RebootCalled`, then its `NodeJoined` | node | `Cache node 0001 shutdown`, `Cache node 0001 restarted` |
///
/// The others are Primacy's own and have no entry.
pub fn aws_events(view: &GroupView) -> Vec<AwsEvent> {
    let mut known: BTreeSet<NodeId> = BTreeSet::new();
    let mut rebooting: BTreeSet<NodeId> = BTreeSet::new();
    let mut found = Vec::new();
    for event in &view.events {
        let texts = match &event.kind {
            EventKind::NodeProvisioned { node, zone, .. }
                if known.insert(*node) && !rebooting.contains(node) =>
            {
                let added = format!("Added cache node {CACHE_NODE} in availability zone {zone}");
                vec![(Some(*node), added), (Some(*node), "Cache cluster created".to_owned())]
            }
            EventKind::RebootCalled { node } => {
                rebooting.insert(*node);
                known.insert(*node);
                vec![(Some(*node), format!("Cache node {CACHE_NODE} shutdown"))]
            }
            EventKind::NodeJoined { node, .. } if rebooting.remove(node) => {
                vec![(Some(*node), format!("Cache node {CACHE_NODE} restarted"))]
            }
            EventKind::NodeRemoved { node } => {
                known.remove(node);
                let removed = format!("Removed cache nodes {CACHE_NODE}");
                vec![(Some(*node), removed), (Some(*node), "Cache cluster deleted".to_owned())]
            }
            EventKind::RecoveryStarted { node } => {
                known.insert(*node);
                vec![(Some(*node), format!("Recovering cache nodes {CACHE_NODE}"))]
            }
            kind => stateless(view, kind),
        };
        for (part, (node, message)) in texts.into_iter().enumerate() {
            let (source_type, source) = match node {
                Some(node) => (SourceType::CacheCluster, node_name(view, node)),
                None => (SourceType::ReplicationGroup, view.spec.id.clone()),
            };
            let part = u8::try_from(part).unwrap_or(u8::MAX);
            found.push(AwsEvent {
                source_type,
                source,
                message,
                unix_ms: event.unix_ms,
                event: event.id,
                part,
            });
        }
    }
    found
}

/// Entries that need no earlier event; `None`: about the group.
fn stateless(view: &GroupView, kind: &EventKind) -> Vec<(Option<NodeId>, String)> {
    let id = &view.spec.id;
    match kind {
        EventKind::GroupCreated => vec![(None, format!("Replication group {id} created"))],
        EventKind::GroupAvailable if view.spec.automatic_failover => {
            vec![(None, format!("Automatic failover has been turned on for replication group {id}"))]
        }
        EventKind::TestFailoverCalled => {
            vec![(None, format!("Test Failover API called for node group {}", crate::names::NODE_GROUP))]
        }
        EventKind::FailoverCompleted { from, to, .. } => {
            let [old, new] = [*from, *to].map(|node| node_name(view, node));
            let text = format!("Failover from primary node {old} to replica node {new} completed");
            vec![(Some(*from), text.clone()), (None, text)]
        }
        EventKind::ReplicasAsked { from, to } if to > from => {
            vec![(None, "Increasing number of requested nodes".to_owned())]
        }
        EventKind::ReplicasChanged { from, to } => {
            vec![(None, format!("Finished modifying number of nodes from {} to {}", from + 1, to + 1))]
        }
        EventKind::RecoveryFinished { node } => {
            vec![(Some(*node), format!("Finished recovery for cache nodes {CACHE_NODE}"))]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::tests::{event, view};
    use primacy_core::group::event::Suspicion;
    use primacy_core::id::{Epoch, Incarnation, Position};

    #[test]
    fn a_test_failover_gives_the_five_documented_events_in_order() {
        let (old, new) = (NodeId(1), NodeId(2));
        let mut group = view();
        group.events = vec![
            event(1, EventKind::TestFailoverCalled),
            event(2, EventKind::NodeExited { node: old, incarnation: Incarnation(1) }),
            event(3, EventKind::Suspected { primary: Some(old), epoch: Epoch(2), reason: Suspicion::Exited }),
            event(4, EventKind::FailoverCompleted { from: old, to: new, epoch: Epoch(2) }),
            event(5, EventKind::RecoveryStarted { node: old }),
            event(6, EventKind::NodeProvisioned { node: old, zone: "a".into(), incarnation: Incarnation(2) }),
            event(
                7,
                EventKind::NodeJoined {
                    node: old,
                    incarnation: Incarnation(2),
                    position: Position::default(),
                },
            ),
            event(8, EventKind::RecoveryFinished { node: old }),
        ];
        let found = aws_events(&group);
        let told: Vec<_> =
            found.iter().map(|e| (e.source_type.word(), e.source.as_str(), e.message.as_str())).collect();
        let completed = "Failover from primary node my-group-001 to replica node my-group-002 completed";
        assert_eq!(
            told,
            [
                ("replication-group", "my-group", "Test Failover API called for node group 0001"),
                ("cache-cluster", "my-group-001", completed),
                ("replication-group", "my-group", completed),
                ("cache-cluster", "my-group-001", "Recovering cache nodes 0001"),
                ("cache-cluster", "my-group-001", "Finished recovery for cache nodes 0001"),
            ]
        );
    }

    #[test]
    fn a_change_of_replicas_in_order() {
        let node = NodeId(3);
        let started =
            |life| EventKind::NodeProvisioned { node, zone: "z".into(), incarnation: Incarnation(life) };
        let kinds = [
            EventKind::NodeRemoved { node },
            EventKind::ReplicasChanged { from: 2, to: 1 },
            EventKind::ReplicasAsked { from: 1, to: 2 },
            EventKind::NodeAdded { node, zone: "z".into() },
            started(2),
            started(3),
            EventKind::ReplicasChanged { from: 1, to: 2 },
        ];
        let mut group = view();
        group.events =
            [started(1)].into_iter().chain(kinds).zip(1..).map(|(kind, id)| event(id, kind)).collect();
        let texts: Vec<String> = aws_events(&group).into_iter().map(|e| e.message).collect();
        assert_eq!(
            texts[2..],
            [
                "Removed cache nodes 0001",
                "Cache cluster deleted",
                "Finished modifying number of nodes from 3 to 2",
                "Increasing number of requested nodes",
                "Added cache node 0001 in availability zone z",
                "Cache cluster created",
                "Finished modifying number of nodes from 2 to 3",
            ]
        );
    }

    #[test]
    fn the_first_start_and_a_reboot_of_a_node() {
        let node = NodeId(1);
        let provisioned =
            |life| EventKind::NodeProvisioned { node, zone: "z".into(), incarnation: Incarnation(life) };
        let joined = |life| EventKind::NodeJoined {
            node,
            incarnation: Incarnation(life),
            position: Position::default(),
        };
        let mut group = view();
        group.events = [
            EventKind::GroupCreated,
            provisioned(1),
            joined(1),
            EventKind::GroupAvailable,
            EventKind::RebootCalled { node },
            provisioned(2),
            joined(2),
            joined(3),
        ]
        .into_iter()
        .zip(1..)
        .map(|(kind, id)| event(id, kind))
        .collect();
        let texts: Vec<String> = aws_events(&group).into_iter().map(|e| e.message).collect();
        assert_eq!(
            texts,
            [
                "Replication group my-group created",
                "Added cache node 0001 in availability zone z",
                "Cache cluster created",
                "Automatic failover has been turned on for replication group my-group",
                "Cache node 0001 shutdown",
                "Cache node 0001 restarted",
            ]
        );
    }
}
