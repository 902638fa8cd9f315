//! A group as a template that declares it.

use primacy_core::group::spec::GroupSpec;

use super::TYPE;

/// The template in YAML; [`super::parse`] reads the same group out of it.
pub fn write(spec: &GroupSpec) -> String {
    let mut out = String::from("AWSTemplateFormatVersion: '2010-09-09'\nResources:\n");
    out.push_str(&format!("  {}:\n    Type: {TYPE}\n    Properties:\n", logical_id(&spec.id)));
    let mut line = |name: &str, value: String| out.push_str(&format!("      {name}: {value}\n"));
    line("ReplicationGroupId", quoted(&spec.id));
    line("ReplicationGroupDescription", quoted(&spec.description));
    line("Engine", quoted(&spec.engine));
    line("EngineVersion", quoted(&spec.engine_version));
    line("CacheNodeType", quoted(&spec.node_type));
    if let Some(group) = &spec.parameter_group {
        line("CacheParameterGroupName", quoted(group));
    }
    line("NumNodeGroups", "1".to_owned());
    line("ReplicasPerNodeGroup", spec.replicas.to_string());
    line("AutomaticFailoverEnabled", spec.automatic_failover.to_string());
    line("MultiAZEnabled", spec.multi_az.to_string());
    line("Port", spec.port.to_string());
    let list = |texts: &[String]| texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ");
    if !spec.preferred_zones.is_empty() {
        let zones: Vec<String> = spec.preferred_zones.iter().map(ToString::to_string).collect();
        line("PreferredCacheClusterAZs", format!("[{}]", list(&zones)));
    }
    if !spec.security_groups.is_empty() {
        line("SecurityGroupIds", format!("[{}]", list(&spec.security_groups)));
    }
    if !spec.tags.is_empty() {
        let tag =
            |(key, value): &(String, String)| format!("{{Key: {}, Value: {}}}", quoted(key), quoted(value));
        line("Tags", format!("[{}]", spec.tags.iter().map(tag).collect::<Vec<_>>().join(", ")));
    }
    out
}

/// `my-replication-group` as `MyReplicationGroup`.
fn logical_id(id: &str) -> String {
    let word = |word: &str| {
        let mut chars = word.chars();
        chars.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(chars).collect::<String>()
    };
    id.split('-').map(word).collect()
}

/// A text that YAML takes for a text and for nothing else. JSON's quotes are YAML's, too.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
    let word = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.ends_with(' ')
        && text.chars().all(plain)
        && !RESERVED.contains(&text.to_ascii_lowercase().as_str());
    if word {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Words that YAML 1.1 takes for something else than a text.
const RESERVED: &[&str] = &["true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::{Options, parse};

    #[test]
    fn a_written_group_is_read_as_the_same_group() {
        let plain = GroupSpec {
            id: "my-replication-group".into(),
            description: "My witty cache cluster".into(),
            node_type: "cache.m6g.large".into(),
            engine: "redis".into(),
            engine_version: "6.x".into(),
            parameter_group: Some("default.redis6.x".into()),
            replicas: 2,
            automatic_failover: true,
            multi_az: true,
            preferred_zones: Vec::new(),
            port: 6379,
            security_groups: Vec::new(),
            tags: Vec::new(),
        };
        let odd = GroupSpec {
            description: "yes: \"quoted\" # no comment\n\u{7}ü".into(),
            engine_version: "7.1".into(),
            parameter_group: None,
            preferred_zones: ["us-east-1c", "us-east-1a", "us-east-1b"].map(Into::into).to_vec(),
            security_groups: vec!["sg-1234".into()],
            tags: vec![("on".into(), "007".into()), ("a b".into(), String::new())],
            port: 7000,
            ..plain.clone()
        };
        for spec in [plain, odd] {
            let text = write(&spec);
            let parsed = parse(&text, Options { strict: true });
            assert_eq!(parsed.map(|p| p.groups), Ok(vec![spec]), "{text}");
        }
    }
}
