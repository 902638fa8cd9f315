//! Identifiers, ARNs and version texts.

use primacy_core::group::spec::GroupSpec;

/// Longest `ReplicationGroupId` and `CacheClusterId` (`elasticache.md` §2.1).
pub const MAX_IDENTIFIER: usize = 40;
/// The only node group of a group with cluster mode disabled.
pub const NODE_GROUP: &str = "0001";
/// The only cache node within each cache cluster.
pub const CACHE_NODE: &str = "0001";

/// Checks a `ReplicationGroupId` or `CacheClusterId`: 1 to 40 letters, digits and hyphens, a letter first, no
/// hyphen last, no two in a row. The error says which rule is broken.
pub fn check_identifier(id: &str) -> Result<(), &'static str> {
    if id.is_empty() {
        return Err("it is empty");
    }
    if id.chars().count() > MAX_IDENTIFIER {
        return Err("it is longer than 40 characters");
    }
    if !id.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err("it does not begin with a letter");
    }
    if !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err("it has a character that is not an ASCII letter, a digit or a hyphen");
    }
    if id.ends_with('-') {
        return Err("it ends with a hyphen");
    }
    if id.contains("--") {
        return Err("it has two hyphens in a row");
    }
    Ok(())
}

/// The id of a group that was declared without one: its logical id in kebab case, so `MyReplicationGroup` becomes
/// `my-replication-group`. Always a valid identifier.
pub fn kebab_case(logical_id: &str) -> String {
    let chars: Vec<char> = logical_id.chars().collect();
    let mut out = String::new();
    for (i, &c) in chars.iter().enumerate() {
        if !c.is_ascii_alphanumeric() {
            continue;
        }
        let after_word = i > 0 && !chars[i - 1].is_ascii_uppercase();
        let before_word = chars.get(i + 1).is_some_and(char::is_ascii_lowercase);
        if c.is_ascii_uppercase() && !out.is_empty() && (after_word || before_word) {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    if !out.starts_with(|c: char| c.is_ascii_alphabetic()) {
        out.insert_str(0, "rg-");
    }
    out.truncate(MAX_IDENTIFIER);
    out.trim_end_matches('-').to_owned()
}

/// What an ARN names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// `replicationgroup`.
    ReplicationGroup,
    /// `cluster`.
    CacheCluster,
}

impl Resource {
    const fn word(self) -> &'static str {
        match self {
            Self::ReplicationGroup => "replicationgroup",
            Self::CacheCluster => "cluster",
        }
    }
}

/// `arn:aws:elasticache:us-east-1:000000000000:replicationgroup:my-group`.
pub fn arn(region: &str, account: &str, resource: Resource, id: &str) -> String {
    format!("arn:aws:elasticache:{region}:{account}:{}:{id}", resource.word())
}

/// What an ElastiCache ARN names and its id; `None` when it is not one of a group or a cluster. Region and account
/// are not compared: there is one of each here.
pub fn parse_arn(text: &str) -> Option<(Resource, &str)> {
    let mut parts = text.splitn(7, ':');
    let head = [parts.next()?, parts.next()?, parts.next()?];
    let (_region, _account) = (parts.next()?, parts.next()?);
    let resource = match parts.next()? {
        "replicationgroup" => Resource::ReplicationGroup,
        "cluster" => Resource::CacheCluster,
        _ => return None,
    };
    let id = parts.next()?;
    let known = head[0] == "arn" && head[1].starts_with("aws") && head[2] == "elasticache";
    (known && check_identifier(id).is_ok()).then_some((resource, id))
}

/// The parameter group family of an engine version, such as `redis6.x`; `None` for a version AWS never had.
pub fn family(engine: &str, version: &str) -> Option<&'static str> {
    Some(match (engine, version.split('.').next()?) {
        ("redis", "5") => "redis5.0",
        ("redis", "6") => "redis6.x",
        ("redis", "7") => "redis7",
        ("valkey", "7") => "valkey7",
        ("valkey", "8") => "valkey8",
        ("valkey", "9") => "valkey9",
        _ => return None,
    })
}

/// The `EngineVersion` that DescribeCacheClusters shows for a declared one: AWS answers a `6.x` with the full
/// version that it runs, and Terraform parses it as three numbers.
pub fn full_version(spec: &GroupSpec) -> String {
    let known = match (spec.engine.as_str(), spec.engine_version.as_str()) {
        ("redis", "6.x" | "6" | "6.2") => "6.2.6",
        ("redis", "7.0") => "7.0.7",
        ("valkey", "7.2") => "7.2.6",
        ("valkey", "8.0") => "8.0.1",
        (_, other) => return pad_version(other),
    };
    known.to_owned()
}

fn pad_version(version: &str) -> String {
    let mut out = version.replace(".x", ".0");
    while out.matches('.').count() < 2 {
        out.push_str(".0");
    }
    out
}

/// The parameter group shown for a group that names none.
pub fn parameter_group(spec: &GroupSpec) -> String {
    let default = || format!("default.{}", family(&spec.engine, &spec.engine_version).unwrap_or("redis7"));
    spec.parameter_group.clone().unwrap_or_else(default)
}

/// A request id from 16 bytes, in the form of a UUID. AWS clients only print it.
pub fn request_id(bytes: [u8; 16]) -> String {
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers() {
        for id in ["a", "my-replication-group", "A1", &"a".repeat(40)] {
            assert_eq!(check_identifier(id), Ok(()), "{id}");
        }
        for id in ["", "1a", "-a", "a-", "a--b", "a_b", "ä", &"a".repeat(41)] {
            assert!(check_identifier(id).is_err(), "{id}");
        }
    }

    #[test]
    fn logical_ids_become_identifiers() {
        for (logical, id) in [
            ("MyReplicationGroup", "my-replication-group"),
            ("RedisHACluster", "redis-ha-cluster"),
            ("Cache2", "cache2"),
            ("Cache2Group", "cache2-group"),
            ("redis", "redis"),
            ("2Fast", "rg-2-fast"),
            ("", "rg"),
            ("ABC", "abc"),
        ] {
            assert_eq!(kebab_case(logical), id);
        }
        for logical in ["Aa".repeat(99), "1".repeat(99), "x".repeat(39) + "Yy", "é".into(), "-A".into()] {
            assert_eq!(check_identifier(&kebab_case(&logical)), Ok(()), "{logical}");
        }
    }

    #[test]
    fn arns() {
        let text = arn("us-east-1", "000000000000", Resource::ReplicationGroup, "g");
        assert_eq!(text, "arn:aws:elasticache:us-east-1:000000000000:replicationgroup:g");
        assert_eq!(parse_arn(&text), Some((Resource::ReplicationGroup, "g")));
        for bad in [
            "",
            "g",
            "arn:aws:s3:::b:x:y",
            "arn:aws:elasticache:r:a:user:u",
            "arn:aws:elasticache:r:a:cluster:",
        ] {
            assert_eq!(parse_arn(bad), None, "{bad}");
        }
    }

    #[test]
    fn request_ids_look_like_uuids() {
        assert_eq!(request_id([0xab; 16]), "abababab-abab-abab-abab-abababababab");
    }
}
