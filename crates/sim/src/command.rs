//! What a person can do to a running world: every action of the page and of a script.

use primacy_core::id::NodeId;
use serde::{Deserialize, Serialize};

use crate::fault::{Cut, FaultKind, Operation, Who};
use crate::scenario::{Caching, ClientSpec, Mix, ReadBack, Retry, Via};

pub use crate::command_text::parse;

/// One action. It is kept with its time, so that a run can be replayed from a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Begins a fault (or does at once what has no end).
    Begin(FaultKind),
    /// Ends the first fault of this kind that runs.
    End(FaultKind),
    /// Ends all faults.
    Heal,
    /// Starts a node's process if it is down, without waiting for the coordinator.
    Start(NodeId),
    /// Adds an application client.
    AddClient(ClientSpec),
    /// Stops an application client, by index.
    StopClient(u8),
    /// Lets it go on.
    StartClient(u8),
    /// Sends a command from a terminal; its connection is opened when needed.
    Type {
        /// Number of the terminal; each has one connection.
        terminal: u8,
        /// Where it is connected to; another one reconnects it.
        via: Via,
        /// The command's words.
        words: Vec<Vec<u8>>,
    },
    /// Adds equal application clients, as many as there is room for.
    AddClients {
        /// How many.
        count: u8,
        /// Each of them.
        spec: ClientSpec,
    },
    /// Changes what an application client does; its connection stays unless it looks for another node now.
    ChangeClient {
        /// Which.
        which: Which,
        /// What is different from now on.
        settings: Vec<Setting>,
    },
    /// Sets the TTL of the endpoint records, in seconds.
    SetTtl(u32),
    /// Closes a terminal's connection, with the commands that wait on it.
    Hangup(u8),
}

/// Whom a change means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Which {
    /// One application client, by index.
    One(u8),
    /// All that there are.
    All,
}

/// One thing that is different about an application client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Setting {
    /// How it finds its node.
    Via(Via),
    /// Index of its zone.
    Zone(u8),
    /// Pause between two operations in microseconds.
    Every(u32),
    /// What it does.
    Does(Mix),
    /// Replicas that its `WAIT` asks for.
    WaitFor(u8),
    /// Timeout of its `WAIT` in milliseconds.
    WaitTime(u16),
    /// Keys that it uses.
    Keys(u8),
    /// Bytes of each value, beyond its unique beginning.
    Padding(u16),
    /// After an error.
    Retry(Retry),
    /// Patience with a silent connection in milliseconds.
    Timeout(u16),
    /// How long it keeps a DNS answer.
    Cache(Caching),
    /// Where and when it reads what it wrote.
    ReadBack(Option<ReadBack>),
    /// Begins this many milliseconds after it was added.
    Starts(u32),
    /// How many of a hundred operations use its first key.
    Hot(u8),
}

impl Setting {
    /// Puts it into a client's description.
    pub const fn apply(&self, spec: &mut ClientSpec) {
        match *self {
            Self::Via(via) => spec.via = via,
            Self::Zone(zone) => spec.zone = zone,
            Self::Every(us) => spec.think_us = us,
            Self::Does(mix) => spec.mix = mix,
            Self::WaitFor(n) => spec.wait_for = n,
            Self::WaitTime(ms) => spec.wait_ms = ms,
            Self::Keys(n) => spec.keys = n,
            Self::Padding(n) => spec.padding = n,
            Self::Retry(retry) => spec.retry = retry,
            Self::Timeout(ms) => spec.timeout_ms = ms,
            Self::Cache(cache) => spec.cache = cache,
            Self::ReadBack(back) => spec.read_back = back,
            Self::Starts(ms) => spec.starts_ms = ms,
            Self::Hot(percent) => spec.hot = percent,
        }
    }
}

impl Command {
    /// `kill -9` of a node.
    pub const fn kill(node: NodeId) -> Self {
        Self::Begin(FaultKind::Crash { who: Who::Node(node), seen: true })
    }

    /// `kill -STOP` of a node.
    pub const fn pause(node: NodeId) -> Self {
        Self::Begin(FaultKind::Pause(Who::Node(node)))
    }

    /// `kill -CONT` of a node.
    pub const fn resume(node: NodeId) -> Self {
        Self::End(FaultKind::Pause(Who::Node(node)))
    }

    /// Cuts links.
    pub const fn cut(cut: Cut) -> Self {
        Self::Begin(FaultKind::Cut(cut))
    }

    /// Mends links.
    pub const fn mend(cut: Cut) -> Self {
        Self::End(FaultKind::Cut(cut))
    }

    /// Takes a zone's power away.
    pub const fn lose_zone(zone: u8) -> Self {
        Self::Begin(FaultKind::ZoneLoss(zone))
    }

    /// An operator's request.
    pub const fn operate(operation: Operation) -> Self {
        Self::Begin(FaultKind::Operator(operation))
    }
}
