//! What a person can do to a running world: every action of the page and of a script.

use primacy_core::id::NodeId;
use serde::{Deserialize, Serialize};

use crate::fault::{Cut, FaultKind, Operation, Who};
use crate::scenario::{ClientSpec, Via};

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
