//! JSON for the page and for `primacy status` and its kin.

use std::rc::Rc;

use hyper::{Response, StatusCode, Uri};
use primacy_aws::events::reason_text;
use primacy_core::group::view::GroupView;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cli::node_id;
use crate::http::reply::{Body, json as answer};
use crate::up::Shared;
use crate::up::deed::Deed;

/// GET: what there is to see.
pub(crate) fn look(uri: &Uri, shared: &Rc<Shared>) -> Response<Body> {
    let Some(view) = shared.coordinator.view() else {
        return error(StatusCode::NOT_FOUND, "the group was deleted");
    };
    match uri.path() {
        "/api/view" => answer(StatusCode::OK, &self::view(&view, shared)),
        "/api/events" => answer(StatusCode::OK, &events(&view, since(uri))),
        _ => error(StatusCode::NOT_FOUND, "there are /api/view and /api/events?since=N"),
    }
}

/// The view with what only this process knows: process ids and local ports.
fn view(view: &GroupView, shared: &Shared) -> Value {
    let mut value = serde_json::to_value(view).unwrap_or_default();
    if let Some(nodes) = value.get_mut("nodes").and_then(Value::as_array_mut) {
        for (node, seen) in nodes.iter_mut().zip(&view.nodes) {
            let process = shared.coordinator.supervisor().process(seen.id);
            node["pid"] = json!(process.map(|(pid, _)| pid));
            node["paused"] = json!(process.is_some_and(|(_, paused)| paused));
        }
    }
    let ports = &shared.ports;
    value["local"] = json!({
        "primary": ports.primary, "reader": ports.reader, "dns": ports.dns,
        "api": format!("http://{}", ports.api),
        "now_ms": crate::clock::unix_ms(),
    });
    value
}

fn since(uri: &Uri) -> u64 {
    let query = uri.query().unwrap_or_default();
    query.split('&').find_map(|pair| pair.strip_prefix("since=")?.parse().ok()).unwrap_or(0)
}

fn events(view: &GroupView, since: u64) -> Value {
    let list: Vec<Value> = view
        .events
        .iter()
        .filter(|event| event.id.0 > since)
        .map(|event| {
            let mut value = serde_json::to_value(event).unwrap_or_default();
            value["text"] = json!(reason_text(event));
            value
        })
        .collect();
    json!({ "events": list })
}

/// Names a node, by number or name.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    #[serde(default)]
    node: Option<String>,
    #[serde(default)]
    target: Option<String>,
}

/// POST: what can be done.
pub(crate) fn act(path: &str, body: &[u8], shared: &Rc<Shared>) -> Response<Body> {
    let which = match body {
        b"" => Ok(Which::default()),
        body => serde_json::from_slice::<Which>(body),
    };
    let which = match which {
        Ok(which) => which,
        Err(bad) => return error(StatusCode::BAD_REQUEST, &format!("the body: {bad}")),
    };
    match carry_out(path, &which, shared) {
        Ok(()) => answer(StatusCode::OK, &json!({ "ok": true })),
        Err((status, why)) => error(status, &why),
    }
}

type Refused = (StatusCode, String);

fn carry_out(path: &str, which: &Which, shared: &Rc<Shared>) -> Result<(), Refused> {
    let bad = |why| (StatusCode::BAD_REQUEST, why);
    let parse = |text: &str| node_id(text).map_err(bad);
    let unnamed = || bad("name a node: {\"node\": \"001\"}".to_owned());
    let node = || which.node.as_deref().ok_or_else(unnamed).and_then(parse);
    let deed = match path {
        "/api/failover" => Deed::Failover(which.target.as_deref().map(parse).transpose()?),
        "/api/test-failover" => Deed::TestFailover,
        "/api/reboot" => Deed::Reboot(node()?),
        "/api/kill" => Deed::Kill(node()?),
        "/api/pause" => Deed::Pause(node()?),
        "/api/resume" => Deed::Resume(node()?),
        _ => return Err((StatusCode::NOT_FOUND, "no such action".into())),
    };
    deed.carry_out(shared).map_err(|refusal| {
        let status = if refusal.unknown { StatusCode::NOT_FOUND } else { StatusCode::CONFLICT };
        (status, refusal.why)
    })
}

fn error(status: StatusCode, why: &str) -> Response<Body> {
    answer(status, &json!({ "error": why }))
}
