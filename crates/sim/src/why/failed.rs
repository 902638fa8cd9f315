//! Why an operation failed.

use primacy_core::control::NodeRole;
use primacy_core::group::event::EventKind as Kind;
use primacy_core::id::NodeId;
use primacy_port::{Cause, Via};

use super::acts::{name, newest, silencer, span};
use super::events::{chain as from_event, death, last, silence};
use super::record::{Act, Choice};
use crate::fault::FaultKind;
use crate::net::Host;
use crate::world::World;

/// What somebody asked for.
pub(super) struct Asked {
    pub(super) at: u64,
    pub(super) who: Host,
    pub(super) operation: String,
    pub(super) choice: Option<Choice>,
}

/// The chain behind a failed operation.
pub(super) fn chain(world: &World, asked: &Asked, error: &str) -> Vec<Cause> {
    let head = format!("{} of {} failed: {}", asked.operation, name(asked.who), error.trim_end_matches('.'));
    let mut causes = vec![Cause { at_ns: asked.at, text: head, event: None }];
    let Some(choice) = asked.choice else { return causes };
    let Some(node) = choice.node else {
        causes.extend(nowhere(world, asked));
        return causes;
    };
    let moved = moved_away(world, node, choice.via, asked.at);
    causes.push(Cause { at_ns: choice.at, text: way(asked, &choice, node, moved.is_some()), event: None });
    let follow = |id| from_event(world, id);
    let rest = match error.split(' ').next().unwrap_or_default() {
        "READONLY" | "UNBLOCKED" => not_primary(world, node, asked.at, moved),
        "LOADING" => {
            let started = last(
                world,
                asked.at,
                |kind| matches!(kind, Kind::NodeProvisioned { node: n, .. } if *n == node),
            );
            started.map(|(_, event)| follow(event.id.0)).unwrap_or_default()
        }
        "no" => match moved {
            Some(id) if stays_away(world, node, asked) => follow(id),
            _ => no_answer(world, node, asked),
        },
        "connection" | "Connection" | "Server" => match moved {
            Some(id) if !error.ends_with("timed out") => follow(id),
            Some(id) if stays_away(world, node, asked) => follow(id),
            _ if error.ends_with("timed out") => no_answer(world, node, asked),
            _ => broken_off(world, node, asked, &choice),
        },
        _ => vec![],
    };
    causes.extend(rest);
    causes
}

/// How it came to this node.
fn way(asked: &Asked, choice: &Choice, node: NodeId, moved: bool) -> String {
    let who = name(asked.who);
    let still = if moved { "still " } else { "" };
    let endpoint = match choice.via {
        Via::Address(_) => return format!("{who} has the address of {node} written into it"),
        Via::Primary => "primary endpoint".to_owned(),
        Via::Configuration => "configuration endpoint".to_owned(),
        Via::Reader => "reader endpoint".to_owned(),
        Via::Node(name) => format!("name of {name}"),
    };
    match choice.held {
        Some(Some(left)) if left > 0 => {
            format!("{who} {still}held the address of {node} (TTL {} left)", span(left))
        }
        Some(Some(_)) => format!("{who} {still}held an old answer, {node}: the name server did not answer"),
        Some(None) => format!("{who} {still}held the address of {node}, which it never looks up again"),
        None if asked.at.saturating_sub(choice.at) > 1_000_000_000 => {
            format!("{who} had been connected to {node} since then")
        }
        None => format!("the {endpoint} pointed to {node}"),
    }
}

/// The event by which the primary's names left this node, if they did.
fn moved_away(world: &World, node: NodeId, via: Via, at: u64) -> Option<u64> {
    if via == Via::Reader {
        return None;
    }
    let (mut here, mut away) = (false, None);
    for (_, event) in world.events.iter().take_while(|(when, _)| *when <= at) {
        match &event.kind {
            Kind::EndpointMoved { node: to, .. } if *to == node => (here, away) = (true, None),
            Kind::EndpointMoved { .. } if here => away = away.or(Some(event.id.0)),
            _ => {}
        }
    }
    away
}

/// The node cannot be spoken to for the same reason for which it was given up.
fn stays_away(world: &World, node: NodeId, asked: &Asked) -> bool {
    world.why.down_at(node, asked.at).is_some() || silence(world, node, asked.at).is_some()
}

fn nowhere(world: &World, asked: &Asked) -> Vec<Cause> {
    let at = asked.at;
    if let Some(act) = newest(world, at, |kind| *kind == FaultKind::DnsFail) {
        let text = "the name server did not answer (SERVFAIL)".to_owned();
        return vec![Cause { at_ns: act.at, text, event: None }, act.cause()];
    }
    let text = match last(world, at, |kind| matches!(kind, Kind::EndpointMoved { .. })) {
        Some(_) => format!(
            "{} had asked before the first primary served, and a no is kept for a TTL too",
            name(asked.who)
        ),
        None => "the name had no address: no primary had served yet".to_owned(),
    };
    vec![Cause { at_ns: at, text, event: None }]
}

/// It does not take writes.
fn not_primary(world: &World, node: NodeId, at: u64, moved: Option<u64>) -> Vec<Cause> {
    let Some((since, role, _)) = world.why.role_at(node, at) else { return vec![] };
    let told = |text: String| Cause { at_ns: since, text, event: None };
    let suspected = || last(world, at, |kind| matches!(kind, Kind::Suspected { .. }));
    match role {
        NodeRole::PrimaryNoLease | NodeRole::PrimaryServing => {
            let head = told(format!("the lease of {node} had ended, and without one it takes no writes"));
            [head].into_iter().chain(silence(world, node, at)).collect()
        }
        NodeRole::Joining => {
            let head = told(format!("the process of {node} had just started and was not let in yet"));
            [head].into_iter().chain(death(world, node, since)).collect()
        }
        NodeRole::PrimaryReleased | NodeRole::PrimaryPaused => {
            let head = told(format!("{node} was handing over and took no writes any more"));
            let called = last(world, at, |kind| matches!(kind, Kind::PlannedFailoverCalled { .. }));
            let rest = called.map(|(_, event)| from_event(world, event.id.0)).unwrap_or_default();
            [head].into_iter().chain(rest).collect()
        }
        _ => {
            let head = told(format!("{node} was a replica since then"));
            let was_primary = moved.or_else(|| {
                let (_, event) = suspected()?;
                matches!(&event.kind, Kind::Suspected { primary: Some(old), .. } if *old == node)
                    .then_some(event.id.0)
            });
            [head]
                .into_iter()
                .chain(was_primary.map(|id| from_event(world, id)).unwrap_or_default())
                .collect()
        }
    }
}

/// It was asked and said nothing.
fn no_answer(world: &World, node: NodeId, asked: &Asked) -> Vec<Cause> {
    if let Some(act) = silencer(world, node, asked.who, (asked.at, 0)) {
        return vec![Cause { at_ns: act.at, text: mute(act, node, asked.who), event: None }, act.cause()];
    }
    if asked.operation.contains("WAIT") {
        let replicas = world.machines.keys().filter(|id| *id != node);
        let slow =
            replicas.filter_map(|id| Some((id, silencer(world, id, Host::Node(node), (asked.at, 0))?)));
        if let Some((replica, act)) = slow.max_by_key(|(_, act)| act.at) {
            let text = format!("WAIT waited for {replica}, which did not confirm");
            return vec![Cause { at_ns: asked.at, text, event: None }, act.cause()];
        }
    }
    match world.why.down_at(node, asked.at) {
        Some(died) => ended(world, node, died),
        None => vec![],
    }
}

fn mute(act: &Act, node: NodeId, who: Host) -> String {
    match act.kind {
        FaultKind::Pause(_) => format!("the process of {node} did not run"),
        FaultKind::Freeze(_) => format!("the machine of {node} was suspended"),
        FaultKind::ZoneLoss(_) => format!("the machine of {node} had no power"),
        FaultKind::Slow { .. } => format!("{node} was slow"),
        FaultKind::Cut(_) | FaultKind::Flap { .. } => {
            format!("the link between {} and {node} carried nothing", name(who))
        }
        _ => format!("the link between {} and {node} was bad", name(who)),
    }
}

/// Its process ended, or it ended the connection.
fn broken_off(world: &World, node: NodeId, asked: &Asked, choice: &Choice) -> Vec<Cause> {
    let died = world.why.down_at(node, asked.at);
    if let Some(died) = died.or_else(|| world.why.died_between(node, choice.at, asked.at)) {
        return ended(world, node, died);
    }
    let reset = |act: &&Act| matches!(act.kind, FaultKind::Reset(_)) && act.touches(Host::Node(node));
    if let Some(act) = world.why.acts.iter().rev().filter(|act| act.at <= asked.at).find(reset)
        && act.at >= choice.at
    {
        return vec![act.cause()];
    }
    match world.why.role_at(node, asked.at) {
        Some((since, ..)) if since >= choice.at => not_primary(world, node, asked.at, None),
        _ => vec![],
    }
}

fn ended(world: &World, node: NodeId, died: u64) -> Vec<Cause> {
    let head = Cause { at_ns: died, text: format!("the process of {node} had ended"), event: None };
    let coordinator = || {
        // What nobody did, the coordinator did: it replaces who is silent and restarts who must be rebooted.
        let (_, event) = last(world, died, |kind| match kind {
            Kind::NodeSilent { node: n }
            | Kind::RebootCalled { node: n }
            | Kind::NodeRemoved { node: n }
            | Kind::RecoveryStarted { node: n } => *n == node,
            Kind::TestFailoverCalled => true,
            _ => false,
        })?;
        Some(from_event(world, event.id.0))
    };
    let rest = match death(world, node, died) {
        Some(cause) => vec![cause],
        None => coordinator().unwrap_or_default(),
    };
    [head].into_iter().chain(rest).collect()
}
