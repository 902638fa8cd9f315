//! A member's machine: its clock, its power, and the process that runs the node.
//!
//! The process is a real driver of the core: a loop that reads, runs and then sends, with time passing between
//! running and sending, so that a pause can fall between a write and its acknowledgement (R2).

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use primacy_core::control::frame::Channel;
use primacy_core::id::{Incarnation, NodeId};
use primacy_core::map::Map;
use primacy_core::node::{DialId, Flow, Node, Outbox, Session};
use primacy_core::time::{Instant, Now};

use crate::clock::Clock;
use crate::net::ConnNo;

/// A connection that is not there after this long is given up.
pub(crate) const CONNECT_NS: u64 = 1_000_000_000;

/// A machine.
#[derive(Clone)]
pub(crate) struct Machine {
    pub(crate) id: NodeId,
    pub(crate) zone: u8,
    pub(crate) clock: Clock,
    pub(crate) powered: bool,
    /// Goes up with every start and end of a process.
    pub(crate) life: u32,
    /// The largest incarnation used here.
    pub(crate) used: Incarnation,
    pub(crate) paused: u16,
    /// The end of a lease that ran while the monotonic clock stood still: the process has not looked yet.
    pub(crate) overslept: Option<Instant>,
    pub(crate) factor: u64,
    /// One in this many control frames is spoilt; 0: none.
    pub(crate) corrupt: u16,
    pub(crate) process: Option<Box<Process>>,
}

/// A running node.
#[derive(Clone)]
pub(crate) struct Process {
    pub(crate) node: Node,
    pub(crate) incarnation: Incarnation,
    pub(crate) socks: Map<ConnNo, Sock>,
    pub(super) dials: Map<ConnNo, DialId>,
    pub(super) control: Control,
    pub(super) inbox: VecDeque<Inbound>,
    pub(super) dirty: Vec<ConnNo>,
    /// The loop is busy until then.
    pub(super) busy: Option<u64>,
    pub(super) timer_at: Option<u64>,
}

/// One connection of a process.
#[derive(Clone)]
pub(crate) struct Sock {
    pub(crate) session: Session,
    pub(crate) out: Outbox,
    pub(super) input: Vec<u8>,
    pub(super) end: u8,
    pub(super) parked: bool,
    /// Arrived while parked: still in the kernel as far as the sender knows.
    pub(super) unread: usize,
    pub(super) closing: bool,
}

/// The connection to the coordinator.
#[derive(Clone, Default)]
pub(super) struct Control {
    pub(super) conn: Option<ConnNo>,
    pub(super) channel: Option<Channel>,
    /// When the bytes of a message that is not whole yet began to come.
    pub(super) waits_since: Option<u64>,
}

/// What waits for the loop.
#[derive(Clone)]
pub(crate) enum Inbound {
    Accepted(ConnNo),
    Opened(ConnNo),
    Data(ConnNo, Vec<u8>),
    Closed(ConnNo),
    Room(ConnNo),
    DialTooLate(ConnNo),
    DialControl,
}

/// Where a member listens: one loopback address each, as the server has it.
pub(crate) fn address(node: NodeId) -> SocketAddr {
    let last = u8::try_from(node.0).unwrap_or(255);
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 1, last)), 6379)
}

/// The member at an address.
pub(crate) fn member_at(ip: IpAddr) -> NodeId {
    match ip {
        IpAddr::V4(v4) => NodeId(u16::from(v4.octets()[3])),
        IpAddr::V6(_) => NodeId(0),
    }
}

impl Machine {
    pub(crate) fn new(id: NodeId, zone: u8) -> Self {
        Self {
            id,
            zone,
            clock: Clock::new(1_000_000_000 * u64::from(id.0)),
            powered: true,
            life: 0,
            used: Incarnation(0),
            paused: 0,
            overslept: None,
            factor: 1,
            corrupt: 0,
            process: None,
        }
    }
}

impl Machine {
    /// Its clock stands still, or has, and its process does not know it yet: until it looks, its lease says nothing
    /// (`failover.md` §4.1: I1 is required of clocks that run).
    pub(crate) fn in_doubt(&self) -> bool {
        let deadline = self.process.as_ref().and_then(|p| p.node.lease_deadline());
        self.clock.stands_still() || (deadline.is_some() && deadline == self.overslept)
    }
}

impl Process {
    pub(crate) fn new(node: Node, incarnation: Incarnation) -> Self {
        Self {
            node,
            incarnation,
            socks: Map::new(),
            dials: Map::new(),
            control: Control::default(),
            inbox: VecDeque::new(),
            dirty: Vec::new(),
            busy: None,
            timer_at: None,
        }
    }
}
impl Process {
    /// Runs what has arrived on a connection.
    pub(super) fn run(&mut self, conn: ConnNo, clock: Now) {
        let Some(sock) = self.socks.get_mut(&conn).filter(|s| !s.closing && !s.input.is_empty()) else {
            return;
        };
        let progress = self.node.handle_input(&mut sock.session, &sock.input, &mut sock.out, clock);
        sock.input.drain(..progress.consumed.min(sock.input.len()));
        sock.parked = progress.flow == Flow::Park;
        sock.closing = progress.flow == Flow::Close;
        self.dirty.push(conn);
    }
}

impl Sock {
    /// Its connection is about to be closed by the node.
    pub(crate) const fn closing(&self) -> bool {
        self.closing
    }

    /// It has no reply to send, and no end to tell of.
    pub(super) fn is_silent(&self) -> bool {
        self.out.is_empty() && !self.closing
    }

    pub(super) fn new(session: Session, end: u8) -> Self {
        Self { session, out: Outbox::new(), input: Vec::new(), end, parked: false, unread: 0, closing: false }
    }
}
