//! What is known of one thing, a line each.

use primacy_core::control::NodeRole;
use primacy_port::{ClientSight, Frame, History, NodeSight, Via, View};

use super::Fact;
use crate::format::{bytes, clock, count, seconds, span};
use crate::session::Pick;

/// All facts; none when it is not there.
pub(super) fn facts(frame: &Frame, pick: Pick) -> Vec<Fact> {
    let view = &frame.view;
    match pick {
        Pick::Node(id) => view.nodes.iter().find(|n| n.id.0 == id).map(|n| node(n, view)).unwrap_or_default(),
        Pick::Client(index) => {
            view.clients.iter().find(|c| c.index == index).map(|c| client(c, view)).unwrap_or_default()
        }
        Pick::Endpoint(index) => endpoint(view, usize::from(index)),
        Pick::Zone(index) => zone(view, usize::from(index)),
        Pick::Coordinator => coordinator(view),
        Pick::Event(_) => Vec::new(),
    }
}

fn yes(is: bool) -> String {
    if is { "yes" } else { "no" }.to_owned()
}

fn node(node: &NodeSight, view: &View) -> Vec<Fact> {
    let process = match (node.powered, node.up, node.paused) {
        (false, ..) => "its machine has no power",
        (_, false, _) => "ended",
        (_, _, true) => "stopped (SIGSTOP)",
        _ => "runs",
    };
    let mut all = vec![
        ("name", node.name.clone()),
        ("DNS name", node.dns_name.clone()),
        ("zone", node.zone.clone()),
        ("process", format!("{process}, life {}", node.incarnation)),
    ];
    if node.pid > 0 {
        all.push(("process id", node.pid.to_string()));
    }
    if !node.up {
        all.push(("named primary in the record", yes(node.is_primary)));
        return all;
    }
    all.push(("role", node.role.map_or_else(|| "none yet".into(), |role| words(role).to_owned())));
    all.push(("named primary in the record", yes(node.is_primary)));
    all.push(("epoch of its record", node.epoch.to_string()));
    all.push(("offset", format!("{} bytes", count(node.offset))));
    all.push(("write commands", count(node.opseq)));
    if !node.is_primary {
        let lag = format!("{}, {}", bytes(node.lag_bytes), span(node.lag_ns));
        all.push(("behind the primary", if node.lag_bytes == 0 { "nothing".into() } else { lag }));
        all.push(("link to the primary", if node.link_up { "up" } else { "down" }.into()));
    }
    all.push(("keys", count(node.keys)));
    if let Some(left) = node.lease_ns {
        let by = if node.failsafe { ", granted by the members" } else { "" };
        all.push(("lease", format!("{} of {} left{by}", seconds(left), seconds(view.lease_ns))));
    }
    if let Some((what, left)) = &node.next_timer {
        all.push(("next timer", format!("{what}, in {}", span(*left))));
    }
    all
}

fn words(role: NodeRole) -> &'static str {
    match role {
        NodeRole::PrimaryServing => "primary, serving",
        NodeRole::PrimaryNoLease => "primary without a lease: acknowledges no write",
        NodeRole::PrimaryPaused => "primary, handing over",
        NodeRole::PrimaryReleased => "primary that gave its lease back",
        NodeRole::Following => "replica",
        NodeRole::FullSync => "replica, copying everything",
        NodeRole::Detached => "replica without a primary",
        NodeRole::Frozen => "frozen for an election",
        NodeRole::Joining => "joining",
    }
}

fn client(client: &ClientSight, view: &View) -> Vec<Fact> {
    let via = match client.via {
        Via::Primary => "the primary endpoint".into(),
        Via::Configuration => "the configuration endpoint".into(),
        Via::Reader => "the reader endpoint".into(),
        Via::Node(node) => format!("node {node}'s own name"),
        Via::Address(node) => format!("node {node}'s address, hardcoded"),
    };
    let holds = client.cached.map_or_else(
        || "nothing".into(),
        |(node, left)| {
            left.map_or_else(|| format!("{node}, for ever"), |ns| format!("{node}, for {}", span(ns)))
        },
    );
    let mut all = vec![
        ("finds its node by", via),
        ("does", client.does.clone()),
        ("retries", client.retry.clone()),
        ("now", if client.stopped { "stopped".into() } else { client.state.clone() }),
        ("talks to", client.node.map_or_else(|| "nobody".into(), |n| format!("node {n}"))),
        ("its resolver holds", holds),
        ("its answer is what DNS says now", yes(!client.outdated)),
        ("operations that succeeded", count(client.ok.into())),
        ("operations that failed", count(client.errors.into())),
        ("stale reads", count(client.stale_reads.into())),
        ("last success", format!("{} ago", span(view.now_ns.saturating_sub(client.last_ok_ns)))),
    ];
    if let Some(error) = &client.last_error {
        all.push(("last error", error.clone()));
    }
    all
}

fn endpoint(view: &View, index: usize) -> Vec<Fact> {
    let Some((name, node)) = view.endpoints.get(index) else { return Vec::new() };
    let mut all = vec![
        ("name", name.clone()),
        ("answers", node.map_or_else(|| "nothing".into(), |n| format!("node {n}"))),
        ("TTL", format!("{} s", view.ttl_s)),
    ];
    if !view.clients.is_empty() {
        let holders = view.clients.iter().filter(|c| c.outdated).count();
        all.push(("applications with an old answer", holders.to_string()));
    }
    all
}

fn zone(view: &View, index: usize) -> Vec<Fact> {
    let Some((name, down)) = view.zones.get(index) else { return Vec::new() };
    let here = view.nodes.iter().filter(|n| n.zone == *name).map(|n| n.id.to_string()).collect::<Vec<_>>();
    vec![
        ("name", name.clone()),
        ("power", if *down { "off" } else { "on" }.into()),
        ("nodes", if here.is_empty() { "none".into() } else { here.join(", ") }),
    ]
}

fn coordinator(view: &View) -> Vec<Fact> {
    let state = match (view.coordinator_up, view.coordinator_paused) {
        (false, _) => "ended",
        (_, true) => "stopped (SIGSTOP)",
        _ => "runs",
    };
    vec![
        ("process", state.into()),
        ("group", view.group.clone()),
        ("status", view.status.clone()),
        ("epoch of the record", view.epoch.to_string()),
        ("length of a lease", seconds(view.lease_ns)),
        ("automatic failover", if view.automatic_failover { "on" } else { "off" }.into()),
        ("TestFailover calls left", format!("{} of 15 in 24 hours", view.test_failovers_left)),
        ("acknowledged writes lost", count(view.lost_writes)),
    ]
}

/// What is known of an event.
pub(super) fn event(past: &History, id: u64) -> Vec<Fact> {
    let Some(row) = past.events.iter().find(|e| e.id == id) else { return Vec::new() };
    let mut all = vec![("when", clock(row.at_ns)), ("what", row.text.clone())];
    if !row.aws.is_empty() {
        all.push(("in AWS's words", row.aws.clone()));
        all.push(("source", format!("{}, {}", row.source_id, row.source)));
    }
    if let Some(node) = row.node {
        all.push(("node", format!("{node:03}")));
    }
    if let Some(cause) = row.cause.and_then(|cause| past.events.iter().find(|e| e.id == cause)) {
        all.push(("because of", format!("{}: {}", clock(cause.at_ns), cause.text)));
    }
    all
}
