//! What the page sees of the world: plain data, cheap to make sixty times a second.

use std::net::IpAddr;

use primacy_core::control::NodeRole;
use primacy_core::group::event::Event;
use primacy_core::group::view::GroupView;
use primacy_core::id::{Epoch, NodeId, Zone};
use primacy_core::time::Instant;
use serde::{Deserialize, Serialize};

use super::World;
use super::client::State;
use super::machine::member_at;
use crate::fault::FaultKind;
use crate::net::{Conn, ConnNo, Host, Payload, Service};
use crate::scenario::Via;

/// Packets that a view lists at most; beyond them it only counts.
const PACKETS: usize = 300;

/// One member as it is, not as the coordinator believes it to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeSight {
    /// Its number.
    pub id: NodeId,
    /// `CacheClusterId`.
    pub name: String,
    /// Its DNS name.
    pub dns_name: String,
    /// Its zone.
    pub zone: Zone,
    /// Its process runs.
    pub up: bool,
    /// Its machine has power.
    pub powered: bool,
    /// Its process is stopped (SIGSTOP).
    pub paused: bool,
    /// Its process's life.
    pub incarnation: u64,
    /// Its role, when it runs.
    pub role: Option<NodeRole>,
    /// The record names it primary.
    pub is_primary: bool,
    /// Epoch of its last record.
    pub epoch: Epoch,
    /// Bytes of the stream.
    pub offset: u64,
    /// Bytes behind the recorded primary, 0 when ahead.
    pub lag_bytes: u64,
    /// Write commands of the stream.
    pub opseq: u64,
    /// Keys in all databases.
    pub keys: u64,
    /// Nanoseconds that its lease still runs.
    pub lease_ns: Option<u64>,
    /// The lease rests on the members' grants (R14).
    pub failsafe: bool,
    /// Its link to the primary is up.
    pub link_up: bool,
    /// What its next timer is for, and in how many nanoseconds.
    pub next_timer: Option<(String, u64)>,
}

/// A link that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkView {
    /// From.
    pub from: Host,
    /// To.
    pub to: Host,
    /// Carries nothing.
    pub cut: bool,
    /// Added delay in microseconds.
    pub delay_us: u32,
}

/// Something under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PacketView {
    /// From.
    pub from: Host,
    /// To.
    pub to: Host,
    /// Control message rather than RESP.
    pub control: bool,
    /// Bytes.
    pub len: u32,
    /// Left at this time, nanoseconds since the beginning.
    pub left_ns: u64,
    /// Arrives at this time.
    pub arrives_ns: u64,
}

/// One application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientView {
    /// Its number.
    pub index: u8,
    /// How it finds its node.
    pub via: Via,
    /// Stopped by a person.
    pub stopped: bool,
    /// `thinking`, `connecting`, `waiting` or `backing off`.
    pub state: String,
    /// The node that it talks to.
    pub node: Option<NodeId>,
    /// Operations that succeeded.
    pub ok: u32,
    /// Operations that failed.
    pub errors: u32,
    /// Reads that returned less than had been acknowledged before.
    pub stale_reads: u32,
    /// Words of the last failure.
    pub last_error: Option<String>,
    /// When the last operation succeeded, nanoseconds since the beginning.
    pub last_ok_ns: u64,
    /// Newest results, oldest first: time and success.
    pub recent: Vec<(u64, bool)>,
}

/// The whole world at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldView {
    /// Nanoseconds since the beginning.
    pub now_ns: u64,
    /// Members, by id.
    pub nodes: Vec<NodeSight>,
    /// The coordinator runs.
    pub coordinator_up: bool,
    /// The coordinator is stopped.
    pub coordinator_paused: bool,
    /// Names and the member that each resolves to at the name server.
    pub endpoints: Vec<(String, Option<NodeId>)>,
    /// Links in trouble.
    pub links: Vec<LinkView>,
    /// What is under way, at most 300.
    pub packets: Vec<PacketView>,
    /// How much is under way.
    pub packets_in_all: u32,
    /// Applications.
    pub clients: Vec<ClientView>,
    /// Faults that run.
    pub faults: Vec<FaultKind>,
    /// Events later than the one asked about, oldest first, with the world's time in nanoseconds.
    pub events: Vec<(u64, Event)>,
    /// Number of the newest event.
    pub newest_event: u64,
    /// Events of the queue so far.
    pub steps: u64,
    /// The running hash.
    pub trace: String,
    /// The invariant that broke, if one did.
    pub violation: Option<String>,
}

impl World {
    /// The world now, with the events after number `since` (0: all that are kept).
    pub fn observe(&self, since: u64) -> WorldView {
        let (packets, packets_in_all) = self.packets();
        let newest = self.events.back().map_or(0, |(_, e)| e.id.0);
        WorldView {
            now_ns: self.now_ns(),
            nodes: self.machines.keys().filter_map(|id| self.sight(id)).collect(),
            coordinator_up: self.coordinator.group.is_some(),
            coordinator_paused: self.coordinator.paused > 0,
            endpoints: self.names(),
            links: self.net.troubled(),
            packets,
            packets_in_all,
            clients: (0..self.clients.len()).filter_map(|index| self.client_view(index)).collect(),
            faults: self.faults().cloned().collect(),
            events: self.events.iter().filter(|(_, e)| e.id.0 > since).cloned().collect(),
            newest_event: newest,
            steps: self.trace.events(),
            trace: self.trace.digest(),
            violation: self.violation().map(ToString::to_string),
        }
    }

    /// The group as its coordinator sees it, for the API's answers; `None` while no coordinator runs.
    pub fn group_view(&self) -> Option<GroupView> {
        let clock = self.coordinator.clock.now(self.now_ns());
        self.coordinator.group.as_ref().map(|group| group.view(clock))
    }

    /// The answer that an application's resolver holds for its name, and for how many nanoseconds it may be used.
    pub fn cached(&self, client: usize) -> Option<(NodeId, Option<u64>)> {
        let client = self.clients.get(client)?;
        let (ip, until) = client.resolver.held(&self.name_of(client.spec.via)?)?;
        let now = self.names_clock.now(self.now_ns()).mono;
        let left = |until: Instant| u64::try_from(until.since(now).as_nanos()).unwrap_or(u64::MAX);
        Some((member_at(ip), until.map(left)))
    }

    /// The name that is asked for; an address has none.
    pub fn name_of(&self, via: Via) -> Option<String> {
        let names = &self.dns.names;
        match via {
            Via::Address(_) => None,
            Via::Primary => Some(names.primary()),
            Via::Configuration => Some(names.configuration()),
            Via::Reader => Some(names.reader()),
            Via::Node(node) => Some(names.node(node)),
        }
    }

    /// One name's member at the name server.
    pub fn resolve(&self, name: &str) -> Option<NodeId> {
        self.resolve_now(name).map(member_at)
    }

    /// The address that a name resolves to at the name server.
    pub fn resolve_address(&self, name: &str) -> Option<IpAddr> {
        self.resolve_now(name)
    }

    fn names(&self) -> Vec<(String, Option<NodeId>)> {
        let names = &self.dns.names;
        let fixed = [names.configuration(), names.primary(), names.reader()];
        let nodes = self.machines.keys().map(|id| names.node(id));
        fixed.into_iter().chain(nodes).map(|name| (name.clone(), self.resolve(&name))).collect()
    }

    fn sight(&self, id: NodeId) -> Option<NodeSight> {
        let machine = self.machines.get(&id)?;
        let now = machine.clock.now(self.now_ns());
        let node = machine.process.as_deref().map(|p| &p.node);
        let position = node.map(|n| n.position()).unwrap_or_default();
        let primary = self.recorded_primary();
        let end = primary.and_then(|id| self.position_of(id)).map_or(0, |p| p.offset);
        let left = |deadline: Instant| u64::try_from(deadline.since(now.mono).as_nanos()).unwrap_or(u64::MAX);
        Some(NodeSight {
            id,
            name: primacy_core::endpoint::cluster_id(&self.group_id, id),
            dns_name: self.dns.names.node(id),
            zone: self.zone_names.get(usize::from(machine.zone)).cloned().unwrap_or_default(),
            up: node.is_some(),
            powered: machine.powered,
            paused: machine.paused > 0,
            incarnation: machine.process.as_ref().map_or(0, |p| p.incarnation.0),
            role: node.map(|n| n.role()),
            is_primary: primary == Some(id),
            epoch: position.epoch,
            offset: position.offset,
            lag_bytes: end.saturating_sub(position.offset),
            opseq: position.opseq,
            keys: node.map_or(0, |n| n.keyspace().len() as u64),
            lease_ns: node.and_then(|n| n.lease_deadline()).map(left),
            failsafe: node.is_some_and(|n| n.failsafe()),
            link_up: node.is_some_and(|n| n.link_up()),
            next_timer: node.and_then(|n| n.poll_timeout()).map(|(at, why)| (format!("{why:?}"), left(at))),
        })
    }

    fn client_view(&self, index: usize) -> Option<ClientView> {
        let client = self.clients.get(index)?;
        let state = match client.state {
            State::Thinking => "thinking",
            State::Connecting => "connecting",
            State::Waiting => "waiting",
            State::BackingOff => "backing off",
        };
        Some(ClientView {
            index: u8::try_from(index).ok()?,
            via: client.spec.via,
            stopped: client.stopped,
            state: state.to_owned(),
            node: client.peer.map(|(node, _)| node),
            ok: client.stats.ok,
            errors: client.stats.errors,
            stale_reads: client.stats.stale_reads,
            last_error: client.stats.last_error.clone(),
            last_ok_ns: client.stats.last_ok_at,
            recent: client.stats.recent.iter().copied().collect(),
        })
    }

    /// What is under way, [`PACKETS`] of it at most, and how much it is in all.
    fn packets(&self) -> (Vec<PacketView>, u32) {
        let ranks = self.net.flying().map(|(no, _, end, (left, _), _)| rank(no, end, left)).collect();
        let (last, all) = last_shown(ranks);
        let flying = self.net.flying().filter(|(no, _, end, (left, _), _)| rank(*no, *end, *left) <= last);
        let packet = |(_, conn, end, (left, at), payload): (_, &Conn, u8, _, &_)| {
            let len = match payload {
                Payload::Data(bytes) => u32::try_from(bytes.len()).unwrap_or(u32::MAX),
                Payload::Open | Payload::Opened | Payload::Close | Payload::Reset => 0,
            };
            PacketView {
                from: conn.ends[usize::from(end)].host,
                to: conn.ends[usize::from(1 - end)].host,
                control: conn.service == Service::Control,
                len,
                left_ns: left,
                arrives_ns: at,
            }
        };
        (flying.map(packet).take(PACKETS).collect(), all)
    }
}

/// Where a packet stands when not all can be listed: by no order of links or times, so that each link shows its share, and
/// the same in each view, so that none blinks on its way.
const fn rank(no: ConnNo, end: u8, left: u64) -> u64 {
    // Fibonacci hashing: Knuth, The Art of Computer Programming, volume 3, section 6.4.
    (left ^ ((no as u64) << 40) ^ ((end as u64) << 63)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The rank of the last packet that is listed, and how many there are in all.
fn last_shown(mut ranks: Vec<u64>) -> (u64, u32) {
    let all = u32::try_from(ranks.len()).unwrap_or(u32::MAX);
    if ranks.len() <= PACKETS {
        return (u64::MAX, all);
    }
    (*ranks.select_nth_unstable(PACKETS - 1).1, all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(ranks: &[(u32, u64)]) -> Vec<(u32, u64)> {
        let (last, all) = last_shown(ranks.iter().map(|(no, left)| rank(*no, 0, *left)).collect());
        assert_eq!(all as usize, ranks.len());
        ranks.iter().filter(|(no, left)| rank(*no, 0, *left) <= last).copied().collect()
    }

    #[test]
    fn all_are_listed_up_to_the_limit() {
        let packets: Vec<_> = (0..PACKETS as u64).map(|left| (7, left)).collect();
        assert_eq!(shown(&packets), packets);
        assert_eq!(shown(&[&packets[..], &[(7, 1 << 30)]].concat()).len(), PACKETS);
    }

    #[test]
    fn each_link_shows_its_share() {
        let each = |no: u32| (0..1_000_u64).map(move |n| (no, 5_000_000_000 + n * 100_000));
        let packets: Vec<_> = (1..=5).flat_map(each).collect();
        let listed = shown(&packets);
        assert_eq!(listed.len(), PACKETS);
        let share = PACKETS / 5;
        for no in 1..=5 {
            let of_link = listed.iter().filter(|p| p.0 == no).count();
            assert!((share * 3 / 4..=share * 5 / 4).contains(&of_link), "link {no}: {of_link}");
        }
        // One that arrives and one that leaves change little of what is seen.
        let later = shown(&[&packets[1..], &[(5, 9_000_000_000)]].concat());
        assert!(later.iter().filter(|p| !listed.contains(p)).count() <= 1);
    }
}
