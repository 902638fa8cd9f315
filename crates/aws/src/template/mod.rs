//! A CloudFormation template, YAML or JSON, as the replication groups that it declares.
//!
//! [`parse`] reads the text into a tree in which every node has its place, checks that each reference names
//! something, evaluates the functions as far as that is possible without AWS, and turns each
//! `AWS::ElastiCache::ReplicationGroup` into a [`GroupSpec`]. Other resources are left alone with a warning.
//! [`PROPERTIES`] says for each property whether it is used, shown, accepted with a warning or refused.

mod eval;
mod group;
mod properties;
mod references;
mod report;
mod resource;
mod scope;
mod shape;
#[cfg(test)]
mod tests;
mod tree;
mod value;
mod write;

use primacy_core::group::spec::GroupSpec;

pub use eval::{MAX_EVALUATED, MAX_NESTING};
pub use group::{DEFAULT_NODE_TYPE, DEFAULT_PORT, MAX_TAGS};
pub use properties::{Kind, PROPERTIES, Property, Support, TYPE, find};
pub use report::MAX_DIAGNOSTICS;
pub use scope::{ACCOUNT, MAX_PARAMETER, REGION, STACK, ZONES};
pub use tree::{MAX_BYTES, MAX_DEPTH};
pub use write::write;

use crate::diagnostic::Diagnostic;
use crate::suggest::nearest;
use report::Report;
use tree::{Kind as Value, Node, shorten};

/// The smallest template that makes sense, for help texts.
const SMALLEST: &str = "the least is:\nResources:\n  MyGroup:\n    Type: AWS::ElastiCache::ReplicationGroup\n    \
                        Properties:\n      ReplicationGroupDescription: my group";

/// How a template is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Refuse references that lead nowhere, as CloudFormation does, instead of warning.
    pub strict: bool,
}

/// What a template declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The replication groups, in the order of the template; at least one, with different ids.
    pub groups: Vec<GroupSpec>,
    /// What should be known about them, in the order of the source.
    pub warnings: Vec<Diagnostic>,
}

const SECTIONS: &[&str] = &[
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Hooks",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
];

/// Reads a template.
///
/// # Errors
/// Every error and warning found, in the order of the source, when there is at least one error. Then nothing of
/// the template should be used.
pub fn parse(text: &str, options: Options) -> Result<Parsed, Vec<Diagnostic>> {
    let mut report = Report::default();
    let groups =
        tree::read(text, &mut report).map(|root| declared(&root, options, &mut report)).unwrap_or_default();
    let failed = report.has_errors();
    if failed { Err(report.found) } else { Ok(Parsed { groups, warnings: report.found }) }
}

fn declared(root: &Node, options: Options, report: &mut Report) -> Vec<GroupSpec> {
    if !matches!(root.kind, Value::Map(_)) {
        let message = format!("a template is a mapping with a Resources section, found {}", root.describe());
        report.error(root.at, "not-a-template", message, SMALLEST);
        return Vec::new();
    }
    sections(root, report);
    let Some(resources) = root.entries().iter().find(|e| e.key == "Resources") else {
        let message = "Template format error: At least one Resources member must be defined.";
        report.error(root.at, "no-resources", message, SMALLEST);
        return Vec::new();
    };
    if resources.value.entries().is_empty() {
        let found = match resources.value.kind {
            Value::Map(_) => "an empty one".to_owned(),
            _ => resources.value.describe(),
        };
        let message = format!("Resources must be a mapping of at least one resource, found {found}");
        report.error(resources.at, "no-resources", message, SMALLEST);
        return Vec::new();
    }
    let mut scope = scope::Scope::new(root, report);
    references::check(root, &scope, options.strict, report);
    let groups = resource::groups(resources, &mut scope, report);
    if groups.is_empty() && !report.has_errors() {
        let message = format!("no {TYPE} is declared here");
        report.error(resources.at, "no-group", message, SMALLEST);
    }
    groups
}

fn sections(root: &Node, report: &mut Report) {
    for entry in root.entries() {
        let name = entry.key.as_str();
        if !SECTIONS.contains(&name) {
            let message =
                format!("Template format error: Invalid template property or properties [{}]", shorten(name));
            report.error(entry.at, "unknown-section", message, &meant(name, SECTIONS));
        }
        let mapping = matches!(name, "Conditions" | "Mappings" | "Outputs" | "Parameters");
        if mapping && !matches!(entry.value.kind, Value::Map(_)) {
            let message = format!("{name} must be a mapping, found {}", entry.value.describe());
            report.error(
                entry.value.at,
                "wrong-type",
                message,
                "write `Name:` entries below it, or remove it",
            );
        }
        if name == "AWSTemplateFormatVersion" && entry.value.as_text() != Some("2010-09-09") {
            let message = format!("there is no template format version {}", entry.value.describe());
            report.error(
                entry.value.at,
                "format-version",
                message,
                "write `AWSTemplateFormatVersion: '2010-09-09'`",
            );
        }
        if name == "Transform" {
            let message = "Primacy runs no transforms: the replication group is taken as it is written here";
            report.warning(entry.at, "transform", message, "");
        }
    }
}

/// "did you mean …?", or all that there is to choose from.
fn meant(name: &str, names: &[&str]) -> String {
    nearest(name, names.iter().copied()).map_or_else(
        || if names.is_empty() { String::new() } else { format!("there are {}", names.join(", ")) },
        |near| format!("did you mean `{near}`?"),
    )
}
