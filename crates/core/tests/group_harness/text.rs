//! Actions and events as one line each.

use primacy_core::control::ToNode;
use primacy_core::group::Action;
use primacy_core::group::event::EventKind;
use primacy_core::group::record::Phase;
use primacy_core::id::Position;

pub fn name(kind: &EventKind) -> String {
    let debug = format!("{kind:?}");
    debug.split([' ', '(', '{']).next().unwrap_or_default().to_string()
}

fn place(p: Position) -> String {
    format!("{}:{}", p.epoch.0, p.offset)
}

pub(super) fn text(action: &Action) -> String {
    match action {
        Action::Send(node, life, message) => format!("{node}/{} {}", life.0, order(message)),
        Action::Store { change, .. } => {
            let phase = change.shard.as_ref().map(|s| match s.phase {
                Phase::Empty => "Empty".to_string(),
                Phase::Stable { primary, incarnation } => {
                    format!("Stable({}, {primary}/{})", s.epoch.0, incarnation.0)
                }
                Phase::Electing => format!("Electing({})", s.epoch.0),
            });
            let lease = change.lease.as_ref().map(|l| format!("lease {}/{}", l.epoch.0, l.seq));
            let parts: Vec<_> = phase.into_iter().chain(lease).collect();
            let by = if change.expect_lease.is_some() { " if both" } else { "" };
            format!("store {}{by}", parts.join(" + "))
        }
        Action::Load { .. } => "load".into(),
        Action::Publish(e) => {
            let readers: Vec<_> = e.readers.iter().map(|(n, _)| n.to_string()).collect();
            let primary = e.primary.map(|(n, _)| n.to_string()).unwrap_or_default();
            format!("publish {} {primary} readers [{}]", e.epoch.0, readers.join(" "))
        }
        Action::Provision { node, zone, incarnation } => format!("provision {node}/{} {zone}", incarnation.0),
        Action::Kill { node, incarnation } => format!("kill {node}/{}", incarnation.0),
        Action::Event(e) => format!("event {}", happening(&e.kind)),
    }
}

fn order(message: &ToNode) -> String {
    match message {
        ToNode::Joined { epoch, .. } => format!("joined {}", epoch.0),
        ToNode::Freeze { epoch } => format!("freeze {}", epoch.0),
        ToNode::Promote { epoch, start, .. } => format!("promote {} at {}", epoch.0, place(*start)),
        ToNode::Follow { epoch, primary, .. } => format!("follow {primary} {}", epoch.0),
        ToNode::CatchUp { epoch, from, until, .. } => {
            format!("catch-up {} from {from} to {}", epoch.0, place(*until))
        }
        ToNode::Renewed { epoch, seq, .. } => format!("renewed {}/{seq}", epoch.0),
        ToNode::Denied { epoch } => format!("denied {}", epoch.0),
        ToNode::LossNoted { epoch } => format!("loss {} noted", epoch.0),
        ToNode::Heard => "heard".into(),
        ToNode::Handover { epoch, target } => format!("handover {} to {target}", epoch.0),
    }
}

fn happening(kind: &EventKind) -> String {
    match kind {
        EventKind::Suspected { primary, epoch, reason } => {
            format!("Suspected {} {} {reason:?}", primary.map(|p| p.to_string()).unwrap_or_default(), epoch.0)
        }
        EventKind::Reported { node, position, .. } => format!("Reported {node} {}", place(*position)),
        EventKind::Elected { node, epoch, reason, .. } => format!("Elected {node} {}: {reason}", epoch.0),
        EventKind::ElectionWaits { reason, .. } => format!("ElectionWaits {reason}"),
        EventKind::FailoverCompleted { from, to, epoch } => {
            format!("FailoverCompleted {from} -> {to} {}", epoch.0)
        }
        EventKind::Lost(r) => format!("Lost {} ops, exact {}", r.ops, r.exact),
        EventKind::Serving { node, epoch } | EventKind::EndpointMoved { node, epoch } => {
            format!("{} {node} {}", name(kind), epoch.0)
        }
        EventKind::NodeProvisioned { node, .. }
        | EventKind::NodeJoined { node, .. }
        | EventKind::NodeSilent { node }
        | EventKind::NodeHeard { node }
        | EventKind::NodeExited { node, .. }
        | EventKind::RecoveryStarted { node }
        | EventKind::RecoveryFinished { node }
        | EventKind::NodeAdded { node, .. }
        | EventKind::NodeRemoved { node }
        | EventKind::RebootCalled { node } => format!("{} {node}", name(kind)),
        EventKind::NodeAttached { node, full, .. } => format!("NodeAttached {node} full {full}"),
        EventKind::PlannedFailoverCalled { target } | EventKind::PlannedFailoverAborted { target } => {
            format!("{} {target}", name(kind))
        }
        EventKind::ReplicasAsked { from, to } | EventKind::ReplicasChanged { from, to } => {
            format!("{} {from} -> {to}", name(kind))
        }
        _ => name(kind),
    }
}
