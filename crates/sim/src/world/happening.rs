//! Everything that can wait in the world's queue.

use primacy_core::endpoint::Endpoints;
use primacy_core::group::Stored;
use primacy_core::group::record::{Change, Registers};
use primacy_core::id::{Incarnation, NodeId};

use crate::net::ConnNo;

/// Something that happens at its time.
#[derive(Clone)]
pub(crate) enum Happening {
    /// Something reaches an end of a connection.
    Arrive { conn: ConnNo, end: u8 },
    /// The sender at that end has room again.
    Room { conn: ConnNo, end: u8 },
    /// A round of a process's loop is over.
    Round { node: NodeId, life: u32 },
    /// A node's timer.
    NodeTimer { node: NodeId, life: u32 },
    /// A connection that was asked for may be late.
    DialTimeout { node: NodeId, life: u32, conn: ConnNo },
    /// A process looks for its coordinator.
    Control { node: NodeId, life: u32 },
    /// A process is started; `by`: the coordinator's life that asked, `None`: the host's own doing.
    Spawn { node: NodeId, zone: u8, incarnation: Incarnation, by: Option<u32> },
    /// A process is ended by its host on the coordinator's order.
    Kill { node: NodeId, incarnation: Incarnation, by: u32 },
    /// A host reports an exit.
    Exited { node: NodeId, incarnation: Incarnation, by: u32 },
    /// A host reports a start.
    Provisioned { node: NodeId, incarnation: Incarnation, by: u32 },
    /// The coordinator's timer.
    GroupTimer { life: u32 },
    /// A coordinator starts with what the store says.
    CoordinatorStarts,
    /// The store is asked to change.
    StoreAsked { life: u32, ticket: u64, change: Box<Change> },
    /// The store is read.
    StoreRead { life: u32, ticket: u64 },
    /// The store answers.
    StoreAnswers { life: u32, ticket: u64, outcome: Stored },
    /// The store's value arrives.
    StoreSays { life: u32, ticket: u64, registers: Box<Registers> },
    /// The store has been silent for too long.
    StoreLate { life: u32, ticket: u64 },
    /// The names change.
    Publish { endpoints: Box<Endpoints> },
    /// A client's turn.
    Client { index: u8, turn: u32 },
    /// A terminal's connection was not made in time.
    Terminal { index: u8, turn: u32 },
    /// A fault of the plan begins.
    FaultBegins(u32),
    /// A fault of the plan ends.
    FaultEnds(u32),
    /// A flapping cut changes.
    Flap { fault: u32, on: bool },
    /// All faults end.
    Heal,
    /// A kept command is applied.
    Command(u32),
    /// A process of a storm dies.
    StormKill { node: NodeId, life: u32 },
    /// A connection has carried nothing for too long.
    Abandoned { conn: ConnNo },
    /// The slow checks run.
    Check,
}

impl Happening {
    /// A number for the trace; never changed, only added to.
    pub(crate) const fn tag(&self) -> u8 {
        match self {
            Self::Arrive { .. } => 1,
            Self::Room { .. } => 2,
            Self::Round { .. } => 3,
            Self::NodeTimer { .. } => 4,
            Self::DialTimeout { .. } => 5,
            Self::Control { .. } => 6,
            Self::Spawn { .. } => 7,
            Self::Kill { .. } => 8,
            Self::Exited { .. } => 9,
            Self::Provisioned { .. } => 10,
            Self::GroupTimer { .. } => 11,
            Self::CoordinatorStarts => 12,
            Self::StoreAsked { .. } => 13,
            Self::StoreRead { .. } => 14,
            Self::StoreAnswers { .. } => 15,
            Self::StoreSays { .. } => 16,
            Self::StoreLate { .. } => 17,
            Self::Publish { .. } => 18,
            Self::Client { .. } => 19,
            Self::Terminal { .. } => 20,
            Self::FaultBegins(_) => 21,
            Self::FaultEnds(_) => 22,
            Self::Flap { .. } => 23,
            Self::Heal => 24,
            Self::Command(_) => 25,
            Self::StormKill { .. } => 26,
            Self::Check => 27,
            Self::Abandoned { .. } => 28,
        }
    }
}
