//! Events in words, for scripts, the log and the page.

use primacy_core::group::event::{EventKind, Suspicion};

/// One line about an event; offsets and times are left out, so that a script stays the same when bytes change.
pub fn event(kind: &EventKind) -> String {
    match kind {
        EventKind::GroupCreated => "group created".to_owned(),
        EventKind::GroupAvailable => "group available".to_owned(),
        EventKind::NodeProvisioned { node, zone, .. } => format!("{node} started in {zone}"),
        EventKind::NodeJoined { node, position, .. } if position.offset == 0 => {
            format!("{node} joined, empty")
        }
        EventKind::NodeJoined { node, .. } => format!("{node} joined"),
        EventKind::NodeSilent { node } => format!("{node} is silent"),
        EventKind::NodeHeard { node } => format!("{node} is heard again"),
        EventKind::NodeExited { node, .. } => format!("{node} ended"),
        EventKind::NodeAttached { node, full: true, .. } => format!("{node} follows after a full sync"),
        EventKind::NodeAttached { node, full: false, .. } => format!("{node} follows after a partial sync"),
        EventKind::RecoveryStarted { node } => format!("recovery of {node} started"),
        EventKind::RecoveryFinished { node } => format!("recovery of {node} finished"),
        EventKind::TestFailoverCalled => "test failover called".to_owned(),
        EventKind::PlannedFailoverCalled { target } => format!("planned failover to {target} called"),
        EventKind::PlannedFailoverAborted { target } => format!("planned failover to {target} called off"),
        EventKind::RebootCalled { node } => format!("reboot of {node} called"),
        EventKind::Suspected { primary, epoch, reason } => {
            let primary = primary.map_or_else(|| "nobody".to_owned(), |node| node.to_string());
            format!("{primary} given up ({}): election of epoch {}", why(*reason), epoch.0)
        }
        EventKind::Reported { node, epoch, .. } => format!("{node} promised epoch {}", epoch.0),
        EventKind::Elected { node, epoch, .. } => format!("{node} elected for epoch {}", epoch.0),
        EventKind::ElectionWaits { epoch, .. } => format!("election of epoch {} waits", epoch.0),
        EventKind::Serving { node, epoch } => format!("{node} serves epoch {}", epoch.0),
        EventKind::EndpointMoved { node, .. } => format!("the names point to {node}"),
        EventKind::FailoverCompleted { from, to, .. } => format!("failover from {from} to {to} completed"),
        EventKind::Lost(report) => {
            let exact = if report.exact { "exactly" } else { "at least" };
            format!("epoch {} lost {exact} {} writes", report.epoch.0, report.ops)
        }
        EventKind::DataLost => "all data lost: start from nothing".to_owned(),
        EventKind::ReplicasAsked { from, to } => format!("{to} replicas asked for instead of {from}"),
        EventKind::NodeAdded { node, zone } => format!("{node} added in {zone}"),
        EventKind::NodeRemoved { node } => format!("{node} removed"),
        EventKind::ReplicasChanged { from, to } => format!("{to} replicas instead of {from}"),
        EventKind::GroupDeleting => "group deleting".to_owned(),
        EventKind::GroupDeleted => "group deleted".to_owned(),
    }
}

fn why(reason: Suspicion) -> &'static str {
    match reason {
        Suspicion::Exited => "its process ended",
        Suspicion::Restarted => "a new life joined",
        Suspicion::LeaseRanOut => "its lease ran out",
        Suspicion::Released => "it gave its lease up",
        Suspicion::Genesis => "there never was one",
        Suspicion::Stalled => "the election stalled",
    }
}
