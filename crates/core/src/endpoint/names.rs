//! The names of a group, as AWS forms them for a group without TLS and with cluster mode disabled
//! (`elasticache.md` §2.3). One function each: DNS, the API and the page call these.

use alloc::format;
use alloc::string::String;

use crate::id::NodeId;

/// The DNS suffix when nothing else is configured.
pub const DEFAULT_DOMAIN: &str = "cache.primacy.internal";

/// Alphabet of [`name_hash`].
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// `CacheClusterId` of a member, such as `my-replication-group-001`.
pub fn cluster_id(group: &str, node: NodeId) -> String {
    format!("{group}-{node}")
}

/// Six letters and digits that make a group's DNS names unique: a hash of its id (FNV-1a, 64 bits).
pub fn name_hash(group: &str) -> String {
    let hash = group.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
        (h ^ u64::from(b.to_ascii_lowercase())).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let hash = crate::rng::mix(hash);
    (0..6u32).map(|i| char::from(LETTERS[usize::from((hash >> (5 * i)).to_le_bytes()[0] & 31)])).collect()
}

/// AWS's short code of a region: `us-east-1` → `use1`, `eu-central-1` → `euc1`, `ap-southeast-2` → `apse2`.
pub fn region_code(region: &str) -> String {
    let mut parts = region.split('-');
    let mut code = String::from(parts.next().unwrap_or_default());
    for part in parts {
        let short = match part {
            "northeast" => "ne",
            "northwest" => "nw",
            "southeast" => "se",
            "southwest" => "sw",
            other => other.get(..1).unwrap_or_default(),
        };
        code.push_str(short);
    }
    code
}

/// The names of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    group: String,
    hash: String,
    region_code: String,
    domain: String,
}

impl Names {
    /// The names of `group` in `region` under `domain`, all in lower case.
    pub fn new(group: &str, region: &str, domain: &str) -> Self {
        let group = group.to_ascii_lowercase();
        Self {
            hash: name_hash(&group),
            group,
            region_code: region_code(region),
            domain: domain.to_ascii_lowercase(),
        }
    }

    /// The group's id.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// The six characters.
    pub fn hash(&self) -> String {
        self.hash.clone()
    }

    /// The name that follows the primary (AWS: primary endpoint).
    pub fn primary(&self) -> String {
        format!("{}.{}.ng.0001.{}.{}", self.group, self.hash, self.region_code, self.domain)
    }

    /// The name of the replicas (AWS: reader endpoint).
    pub fn reader(&self) -> String {
        format!("{}-ro.{}.ng.0001.{}.{}", self.group, self.hash, self.region_code, self.domain)
    }

    /// The seed's configuration endpoint: follows the primary too.
    pub fn configuration(&self) -> String {
        format!("{}.{}.clustercfg.{}.{}", self.group, self.hash, self.region_code, self.domain)
    }

    /// A member's own name; stays with it through roles and replacements.
    pub fn node(&self, node: NodeId) -> String {
        let id = cluster_id(&self.group, node);
        format!("{id}.{}.0001.{}.{}", self.hash, self.region_code, self.domain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_form_of_aws() {
        let names = Names::new("My-Group", "us-east-1", DEFAULT_DOMAIN);
        let h = names.hash();
        assert_eq!(h.len(), 6);
        assert_eq!(names.primary(), format!("my-group.{h}.ng.0001.use1.cache.primacy.internal"));
        assert_eq!(names.reader(), format!("my-group-ro.{h}.ng.0001.use1.cache.primacy.internal"));
        assert_eq!(names.configuration(), format!("my-group.{h}.clustercfg.use1.cache.primacy.internal"));
        assert_eq!(names.node(NodeId(2)), format!("my-group-002.{h}.0001.use1.cache.primacy.internal"));
        assert_ne!(name_hash("a"), name_hash("b"));
    }

    #[test]
    fn region_codes_are_those_of_aws() {
        let code = |r| region_code(r);
        assert_eq!(
            ["us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-2", "eu-central-1"]
                .map(code),
            ["use1", "usw2", "euw1", "apne1", "apse2", "euc1"]
        );
    }
}
