//! From an event back to where it came from.

use primacy_core::group::event::{Event, EventKind as Kind, Suspicion};
use primacy_core::id::NodeId;
use primacy_port::Cause;

use super::acts::{killer, newest, silencer, span};
use crate::fault::{FaultKind, Operation};
use crate::net::Host;
use crate::world::World;

/// A chain has at most this many links: a failover after a failover after a failover is told no further back.
const LINKS: usize = 12;

/// An event by its number, with the world's time.
pub(super) fn find(world: &World, id: u64) -> Option<&(u64, Event)> {
    let at = world.events.partition_point(|(_, event)| event.id.0 < id);
    world.events.get(at).filter(|(_, event)| event.id.0 == id)
}

/// The newest event at or before a time that `is` accepts.
pub(super) fn last(world: &World, at: u64, is: impl Fn(&Kind) -> bool) -> Option<&(u64, Event)> {
    let end = world.events.partition_point(|(when, _)| *when <= at);
    world.events.iter().take(end).rev().find(|(_, event)| is(&event.kind))
}

/// The event, its causes, and the action behind the first of them.
pub(super) fn chain(world: &World, id: u64) -> Vec<Cause> {
    let mut causes = Vec::new();
    let mut next = Some(id);
    let mut root = None;
    while let Some((at, event)) = next.and_then(|id| find(world, id)) {
        if causes.is_empty() || !dull(&event.kind) {
            causes.push(Cause { at_ns: *at, text: words(world, &event.kind), event: Some(event.id.0) });
        }
        root = Some((*at, &event.kind));
        next = event.cause.map(|cause| cause.0);
        if causes.len() == LINKS {
            return causes;
        }
    }
    causes.extend(root.and_then(|(at, kind)| outside(world, at, kind)));
    causes
}

/// What says no more than its neighbours do.
const fn dull(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Serving { .. } | Kind::NodeExited { .. } | Kind::NodeSilent { .. } | Kind::Reported { .. }
    )
}

/// The action that an event without a cause in the group comes from.
fn outside(world: &World, at: u64, kind: &Kind) -> Option<Cause> {
    let operator = |is: fn(&Operation) -> bool| {
        newest(world, at, |kind| matches!(kind, FaultKind::Operator(operation) if is(operation)))
    };
    let act = match kind {
        Kind::TestFailoverCalled => operator(|o| matches!(o, Operation::TestFailover)),
        Kind::PlannedFailoverCalled { .. } => operator(|o| matches!(o, Operation::Failover(_))),
        Kind::RebootCalled { .. } => operator(|o| matches!(o, Operation::Reboot(_))),
        Kind::ReplicasAsked { .. } => operator(|o| {
            matches!(
                o,
                Operation::Replicas(_)
                    | Operation::AddReplica
                    | Operation::RemoveReplica(_)
                    | Operation::RemoveReplicas(_)
            )
        }),
        Kind::NodeExited { node, .. } | Kind::RecoveryStarted { node } | Kind::NodeJoined { node, .. } => {
            return death(world, *node, at);
        }
        Kind::NodeSilent { node } => return silence(world, *node, at),
        Kind::Suspected { primary: Some(node), reason, .. } => {
            return match reason {
                Suspicion::LeaseRanOut => silence(world, *node, at),
                Suspicion::Exited | Suspicion::Restarted => death(world, *node, at),
                Suspicion::Released | Suspicion::Genesis | Suspicion::Stalled => None,
            };
        }
        Kind::DataLost => operator(|o| matches!(o, Operation::Reboot(_))),
        _ => None,
    };
    act.map(super::record::Act::cause)
}

/// Who ended the process that ended last before `at`.
pub(super) fn death(world: &World, node: NodeId, at: u64) -> Option<Cause> {
    let died = world.why.died_between(node, 0, at)?;
    killer(world, node, died).map(super::record::Act::cause)
}

/// Why the coordinator does not hear a member.
pub(super) fn silence(world: &World, node: NodeId, at: u64) -> Option<Cause> {
    let timing = world.scenario().timing.timing();
    let slack =
        u64::try_from((timing.lease + timing.margin + timing.silent_after).as_nanos()).unwrap_or(u64::MAX);
    let killed = world.why.down_at(node, at).and_then(|died| killer(world, node, died));
    killed.or_else(|| silencer(world, node, Host::Coordinator, (at, slack))).map(super::record::Act::cause)
}

/// An event in few words.
fn words(world: &World, kind: &Kind) -> String {
    match kind {
        Kind::EndpointMoved { node, .. } => format!("the names were pointed to {node}"),
        Kind::Serving { node, epoch } => {
            format!("{node} got the lease of epoch {}: it is the primary", epoch.0)
        }
        Kind::Elected { node, reason, .. } => {
            format!("{node} was promoted: {}", reason.trim_end_matches('.'))
        }
        Kind::Suspected { primary, reason, .. } => suspected(world, *primary, *reason),
        Kind::NodeSilent { node } => format!("{node} gave no sign of life"),
        Kind::NodeExited { node, .. } => format!("the process of {node} ended"),
        Kind::TestFailoverCalled => "TestFailover ended the primary's process".to_owned(),
        Kind::PlannedFailoverCalled { target } => format!("the primary was to hand over to {target}"),
        Kind::RebootCalled { node } => format!("{node} was rebooted"),
        Kind::RecoveryStarted { node } => format!("{node} was replaced"),
        Kind::DataLost => "all members came back empty, so the group began again without data".to_owned(),
        other => {
            let mut text = crate::script::describe_event(other);
            // A node's number or a small letter begins every line of the scripts already.
            if let Some(first) = text.get_mut(..1) {
                first.make_ascii_lowercase();
            }
            text
        }
    }
}

fn suspected(world: &World, primary: Option<NodeId>, reason: Suspicion) -> String {
    let timing = world.scenario().timing.timing();
    let wait = u64::try_from((timing.lease + timing.margin).as_nanos()).unwrap_or(0);
    let who = primary.map_or_else(|| "the primary".to_owned(), |node| node.to_string());
    match reason {
        Suspicion::Exited => format!("the process of {who} had ended, so nobody had to wait for its lease"),
        Suspicion::Restarted => format!("a new process of {who} joined, so the old one is gone"),
        Suspicion::LeaseRanOut => format!("{who} had not renewed its lease for {}: it ran out", span(wait)),
        Suspicion::Released => format!("{who} gave its lease up"),
        Suspicion::Genesis => "the group had never had a primary".to_owned(),
        Suspicion::Stalled => "the last election could not be completed".to_owned(),
    }
}
