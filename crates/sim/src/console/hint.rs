//! What may follow on a line, and what stands before it.

use primacy_core::command::lookup;
use primacy_core::control::NodeRole;

/// What the line still lacks: the arguments of a command, the options of an `aws` operation; empty when nothing is known or
/// nothing is missing. It stands right behind the line, so it begins with a space where one is needed.
pub fn hint(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let rest = match words.as_slice() {
        [] => return String::new(),
        ["aws", rest @ ..] => aws(rest),
        ["dig"] => "NAME [A|AAAA|CNAME|SOA|NS|ANY] [+short]".to_owned(),
        // A word that is still being typed counts as given.
        [name, given @ ..] => {
            let row = lookup(name.as_bytes());
            row.map(|row| join(arguments(row.doc().hint).into_iter().skip(given.len()))).unwrap_or_default()
        }
    };
    if rest.is_empty() || line.ends_with(' ') { rest } else { format!(" {rest}") }
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(" ")
}

/// Arguments of a syntax; what stands in brackets is one, and so is an option with its value.
fn arguments(syntax: &str) -> Vec<String> {
    let (mut all, mut depth) = (Vec::<String>::new(), 0_usize);
    for word in syntax.split(' ').filter(|word| !word.is_empty()) {
        let value = !word.starts_with(['-', '[']) && all.last().is_some_and(|last| last.starts_with("--"));
        match all.last_mut().filter(|_| depth > 0 || value) {
            Some(last) => {
                last.push(' ');
                last.push_str(word);
            }
            None => all.push(word.to_owned()),
        }
        depth = (depth + word.matches('[').count()).saturating_sub(word.matches(']').count());
    }
    all
}

/// Operations with their options, required ones first.
pub(super) const AWS: &[(&str, &str)] = &[
    (
        "describe-cache-clusters",
        "[--cache-cluster-id ID] [--show-cache-node-info] [--max-records N] [--marker TEXT]",
    ),
    (
        "decrease-replica-count",
        "--replication-group-id ID [--new-replica-count N] [--replicas-to-remove ID] --apply-immediately",
    ),
    (
        "describe-events",
        "[--source-type replication-group|cache-cluster] [--source-identifier ID] [--duration MINUTES] [--max-records N]",
    ),
    ("describe-replication-groups", "[--replication-group-id ID] [--max-records N] [--marker TEXT]"),
    ("increase-replica-count", "--replication-group-id ID --new-replica-count N --apply-immediately"),
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
        [] => "elasticache OPERATION [OPTIONS]".to_owned(),
        [_] => "OPERATION [OPTIONS]".to_owned(),
        [_, operation, given @ ..] => {
            let options = AWS.iter().find(|(name, _)| name == operation).map_or("", |(_, options)| *options);
            let name = |option: &str| {
                option.trim_start_matches('[').split([' ', ']', '|']).next().map(str::to_owned)
            };
            let missing = |option: &String| name(option).is_none_or(|name| !given.contains(&name.as_str()));
            join(arguments(options).into_iter().filter(missing))
        }
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
