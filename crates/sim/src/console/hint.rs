//! What may follow on a line, and what stands before it.

use primacy_core::command::lookup;
use primacy_core::control::NodeRole;

/// How the line goes on: the arguments of a command, the options of an `aws` operation; empty when nothing is known.
pub fn hint(line: &str) -> String {
    let mut words = line.split_whitespace();
    let Some(first) = words.next() else { return String::new() };
    match first {
        "aws" => aws(&words.collect::<Vec<_>>()),
        "dig" => "NAME [A|AAAA|CNAME|SOA|NS|ANY] [+short]".to_owned(),
        name => lookup(name.as_bytes()).map(|row| syntax(row.name, row.hint)).unwrap_or_default(),
    }
}

fn syntax(name: &str, arguments: &str) -> String {
    let line = format!("{} {arguments}", name.to_uppercase());
    line.trim_end().to_owned()
}

/// Operations with their options, required ones first.
pub(super) const AWS: &[(&str, &str)] = &[
    (
        "describe-cache-clusters",
        "[--cache-cluster-id ID] [--show-cache-node-info] [--max-records N] [--marker TEXT]",
    ),
    (
        "describe-events",
        "[--source-type replication-group|cache-cluster] [--source-identifier ID] [--duration MINUTES] [--max-records N]",
    ),
    ("describe-replication-groups", "[--replication-group-id ID] [--max-records N] [--marker TEXT]"),
    ("list-tags-for-resource", "--resource-name ARN"),
    (
        "modify-replication-group",
        "--replication-group-id ID [--automatic-failover-enabled|--no-automatic-failover-enabled] [--apply-immediately]",
    ),
    ("reboot-cache-cluster", "--cache-cluster-id ID --cache-node-ids-to-reboot 0001"),
    ("test-failover", "--replication-group-id ID --node-group-id 0001"),
];

fn aws(words: &[&str]) -> String {
    match words {
        ["elasticache", operation, ..] => {
            let row = AWS.iter().find(|(name, _)| name == operation);
            row.map(|(name, options)| format!("aws elasticache {name} {options}")).unwrap_or_default()
        }
        _ => "aws elasticache OPERATION [OPTIONS]".to_owned(),
    }
}

/// What stands before a terminal's line: `configuration:6379>`, `002:6379 (replica)>`, `configuration:6379 (TX)>`.
///
/// `target` is what the terminal is connected to; `role` that of the node, when the target is a node; `multi`: between
/// MULTI and EXEC.
pub fn prompt(target: &str, role: Option<NodeRole>, multi: bool) -> String {
    let role = match role {
        Some(role) if role.is_primary() => " (primary)",
        Some(_) => " (replica)",
        None => "",
    };
    format!("{target}:6379{role}{}>", if multi { " (TX)" } else { "" })
}
