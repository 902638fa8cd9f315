//! The live table on a terminal, with the commands to try next.

use std::fmt::Write;
use std::rc::Rc;
use std::time::Duration;

use primacy_core::group::view::{GroupStatus, GroupView, NodeView};

use crate::log;
use crate::up::Shared;

/// The table is drawn at most this often.
const PAUSE: Duration = Duration::from_millis(200);
/// Width when the terminal does not tell.
const WIDTH: usize = 100;
/// A terminal with fewer rows gets the table without the commands.
const ROWS_FOR_COMMANDS: usize = 26;

/// Draws whenever something has changed, for ever.
pub(crate) async fn keep_drawn(shared: Rc<Shared>) {
    let mut changed = shared.coordinator.watch();
    loop {
        if let Some(view) = shared.coordinator.view() {
            log::draw_block(fit(&render(&view, &shared), size()));
        }
        tokio::time::sleep(PAUSE).await;
        if changed.changed().await.is_err() {
            return;
        }
    }
}

/// Columns and rows of the terminal.
fn size() -> (usize, usize) {
    rustix::termios::tcgetwinsize(std::io::stdout())
        .ok()
        .filter(|size| size.ws_col > 0)
        .map_or((WIDTH, 50), |size| (usize::from(size.ws_col), usize::from(size.ws_row)))
}

/// Cuts lines at the terminal's width and the block at its height, so that it can be erased again.
fn fit(text: &str, (columns, rows): (usize, usize)) -> String {
    let mut out = String::new();
    let all = if rows < ROWS_FOR_COMMANDS { text.split("\n\n").next().unwrap_or_default() } else { text };
    for line in all.lines().take(rows.saturating_sub(2)) {
        out.extend(line.chars().take(columns.saturating_sub(1)));
        out.push('\n');
    }
    out
}

fn render(view: &GroupView, shared: &Shared) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    _ = writeln!(out, "── {} · {} · epoch {}", view.spec.id, status(view), view.epoch.0);
    _ = writeln!(
        out,
        "{:<5}{:<12}{:<18}{:>12}{:>10}{:>9}  {:<17}{:>8}",
        "node", "zone", "role", "offset", "lag", "keys", "address", "pid"
    );
    for node in &view.nodes {
        let pid = shared
            .coordinator
            .supervisor()
            .process(node.id)
            .map_or_else(|| "-".into(), |(pid, _)| pid.to_string());
        let lag = if node.is_primary { "-".to_owned() } else { format!("{} B", node.lag_bytes) };
        _ = writeln!(
            out,
            "{:<5}{:<12}{:<18}{:>12}{lag:>10}{:>9}  {:<17}{pid:>8}",
            node.id.to_string(),
            node.zone,
            role(node, shared),
            node.position.offset,
            node.keys,
            node.addr.to_string()
        );
    }
    let ports = &shared.ports;
    _ = writeln!(out, "endpoints  {} -> new connections: {}", view.primary_endpoint, ports.primary);
    _ = writeln!(out, "           {} -> {}", view.reader_endpoint, ports.reader);
    _ = writeln!(out, "           {}", view.configuration_endpoint);
    _ = writeln!(out, "page, API  http://{}        DNS {}", ports.api, ports.dns);
    commands(&mut out, view, shared);
    out
}

fn status(view: &GroupView) -> &'static str {
    match view.status {
        GroupStatus::Creating => "creating",
        GroupStatus::Available => "available",
        GroupStatus::Modifying => "modifying",
        GroupStatus::Deleting => "deleting",
    }
}

/// The record's word first, then the node's own when they differ.
fn role(node: &NodeView, shared: &Shared) -> String {
    let paused = shared.coordinator.supervisor().process(node.id).is_some_and(|(_, paused)| paused);
    let base = if node.is_primary { "primary" } else { "replica" };
    if paused {
        return format!("{base}, paused");
    }
    if !node.heard {
        return format!("{base}, silent");
    }
    match node.role {
        Some(own) if own.is_primary() == node.is_primary && (node.is_primary || node.link_up) => {
            base.to_owned()
        }
        Some(own) => format!("{base}, {own:?}").to_lowercase(),
        None => format!("{base}, starting"),
    }
}

fn commands(out: &mut String, view: &GroupView, shared: &Shared) {
    let ports = &shared.ports;
    let pid = view.primary.and_then(|primary| shared.coordinator.supervisor().process(primary));
    _ = writeln!(out, "\ntry        redis-cli -p {}", ports.primary.port());
    _ = writeln!(out, "           dig @127.0.0.1 -p {} {}", ports.dns.port(), view.primary_endpoint);
    _ = writeln!(
        out,
        "           aws elasticache test-failover --replication-group-id {} --node-group-id 0001 \\",
        view.spec.id
    );
    _ = writeln!(out, "               --endpoint-url http://{}", ports.api);
    if let Some((pid, _)) = pid {
        _ = writeln!(out, "           kill -9 {pid}   or   kill -STOP {pid}   (the primary)");
    }
    _ = writeln!(out, "           Ctrl-C stops everything");
}
