//! A client's resolver cache: why an application can talk to a dead primary long after the name has moved.

use alloc::string::String;
use core::net::IpAddr;
use core::time::Duration;

use crate::endpoint::zone::{Answer, QType, RecordData, Zone};
use crate::map::Map;
use crate::time::{Instant, Now};

/// How long a client keeps an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CachePolicy {
    /// As long as the TTL says.
    HonourTtl,
    /// Until told to forget: a process that resolves once at its start.
    Forever,
    /// A fixed time, whatever the TTL says (a JVM's `networkaddress.cache.ttl`); a "no" not longer than the TTL.
    Fixed(Duration),
    /// Not at all.
    Never,
}

/// What the cache knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// This address, still valid by the policy.
    Address(IpAddr),
    /// The name is known to have no address, still valid.
    NoAddress,
    /// Ask the zone.
    Miss,
}

#[derive(Clone, Copy, Debug)]
struct Cached {
    address: Option<IpAddr>,
    until: Option<Instant>,
}

/// The cache of one client.
#[derive(Clone, Debug)]
pub struct Resolver {
    policy: CachePolicy,
    cache: Map<String, Cached>,
}

impl Resolver {
    /// An empty cache.
    pub fn new(policy: CachePolicy) -> Self {
        Self { policy, cache: Map::new() }
    }

    /// What is known about `name` without asking anybody.
    pub fn lookup(&self, name: &str, now: Now) -> Lookup {
        match self.cache.get(&name.to_ascii_lowercase()) {
            Some(c) if c.until.is_none_or(|until| now.mono < until) => {
                c.address.map_or(Lookup::NoAddress, Lookup::Address)
            }
            _ => Lookup::Miss,
        }
    }

    /// The address that is held for `name` and until when the policy lets it be used; for showing.
    pub fn held(&self, name: &str) -> Option<(IpAddr, Option<Instant>)> {
        let cached = self.cache.get(&name.to_ascii_lowercase())?;
        Some((cached.address?, cached.until))
    }

    /// The last address known, however old: what a resolver answers when nobody can be asked (RFC 8767).
    pub fn stale(&self, name: &str) -> Option<IpAddr> {
        self.cache.get(&name.to_ascii_lowercase()).and_then(|c| c.address)
    }

    /// Keeps an answer that arrived now, and returns its address.
    pub fn store(&mut self, name: &str, answer: &Answer, now: Now) -> Option<IpAddr> {
        let (address, ttl) = match answer {
            Answer::NoError { records, .. } => {
                let address = records.iter().find_map(|r| match r.data {
                    RecordData::Address(ip) => Some(ip),
                    RecordData::Cname(_) | RecordData::Soa(_) | RecordData::Ns(_) => None,
                });
                (address, records.iter().map(|r| r.ttl).min().unwrap_or(0))
            }
            Answer::NoData { soa } | Answer::NxDomain { soa } => (None, soa.negative_ttl),
            Answer::Refused => return None,
        };
        let ttl = Duration::from_secs(u64::from(ttl));
        let until = match self.policy {
            // A "no" is never kept for ever: even such a client asks again after a failed look-up.
            CachePolicy::Forever if address.is_some() => None,
            CachePolicy::Forever | CachePolicy::HonourTtl => Some(now.mono + ttl),
            CachePolicy::Fixed(d) => Some(now.mono + if address.is_some() { d } else { d.min(ttl) }),
            CachePolicy::Never => Some(now.mono),
        };
        self.cache.insert(name.to_ascii_lowercase(), Cached { address, until });
        address
    }

    /// Drops what is known about `name`, as a client that reconnects should.
    pub fn forget(&mut self, name: &str) {
        self.cache.remove(&name.to_ascii_lowercase());
    }

    /// Cache first, then `zone`, without a network in between.
    pub fn resolve(&mut self, zone: &mut Zone, name: &str, now: Now) -> Option<IpAddr> {
        match self.lookup(name, now) {
            Lookup::Address(ip) => Some(ip),
            Lookup::NoAddress => None,
            Lookup::Miss => {
                let answer = zone.resolve(name, QType::A, now);
                self.store(name, &answer, now)
            }
        }
    }
}
