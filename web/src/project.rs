//! From the world to what the panes show.

use leptos::prelude::*;
use primacy_core::control::NodeRole;
use primacy_core::group::RequestError;
use primacy_core::group::event::{Event, EventKind};
use primacy_core::id::NodeId;
use primacy_sim::fault::FaultKind;
use primacy_sim::link;
use primacy_sim::net::Host;
use primacy_sim::scenario::{ClientSpec, Mix, Profile, Retry, Scenario, Via};
use primacy_sim::world::{ClientView, NodeSight, World, WorldView};

use crate::action::isolation;
use crate::format::clock;
use crate::model::{ClientRow, EventRow, Frame, NameRow, NodeRow, ZoneRow};

/// Simulated time before the visitor's first look.
const WARM_UP_NS: u64 = 8_000_000_000;
const FIRST_SEED: u64 = 42;
/// A replica's bar is empty when it is this many bytes behind.
const FAR_BEHIND: u64 = 8 * 1024;

/// The group that a visitor finds: the seed's, with an application that uses the configuration endpoint, one that
/// hardcoded the primary's address, and one that reads from replicas.
pub(crate) fn first_scenario(seed: u64) -> Scenario {
    let client = |via, mix| ClientSpec {
        via,
        mix,
        think_us: 100_000,
        retry: Retry::Backoff { base_ms: 100, max_ms: 1000, jitter: true },
        ..ClientSpec::default()
    };
    let writes = Mix { set: 1, ..Mix::default() };
    Scenario {
        seed,
        timing: Profile::Demo,
        clients: vec![
            client(Via::Configuration, writes),
            client(Via::Address(NodeId(1)), writes),
            client(Via::Reader, Mix { get: 1, ..Mix::default() }),
        ],
        ..Scenario::default()
    }
}

/// What the page opens with: the run that its address names (`#r=1&v=…&s=…`), else the usual group; and a word to the
/// visitor if the address could not be followed.
pub(crate) fn opening() -> (Scenario, String) {
    let fragment = window().location().hash().unwrap_or_default();
    if fragment.len() < 2 {
        return (first_scenario(FIRST_SEED), String::new());
    }
    match link::parse_fragment(&fragment) {
        Ok((version, scenario)) if version == env!("CARGO_PKG_VERSION") => (scenario, String::new()),
        Ok((version, scenario)) => {
            let ours = env!("CARGO_PKG_VERSION");
            let notice = format!(
                "The link was made by version {version}; with this one ({ours}) it may run differently."
            );
            (scenario, notice)
        }
        Err(why) => (
            first_scenario(FIRST_SEED),
            format!("The link cannot be opened: {why}. This is the usual group."),
        ),
    }
}

/// Simulated time to run before the first look: the group is in service then, and nothing planned was missed.
pub(crate) fn warm_up_ns(scenario: &Scenario) -> u64 {
    let planned = scenario.faults.iter().map(|f| f.at_ms).chain(scenario.commands.iter().map(|c| c.0)).min();
    planned.map_or(WARM_UP_NS, |ms| u64::from(ms).saturating_sub(1_000) * 1_000_000).min(WARM_UP_NS)
}

/// One frame of the store.
pub(crate) fn frame(world: &World) -> Frame {
    let view = world.observe(u64::MAX);
    let group = world.group_view();
    let mut zones: Vec<String> = view.nodes.iter().map(|n| n.zone.clone()).collect();
    zones.sort();
    zones.dedup();
    let lease_ns = u64::try_from(world.scenario().timing.timing().lease.as_nanos()).unwrap_or(u64::MAX);
    Frame {
        t_us: view.now_ns / 1000,
        group: group.as_ref().map_or_else(String::new, |g| g.spec.id.clone()),
        status: group.as_ref().map_or("no coordinator", |g| status(g.status)).to_owned(),
        epoch: group.as_ref().map_or(0, |g| g.epoch.0),
        zones: zone_rows(&zones, &view),
        nodes: view.nodes.iter().map(|n| node_row(n, &zones, &view, lease_ns)).collect(),
        names: name_rows(&view),
        clients: view.clients.iter().map(|c| client_row(c, view.now_ns)).collect(),
        hash: view.trace.chars().take(12).collect(),
        steps: view.steps,
        violation: view.violation.clone().unwrap_or_default(),
    }
}

fn status(status: primacy_core::group::view::GroupStatus) -> &'static str {
    use primacy_core::group::view::GroupStatus;
    match status {
        GroupStatus::Creating => "creating",
        GroupStatus::Available => "available",
        GroupStatus::Modifying => "modifying",
        GroupStatus::Deleting => "deleting",
    }
}

fn zone_rows(zones: &[String], view: &WorldView) -> Vec<ZoneRow> {
    let down = |name: &String| view.nodes.iter().any(|n| &n.zone == name && !n.powered);
    let row = |(index, name): (usize, &String)| ZoneRow {
        index: index as u16,
        name: name.clone(),
        down: down(name),
    };
    zones.iter().enumerate().map(row).collect()
}

fn node_row(node: &NodeSight, zones: &[String], view: &WorldView, lease_ns: u64) -> NodeRow {
    let (role, look) = role(node);
    let cut = FaultKind::Cut(isolation(node.id.0));
    NodeRow {
        id: node.id.0,
        name: node.name.clone(),
        zone: zones.iter().position(|z| z == &node.zone).unwrap_or_default() as u16,
        role: role.to_owned(),
        look: look.to_owned(),
        offset: node.offset,
        lag_bytes: node.lag_bytes,
        keys: node.keys,
        bar: bar(node, lease_ns),
        wire: wire(node, view).to_owned(),
        recorded: node.is_primary,
        detail: detail(node),
        alive: node.up,
        paused: node.paused,
        isolated: view.faults.contains(&cut),
    }
}

fn bar(node: &NodeSight, lease_ns: u64) -> u16 {
    let share = |part: u64, whole: u64| u16::try_from(part.min(whole) * 1000 / whole.max(1)).unwrap_or(1000);
    match node.lease_ns {
        _ if !node.up => 0,
        Some(left) => share(left / 1000, lease_ns / 1000),
        None => 1000 - share(node.lag_bytes, FAR_BEHIND),
    }
}

/// How the stream from the recorded primary to a node fares.
fn wire(node: &NodeSight, view: &WorldView) -> &'static str {
    let Some(primary) = view.nodes.iter().find(|n| n.is_primary && n.id != node.id) else { return "" };
    let (a, b) = (Host::Node(primary.id), Host::Node(node.id));
    let between = |from, to| (from, to) == (a, b) || (from, to) == (b, a);
    if view.links.iter().any(|l| l.cut && between(l.from, l.to)) {
        return "cut";
    }
    if node.up && primary.up && node.link_up { "up" } else { "down" }
}

fn role(node: &NodeSight) -> (&'static str, &'static str) {
    if !node.powered {
        return ("no power", "down");
    }
    if !node.up {
        return ("down", "down");
    }
    if node.paused {
        return ("frozen process", "trouble");
    }
    match node.role {
        // It has not looked at its clock yet; no write of it would be acknowledged.
        Some(NodeRole::PrimaryServing) if node.lease_ns == Some(0) => ("primary, no lease", "trouble"),
        Some(NodeRole::PrimaryServing) => ("★ primary", "primary"),
        Some(NodeRole::PrimaryNoLease) => ("primary, no lease", "trouble"),
        Some(NodeRole::PrimaryPaused) => ("primary, handing over", "trouble"),
        Some(NodeRole::PrimaryReleased) => ("primary, released", "trouble"),
        Some(NodeRole::Following) => ("replica", "replica"),
        Some(NodeRole::FullSync) => ("full sync", "trouble"),
        Some(NodeRole::Detached) => ("replica, detached", "trouble"),
        Some(NodeRole::Frozen) => ("in an election", "trouble"),
        Some(NodeRole::Joining) | None => ("joining", "trouble"),
    }
}

fn detail(node: &NodeSight) -> String {
    if !node.up {
        return "process ended".into();
    }
    match node.lease_ns {
        Some(0) => "lease ended".into(),
        Some(ns) if node.failsafe => format!("granted {} ms", ns / 1_000_000),
        Some(ns) => format!("lease {} ms", ns / 1_000_000),
        None if node.role == Some(NodeRole::Following) && node.link_up => "link up".into(),
        None => "link down".into(),
    }
}

fn name_rows(view: &WorldView) -> Vec<NameRow> {
    let labels = ["configuration", "primary", "reader"];
    let target = |node: &Option<NodeId>| node.map_or_else(|| "no answer".into(), |n| format!("node {n}"));
    let row = |((label, (name, node)), index): ((&&str, &(String, Option<NodeId>)), u16)| NameRow {
        index,
        label: (*label).to_owned(),
        name: name.clone(),
        target: target(node),
    };
    labels.iter().zip(&view.endpoints).zip(0..).map(row).collect()
}

fn client_row(client: &ClientView, now_ns: u64) -> ClientRow {
    let (state, look) = match (client.recent.last().map(|r| r.1), &client.last_error) {
        _ if client.stopped => ("stopped".to_owned(), "warn"),
        (Some(true), _) => ("working".to_owned(), "good"),
        (_, Some(error)) => {
            let seconds = now_ns.saturating_sub(client.last_ok_ns) / 1_000_000_000;
            (format!("failing for {seconds} s: {error}"), "bad")
        }
        _ => (client.state.clone(), "warn"),
    };
    ClientRow {
        index: u16::from(client.index),
        name: format!("c{}", client.index + 1),
        via: via(client.via),
        target: client.node.map_or_else(|| "–".into(), |n| format!("node {n}")),
        state,
        look: look.to_owned(),
        ok: u64::from(client.ok),
        failed: u64::from(client.errors),
        ok_ticks: ticks(&client.recent, true),
        bad_ticks: ticks(&client.recent, false),
    }
}

/// An SVG path with a bar for each of the newest results that went well, or that did not; 64 fit, the newest last.
fn ticks(recent: &[(u64, bool)], good: bool) -> String {
    let newest = recent.len().saturating_sub(64);
    let recent = recent.get(newest..).unwrap_or_default();
    let first = 64 - recent.len();
    let chosen = recent.iter().enumerate().filter(|(_, result)| result.1 == good);
    chosen.map(|(at, _)| format!("M{} 0h2v12h-2z", (first + at) * 3)).collect()
}

fn via(via: Via) -> String {
    match via {
        Via::Primary => "primary endpoint".into(),
        Via::Configuration => "configuration endpoint".into(),
        Via::Reader => "reader endpoint".into(),
        Via::Node(n) => format!("node {n}'s name"),
        Via::Address(n) => format!("hardcoded address of node {n}"),
    }
}

/// Events of the group after number `since`, with the world's time, oldest first.
pub(crate) fn new_events(world: &World, since: u64) -> Vec<(u64, Event)> {
    if world.newest_event() > since { world.observe(since).events } else { Vec::new() }
}

/// An event as a line of the list. `causes` are the events so far, this one included.
pub(crate) fn event_row(at_ns: u64, event: &Event, causes: &[(u64, Event)]) -> EventRow {
    let cause = event.cause.and_then(|id| causes.iter().rev().find(|(_, e)| e.id == id));
    EventRow {
        id: 0,
        t_us: at_ns / 1000,
        text: primacy_aws::events::reason_text(event),
        why: cause.map_or_else(String::new, |(at, e)| {
            format!("because of {}: {}", clock(at / 1000), primacy_aws::events::reason_text(e))
        }),
        loud: is_milestone(&event.kind),
    }
}

/// An event that the button "next milestone" stops at.
pub(crate) const fn is_milestone(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::Suspected { .. }
            | EventKind::Elected { .. }
            | EventKind::Serving { .. }
            | EventKind::EndpointMoved { .. }
            | EventKind::FailoverCompleted { .. }
            | EventKind::Lost(_)
            | EventKind::DataLost
            | EventKind::RecoveryFinished { .. }
    )
}

/// Why the coordinator refused the newest request, if it did.
pub(crate) fn refusal(world: &World) -> Option<String> {
    let why = match world.last_request()?.as_ref().err()? {
        RequestError::NotAvailable => "the group has no serving primary now".into(),
        RequestError::NoReplica => "there is no replica".into(),
        RequestError::AutomaticFailoverOff => "automatic failover is off".into(),
        RequestError::Busy => "a failover, a reboot or a recovery is under way".into(),
        RequestError::QuotaExceeded => "15 test failovers in 24 hours are the limit".into(),
        RequestError::BadTarget(node) => format!("node {node} cannot take over now"),
        RequestError::NodeNotFound(node) => format!("there is no node {node}"),
        RequestError::NodeGroupNotFound => "there is no such node group".into(),
    };
    Some(format!("The coordinator refused: {why}."))
}
