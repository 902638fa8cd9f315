//! Events in Primacy's own words.

use primacy_core::control::LossReport;
use primacy_core::group::event::{Event, EventKind as Kind, Suspicion};
use primacy_core::id::{NodeId, Position};

/// One sentence, with the reason, about what happened: for the page and the log.
pub fn reason_text(event: &Event) -> String {
    match &event.kind {
        Kind::GroupCreated => "The group was declared; its nodes are being started.".into(),
        Kind::GroupAvailable => "Every node is up and follows the primary: the group is available.".into(),
        Kind::NodeProvisioned { node, zone, incarnation } => {
            format!("Node {node} was started in {zone} (life {}).", incarnation.0)
        }
        Kind::NodeJoined { node, incarnation, position } => joined(*node, incarnation.0, *position),
        Kind::NodeSilent { node } => {
            format!(
                "Node {node} has been silent for too long; that alone takes no lease away, it may still serve."
            )
        }
        Kind::NodeHeard { node } => format!("Node {node} was heard again."),
        Kind::NodeExited { node, incarnation } => {
            format!("The process of node {node} ended (life {}).", incarnation.0)
        }
        Kind::NodeAttached { node, epoch, full } => attached(*node, epoch.0, *full),
        Kind::RecoveryStarted { node } => format!("Node {node} failed; its replacement is being started."),
        Kind::RecoveryFinished { node } => {
            format!("The replacement of node {node} has caught up as a replica.")
        }
        Kind::TestFailoverCalled => "TestFailover was called: the primary's process is ended hard.".into(),
        Kind::PlannedFailoverCalled { target } => {
            format!(
                "A planned failover to node {target} was asked for: the primary pauses writes until it has caught up."
            )
        }
        Kind::PlannedFailoverAborted { target } => {
            format!("The planned failover to node {target} was called off in time: nothing changed.")
        }
        Kind::RebootCalled { node } => {
            format!(
                "Node {node} is rebooted on request. A reboot of the primary fails nothing over and empties the group."
            )
        }
        Kind::Suspected { primary, epoch, reason } => suspected(*primary, epoch.0, *reason),
        Kind::Reported { node, epoch, position } => {
            format!("Node {node} promised epoch {} and reported {}.", epoch.0, place(*position))
        }
        Kind::Elected { node, epoch, start, reason } => {
            format!(
                "Node {node} is elected for epoch {} from {}: {}",
                epoch.0,
                place(*start),
                sentence(reason)
            )
        }
        Kind::ElectionWaits { epoch, reason } => {
            format!("The election for epoch {} waits: {}", epoch.0, sentence(reason))
        }
        Kind::Serving { node, epoch } => {
            format!("Node {node} holds epoch {}'s lease: writes work.", epoch.0)
        }
        Kind::EndpointMoved { node, epoch } => moved(*node, epoch.0),
        Kind::FailoverCompleted { from, to, epoch } => {
            format!("The failover from node {from} to node {to} is complete (epoch {}).", epoch.0)
        }
        Kind::Lost(report) => lost(report),
        Kind::DataLost => "All members came back empty, so the group starts again with no data.".into(),
        Kind::GroupDeleting => "The group is being deleted.".into(),
        Kind::GroupDeleted => "Every process has ended: the group is gone.".into(),
        Kind::ReplicasAsked { .. }
        | Kind::NodeAdded { .. }
        | Kind::NodeRemoved { .. }
        | Kind::ReplicasChanged { .. } => of_replicas(&event.kind),
    }
}

fn of_replicas(kind: &Kind) -> String {
    match kind {
        Kind::ReplicasAsked { from, to } => {
            format!("{to} {} asked for, {from} before: members come and go one at a time.", are(*to))
        }
        Kind::NodeAdded { node, zone } => {
            format!("Node {node} is a member now, in {zone}; it can be elected once the primary knows of it.")
        }
        Kind::NodeRemoved { node } => {
            format!("Node {node} is a member no more; no name points to it, and its process is ended.")
        }
        Kind::ReplicasChanged { from, to } => {
            format!("{to} {} there, {from} before, and all follow.", are(*to))
        }
        _ => "The members change.".into(),
    }
}

const fn are(replicas: u8) -> &'static str {
    if replicas == 1 { "replica is" } else { "replicas are" }
}

fn joined(node: NodeId, life: u64, position: Position) -> String {
    if position == Position::default() {
        return format!("Node {node} joined with no data (life {life}).");
    }
    format!("Node {node} joined at {} (life {life}).", place(position))
}

fn attached(node: NodeId, epoch: u64, full: bool) -> String {
    let how = if full { "copied all of its data" } else { "took only the part that it lacked" };
    format!("Node {node} follows the primary of epoch {epoch} and {how}.")
}

fn moved(node: NodeId, epoch: u64) -> String {
    format!(
        "The endpoint names point to node {node} now (epoch {epoch}); open connections stay where they are."
    )
}

fn suspected(primary: Option<NodeId>, epoch: u64, reason: Suspicion) -> String {
    let who = primary.map_or_else(|| "the primary".to_owned(), |node| format!("node {node}"));
    let why = match reason {
        Suspicion::Exited => format!("The process of {who} has ended, so nobody has to wait for its lease"),
        Suspicion::Restarted => format!("A new life of {who} joined, so the old one is gone"),
        Suspicion::LeaseRanOut => format!("The lease of {who} was not renewed and has surely ended by now"),
        Suspicion::Released => format!("For the planned failover {who} gave its lease up"),
        Suspicion::Genesis => "The group has never had a primary".to_owned(),
        Suspicion::Stalled => "The last election could not be completed".to_owned(),
    };
    format!("{why}: the election for epoch {epoch} begins.")
}

/// What a failover lost, never less than it says.
fn lost(report: &LossReport) -> String {
    let LossReport { node, epoch, ops, bytes, exact, window_ms, .. } = report;
    let from = format!("from node {node}'s epoch {}", epoch.0);
    let writes = if *ops == 1 { "write" } else { "writes" };
    match (*exact, *ops) {
        (true, 0) => format!("No acknowledged write {from} was lost."),
        (true, _) => {
            format!("{ops} {writes} {from} ({bytes} bytes) never reached the new primary and are lost.")
        }
        (false, 0) => format!(
            "No write {from} is known to be lost; those of its last {window_ms} ms were not seen by anybody else, and the old \
             primary has not come back to be asked."
        ),
        (false, _) => format!(
            "At least {ops} {writes} {from} ({bytes} bytes) are lost; those of its last {window_ms} ms were not seen by \
             anybody else, and the old primary has not come back to be asked."
        ),
    }
}

fn place(position: Position) -> String {
    format!("offset {} of epoch {}", position.offset, position.epoch.0)
}

fn sentence(reason: &str) -> String {
    let trimmed = reason.trim_end_matches('.');
    format!("{trimmed}.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::tests::event;
    use primacy_core::id::{Epoch, Incarnation};

    #[test]
    fn reasons_are_sentences() {
        let report = LossReport {
            epoch: Epoch(1),
            node: NodeId(1),
            incarnation: Incarnation(1),
            fork: Position::default(),
            end: Position::default(),
            ops: 0,
            bytes: 0,
            exact: true,
            window_ms: 0,
        };
        assert_eq!(lost(&report), "No acknowledged write from node 001's epoch 1 was lost.");
        let some = LossReport { ops: 3, bytes: 99, ..report.clone() };
        assert!(lost(&some).starts_with("3 writes from node 001's epoch 1 (99 bytes)"));
        assert!(lost(&LossReport { exact: false, ..some }).starts_with("At least 3 writes"));
        assert!(lost(&LossReport { exact: false, window_ms: 40, ..report }).contains("last 40 ms"));
        let elected = Kind::Elected {
            node: NodeId(2),
            epoch: Epoch(2),
            start: Position::default(),
            reason: "it is furthest ahead".into(),
        };
        let text = reason_text(&event(1, elected));
        assert_eq!(text, "Node 002 is elected for epoch 2 from offset 0 of epoch 0: it is furthest ahead.");
    }
}
