//! Events as a person reads them.

use primacy_core::group::event::{Event, EventKind, Suspicion};

/// One log line.
pub(crate) fn log(event: &Event) {
    let (id, cause) = (event.id.0, event.cause.map_or(0, |cause| cause.0));
    let text = sentence(&event.kind);
    match event.kind {
        EventKind::NodeSilent { .. }
        | EventKind::NodeExited { .. }
        | EventKind::Suspected { .. }
        | EventKind::ElectionWaits { .. }
        | EventKind::DataLost => tracing::warn!(event = id, cause, "{text}"),
        EventKind::Reported { .. } => tracing::debug!(event = id, cause, "{text}"),
        _ => tracing::info!(event = id, cause, "{text}"),
    }
}

/// What happened, in one sentence.
pub(crate) fn sentence(kind: &EventKind) -> String {
    use EventKind as K;
    match kind {
        K::NodeProvisioned { node, zone, .. } => format!("node {node} started in {zone}"),
        K::NodeJoined { node, position, .. } => format!("node {node} joined at offset {}", position.offset),
        K::NodeSilent { node } => format!("node {node} is silent"),
        K::NodeHeard { node } => format!("node {node} is heard again"),
        K::NodeExited { node, .. } => format!("node {node}: its process has ended"),
        K::NodeAttached { node, full: true, .. } => {
            format!("node {node} follows the primary after a full sync")
        }
        K::NodeAttached { node, .. } => format!("node {node} follows the primary"),
        K::RecoveryStarted { node } => format!("node {node} is being replaced"),
        K::RecoveryFinished { node } => format!("node {node} is recovered"),
        K::PlannedFailoverCalled { target } => format!("planned failover to node {target} asked for"),
        K::PlannedFailoverAborted { target } => {
            format!("planned failover to node {target} called off; nothing changed")
        }
        K::RebootCalled { node } => format!("reboot of node {node} asked for"),
        K::Suspected { primary: Some(node), reason, .. } => {
            format!("primary {node} given up: {}", why(*reason))
        }
        K::Suspected { primary: None, reason, .. } => format!("no primary: {}", why(*reason)),
        K::Reported { node, position, .. } => format!("node {node} votes at offset {}", position.offset),
        K::Elected { node, epoch, reason, .. } => {
            format!("node {node} elected for epoch {}: {reason}", epoch.0)
        }
        K::ElectionWaits { reason, .. } => format!("election waits: {reason}"),
        K::Serving { node, epoch } => format!("node {node} serves writes in epoch {}", epoch.0),
        K::EndpointMoved { node, .. } => format!("endpoint names point to node {node}"),
        K::FailoverCompleted { from, to, .. } => format!("failover from node {from} to node {to} completed"),
        K::Lost(report) if report.ops == 0 && report.exact => "no write was lost".to_owned(),
        K::Lost(report) if report.exact => format!("{} writes of node {} were lost", report.ops, report.node),
        K::Lost(report) => format!(
            "at least {} writes of node {} were lost; writes of its last {} ms may be lost unseen",
            report.ops, report.node, report.window_ms
        ),
        other => plain(other).to_owned(),
    }
}

const fn plain(kind: &EventKind) -> &'static str {
    match kind {
        EventKind::GroupCreated => "group created",
        EventKind::GroupAvailable => "group available",
        EventKind::TestFailoverCalled => "TestFailover called",
        EventKind::DataLost => "all members came back empty: the data are lost",
        EventKind::GroupDeleting => "group is being deleted",
        EventKind::GroupDeleted => "group deleted",
        _ => "something happened",
    }
}

const fn why(reason: Suspicion) -> &'static str {
    match reason {
        Suspicion::Exited => "its process has ended",
        Suspicion::Restarted => "its process was restarted",
        Suspicion::LeaseRanOut => "its lease ran out",
        Suspicion::Released => "it gave its lease up for a planned failover",
        Suspicion::Genesis => "the group is new",
        Suspicion::Stalled => "the election could not be completed",
    }
}
