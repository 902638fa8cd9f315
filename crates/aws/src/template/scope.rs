//! What a template's functions can refer to: parameters, pseudo parameters, mappings, conditions, resources.

use std::collections::BTreeMap;

use super::report::{Place, Report};
use super::tree::{Entry, Kind, Node, shorten};
use crate::suggest::nearest;

/// Longest value of a parameter, as in CloudFormation.
pub const MAX_PARAMETER: usize = 4096;
/// `AWS::Region`: a template means the same in every Primacy.
pub const REGION: &str = "us-east-1";
/// What `Fn::GetAZs` answers.
pub const ZONES: [&str; 3] = ["us-east-1a", "us-east-1b", "us-east-1c"];
/// `AWS::StackName`.
pub const STACK: &str = "primacy";
/// `AWS::AccountId`.
pub const ACCOUNT: &str = "000000000000";

/// The pseudo parameters of CloudFormation.
pub(super) const PSEUDO: &[&str] = &[
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// How far the decision of a condition has come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// Being decided: met again, it depends on itself.
    Running,
    /// Decided; `None` when it rests on something that only AWS knows.
    Done(Option<bool>),
}

pub(super) struct Scope<'t> {
    pub(super) parameters: BTreeMap<&'t str, Node>,
    pub(super) mappings: BTreeMap<&'t str, &'t Node>,
    pub(super) conditions: BTreeMap<&'t str, &'t Node>,
    pub(super) decisions: BTreeMap<String, Decision>,
    pub(super) resources: BTreeMap<&'t str, &'t Node>,
    /// Nodes and bytes that evaluation may still make.
    pub(super) budget: usize,
    /// The budget was found too small, and that was reported.
    pub(super) exhausted: bool,
    /// How deep the evaluation stands.
    pub(super) depth: usize,
}

impl<'t> Scope<'t> {
    pub(super) fn new(template: &'t Node, report: &mut Report) -> Self {
        let section = |name: &str| template.get(name).map_or(&[][..], Node::entries);
        let mut parameters = BTreeMap::new();
        for entry in section("Parameters") {
            parameters.insert(entry.key.as_str(), parameter(&entry.key, entry.at, &entry.value, report));
        }
        Self {
            parameters,
            mappings: by_name(section("Mappings")),
            conditions: by_name(section("Conditions")),
            decisions: BTreeMap::new(),
            resources: by_name(section("Resources")),
            budget: super::eval::MAX_EVALUATED,
            exhausted: false,
            depth: 0,
        }
    }

    /// Whether a `Ref` to `name` finds something.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.parameters.contains_key(name) || self.resources.contains_key(name) || PSEUDO.contains(&name)
    }

    /// The nearest name that a `Ref` could have meant.
    pub(super) fn suggest(&self, name: &str) -> Option<&str> {
        let own = self.parameters.keys().chain(self.resources.keys()).copied();
        nearest(name, own.chain(PSEUDO.iter().copied()))
    }

    /// The value of a `Ref`.
    pub(super) fn reference(&self, name: &str, at: Place) -> Node {
        if let Some(value) = self.parameters.get(name) {
            return Node { at, ..value.clone() };
        }
        let text = match name {
            "AWS::NoValue" => return Node::new(at, Kind::NoValue),
            "AWS::NotificationARNs" => return Node::new(at, Kind::List(Vec::new())),
            "AWS::AccountId" => ACCOUNT.to_owned(),
            "AWS::Partition" => "aws".to_owned(),
            "AWS::Region" => REGION.to_owned(),
            "AWS::StackName" => STACK.to_owned(),
            "AWS::StackId" => format!("arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/0"),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            _ => return Node::new(at, Kind::Opaque(name.to_owned())),
        };
        Node::text(at, text)
    }
}

/// Filled one by one: `collect` would bring a sort of its own into the wasm module for each kind of map.
fn by_name(entries: &[Entry]) -> BTreeMap<&str, &Node> {
    let mut map = BTreeMap::new();
    for entry in entries {
        map.insert(entry.key.as_str(), &entry.value);
    }
    map
}

const ATTRIBUTES: &[&str] = &[
    "AllowedPattern",
    "AllowedValues",
    "ConstraintDescription",
    "Default",
    "Description",
    "MaxLength",
    "MaxValue",
    "MinLength",
    "MinValue",
    "NoEcho",
    "Type",
];

/// The value of a parameter: its default.
fn parameter(name: &str, at: Place, declared: &Node, report: &mut Report) -> Node {
    let unknown = Node::new(at, Kind::Opaque(name.to_owned()));
    if !matches!(declared.kind, Kind::Map(_)) {
        let message =
            format!("the parameter `{}` must be a mapping, found {}", shorten(name), declared.describe());
        report.error(at, "wrong-type", message, "write `Type: String` and `Default: …` below it");
        return unknown;
    }
    for entry in declared.entries() {
        if !ATTRIBUTES.contains(&entry.key.as_str()) {
            let message = format!(
                "Template format error: Invalid template parameter property '{}'",
                shorten(&entry.key)
            );
            report.error(entry.at, "unknown-attribute", message, &super::meant(&entry.key, ATTRIBUTES));
        }
    }
    let Some(kind) = declared.get("Type").and_then(Node::as_text) else {
        let message = format!("the parameter `{}` has no Type", shorten(name));
        report.error(at, "missing", message, "for example `Type: String`");
        return unknown;
    };
    let Some(default) = declared.get("Default") else {
        return unknown;
    };
    let Some(text) = default.as_text().filter(|_| default.tag.is_none()) else {
        let message =
            format!("the Default of `{}` must be plain text, found {}", shorten(name), default.describe());
        report.error(default.at, "wrong-type", message, "a parameter's default may not use functions");
        return unknown;
    };
    if text.len() > MAX_PARAMETER {
        let message = format!("the Default of `{}` is longer than {MAX_PARAMETER} bytes", shorten(name));
        report.error(default.at, "too-large", message, "CloudFormation has the same limit");
        return unknown;
    }
    check_allowed(name, text, default.at, declared, report);
    if kind.starts_with("AWS::SSM::") {
        return unknown;
    }
    if kind.starts_with("List<") || kind == "CommaDelimitedList" {
        let items = text.split(',').map(|item| Node::text(default.at, item.trim().to_owned()));
        return Node::new(default.at, Kind::List(items.collect()));
    }
    Node::text(default.at, text.to_owned())
}

fn check_allowed(name: &str, text: &str, at: Place, declared: &Node, report: &mut Report) {
    let Some(Node { kind: Kind::List(allowed), .. }) = declared.get("AllowedValues") else {
        return;
    };
    if allowed.iter().any(|value| value.as_text() == Some(text)) {
        return;
    }
    let values: Vec<&str> = allowed.iter().filter_map(Node::as_text).take(10).collect();
    let message = format!(
        "the Default of `{}` is `{}`, which AllowedValues does not have",
        shorten(name),
        shorten(text)
    );
    report.error(at, "not-allowed", message, &format!("allowed: {}", values.join(", ")));
}
