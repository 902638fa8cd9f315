//! Every reference of the template must name something: CloudFormation checks that before anything else.

use super::eval::{Piece, call, pieces};
use super::properties::TYPE;
use super::report::{Place, Report};
use super::scope::Scope;
use super::tree::{Kind, Node, shorten};
use crate::suggest::nearest;

/// What `Fn::GetAtt` finds on a replication group with cluster mode disabled.
const ATTRIBUTES: &[&str] = &[
    "EffectiveDurability",
    "PrimaryEndPoint.Address",
    "PrimaryEndPoint.Port",
    "ReadEndPoint.Addresses",
    "ReadEndPoint.Addresses.List",
    "ReadEndPoint.AddressesList",
    "ReadEndPoint.Ports",
    "ReadEndPoint.Ports.List",
    "ReadEndPoint.PortsList",
    "ReaderEndPoint.Address",
    "ReaderEndPoint.Port",
];

/// References that were followed, and those that lead nowhere.
pub(super) struct References<'s, 't> {
    scope: &'s Scope<'t>,
    /// `Resources` or `Outputs`, for CloudFormation's text.
    block: &'static str,
    unresolved: Vec<(String, Place)>,
}

/// Checks the Resources and the Outputs. Strict: what leads nowhere is an error in CloudFormation's own words;
/// otherwise a warning, since a group runs without its security groups.
pub(super) fn check(template: &Node, scope: &Scope<'_>, strict: bool, report: &mut Report) {
    for block in ["Resources", "Outputs"] {
        let Some(section) = template.get(block) else {
            continue;
        };
        let mut references = References { scope, block, unresolved: Vec::new() };
        for entry in section.entries() {
            references.follow(&entry.value, strict, report);
            if block == "Resources" {
                references.depends_on(&entry.value);
            }
        }
        references.tell(strict, report);
    }
}

impl References<'_, '_> {
    fn follow(&mut self, node: &Node, strict: bool, report: &mut Report) {
        if let Some((name, argument)) = call(node) {
            match name {
                "Ref" => {
                    if let Some(target) = argument.as_text() {
                        self.name(target, node.at);
                    }
                }
                "GetAtt" => self.attribute(&argument, node.at, strict, report),
                "Sub" => return self.substitution(&argument, node.at, strict, report),
                _ => {}
            }
        }
        match &node.kind {
            Kind::List(items) => items.iter().for_each(|item| self.follow(item, strict, report)),
            Kind::Map(entries) => entries.iter().for_each(|e| self.follow(&e.value, strict, report)),
            _ => {}
        }
    }

    fn name(&mut self, target: &str, at: Place) {
        let new = !self.unresolved.iter().any(|(name, _)| name == target);
        if new && !self.scope.knows(target) && self.unresolved.len() < super::report::MAX_DIAGNOSTICS {
            self.unresolved.push((target.to_owned(), at));
        }
    }

    fn substitution(&mut self, argument: &Node, at: Place, strict: bool, report: &mut Report) {
        let (text, local) = match &argument.kind {
            Kind::List(items) => (items.first().and_then(Node::as_text), items.get(1)),
            _ => (argument.as_text(), None),
        };
        for piece in pieces(text.unwrap_or_default()) {
            let Piece::Name(name) = piece else {
                continue;
            };
            if local.is_some_and(|map| map.get(name).is_some()) {
                continue;
            }
            match name.split_once('.') {
                Some(_) => self.attribute(&Node::text(at, name.to_owned()), at, strict, report),
                None => self.name(name, at),
            }
        }
        for entry in local.map_or(&[][..], Node::entries) {
            self.follow(&entry.value, strict, report);
        }
    }

    fn attribute(&self, argument: &Node, at: Place, strict: bool, report: &mut Report) {
        let joined = match &argument.kind {
            Kind::Scalar { text, .. } => text.clone(),
            Kind::List(parts) => parts.iter().filter_map(Node::as_text).collect::<Vec<_>>().join("."),
            _ => return,
        };
        let (name, attribute) = joined.split_once('.').unwrap_or((&joined, ""));
        let mut tell = |message: String, help: &str| {
            if strict {
                report.error(at, "unresolved-attribute", message, help);
            } else {
                report.warning(at, "unresolved-attribute", message, help);
            }
        };
        let Some(resource) = self.scope.resources.get(name) else {
            let names: Vec<&str> = self.scope.resources.keys().copied().collect();
            let shown = shorten(name);
            let message =
                format!("Template error: instance of Fn::GetAtt references undefined resource {shown}");
            return tell(message, &super::meant(name, &names));
        };
        let is_group = resource.get("Type").and_then(Node::as_text) == Some(TYPE);
        if !is_group || ATTRIBUTES.contains(&attribute) {
            return;
        }
        if attribute.starts_with("ConfigurationEndPoint") {
            let message =
                "a group with cluster mode disabled has no ConfigurationEndPoint: AWS fails here".to_owned();
            return tell(message, "use `PrimaryEndPoint.Address`, which follows the primary");
        }
        let help = nearest(attribute, ATTRIBUTES.iter().copied()).map_or_else(
            || format!("there are {}", ATTRIBUTES.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        tell(format!("a replication group has no attribute `{}`", shorten(attribute)), &help);
    }

    fn depends_on(&mut self, resource: &Node) {
        let Some(node) = resource.get("DependsOn") else {
            return;
        };
        let one = std::slice::from_ref(node);
        let names = if let Kind::List(items) = &node.kind { items } else { one };
        for target in names {
            if let Some(name) = target.as_text().filter(|name| !self.scope.resources.contains_key(name)) {
                self.name(name, target.at);
            }
        }
    }

    fn tell(self, strict: bool, report: &mut Report) {
        let Some((_, first)) = self.unresolved.first() else {
            return;
        };
        let names: Vec<String> = self.unresolved.iter().map(|(name, _)| shorten(name)).collect();
        let text = |names: &str| {
            let block = self.block;
            format!(
                "Template format error: Unresolved resource dependencies [{names}] in the {block} block of the template"
            )
        };
        if strict {
            let help = "declare each name under Resources or Parameters, or leave --strict out";
            return report.error(*first, "unresolved", text(&names.join(", ")), help);
        }
        for ((name, at), shown) in self.unresolved.iter().zip(&names) {
            let guess =
                self.scope.suggest(name).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
            let help = format!(
                "{guess}AWS refuses this template: \"{}\"\ndeclare `{shown}` under Resources or Parameters before you take \
                 it to AWS; Primacy goes on without it, --strict refuses as AWS does",
                text(shown)
            );
            report.warning(
                *at,
                "unresolved",
                format!("`{shown}` is declared nowhere in this template"),
                &help,
            );
        }
    }
}
