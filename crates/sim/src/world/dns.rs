//! The name server, with the ways in which it can be wrong.

use std::net::IpAddr;

use primacy_core::endpoint::{Answer, Endpoints, Names, QType, Zone};
use primacy_core::id::NodeId;

use super::World;
use crate::check::i14_endpoint;

/// The name server's process.
#[derive(Clone)]
pub(crate) struct Dns {
    pub(crate) zone: Zone,
    pub(crate) names: Names,
    /// What it was last told.
    pub(crate) endpoints: Endpoints,
    /// The zone as it was when a fault began.
    pub(crate) stale: Option<Box<Zone>>,
    pub(crate) stale_faults: u16,
    pub(crate) failing: u16,
    pub(crate) last_publish: u64,
    /// Changes arrive this much later.
    pub(crate) delay_ms: u32,
}

impl World {
    pub(crate) fn publish(&mut self, endpoints: Endpoints) {
        let clock = self.names_clock.now(self.queue.now());
        self.checks.saw_publication(&endpoints);
        if self.dns.zone.publish(&self.dns.names, endpoints.clone(), clock) {
            self.control_published(&endpoints);
            let outcome = i14_endpoint::zone(&self.dns.endpoints, &endpoints);
            self.checks.require(14, outcome);
            self.dns.endpoints = endpoints;
        }
    }

    /// Answers a question; `None`: SERVFAIL.
    pub(crate) fn ask_dns(&mut self, name: &str) -> Option<Answer> {
        let clock = self.names_clock.now(self.queue.now());
        if self.dns.failing > 0 {
            self.checks.tally.names_failed += 1;
            return None;
        }
        let Some(stale) = self.dns.stale.as_deref_mut() else {
            return Some(self.dns.zone.resolve(name, QType::A, clock));
        };
        let answer = stale.resolve(name, QType::A, clock);
        self.checks.tally.names_stale +=
            u64::from(self.dns.zone.clone().resolve(name, QType::A, clock) != answer);
        Some(answer)
    }

    /// Sets the TTL of all records.
    pub(crate) fn set_ttl(&mut self, seconds: u32) {
        self.dns.zone.set_ttl(seconds);
        if let Some(stale) = self.dns.stale.as_deref_mut() {
            stale.set_ttl(seconds);
        }
    }

    /// Begins or ends stale answers.
    pub(crate) fn dns_stale(&mut self, on: bool) {
        self.dns.stale_faults =
            if on { self.dns.stale_faults + 1 } else { self.dns.stale_faults.saturating_sub(1) };
        if on && self.dns.stale.is_none() {
            self.dns.stale = Some(Box::new(self.dns.zone.clone()));
        }
        if self.dns.stale_faults == 0 {
            self.dns.stale = None;
        }
    }

    /// The reader endpoint may answer with this node.
    pub fn reads_from(&self, node: NodeId) -> bool {
        self.dns.endpoints.read_from().iter().any(|(id, _)| *id == node)
    }

    /// What a name resolves to now, at the server itself.
    pub(crate) fn resolve_now(&self, name: &str) -> Option<IpAddr> {
        let clock = self.names_clock.now(self.queue.now());
        let mut zone = self.dns.zone.clone();
        let Answer::NoError { records, .. } = zone.resolve(name, QType::A, clock) else { return None };
        records.iter().find_map(|record| match record.data {
            primacy_core::endpoint::RecordData::Address(ip) => Some(ip),
            _ => None,
        })
    }
}
