//! `primacy status` and its kin: a client of the JSON API of a running `primacy up`.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::{Command, OneNode};
use crate::fail::Fail;

/// How long the server may take to answer.
const LIMIT: Duration = Duration::from_secs(5);

/// Runs a command against the API that it names.
pub(crate) fn run(command: &Command) -> Result<(), Fail> {
    let about = |one: &OneNode| json!({ "node": one.node.to_string() });
    match command {
        Command::Status(api) => status(&get(&api.api, "/api/view")?),
        Command::Events(api) => events(&get(&api.api, "/api/events")?),
        Command::Failover { to, api } => {
            let target = to.map(|node| node.to_string());
            post(&api.api, "/api/failover", &json!({ "target": target }), "planned failover begun")?;
        }
        Command::TestFailover(api) => {
            post(&api.api, "/api/test-failover", &json!({}), "the primary was killed; a replica takes over")?;
        }
        Command::Kill(one) => post(&one.api.api, "/api/kill", &about(one), "killed")?,
        Command::Pause(one) => {
            post(&one.api.api, "/api/pause", &about(one), "paused; `primacy resume` lets it go on")?;
        }
        Command::Resume(one) => post(&one.api.api, "/api/resume", &about(one), "resumed")?,
        Command::Reboot(one) => post(&one.api.api, "/api/reboot", &about(one), "reboot begun")?,
        Command::Up(_) | Command::Node { .. } => return Err(Fail::new("not a command for a running group")),
    }
    Ok(())
}

fn status(view: &Value) {
    let text = |value: &Value, key: &str| match value.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => "-".to_owned(),
        Some(other) => other.to_string(),
    };
    let spec = view.get("spec").cloned().unwrap_or_default();
    println!("{}  {}  epoch {}", text(&spec, "id"), text(view, "status").to_lowercase(), text(view, "epoch"));
    println!(
        "{:<6}{:<13}{:<9}{:>14}{:>9}{:>9}  {:<18}{:>8}",
        "node", "zone", "role", "offset", "lag", "keys", "address", "pid"
    );
    for node in view.get("nodes").and_then(Value::as_array).into_iter().flatten() {
        let flag = |key| node.get(key).and_then(Value::as_bool).unwrap_or_default();
        let role = match (flag("is_primary"), flag("heard")) {
            (true, true) => "primary",
            (false, true) => "replica",
            _ => "silent",
        };
        let number = node.get("id").and_then(Value::as_u64).unwrap_or_default();
        let offset = node.get("position").map(|position| text(position, "offset")).unwrap_or_default();
        println!(
            "{number:03}   {:<13}{role:<9}{offset:>14}{:>9}{:>9}  {:<18}{:>8}",
            text(node, "zone"),
            text(node, "lag_bytes"),
            text(node, "keys"),
            text(node, "addr"),
            text(node, "pid")
        );
    }
    let local = view.get("local").cloned().unwrap_or_default();
    println!(
        "primary        {}  (new connections: {})",
        text(view, "primary_endpoint"),
        text(&local, "primary")
    );
    println!("reader         {}  ({})", text(view, "reader_endpoint"), text(&local, "reader"));
    println!("configuration  {}", text(view, "configuration_endpoint"));
    println!("DNS            {}", text(&local, "dns"));
}

fn events(answer: &Value) {
    for event in answer.get("events").and_then(Value::as_array).into_iter().flatten() {
        let number = |key| event.get(key).and_then(Value::as_u64);
        let time = primacy_aws::time::iso(number("unix_ms").unwrap_or_default());
        let cause = number("cause").map_or_else(String::new, |cause| format!("  (because of {cause})"));
        let text = event.get("text").and_then(Value::as_str).unwrap_or_default();
        println!("{:>5}  {time}  {text}{cause}", number("id").unwrap_or_default());
    }
}

fn get(api: &str, path: &str) -> Result<Value, Fail> {
    exchange(api, &format!("GET {path} HTTP/1.1\r\n"), "")
}

fn post(api: &str, path: &str, body: &Value, done: &str) -> Result<(), Fail> {
    exchange(api, &format!("POST {path} HTTP/1.1\r\nContent-Type: application/json\r\n"), &body.to_string())?;
    println!("{done}");
    Ok(())
}

fn exchange(api: &str, head: &str, body: &str) -> Result<Value, Fail> {
    let host = api.strip_prefix("http://").unwrap_or(api).trim_end_matches('/');
    let lost = |error: std::io::Error| {
        Fail::new(format!("no answer from {api}: {error}")).hint(
            "is `primacy up` running? give the address that it shows as API: --api http://127.0.0.1:PORT",
        )
    };
    let mut stream = TcpStream::connect(host).map_err(lost)?;
    stream.set_read_timeout(Some(LIMIT)).map_err(lost)?;
    let length = body.len();
    let request =
        format!("{head}Host: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).map_err(lost)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(lost)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split_whitespace().nth(1).unwrap_or_default();
    let value: Value = serde_json::from_str(body).unwrap_or_default();
    if status == "200" {
        return Ok(value);
    }
    let why = value.get("error").and_then(Value::as_str).unwrap_or_else(|| body.trim());
    Err(Fail::new(format!("refused ({status}): {why}")))
}
