//! The Properties of one replication group as a [`GroupSpec`].

use std::collections::BTreeMap;

use primacy_core::group::spec::GroupSpec;

use super::properties::{self, PROPERTIES, Property, READ_ONLY, Support, TYPE};
use super::report::{Place, Report};
use super::scope::Scope;
use super::shape;
use super::tree::{Entry, Node, shorten};
use super::value::{self, Value};
use crate::names;
use crate::suggest::nearest;

/// `CacheNodeType` of a group that names none; Primacy's choice, AWS has no default.
pub const DEFAULT_NODE_TYPE: &str = "cache.t4g.micro";
/// `Port` of a group that names none.
pub const DEFAULT_PORT: u16 = 6379;
/// Tags of one resource.
pub const MAX_TAGS: usize = 50;

/// A property as the template gives it.
pub(super) struct Given {
    pub(super) key: Place,
    pub(super) at: Place,
    pub(super) value: Value,
}

/// All properties of one resource.
pub(super) struct Properties {
    given: BTreeMap<&'static str, Given>,
}

impl Properties {
    pub(super) fn get(&self, name: &str) -> Option<&Given> {
        self.given.get(name)
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match &self.get(name)?.value {
            Value::Text(text) | Value::Opaque(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn whole(&self, name: &str) -> Option<i64> {
        match self.get(name)?.value {
            Value::Whole(number) => Some(number),
            _ => None,
        }
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(|g| matches!(g.value, Value::Flag(true)))
    }

    pub(super) fn texts(&self, name: &str) -> &[(String, Place)] {
        match self.get(name).map(|g| &g.value) {
            Some(Value::Texts(texts)) => texts,
            _ => &[],
        }
    }

    pub(super) fn mappings(&self, name: &str) -> &[Node] {
        match self.get(name).map(|g| &g.value) {
            Some(Value::Mappings(items)) => items,
            _ => &[],
        }
    }
}

/// The specification, or `None` with an error in the report.
pub(super) fn read(
    resource: &Entry,
    node: &Node,
    scope: &mut Scope<'_>,
    report: &mut Report,
) -> Option<GroupSpec> {
    let before = report.errors;
    let properties = properties(node, scope, report);
    let description = description(resource, &properties, report);
    let id = identifier(resource, &properties, report);
    let (engine, engine_version) = engine(&properties, report);
    let shape = shape::read(resource, &properties, report);
    let tags = tags(&properties, report);
    if report.errors > before {
        return None;
    }
    let owned = |name: &str| properties.text(name).map(str::to_owned);
    Some(GroupSpec {
        id: id?,
        description: description?,
        node_type: owned("CacheNodeType").unwrap_or_else(|| DEFAULT_NODE_TYPE.to_owned()),
        engine,
        engine_version,
        parameter_group: owned("CacheParameterGroupName"),
        replicas: shape.replicas,
        automatic_failover: properties.flag("AutomaticFailoverEnabled"),
        multi_az: properties.flag("MultiAZEnabled"),
        preferred_zones: shape.zones,
        port: properties.whole("Port").and_then(|p| u16::try_from(p).ok()).unwrap_or(DEFAULT_PORT),
        security_groups: properties.texts("SecurityGroupIds").iter().map(|(text, _)| text.clone()).collect(),
        tags,
    })
}

/// The properties that are known and well formed; each of the others is in the report.
fn properties(node: &Node, scope: &mut Scope<'_>, report: &mut Report) -> Properties {
    let mut given = BTreeMap::new();
    for entry in node.entries() {
        let Some(property) = properties::find(&entry.key) else {
            unknown(entry, report);
            continue;
        };
        let node = scope.eval(&entry.value, report);
        if matches!(node.kind, super::tree::Kind::NoValue) {
            continue;
        }
        let Some(value) = value::read(property.name, property.kind, &node, report) else {
            continue;
        };
        let found = Given { key: entry.at, at: node.at, value };
        support(property, &found, report);
        given.insert(property.name, found);
    }
    Properties { given }
}

fn unknown(entry: &Entry, report: &mut Report) {
    let key = shorten(&entry.key);
    if READ_ONLY.contains(&entry.key.as_str()) {
        let message = format!("`{key}` is set by AWS: Encountered read-only property");
        return report.error(entry.at, "read-only-property", message, "remove it; `!GetAtt` reads it");
    }
    let help = match nearest(&entry.key, PROPERTIES.iter().map(|p| p.name)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "remove it; {TYPE} has {}",
            PROPERTIES.iter().map(|p| p.name).collect::<Vec<_>>().join(", ")
        ),
    };
    report.error(entry.at, "unknown-property", format!("Encountered unsupported property {key}"), &help);
}

/// Says what comes of a property that is not simply used.
fn support(property: &Property, given: &Given, report: &mut Report) {
    let name = property.name;
    let written = value::as_written(property, &given.value);
    let empty = matches!(&given.value, Value::Texts(list) if list.is_empty())
        || matches!(&given.value, Value::Mappings(list) if list.is_empty());
    match property.support {
        Support::Used => {
            if let Value::Opaque(target) = &given.value {
                let message = format!("`{name}` depends on `{}`, which only AWS knows", shorten(target));
                let help = "write the value out, or refer to a parameter that has a Default";
                report.error(given.at, "unknown-value", message, help);
            }
        }
        Support::Shown => {}
        Support::Warned(fine) => {
            if !empty && !fine.contains(&written.as_str()) {
                let message = format!("`{name}` has no effect in Primacy yet: {}", property.note);
                report.warning(given.key, "no-effect", message, "");
            }
        }
        Support::Refused(fine) => {
            if !empty && !fine.contains(&written.as_str()) {
                let message = format!(
                    "`{name}: {}` is not available in Primacy yet: {}",
                    shorten(&written),
                    property.note
                );
                let other =
                    fine.first().map(|value| format!(", or write `{name}: {value}`")).unwrap_or_default();
                report.error(given.key, "not-yet", message, &format!("remove it{other}"));
            }
        }
    }
}

fn description(resource: &Entry, properties: &Properties, report: &mut Report) -> Option<String> {
    if properties.get("ReplicationGroupDescription").is_none() {
        let said =
            resource.value.get("Properties").is_some_and(|p| p.get("ReplicationGroupDescription").is_some());
        if !said {
            let message =
                format!("`{}` has no ReplicationGroupDescription, which is required", shorten(&resource.key));
            report.error(resource.at, "missing", message, "add `ReplicationGroupDescription: my cache`");
        }
    }
    properties.text("ReplicationGroupDescription").map(str::to_owned)
}

fn identifier(resource: &Entry, properties: &Properties, report: &mut Report) -> Option<String> {
    let Some(given) = properties.get("ReplicationGroupId") else {
        return Some(names::kebab_case(&resource.key));
    };
    let id = properties.text("ReplicationGroupId")?.to_ascii_lowercase();
    if let Err(why) = names::check_identifier(&id) {
        let message = format!("`{}` is not a ReplicationGroupId: {why}", shorten(&id));
        let help = "an id has 1 to 40 letters, digits and hyphens; a letter first, no hyphen last, no two hyphens in a row";
        report.error(given.at, "identifier", message, help);
        return None;
    }
    Some(id)
}

/// Engine and version, checked against each other and the parameter group.
fn engine(properties: &Properties, report: &mut Report) -> (String, String) {
    let engine = properties.text("Engine").unwrap_or("redis");
    let default = if engine == "valkey" { "8.0" } else { "7.1" };
    let version = properties.text("EngineVersion").unwrap_or(default);
    let family = names::family(engine, version);
    let opaque = |name: &str| properties.get(name).is_some_and(|g| matches!(g.value, Value::Opaque(_)));
    if let Some(given) =
        properties.get("EngineVersion").filter(|_| !opaque("EngineVersion") && !opaque("Engine"))
    {
        let digits = version
            .split('.')
            .all(|part| part == "x" || (!part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())));
        if family.is_none() || !digits {
            let message = format!("ElastiCache has no {} version `{}`", shorten(engine), shorten(version));
            let help = "redis has 5.0.6, 6.x, 6.2, 7.0 and 7.1; valkey has 7.2, 8.0 and later";
            report.error(given.at, "engine-version", message, help);
        }
    }
    if let Some(given) = properties.get("CacheParameterGroupName")
        && !opaque("CacheParameterGroupName")
    {
        parameter_group(properties, given, family, report);
    }
    (engine.to_owned(), version.to_owned())
}

fn parameter_group(properties: &Properties, given: &Given, family: Option<&str>, report: &mut Report) {
    let Some(name) = properties.text("CacheParameterGroupName").and_then(|n| n.strip_prefix("default."))
    else {
        return;
    };
    if name.ends_with(".cluster.on") {
        let message = format!(
            "`default.{}` turns cluster mode on, which is not available in Primacy yet",
            shorten(name)
        );
        let help = format!("write `default.{}`", shorten(name.trim_end_matches(".cluster.on")));
        return report.error(given.at, "not-yet", message, &help);
    }
    if let Some(family) = family.filter(|family| *family != name && properties.get("EngineVersion").is_some())
    {
        let message = format!(
            "Expected a parameter group of family {family} but found one of family {}",
            shorten(name)
        );
        let help = format!("write `default.{family}`, or change EngineVersion");
        report.error(given.at, "parameter-group", message, &help);
    }
}

fn tags(properties: &Properties, report: &mut Report) -> Vec<(String, String)> {
    let mut tags: Vec<(String, String)> = Vec::new();
    for item in properties.mappings("Tags") {
        let [key, value] = ["Key", "Value"].map(|part| item.get(part).and_then(tag_text));
        let (Some(key), Some(value)) = (key, value) else {
            report.error(
                item.at,
                "tag",
                "a tag has a Key and a Value, both texts",
                "write `- {Key: team, Value: cache}`",
            );
            continue;
        };
        if tags.iter().take(MAX_TAGS).any(|(other, _)| *other == key) {
            report.error(
                item.at,
                "tag",
                format!("the tag `{}` is given twice", shorten(&key)),
                "keep one of them",
            );
        }
        tags.push((key, value));
    }
    if tags.len() > MAX_TAGS
        && let Some(given) = properties.get("Tags")
    {
        let message = format!("there are {} tags, and a resource can have {MAX_TAGS}", tags.len());
        report.error(given.key, "tag", message, "remove some");
    }
    tags
}

fn tag_text(node: &Node) -> Option<String> {
    match &node.kind {
        super::tree::Kind::Scalar { text, .. } | super::tree::Kind::Opaque(text) => Some(text.clone()),
        _ => None,
    }
}
