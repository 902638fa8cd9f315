//! What there is at one moment: facts, from which a page makes its rows.

use alloc::string::String;
use alloc::vec::Vec;

use primacy_core::control::NodeRole;
use primacy_core::id::NodeId;
use serde::{Deserialize, Serialize};

/// Somebody on the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Host {
    /// The coordinator's process.
    Coordinator,
    /// The record store.
    Store,
    /// The name server.
    Dns,
    /// A member's machine.
    Node(NodeId),
    /// An application.
    Client(u8),
    /// A person's terminal.
    Terminal(u8),
    /// Somebody without the secret.
    Attacker,
}

/// How a client finds its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Via {
    /// The primary endpoint.
    Primary,
    /// The seed's configuration endpoint: a second name of the primary.
    Configuration,
    /// The reader endpoint.
    Reader,
    /// A node's own name.
    Node(NodeId),
    /// A node's address, written into the application.
    Address(NodeId),
}

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
    pub zone: String,
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
    pub epoch: u64,
    /// Bytes of the stream.
    pub offset: u64,
    /// Bytes behind the recorded primary, 0 when ahead.
    pub lag_bytes: u64,
    /// How long ago the primary was where this node is now; 0 when it has everything.
    pub lag_ns: u64,
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
    /// Process id of a real process; 0 for a simulated one.
    pub pid: u32,
}

/// A link that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkSight {
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
pub struct PacketSight {
    /// From.
    pub from: Host,
    /// To.
    pub to: Host,
    /// Control message rather than RESP.
    pub control: bool,
    /// Bytes; 0: a connection is opened or closed.
    pub len: u32,
    /// Left at this time.
    pub left_ns: u64,
    /// Arrives at this time.
    pub arrives_ns: u64,
}

/// One application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientSight {
    /// Its number.
    pub index: u16,
    /// Its name, such as `c1`.
    pub name: String,
    /// How it finds its node.
    pub via: Via,
    /// What it does, such as `SET` or `SET+WAIT 1, GET`.
    pub does: String,
    /// Its retry policy in words.
    pub retry: String,
    /// Stopped by a person.
    pub stopped: bool,
    /// `thinking`, `connecting`, `waiting` or `backing off`.
    pub state: String,
    /// The node that it talks to.
    pub node: Option<NodeId>,
    /// The answer that its resolver holds, and for how long it still may use it; `None` for ever.
    pub cached: Option<(NodeId, Option<u64>)>,
    /// Its cached answer is not what the name server says now.
    pub outdated: bool,
    /// Operations that succeeded.
    pub ok: u32,
    /// Operations that failed.
    pub errors: u32,
    /// Reads that returned less than had been acknowledged before.
    pub stale_reads: u32,
    /// Words of the last failure.
    pub last_error: Option<String>,
    /// When the last operation succeeded.
    pub last_ok_ns: u64,
    /// Whether its newest operation succeeded; `None` before the first.
    pub worked: Option<bool>,
}

/// A group and what is around it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Nanoseconds since the beginning.
    pub now_ns: u64,
    /// The group's id.
    pub group: String,
    /// `creating`, `available`, `modifying`, `deleting`, or `no coordinator`.
    pub status: String,
    /// The record's epoch.
    pub epoch: u64,
    /// Length of a lease.
    pub lease_ns: u64,
    /// TTL of the endpoint records, seconds.
    pub ttl_s: u32,
    /// `AutomaticFailoverEnabled`.
    pub automatic_failover: bool,
    /// Zones by name; those without power.
    pub zones: Vec<(String, bool)>,
    /// Members, by id.
    pub nodes: Vec<NodeSight>,
    /// The coordinator runs.
    pub coordinator_up: bool,
    /// The coordinator is stopped.
    pub coordinator_paused: bool,
    /// Configuration, primary and reader endpoint, then each node's name, with the member that it resolves to.
    pub endpoints: Vec<(String, Option<NodeId>)>,
    /// Links in trouble.
    pub links: Vec<LinkSight>,
    /// What is under way, at most 300.
    pub packets: Vec<PacketSight>,
    /// How much is under way.
    pub packets_in_all: u32,
    /// Applications.
    pub clients: Vec<ClientSight>,
    /// Faults that run, in the words that began them: `cut 001 all`, `pause 002`, `delay 002 001 300ms`.
    pub faults: Vec<String>,
    /// Acknowledged writes that failovers have lost so far.
    pub lost_writes: u64,
    /// `TestFailover` calls that are left of the 15 in 24 hours.
    pub test_failovers_left: u8,
    /// Number of the newest event.
    pub newest_event: u64,
    /// Events of the simulation so far; 0 for a real group.
    pub steps: u64,
    /// The running hash; empty for a real group.
    pub trace: String,
    /// The invariant that broke, if one did.
    pub violation: Option<String>,
}
