//! A property's value, checked against what the property takes.

use super::properties::{Kind, Property};
use super::report::{Place, Report};
use super::tree::{self, Node, shorten};

/// A checked value.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Whole(i64),
    Flag(bool),
    Texts(Vec<(String, Place)>),
    Mappings(Vec<Node>),
    /// Known to AWS alone.
    Opaque(String),
}

/// The value, or `None` with an error in the report.
pub(super) fn read(name: &str, kind: Kind, node: &Node, report: &mut Report) -> Option<Value> {
    if node.is_null() {
        let message = format!("`{name}` has no value: 'null' values are not allowed in templates");
        report.error(
            node.at,
            "wrong-type",
            message,
            &format!("write {}, or remove the line", example(name, kind)),
        );
        return None;
    }
    if let tree::Kind::Opaque(target) = &node.kind {
        return Some(Value::Opaque(target.clone()));
    }
    let value = match (kind, &node.kind) {
        (Kind::Text, tree::Kind::Scalar { text, .. }) => Some(Value::Text(text.clone())),
        (Kind::OneOf(choices), tree::Kind::Scalar { text, .. }) => {
            return one_of(name, choices, text, node.at, report);
        }
        (Kind::Whole(least, most), tree::Kind::Scalar { text, .. }) => match text.parse::<i64>() {
            Ok(number) => return in_range(name, number, (least, most), node.at, report),
            Err(_) => None,
        },
        (Kind::Flag, tree::Kind::Scalar { text, plain }) => flag(text, *plain).map(Value::Flag),
        (Kind::Texts, tree::Kind::List(items)) => return texts(name, items, report),
        (Kind::Mappings(keys), tree::Kind::List(items)) => return mappings(name, keys, items, report),
        _ => None,
    };
    if value.is_none() {
        wrong_type(name, kind, node, report);
    }
    value
}

fn wrong_type(name: &str, kind: Kind, node: &Node, report: &mut Report) {
    let wanted = match kind {
        Kind::Text | Kind::OneOf(_) => "a text",
        Kind::Whole(..) => "a whole number",
        Kind::Flag => "true or false",
        Kind::Texts => "a list of texts",
        Kind::Mappings(_) => "a list of mappings",
    };
    let message = format!("`{name}` takes {wanted}, found {}", node.describe());
    report.error(node.at, "wrong-type", message, &format!("for example {}", example(name, kind)));
}

fn example(name: &str, kind: Kind) -> String {
    match kind {
        Kind::Text => format!("`{name}: my-text`"),
        Kind::OneOf(choices) => format!("`{name}: {}`", choices.first().unwrap_or(&"")),
        Kind::Whole(least, _) => format!("`{name}: {}`", least.max(1)),
        Kind::Flag => format!("`{name}: true`"),
        Kind::Texts => format!("`{name}: [one, two]`"),
        Kind::Mappings(keys) => format!("`{name}: [{{{}: …}}]`", keys.first().unwrap_or(&"")),
    }
}

/// YAML 1.1, which CloudFormation reads, has `yes` and `on` as well when they stand without quotes.
fn flag(text: &str, plain: bool) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        "yes" | "on" if plain => Some(true),
        "no" | "off" if plain => Some(false),
        _ => None,
    }
}

fn one_of(name: &str, choices: &[&str], text: &str, at: Place, report: &mut Report) -> Option<Value> {
    if let Some(choice) = choices.iter().find(|choice| choice.eq_ignore_ascii_case(text)) {
        return Some(Value::Text((*choice).to_owned()));
    }
    let message = format!("`{name}` can't be `{}`", shorten(text));
    report.error(at, "not-allowed", message, &format!("it is one of {}", choices.join(", ")));
    None
}

fn in_range(name: &str, number: i64, range: (i64, i64), at: Place, report: &mut Report) -> Option<Value> {
    let (least, most) = range;
    if (least..=most).contains(&number) {
        return Some(Value::Whole(number));
    }
    let message = format!("`{name}` is {number}, and ElastiCache allows {least} to {most}");
    let help = match name {
        "ReplicasPerNodeGroup" | "ReplicaCount" => {
            "a node group has at most five replicas beside its primary".to_owned()
        }
        "NumCacheClusters" => "a node group has a primary and at most five replicas".to_owned(),
        _ => format!("choose a number from {least} to {most}"),
    };
    report.error(at, "out-of-range", message, &help);
    None
}

fn texts(name: &str, items: &[Node], report: &mut Report) -> Option<Value> {
    let mut found = Vec::new();
    for item in items {
        match &item.kind {
            tree::Kind::Scalar { text, .. } if !item.is_null() => found.push((text.clone(), item.at)),
            tree::Kind::Opaque(target) => found.push((target.clone(), item.at)),
            _ => {
                let message = format!("`{name}` takes a list of texts, found {} in it", item.describe());
                report.error(
                    item.at,
                    "wrong-type",
                    message,
                    &format!("for example {}", example(name, Kind::Texts)),
                );
                return None;
            }
        }
    }
    Some(Value::Texts(found))
}

fn mappings(name: &str, keys: &[&str], items: &[Node], report: &mut Report) -> Option<Value> {
    for item in items {
        if !matches!(item.kind, tree::Kind::Map(_) | tree::Kind::Opaque(_)) {
            wrong_type(name, Kind::Mappings(&[]), item, report);
            return None;
        }
        for entry in item.entries() {
            if !keys.contains(&entry.key.as_str()) {
                let message = format!("`{}` is not part of `{name}`", shorten(&entry.key));
                report.error(entry.at, "unknown-property", message, &super::meant(&entry.key, keys));
            }
        }
    }
    Some(Value::Mappings(items.to_vec()))
}

/// The value as a template would have it, for [`Support`](super::Support)'s lists and for messages.
pub(super) fn as_written(property: &Property, value: &Value) -> String {
    match value {
        Value::Text(text) if property.name == "AuthToken" => "…".chars().take(text.len().min(1)).collect(),
        Value::Text(text) => text.clone(),
        Value::Whole(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Texts(_) | Value::Mappings(_) => "…".to_owned(),
        Value::Opaque(name) => name.clone(),
    }
}
