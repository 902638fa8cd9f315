//! What a visitor can do, in words and as a command of the simulator.

use primacy_core::id::NodeId;
use primacy_sim::command::Command;
use primacy_sim::fault::{Cut, FaultKind, Operation, Side, Who};

/// One click.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Kill(u16),
    KillPrimary,
    Start(u16),
    Pause(u16),
    Resume(u16),
    Isolate(u16),
    Reconnect(u16),
    CutZone(u16),
    RestoreZone(u16),
    TestFailover,
    PlannedFailover,
    Heal,
}

impl Action {
    /// The command for the world.
    pub(crate) fn command(&self) -> Command {
        match self {
            Self::Kill(n) => Command::kill(NodeId(*n)),
            Self::KillPrimary => Command::Begin(FaultKind::Crash { who: Who::Primary, seen: true }),
            Self::Start(n) => Command::Start(NodeId(*n)),
            Self::Pause(n) => Command::pause(NodeId(*n)),
            Self::Resume(n) => Command::resume(NodeId(*n)),
            Self::Isolate(n) => Command::cut(isolation(*n)),
            Self::Reconnect(n) => Command::mend(isolation(*n)),
            Self::CutZone(z) => Command::lose_zone(zone(*z)),
            Self::RestoreZone(z) => Command::End(FaultKind::ZoneLoss(zone(*z))),
            Self::TestFailover => Command::operate(Operation::TestFailover),
            Self::PlannedFailover => Command::operate(Operation::Failover(None)),
            Self::Heal => Command::Heal,
        }
    }

    /// The same in words, for the event list and for a screen reader.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Kill(n) => format!("You killed node {n:03} (kill -9)"),
            Self::KillPrimary => "You killed the primary (kill -9)".into(),
            Self::Start(n) => format!("You started node {n:03}"),
            Self::Pause(n) => format!("You froze node {n:03} (kill -STOP)"),
            Self::Resume(n) => format!("You woke node {n:03} (kill -CONT)"),
            Self::Isolate(n) => format!("You cut node {n:03} off from every other host"),
            Self::Reconnect(n) => format!("You reconnected node {n:03}"),
            Self::CutZone(z) => format!("You cut the power of zone {}", z + 1),
            Self::RestoreZone(z) => format!("You restored zone {}", z + 1),
            Self::TestFailover => "You called TestFailover".into(),
            Self::PlannedFailover => "You asked for a planned failover".into(),
            Self::Heal => "You healed everything".into(),
        }
    }
}

/// The cut that isolates a node: the page and the world must mean the same one.
pub(crate) const fn isolation(node: u16) -> Cut {
    Cut { a: Side::One(Who::Node(NodeId(node))), b: Side::All, one_way: false, reset: false }
}

fn zone(index: u16) -> u8 {
    u8::try_from(index).unwrap_or(u8::MAX)
}
