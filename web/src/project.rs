//! From an engine's frame to what the panes show.

use primacy_core::control::NodeRole;
use primacy_core::id::NodeId;
use primacy_port::{ClientSight, Frame, Host, NodeSight, Via, View};

use crate::format::{count, lag, tenths};
use crate::model::{ClientRow, Facts, FrameRows, NameRow, NodeRow, ZoneRow};

/// A replica's bar is empty when it is this many bytes behind.
const FAR_BEHIND: u64 = 8 * 1024;
/// What is left of a resolver's answer is told in tenths of a second: told finer, it would change every card of a crowd at once,
/// ten times a second, when time passes slowly.
const TTL_STEP_NS: u64 = 100_000_000;
/// Digits of the trace hash that are shown.
const HASH_DIGITS: usize = 12;

/// Who there is and how they fare; without [`facts`].
pub(crate) fn rows(view: &View) -> FrameRows {
    FrameRows {
        zones: zone_rows(view),
        nodes: view.nodes.iter().map(|n| node_row(n, view)).collect(),
        names: name_rows(view),
        clients: view.clients.iter().map(|c| client_row(c, view.now_ns)).collect(),
    }
}

/// What there is once.
pub(crate) fn facts(frame: &Frame) -> Facts {
    let view = &frame.view;
    Facts {
        now_ns: view.now_ns,
        begin_ns: frame.begin_ns,
        end_ns: frame.end_ns.max(view.now_ns),
        group: view.group.clone(),
        status: view.status.clone(),
        epoch: view.epoch,
        seed: frame.seed,
        ttl_s: view.ttl_s,
        hash: view.trace.chars().take(HASH_DIGITS).collect(),
        steps: view.steps,
        violation: view.violation.clone().unwrap_or_default(),
        lost_writes: view.lost_writes,
        test_failovers_left: view.test_failovers_left,
        faults: view.faults.clone(),
        undo: frame.undo,
        redo: frame.redo,
        difference: frame.difference.clone(),
        lesson: frame.lesson,
    }
}

fn zone_rows(view: &View) -> Vec<ZoneRow> {
    let row =
        |((name, down), index): (&(String, bool), u16)| ZoneRow { index, name: name.clone(), down: *down };
    view.zones.iter().zip(0..).map(row).collect()
}

fn node_row(node: &NodeSight, view: &View) -> NodeRow {
    let (role, look) = role(node);
    let cut = format!("cut {:03} all", node.id.0);
    let known = |number| if node.up { count(number) } else { "–".to_owned() };
    let wire = wire(node, view);
    let lead = lead(node, wire);
    let spoken = format!("{:03}, {}, zone {}, {lead}", node.id.0, role.trim_start_matches("★ "), node.zone);
    NodeRow {
        id: node.id.0,
        name: node.name.clone(),
        zone: view.zones.iter().position(|z| z.0 == node.zone).unwrap_or_default() as u16,
        role: role.to_owned(),
        look: look.to_owned(),
        offset: known(node.offset),
        keys: known(node.keys),
        behind: behind(node),
        lead,
        spoken,
        bar: bar(node, view.lease_ns),
        wire: wire.to_owned(),
        recorded: node.is_primary,
        detail: detail(node),
        alive: node.up,
        paused: node.paused,
        isolated: view.faults.contains(&cut),
        pid: node.pid,
    }
}

fn lead(node: &NodeSight, wire: &str) -> String {
    if !node.up || node.is_primary || wire != "up" {
        return detail(node);
    }
    match (node.lag_ns, node.lag_bytes) {
        (0, 0) => "in step".into(),
        (ns, bytes) => format!("{} behind", lag(ns, bytes)),
    }
}

fn behind(node: &NodeSight) -> String {
    match (node.up, node.is_primary, node.lag_bytes) {
        (false, ..) | (_, true, _) => "–".to_owned(),
        (_, _, 0) => "0".to_owned(),
        (_, _, bytes) => lag(node.lag_ns, bytes),
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
fn wire(node: &NodeSight, view: &View) -> &'static str {
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

fn left(ns: u64) -> String {
    tenths(u32::try_from(ns / 1_000_000).unwrap_or(u32::MAX))
}

fn detail(node: &NodeSight) -> String {
    if !node.up {
        return "process ended".into();
    }
    match node.lease_ns {
        Some(0) => "lease ended".into(),
        Some(ns) if node.failsafe => format!("granted {}", left(ns)),
        Some(ns) => format!("lease {}", left(ns)),
        None if node.role == Some(NodeRole::PrimaryNoLease) => "waits for its lease".into(),
        None if node.role == Some(NodeRole::Following) && node.link_up => "link up".into(),
        None => "link down".into(),
    }
}

fn name_rows(view: &View) -> Vec<NameRow> {
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

fn client_row(client: &ClientSight, now_ns: u64) -> ClientRow {
    let (state, look) = match (client.worked, &client.last_error) {
        _ if client.stopped => ("stopped".to_owned(), "warn"),
        (Some(true), _) => ("working".to_owned(), "good"),
        (_, Some(error)) => {
            let seconds = now_ns.saturating_sub(client.last_ok_ns) / 1_000_000_000;
            (format!("failing for {seconds} s: {error}"), "bad")
        }
        _ => (client.state.clone(), "warn"),
    };
    ClientRow {
        index: client.index,
        name: client.name.clone(),
        via: via(client.via),
        target: client.node.map_or_else(|| "–".into(), |n| format!("node {n}")),
        state,
        look: look.to_owned(),
        ok: u64::from(client.ok),
        failed: u64::from(client.errors),
        stale: u64::from(client.stale_reads),
        node: client.node.map_or(0, |n| n.0),
        cached: client.cached.map_or(0, |(n, _)| n.0),
        ttl_ms: client
            .cached
            .and_then(|c| c.1)
            .map(|ns| ns.div_ceil(TTL_STEP_NS))
            .map(|steps| u32::try_from(steps * (TTL_STEP_NS / 1_000_000)).unwrap_or(u32::MAX)),
        outdated: client.outdated,
        last_error: client.last_error.clone().unwrap_or_default(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn sight(id: u16) -> NodeSight {
        NodeSight {
            id: NodeId(id),
            name: String::new(),
            dns_name: String::new(),
            zone: "us-east-1a".into(),
            up: true,
            powered: true,
            paused: false,
            incarnation: 1,
            role: Some(NodeRole::Following),
            is_primary: false,
            epoch: 1,
            offset: 1_234,
            lag_bytes: 37,
            lag_ns: 1_500_000,
            opseq: 0,
            keys: 5,
            lease_ns: None,
            failsafe: false,
            link_up: true,
            next_timer: None,
            pid: 0,
        }
    }

    #[wasm_bindgen_test]
    fn a_card_says_in_words_how_its_node_fares() {
        let primary = NodeSight {
            is_primary: true,
            role: Some(NodeRole::PrimaryServing),
            lease_ns: Some(900_000_000),
            ..sight(1)
        };
        let nodes = vec![primary, sight(2), NodeSight { up: false, ..sight(3) }];
        let rows = rows(&View { nodes, ..View::default() }).nodes;
        let told = |row: &NodeRow| [&row.spoken, &row.behind, &row.offset, &row.keys].map(Clone::clone);
        let number = "1\u{202f}234";
        assert_eq!(told(&rows[0]), ["001, primary, zone us-east-1a, lease 0.9\u{a0}s", "–", number, "5"]);
        assert_eq!(
            told(&rows[1]),
            ["002, replica, zone us-east-1a, 1.5\u{a0}ms · 37 B behind", "1.5\u{a0}ms · 37 B", number, "5"]
        );
        assert_eq!(told(&rows[2]), ["003, down, zone us-east-1a, process ended", "–", "–", "–"]);
    }
}
