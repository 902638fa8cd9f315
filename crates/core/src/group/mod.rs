//! The coordinator of one replication group: a decision maker.
//!
//! It knows members, epochs, positions and leases; never keys or log bytes. It acts only through
//! [`Action`], and emits nothing that depends on a change of the record before the store has said that the
//! change is stored.

pub mod action;
pub mod event;
pub mod record;
pub mod spec;
pub mod view;

use alloc::collections::VecDeque;

pub use action::{Action, GroupConfig, Request, RequestError, Stored, Timer};

use crate::control::Envelope;
use crate::group::record::Registers;
use crate::group::view::GroupView;
use crate::id::{Incarnation, NodeId};
use crate::time::{Instant, Now};
use core::net::SocketAddr;

/// The coordinator of one group.
#[derive(Debug)]
pub struct Group {
    config: GroupConfig,
    registers: Registers,
    actions: VecDeque<Action>,
}

impl Group {
    /// A coordinator. `registers` as read from the store, default for a new group; a restarted coordinator
    /// observes the lease from zero (R3). `seed` decides the replication ids.
    pub fn new(config: GroupConfig, registers: Registers, _seed: [u8; 32], _now: Now) -> Self {
        Self { config, registers, actions: VecDeque::new() }
    }

    /// Any message of a node.
    pub fn handle_report(&mut self, _envelope: Envelope, _now: Now) {}

    /// The process is known to have ended (waitpid): nobody has to wait for that life's lease.
    pub fn handle_exited(&mut self, _node: NodeId, _incarnation: Incarnation, _now: Now) {}

    /// The driver has started the process.
    pub fn handle_provisioned(
        &mut self,
        _node: NodeId,
        _addr: SocketAddr,
        _incarnation: Incarnation,
        _now: Now,
    ) {
    }

    /// A user's request. `Ok`: accepted; events tell the rest.
    pub fn handle_request(&mut self, _request: Request, _now: Now) -> Result<(), RequestError> {
        Err(RequestError::NotAvailable)
    }

    /// The store's answer to the change of `ticket`.
    pub fn handle_stored(&mut self, _ticket: u64, _outcome: Stored, _now: Now) {}

    /// The registers as just read: the answer to [`Action::Load`], or a watch.
    pub fn handle_registers(&mut self, registers: Registers, _now: Now) {
        self.registers = registers;
    }

    /// When [`Group::handle_timeout`] wants to be called next, and why. Every `handle_*` may change it.
    pub fn poll_timeout(&self) -> Option<(Instant, Timer)> {
        None
    }

    /// Time has passed. Too early a call does nothing.
    pub fn handle_timeout(&mut self, _now: Now) {}

    /// What to do next; call until `None` after every `handle_*`.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// The group for the API, the page and the terminal.
    pub fn view(&self, _now: Now) -> GroupView {
        GroupView::unborn(&self.config)
    }
}
