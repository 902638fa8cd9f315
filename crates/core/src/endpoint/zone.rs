//! The authoritative zone: pure data, questions in, answers out. The DNS wire is the server's.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};

use crate::endpoint::{Endpoints, Names};
use crate::id::{Epoch, NodeId};
use crate::map::Map;
use crate::time::Now;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QType {
    /// IPv4 address.
    A,
    /// IPv6 address.
    Aaaa,
    /// Alias.
    Cname,
    /// Start of authority.
    Soa,
    /// Name server.
    Ns,
    /// Everything there is.
    Any,
    /// A type that this zone never has.
    Other,
}

/// One record of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Owner, in lower case, without the final dot.
    pub name: String,
    /// Seconds that it may be kept.
    pub ttl: u32,
    /// Its data.
    pub data: RecordData,
}

/// A record's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordData {
    /// Alias of another name of this zone.
    Cname(String),
    /// Address, of either family.
    Address(IpAddr),
    /// Start of authority.
    Soa(Soa),
    /// Name server.
    Ns(String),
}

/// The zone's start of authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Soa {
    /// The zone's apex.
    pub name: String,
    /// Goes up with every change.
    pub serial: u32,
    /// Seconds that a "no" may be kept; equal to the records' TTL (`failover.md` §2.8).
    pub negative_ttl: u32,
}

/// An authoritative answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The records, aliases first, in the order of the chain; then the zone's serial.
    NoError {
        /// At least one.
        records: Vec<Record>,
        /// The authority.
        soa: Soa,
    },
    /// The name exists, but not with this type (or its primary is not there yet).
    NoData {
        /// The authority.
        soa: Soa,
    },
    /// There is no such name.
    NxDomain {
        /// The authority.
        soa: Soa,
    },
    /// The name does not belong to this zone.
    Refused,
}

/// One group's share of the zone.
#[derive(Clone, Debug)]
struct Share {
    names: Names,
    endpoints: Endpoints,
    turn: usize,
}

/// The names below one domain, of all groups.
#[derive(Clone, Debug)]
pub struct Zone {
    domain: String,
    ttl: u32,
    serial: u32,
    shares: Map<String, Share>,
}

/// What one name means within a share.
enum Target {
    Alias(NodeId),
    Host(SocketAddr),
    Unset,
}

impl Zone {
    /// An empty zone for `domain`; records and negative answers may be kept `ttl` seconds.
    pub fn new(domain: &str, ttl: u32) -> Self {
        Self { domain: domain.to_ascii_lowercase(), ttl, serial: 1, shares: Map::new() }
    }

    /// The apex.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Seconds that records and negative answers may be kept.
    pub fn ttl(&self) -> u32 {
        self.ttl
    }

    /// Changes that from now on; what resolvers hold stays as it is.
    pub fn set_ttl(&mut self, seconds: u32) {
        if self.ttl != seconds {
            self.ttl = seconds;
            self.serial = self.serial.wrapping_add(1);
        }
    }

    /// The current serial: goes up with every change.
    pub fn serial(&self) -> u32 {
        self.serial
    }

    /// Points the names of a group. False when `endpoints` is of an earlier epoch than the zone's and was
    /// ignored (I14), or changes nothing.
    pub fn publish(&mut self, names: &Names, endpoints: Endpoints, _now: Now) -> bool {
        if let Some(share) = self.shares.get_mut(names.group()) {
            if endpoints.epoch < share.endpoints.epoch || endpoints == share.endpoints {
                return false;
            }
            share.endpoints = endpoints;
        } else {
            let share = Share { names: names.clone(), endpoints, turn: 0 };
            self.shares.insert(names.group().to_string(), share);
        }
        self.serial = self.serial.wrapping_add(1);
        true
    }

    /// Whom the primary's names point to, and since which epoch; `None` before the first primary.
    pub fn primary(&self, names: &Names) -> Option<(NodeId, Epoch)> {
        let endpoints = &self.shares.get(names.group())?.endpoints;
        endpoints.primary.map(|(node, _)| (node, endpoints.epoch))
    }

    /// Takes a deleted group's names away.
    pub fn remove(&mut self, names: &Names) {
        if self.shares.remove(names.group()).is_some() {
            self.serial = self.serial.wrapping_add(1);
        }
    }

    /// Answers a question. Names compare without case; a final dot is ignored. A reader endpoint gives one
    /// replica at a time, in turn.
    pub fn resolve(&mut self, name: &str, qtype: QType, _now: Now) -> Answer {
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        if name == self.domain {
            return self.apex(qtype);
        }
        if !name.strip_suffix(self.domain.as_str()).is_some_and(|rest| rest.ends_with('.')) {
            return Answer::Refused;
        }
        let soa = self.soa();
        let found = self
            .shares
            .values_mut()
            .find_map(|s| s.lookup(&name).map(|t| (t, s.names.clone(), s.endpoints.clone())));
        let Some((target, names, endpoints)) = found else {
            let below = self.shares.values().any(|s| s.has_below(&name));
            return if below { Answer::NoData { soa } } else { Answer::NxDomain { soa } };
        };
        let records = self.records(&name, target, &names, &endpoints, qtype);
        if records.is_empty() { Answer::NoData { soa } } else { Answer::NoError { records, soa } }
    }

    fn apex(&self, qtype: QType) -> Answer {
        let soa = self.soa();
        let record = |data| Record { name: self.domain.clone(), ttl: self.ttl, data };
        let ns = RecordData::Ns(alloc::format!("ns.{}", self.domain));
        let records = match qtype {
            QType::Soa => alloc::vec![record(RecordData::Soa(soa.clone()))],
            QType::Ns => alloc::vec![record(ns)],
            QType::Any => alloc::vec![record(RecordData::Soa(soa.clone())), record(ns)],
            QType::A | QType::Aaaa | QType::Cname | QType::Other => return Answer::NoData { soa },
        };
        Answer::NoError { records, soa }
    }

    fn soa(&self) -> Soa {
        Soa { name: self.domain.clone(), serial: self.serial, negative_ttl: self.ttl }
    }

    fn records(
        &self,
        name: &str,
        target: Target,
        names: &Names,
        endpoints: &Endpoints,
        qtype: QType,
    ) -> Vec<Record> {
        let record = |name: &str, data| Record { name: name.to_string(), ttl: self.ttl, data };
        let host = |name: &str, addr: SocketAddr| {
            let wanted = match qtype {
                QType::A => addr.is_ipv4(),
                QType::Aaaa => addr.is_ipv6(),
                QType::Any => true,
                QType::Cname | QType::Soa | QType::Ns | QType::Other => false,
            };
            wanted.then(|| record(name, RecordData::Address(addr.ip())))
        };
        match target {
            Target::Unset => Vec::new(),
            Target::Host(addr) => host(name, addr).into_iter().collect(),
            Target::Alias(node) => {
                let alias = names.node(node);
                let mut records = alloc::vec![record(name, RecordData::Cname(alias.clone()))];
                if !matches!(qtype, QType::Cname | QType::Any) {
                    let addr = endpoints.nodes.iter().find(|(id, _)| *id == node);
                    records.extend(addr.and_then(|(_, addr)| host(&alias, *addr)));
                }
                records
            }
        }
    }
}

impl Share {
    fn lookup(&mut self, name: &str) -> Option<Target> {
        let alias = |to: Option<NodeId>| to.map_or(Target::Unset, Target::Alias);
        let primary = self.endpoints.primary.map(|(id, _)| id);
        if name == self.names.primary() || name == self.names.configuration() {
            return Some(alias(primary));
        }
        if name == self.names.reader() {
            let named = self.endpoints.read_from();
            self.turn = (self.turn + 1) % named.len().max(1);
            return Some(alias(named.get(self.turn).map(|(id, _)| *id)));
        }
        let own = self.endpoints.nodes.iter().find(|(id, _)| name == self.names.node(*id));
        own.map(|(_, addr)| Target::Host(*addr))
    }

    /// True when names exist below `name` (an empty non-terminal: no data, but not "no such name").
    fn has_below(&self, name: &str) -> bool {
        let nodes = self.endpoints.nodes.iter().map(|(id, _)| self.names.node(*id));
        let fixed = [self.names.primary(), self.names.reader(), self.names.configuration()];
        nodes.chain(fixed).any(|n| n.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')))
    }
}
