//! Why a read returned less than had been acknowledged.

use primacy_core::control::NodeRole;
use primacy_core::group::event::EventKind as Kind;
use primacy_core::id::NodeId;
use primacy_port::Cause;

use super::acts::{name, silencer, span};
use super::events::{chain as from_event, last};
use super::failed::Asked;
use super::lost;
use crate::check::WriteId;
use crate::net::Host;
use crate::world::World;

/// The chain behind a stale read. `acked`: when the newer value had been acknowledged.
pub(super) fn chain(world: &World, asked: &Asked, got: Option<WriteId>, acked: u64) -> Vec<Cause> {
    let (who, operation) = (name(asked.who), &asked.operation);
    let value =
        got.and_then(|id| world.checks.writes.get(id)).and_then(|write| write.acked().or(Some(write.asked)));
    let head = match (value, asked.who) {
        (Some(at), _) => format!("{operation} of {who} returned the value of {}", clock(at)),
        (None, Host::Terminal(_)) => {
            format!("{operation} of {who} did not return what had been written last")
        }
        (None, _) => format!("{operation} of {who} returned nothing"),
    };
    let newer =
        format!("a newer value had been acknowledged {} before", span(asked.at.saturating_sub(acked)));
    let mut causes = vec![
        Cause { at_ns: asked.at, text: head, event: None },
        Cause { at_ns: acked, text: newer, event: None },
    ];
    let Some(node) = asked.choice.and_then(|choice| choice.node) else {
        return causes;
    };
    match world.why.role_at(node, asked.at) {
        Some((_, role, _)) if role.is_primary() => {
            let text = format!("{node} is the primary and never had it: the write was lost");
            causes.push(Cause { at_ns: asked.at, text, event: None });
            causes.extend(lost::newest(world, asked.at));
        }
        role => {
            let text = format!("the read went to {node}, a replica that did not have it yet");
            causes.push(Cause { at_ns: asked.at, text, event: None });
            causes.extend(behind(world, node, role.map(|(since, role, _)| (since, role)), (asked.at, acked)));
        }
    }
    causes
}

/// Why a replica is behind.
fn behind(world: &World, node: NodeId, role: Option<(u64, NodeRole)>, (at, acked): (u64, u64)) -> Vec<Cause> {
    let primary = |when| match &last(world, when, |kind| matches!(kind, Kind::Serving { .. }))?.1.kind {
        Kind::Serving { node, .. } => Some(*node),
        _ => None,
    };
    // The one that took the write comes first: what it could not pass on, a later primary may not have.
    let slow = |primary: NodeId| silencer(world, node, Host::Node(primary), (at, at - acked));
    if let Some(act) = primary(acked).and_then(slow).or_else(|| primary(at).and_then(slow)) {
        return vec![act.cause()];
    }
    match role {
        Some((since, role)) if role != NodeRole::Following => {
            let text = format!("{node} was not following its primary");
            let cut = last(world, at, |kind| matches!(kind, Kind::Suspected { .. }));
            let rest = cut.map(|(_, event)| from_event(world, event.id.0)).unwrap_or_default();
            [Cause { at_ns: since, text, event: None }].into_iter().chain(rest).collect()
        }
        _ => {
            let text = "replication is asynchronous: the primary answers before its replicas have the write";
            vec![Cause { at_ns: acked, text: text.to_owned(), event: None }]
        }
    }
}

/// `00:10.210`.
fn clock(ns: u64) -> String {
    let ms = ns / 1_000_000;
    format!("{:02}:{:02}.{:03}", ms / 60_000, ms / 1000 % 60, ms % 1000)
}
