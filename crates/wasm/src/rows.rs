//! What JavaScript is shown: the port's facts with times in milliseconds and members as text. `api.d.ts` describes the same
//! shapes, and `tests/npm` compares both.

use primacy_core::control::NodeRole;
use primacy_core::id::NodeId;
use primacy_port as port;
use serde::Serialize;

const MS: f64 = 1_000_000.0;

/// Nanoseconds as JavaScript's milliseconds.
#[expect(clippy::cast_precision_loss, reason = "exact to the nanosecond for a hundred days")]
pub(crate) fn millis(ns: u64) -> f64 {
    ns as f64 / MS
}

#[derive(Serialize)]
pub(crate) struct Action {
    pub(crate) usage: &'static str,
    pub(crate) what: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    id: u64,
    at_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    aws: Option<AwsEvent>,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AwsEvent {
    source_type: String,
    source: String,
    message: String,
}

impl From<port::EventRow> for Event {
    fn from(row: port::EventRow) -> Self {
        let aws = (!row.aws.is_empty()).then_some(AwsEvent {
            source_type: row.source,
            source: row.source_id,
            message: row.aws,
        });
        Self {
            id: row.id,
            at_ms: millis(row.at_ns),
            aws,
            text: row.text,
            cause: row.cause,
            node: row.node.map(|node| NodeId(node).to_string()),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Cause {
    at_ms: f64,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<u64>,
}

impl From<port::Cause> for Cause {
    fn from(cause: port::Cause) -> Self {
        Self { at_ms: millis(cause.at_ns), text: cause.text, event: cause.event }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct View {
    now_ms: f64,
    id: String,
    status: String,
    epoch: u64,
    automatic_failover: bool,
    nodes: Vec<Node>,
    endpoints: Vec<Endpoint>,
    clients: Vec<Client>,
    faults: Vec<String>,
    lost_writes: u64,
    test_failovers_left: u8,
    steps: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    violation: Option<String>,
}

#[derive(Serialize)]
struct Endpoint {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<String>,
}

impl From<port::View> for View {
    fn from(view: port::View) -> Self {
        let endpoint =
            |(name, node): (String, Option<NodeId>)| Endpoint { name, node: node.map(|n| n.to_string()) };
        Self {
            now_ms: millis(view.now_ns),
            id: view.group,
            status: view.status,
            epoch: view.epoch,
            automatic_failover: view.automatic_failover,
            nodes: view.nodes.into_iter().map(Node::from).collect(),
            endpoints: view.endpoints.into_iter().map(endpoint).collect(),
            clients: view.clients.into_iter().map(Client::from).collect(),
            faults: view.faults,
            lost_writes: view.lost_writes,
            test_failovers_left: view.test_failovers_left,
            steps: view.steps,
            violation: view.violation,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    id: String,
    name: String,
    dns_name: String,
    zone: String,
    up: bool,
    powered: bool,
    paused: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    is_primary: bool,
    epoch: u64,
    offset: u64,
    lag_bytes: u64,
    keys: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    lease_ms: Option<f64>,
    link_up: bool,
}

impl From<port::NodeSight> for Node {
    fn from(node: port::NodeSight) -> Self {
        Self {
            id: node.id.to_string(),
            name: node.name,
            dns_name: node.dns_name,
            zone: node.zone,
            up: node.up,
            powered: node.powered,
            paused: node.paused,
            role: node.role.map(role),
            is_primary: node.is_primary,
            epoch: node.epoch,
            offset: node.offset,
            lag_bytes: node.lag_bytes,
            keys: node.keys,
            lease_ms: node.lease_ns.map(millis),
            link_up: node.link_up,
        }
    }
}

const fn role(role: NodeRole) -> &'static str {
    match role {
        NodeRole::Joining => "joining",
        NodeRole::Detached => "detached",
        NodeRole::FullSync => "full-sync",
        NodeRole::Following => "following",
        NodeRole::Frozen => "frozen",
        NodeRole::PrimaryNoLease => "primary-without-lease",
        NodeRole::PrimaryServing => "primary-serving",
        NodeRole::PrimaryPaused => "primary-paused",
        NodeRole::PrimaryReleased => "primary-released",
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Client {
    name: String,
    state: String,
    stopped: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<String>,
    ok: u32,
    errors: u32,
    stale_reads: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    last_ok_ms: f64,
}

impl From<port::ClientSight> for Client {
    fn from(client: port::ClientSight) -> Self {
        Self {
            name: client.name,
            state: client.state,
            stopped: client.stopped,
            node: client.node.map(|node| node.to_string()),
            ok: client.ok,
            errors: client.errors,
            stale_reads: client.stale_reads,
            last_error: client.last_error,
            last_ok_ms: millis(client.last_ok_ns),
        }
    }
}
