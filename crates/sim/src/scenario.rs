//! A scenario: all that decides a run. Equal scenarios give equal runs, on every target.

use primacy_core::group::spec::GroupSpec;
use primacy_core::time::Timing;
pub use primacy_port::Via;
use serde::{Deserialize, Serialize};

mod stored;

use crate::command::Command;
use crate::fault::Fault;

/// Everything that a run depends on, besides the version of the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// Decides all delays, ids and the clients' choices.
    pub seed: u64,
    /// Replicas beside the primary, 0 to 5.
    pub replicas: u8,
    /// Availability zones, 1 to 6.
    pub zones: u8,
    /// Timers.
    pub timing: Profile,
    /// `AutomaticFailoverEnabled`.
    pub automatic_failover: bool,
    /// The primary may go on without the coordinator while every member grants it (R14).
    pub failsafe: bool,
    /// Size of each node's backlog in KiB.
    pub backlog_kib: u32,
    /// Delays.
    pub net: Net,
    /// Application clients.
    pub clients: Vec<ClientSpec>,
    /// What goes wrong, and when.
    pub faults: Vec<Fault>,
    /// What a person did, in milliseconds since the beginning.
    pub commands: Vec<(u32, Command)>,
    /// Milliseconds after which every fault ends.
    pub faults_until_ms: u32,
    /// Milliseconds after which clients stop writing, so that replicas must reach the primary's end.
    pub writes_until_ms: u32,
    /// Milliseconds that the run lasts.
    pub end_ms: u32,
    /// The group as it was declared, when it is not the seed's: what it is called and what is shown of it. Replicas,
    /// zones and automatic failover stand above. A link keeps it in a field of its own.
    #[serde(skip)]
    pub declared: Option<Box<GroupSpec>>,
}

/// Which timers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Profile {
    /// [`Timing::LAN`].
    Lan,
    /// [`Timing::DEMO`].
    Demo,
    /// [`Timing::AWS`].
    Aws,
    /// Any other.
    Own(Box<Timing>),
}

impl Profile {
    /// Its timers.
    pub fn timing(&self) -> Timing {
        match self {
            Self::Lan => Timing::LAN,
            Self::Demo => Timing::DEMO,
            Self::Aws => Timing::AWS,
            Self::Own(timing) => **timing,
        }
    }
}

/// One-way delays in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Net {
    /// Between two hosts of one zone.
    pub near_us: u32,
    /// Between zones.
    pub far_us: u32,
    /// Added at random, up to this much, to every message.
    pub jitter_us: u32,
}

impl Default for Net {
    fn default() -> Self {
        Self { near_us: 100, far_us: 500, jitter_us: 50 }
    }
}

/// What a client does after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Retry {
    /// Tries again after a fixed time in milliseconds.
    Fixed(u16),
    /// Doubles the time from `base_ms` up to `max_ms`.
    Backoff {
        /// First wait.
        base_ms: u16,
        /// Longest wait.
        max_ms: u16,
        /// Waits a random part of it (full jitter).
        jitter: bool,
    },
    /// Does not try again: the error is the user's, and the next operation comes when it would have come anyway.
    None,
    /// Tries again at once.
    Immediate,
}

/// How long a client keeps a DNS answer. The order of the first two is that of the flag that they replaced in links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Caching {
    /// As long as it runs.
    Forever,
    /// As long as the TTL says.
    Honours,
    /// A time of its own, in milliseconds, as a JVM's `networkaddress.cache.ttl`.
    Fixed {
        /// How long.
        ms: u32,
    },
    /// Asks before every connection.
    Never,
}

/// A client that reads what it has just written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadBack {
    /// Through which name or address.
    pub via: Via,
    /// Time between the write's answer and the read, in microseconds.
    pub after_us: u32,
}

/// How much of each operation, as weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mix {
    /// `SET` of a value never used before.
    pub set: u8,
    /// `GET`.
    pub get: u8,
    /// `INCR` of a counter of its own.
    pub incr: u8,
    /// `SET`, then `WAIT`.
    pub wait: u8,
    /// `MULTI`, two `SET`s, `EXEC`.
    pub multi: u8,
    /// `SET`, then `PRIMACY TOKEN`; after every reconnection `PRIMACY WAIT` with the last token.
    pub token: u8,
    /// `SET` with a short expiry, by a relative time.
    pub expire: u8,
}

/// One application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "stored::Spec", into = "stored::Spec")]
pub struct ClientSpec {
    /// How it finds its node.
    pub via: Via,
    /// Index of its zone.
    pub zone: u8,
    /// Pause between two operations in microseconds.
    pub think_us: u32,
    /// What it does.
    pub mix: Mix,
    /// Replicas that its `WAIT` asks for.
    pub wait_for: u8,
    /// Timeout of its `WAIT` in milliseconds.
    pub wait_ms: u16,
    /// Keys that it uses, 1 to 255.
    pub keys: u8,
    /// Bytes of each value, beyond its unique beginning.
    pub padding: u16,
    /// After an error.
    pub retry: Retry,
    /// Gives a silent connection up after this many milliseconds.
    pub timeout_ms: u16,
    /// How long it keeps a DNS answer.
    pub cache: Caching,
    /// After each write that is answered it reads the key there.
    pub read_back: Option<ReadBack>,
    /// Begins this many milliseconds after it was added.
    pub starts_ms: u32,
    /// This many of a hundred operations use its first key, whatever the others use.
    pub hot: u8,
}

impl Default for ClientSpec {
    fn default() -> Self {
        Self {
            via: Via::Primary,
            zone: 0,
            think_us: 100_000,
            mix: Mix { set: 1, ..Mix::default() },
            wait_for: 1,
            wait_ms: 500,
            keys: 8,
            padding: 0,
            retry: Retry::Backoff { base_ms: 50, max_ms: 1000, jitter: true },
            timeout_ms: 1000,
            cache: Caching::Honours,
            read_back: None,
            starts_ms: 0,
            hot: 0,
        }
    }
}

impl Default for Scenario {
    /// The seed's group: one primary and two replicas in three zones, no fault, no client.
    fn default() -> Self {
        Self {
            seed: 1,
            replicas: 2,
            zones: 3,
            timing: Profile::Lan,
            automatic_failover: true,
            failsafe: true,
            backlog_kib: 1024,
            net: Net::default(),
            clients: Vec::new(),
            faults: Vec::new(),
            commands: Vec::new(),
            faults_until_ms: u32::MAX,
            writes_until_ms: u32::MAX,
            end_ms: u32::MAX,
            declared: None,
        }
    }
}

/// Most clients of a scenario; a decoded one with more is refused.
pub const MAX_CLIENTS: usize = 200;
/// Most faults and commands each.
pub const MAX_PLAN: usize = 4096;

impl Scenario {
    /// Reads a scenario from a link's `s=` part; see [`crate::link`].
    ///
    /// # Errors
    /// Why the text is refused.
    pub fn decode(text: &str) -> Result<Self, crate::link::LinkError> {
        crate::link::decode(text)
    }

    /// Says what is wrong with a scenario from outside.
    ///
    /// # Errors
    /// The first field that is out of its range.
    pub fn check(&self) -> Result<(), &'static str> {
        let refused = [
            (self.replicas > primacy_core::id::MAX_REPLICAS, "a group has at most 5 replicas"),
            (self.zones == 0 || self.zones > 6, "1 to 6 zones"),
            (self.backlog_kib == 0 || self.backlog_kib > 64 * 1024, "backlog of 1 KiB to 64 MiB"),
            (self.clients.len() > MAX_CLIENTS, "at most 200 clients"),
            (
                self.faults.len() > MAX_PLAN || self.commands.len() > MAX_PLAN,
                "at most 4096 faults and commands",
            ),
            (self.clients.iter().any(|c| c.keys == 0), "a client uses at least one key"),
        ];
        refused.iter().find(|(bad, _)| *bad).map_or(Ok(()), |(_, why)| Err(why))
    }
}
