//! A member's machine: its clock, its power, and the process that runs the node.
//!
//! The process is a real driver of the core: a loop that reads, runs and then sends, with time passing between
//! running and sending, so that a pause can fall between a write and its acknowledgement (R2).

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use primacy_core::control::frame::{Channel, End};
use primacy_core::id::{ConnId, Incarnation, NodeId};
use primacy_core::node::{DialId, Event, Flow, Node, Outbox, Session};
use primacy_core::time::Now;

use super::happening::Happening;
use super::{World, nonce};
use crate::clock::Clock;
use crate::net::{ConnNo, Host, Payload, Service};

/// Time of one round of the event loop, and of each thing done in it.
const ROUND_NS: u64 = 4_000;
const STEP_NS: u64 = 1_000;
/// A connection that is not there after this long is given up.
pub(crate) const CONNECT_NS: u64 = 1_000_000_000;
/// A process looks for its coordinator this often.
const CONTROL_RETRY_NS: u64 = 100_000_000;

/// A machine.
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
    pub(crate) factor: u64,
    /// One in this many control frames is spoilt; 0: none.
    pub(crate) corrupt: u16,
    pub(crate) process: Option<Box<Process>>,
}

/// A running node.
pub(crate) struct Process {
    pub(crate) node: Node,
    pub(crate) incarnation: Incarnation,
    pub(crate) socks: BTreeMap<ConnNo, Sock>,
    dials: BTreeMap<ConnNo, DialId>,
    control: Control,
    inbox: VecDeque<Inbound>,
    dirty: Vec<ConnNo>,
    /// The loop is busy until then.
    busy: Option<u64>,
    timer_at: Option<u64>,
}

/// One connection of a process.
pub(crate) struct Sock {
    pub(crate) session: Session,
    pub(crate) out: Outbox,
    input: Vec<u8>,
    end: u8,
    parked: bool,
    /// Arrived while parked: still in the kernel as far as the sender knows.
    unread: usize,
    closing: bool,
}

/// The connection to the coordinator.
#[derive(Default)]
struct Control {
    conn: Option<ConnNo>,
    channel: Option<Channel>,
}

/// What waits for the loop.
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
            factor: 1,
            corrupt: 0,
            process: None,
        }
    }
}

impl Process {
    pub(crate) fn new(node: Node, incarnation: Incarnation) -> Self {
        Self {
            node,
            incarnation,
            socks: BTreeMap::new(),
            dials: BTreeMap::new(),
            control: Control::default(),
            inbox: VecDeque::new(),
            dirty: Vec::new(),
            busy: None,
            timer_at: None,
        }
    }
}

impl World {
    /// The process of a member, when it runs.
    pub(crate) fn process(&mut self, id: NodeId) -> Option<&mut Process> {
        self.machines.get_mut(&id)?.process.as_deref_mut()
    }

    pub(crate) fn clock_of(&self, id: NodeId) -> Now {
        self.machines.get(&id).map(|m| m.clock.now(self.queue.now())).unwrap_or_default()
    }

    /// Something arrived at a member's machine.
    pub(crate) fn arrive_at_node(&mut self, id: NodeId, conn: ConnNo, end: u8, payload: Payload) {
        let now = self.queue.now();
        let Some(machine) = self.machines.get_mut(&id) else { return };
        if !machine.powered {
            return;
        }
        let life = machine.life;
        let known = self.net.conn(conn).is_some_and(|c| c.ends[usize::from(end)].life == life);
        let Some(process) = machine.process.as_deref_mut().filter(|_| known || payload == Payload::Open)
        else {
            if payload != Payload::Reset {
                self.net.send(conn, end, Payload::Reset, now);
            }
            return;
        };
        let inbound = match payload {
            Payload::Open => {
                self.net.accept(conn, life);
                self.net.send(conn, end, Payload::Opened, now);
                Inbound::Accepted(conn)
            }
            Payload::Opened => Inbound::Opened(conn),
            Payload::Data(bytes) => Inbound::Data(conn, bytes),
            Payload::Close | Payload::Reset => Inbound::Closed(conn),
        };
        process.inbox.push_back(inbound);
        self.node_works(id);
    }

    /// A member's process gets room to send.
    pub(crate) fn room_at_node(&mut self, id: NodeId, conn: ConnNo) {
        if let Some(process) = self.process(id) {
            process.inbox.push_back(Inbound::Room(conn));
            self.node_works(id);
        }
    }

    /// A timer of a process may be due.
    pub(crate) fn node_timer(&mut self, id: NodeId, life: u32) {
        let now = self.queue.now();
        let Some(machine) = self.machines.get_mut(&id).filter(|m| m.life == life) else { return };
        let Some(process) = machine.process.as_deref_mut() else { return };
        if process.timer_at == Some(now) {
            process.timer_at = None;
            self.node_works(id);
        }
    }

    /// The time of the last round has passed: what it made is sent, and the next round begins.
    pub(crate) fn node_round(&mut self, id: NodeId, life: u32) {
        let now = self.queue.now();
        let Some(machine) = self.machines.get_mut(&id).filter(|m| m.life == life) else { return };
        if machine.paused > 0 {
            return;
        }
        let Some(process) = machine.process.as_deref_mut() else { return };
        if process.busy != Some(now) {
            return;
        }
        process.busy = None;
        self.node_sends(id);
        self.node_works(id);
    }

    /// A stopped process goes on.
    pub(crate) fn node_resumed(&mut self, id: NodeId) {
        let now = self.queue.now();
        let Some(machine) = self.machines.get_mut(&id).filter(|m| m.paused == 0) else { return };
        let life = machine.life;
        if let Some(process) = machine.process.as_deref_mut() {
            process.busy = Some(now);
            self.queue.push(now, Happening::Round { node: id, life });
        }
    }

    /// One round: everything that waits, then due timers; then time passes.
    pub(crate) fn node_works(&mut self, id: NodeId) {
        let now = self.queue.now();
        let clock = self.clock_of(id);
        let Some(machine) = self.machines.get_mut(&id) else { return };
        if machine.paused > 0 {
            return;
        }
        let (factor, life) = (machine.factor, machine.life);
        if machine.process.as_ref().is_none_or(|p| p.busy.is_some()) {
            return;
        }
        let mut steps = 0;
        while let Some(inbound) = self.process(id).and_then(|p| p.inbox.pop_front()) {
            steps += 1;
            self.node_takes(id, inbound, clock);
            self.watch_node(id);
        }
        let Some(process) = self.process(id) else { return };
        if process.node.poll_timeout().is_some_and(|(at, _)| at <= clock.mono) {
            process.node.handle_timeout(clock);
            steps += 1;
        }
        if steps == 0 {
            return self.arm_node_timer(id);
        }
        self.node_events(id, clock);
        self.watch_node(id);
        self.round_explained(id, false);
        let until = now + (ROUND_NS + STEP_NS * steps) * factor;
        if let Some(process) = self.process(id) {
            process.busy = Some(until);
            self.queue.push(until, Happening::Round { node: id, life });
        }
    }

    fn node_takes(&mut self, id: NodeId, inbound: Inbound, clock: Now) {
        match inbound {
            Inbound::Accepted(conn) => self.node_accepts(id, conn, clock),
            Inbound::Opened(conn) => self.node_opened(id, conn, clock),
            Inbound::Data(conn, bytes) => self.node_reads(id, conn, &bytes, clock),
            Inbound::Closed(conn) => self.node_lost(id, conn, clock),
            Inbound::DialTooLate(conn) => self.dial_too_late(id, conn, clock),
            Inbound::DialControl => self.dial_control(id),
            Inbound::Room(conn) => {
                if let Some(process) = self.process(id) {
                    process.dirty.push(conn);
                }
            }
        }
    }

    fn node_accepts(&mut self, id: NodeId, conn: ConnNo, clock: Now) {
        let now = self.queue.now();
        let peer = match self.net.conn(conn).map(|c| c.ends[0].host) {
            Some(Host::Node(peer)) => address(peer),
            _ => SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 40_000),
        };
        let Some(process) = self.process(id) else { return };
        match process.node.accept(ConnId(u64::from(conn)), peer, clock) {
            Ok(session) => {
                process.socks.insert(conn, Sock::new(session, 1));
            }
            Err(refused) => {
                let bytes = refused.0.to_vec();
                self.net.send(conn, 1, Payload::Data(bytes), now);
                self.net.send(conn, 1, Payload::Close, now);
            }
        }
    }

    fn node_opened(&mut self, id: NodeId, conn: ConnNo, clock: Now) {
        let now = self.queue.now();
        let Some(process) = self.process(id) else { return };
        if process.control.conn == Some(conn) {
            if let Some(channel) = &process.control.channel {
                let hello = channel.hello().to_vec();
                self.net.send(conn, 0, Payload::Data(hello), now);
            }
            return;
        }
        let Some(dial) = process.dials.remove(&conn) else { return };
        let mut out = Outbox::new();
        match process.node.dialed(dial, ConnId(u64::from(conn)), &mut out, clock) {
            Some(session) => {
                let mut sock = Sock::new(session, 0);
                sock.out = out;
                process.socks.insert(conn, sock);
                process.dirty.push(conn);
            }
            None => self.net.send(conn, 0, Payload::Close, now),
        }
    }

    fn node_reads(&mut self, id: NodeId, conn: ConnNo, bytes: &[u8], clock: Now) {
        let Some(process) = self.machines.get_mut(&id).and_then(|m| m.process.as_deref_mut()) else { return };
        if process.control.conn == Some(conn) {
            self.read_by(conn, 0, bytes.len());
            self.node_controlled(id, conn, bytes, clock);
            return;
        }
        let Some(sock) = process.socks.get_mut(&conn) else { return };
        sock.input.extend_from_slice(bytes);
        if sock.parked {
            sock.unread += bytes.len();
            return;
        }
        let end = sock.end;
        process.run(conn, clock);
        self.read_by(conn, end, bytes.len());
    }

    /// The receiver read: a sender that waits for room hears of it.
    fn read_by(&mut self, conn: ConnNo, end: u8, len: usize) {
        if self.net.read(conn, end, len) {
            let Some(c) = self.net.conn(conn) else { return };
            let (here, there) = (c.ends[usize::from(end)].host, c.ends[usize::from(1 - end)].host);
            let at = self.queue.now() + self.net.transit(here, there, u64::from(conn), self.queue.now(), 0);
            self.queue.push(at, Happening::Room { conn, end: 1 - end });
        }
    }

    fn node_controlled(&mut self, id: NodeId, conn: ConnNo, bytes: &[u8], clock: Now) {
        let Some(process) = self.process(id) else { return };
        let Some(channel) = &mut process.control.channel else { return };
        channel.push(bytes);
        loop {
            let Some(channel) = self.process(id).and_then(|p| p.control.channel.as_mut()) else { return };
            match channel.pop() {
                Ok(Some(message)) => {
                    self.saw_order(id, &message);
                    if let Some(process) = self.process(id) {
                        process.node.handle_control(message, clock);
                    }
                    self.watch_node(id);
                }
                Ok(None) => return,
                Err(_) => {
                    self.checks.tally.frames_refused += 1;
                    self.net.send(conn, 0, Payload::Reset, self.queue.now());
                    return self.control_lost(id);
                }
            }
        }
    }

    fn control_lost(&mut self, id: NodeId) {
        let Some(machine) = self.machines.get_mut(&id) else { return };
        let life = machine.life;
        if let Some(process) = machine.process.as_deref_mut() {
            process.control = Control::default();
            let at = self.queue.now() + CONTROL_RETRY_NS;
            self.queue.push(at, Happening::Control { node: id, life });
        }
    }

    /// Puts something before the process's loop, if that life still runs.
    pub(crate) fn node_tells(&mut self, id: NodeId, life: u32, inbound: Inbound) {
        let Some(machine) = self.machines.get_mut(&id).filter(|m| m.life == life) else { return };
        if let Some(process) = machine.process.as_deref_mut() {
            process.inbox.push_back(inbound);
            self.node_works(id);
        }
    }

    fn dial_control(&mut self, id: NodeId) {
        let now = self.queue.now();
        let seed = self.scenario.seed;
        let Some(machine) = self.machines.get_mut(&id) else { return };
        let life = machine.life;
        let Some(process) = machine.process.as_deref_mut() else { return };
        if process.control.conn.is_some() {
            return;
        }
        let conn = self.net.open((Host::Node(id), life), Host::Coordinator, Service::Control, now);
        process.control.conn = Some(conn);
        let nonce = nonce(seed, u64::from(conn), 0);
        process.control.channel = Some(Channel::new(self.secret.as_bytes(), End::Initiator, nonce));
        self.queue.push(now + CONNECT_NS, Happening::DialTimeout { node: id, life, conn });
    }

    fn dial_too_late(&mut self, id: NodeId, conn: ConnNo, clock: Now) {
        let now = self.queue.now();
        let Some(process) = self.process(id) else { return };
        if let Some(dial) = process.dials.remove(&conn) {
            process.node.dial_failed(dial, clock);
            self.net.send(conn, 0, Payload::Reset, now);
        } else if process.control.conn == Some(conn)
            && process.control.channel.as_ref().is_some_and(|c| !c.is_ready())
        {
            self.net.send(conn, 0, Payload::Reset, now);
            self.control_lost(id);
        }
    }

    fn node_lost(&mut self, id: NodeId, conn: ConnNo, clock: Now) {
        let now = self.queue.now();
        let Some(process) = self.process(id) else { return };
        if process.control.conn == Some(conn) {
            self.net.send(conn, 0, Payload::Close, now);
            return self.control_lost(id);
        }
        if let Some(dial) = process.dials.remove(&conn) {
            process.node.dial_failed(dial, clock);
            self.net.forget_if_closed(conn);
            return;
        }
        if let Some(sock) = process.socks.remove(&conn) {
            let end = sock.end;
            process.node.closed(sock.session, clock);
            self.net.send(conn, end, Payload::Close, now);
        }
    }

    /// What the node asks its driver for.
    fn node_events(&mut self, id: NodeId, clock: Now) {
        while let Some(event) = self.process(id).and_then(|p| p.node.poll_event()) {
            match event {
                Event::Dial { dial, to, .. } => self.node_dials(id, dial, to),
                Event::Hangup(conn) => self.node_hangs_up(id, conn, clock),
                Event::Wake(conn) => self.node_wakes(id, conn, clock),
                Event::RoleChanged { from, to, epoch } => self.saw_role(id, from, to, epoch),
                Event::Notice(notice) => self.saw_notice(id, &notice),
            }
        }
    }

    fn node_dials(&mut self, id: NodeId, dial: DialId, to: NodeId) {
        let now = self.queue.now();
        let Some(machine) = self.machines.get_mut(&id) else { return };
        let life = machine.life;
        let conn = self.net.open((Host::Node(id), life), Host::Node(to), Service::Resp, now);
        if let Some(process) = machine.process.as_deref_mut() {
            process.dials.insert(conn, dial);
        }
        self.queue.push(now + CONNECT_NS, Happening::DialTimeout { node: id, life, conn });
    }

    fn node_hangs_up(&mut self, id: NodeId, conn: ConnId, clock: Now) {
        let now = self.queue.now();
        let no = ConnNo::try_from(conn.0).unwrap_or(ConnNo::MAX);
        let Some(process) = self.process(id) else { return };
        if let Some(sock) = process.socks.remove(&no) {
            let end = sock.end;
            process.node.closed(sock.session, clock);
            self.net.send(no, end, Payload::Reset, now);
        }
    }

    fn node_wakes(&mut self, id: NodeId, conn: ConnId, clock: Now) {
        let no = ConnNo::try_from(conn.0).unwrap_or(ConnNo::MAX);
        let Some(process) = self.process(id) else { return };
        let Some(sock) = process.socks.get_mut(&no) else { return };
        let flow = process.node.handle_wake(&mut sock.session, &mut sock.out, clock);
        process.dirty.push(no);
        sock.parked = flow == Flow::Park;
        sock.closing |= flow == Flow::Close;
        if flow == Flow::Continue {
            let (end, unread) = (sock.end, std::mem::take(&mut sock.unread));
            process.run(no, clock);
            self.read_by(no, end, unread);
        }
    }

    /// Sends what the last round made, with a fresh look at the clock (R2).
    fn node_sends(&mut self, id: NodeId) {
        let clock = self.clock_of(id);
        let Some(process) = self.process(id) else { return };
        let mut dirty = std::mem::take(&mut process.dirty);
        dirty.extend(process.node.feeds().iter().map(|c| ConnNo::try_from(c.0).unwrap_or(ConnNo::MAX)));
        dirty.sort_unstable();
        dirty.dedup();
        for conn in &dirty {
            self.node_sends_replies(id, *conn, clock);
            self.node_feeds(id, *conn, clock);
        }
        dirty.clear();
        if let Some(process) = self.process(id) {
            dirty.append(&mut process.dirty);
            process.dirty = dirty;
        }
        self.node_events(id, clock);
        self.node_reports(id);
        self.watch_node(id);
        self.arm_node_timer(id);
    }

    fn node_sends_replies(&mut self, id: NodeId, conn: ConnNo, clock: Now) {
        let now = self.queue.now();
        let Some(process) = self.machines.get_mut(&id).and_then(|m| m.process.as_deref_mut()) else { return };
        let Some(sock) = process.socks.get_mut(&conn) else { return };
        let end = sock.end;
        if !sock.out.is_empty() {
            if !process.node.may_send(&mut sock.session, &mut sock.out, clock) {
                self.checks.tally.acks_withheld += 1;
                if let Some(sock) = process.socks.remove(&conn) {
                    process.node.closed(sock.session, clock);
                }
                return self.net.send(conn, end, Payload::Reset, now);
            }
            let room = self.net.room(conn, end).min(sock.out.len());
            if room > 0 {
                let bytes = sock.out.unsent()[..room].to_vec();
                sock.out.advance(room);
                self.net.send(conn, end, Payload::Data(bytes), now);
            }
        }
        if sock.closing && sock.out.is_empty() {
            if let Some(sock) = process.socks.remove(&conn) {
                process.node.closed(sock.session, clock);
            }
            self.net.send(conn, end, Payload::Close, now);
        }
    }

    fn node_feeds(&mut self, id: NodeId, conn: ConnNo, clock: Now) {
        let now = self.queue.now();
        let Some(process) = self.machines.get_mut(&id).and_then(|m| m.process.as_deref_mut()) else { return };
        let Some(sock) = process.socks.get(&conn).filter(|s| s.session.is_feed() && s.out.is_empty()) else {
            return;
        };
        let end = sock.end;
        loop {
            let room = self.net.room(conn, end);
            if room == 0 {
                return;
            }
            let Some([a, b]) = process.node.poll_feed(ConnId(u64::from(conn)), clock) else { return };
            let (first, second) = (room.min(a.len()), (room - room.min(a.len())).min(b.len()));
            let mut bytes = Vec::with_capacity(first + second);
            bytes.extend_from_slice(&a[..first]);
            bytes.extend_from_slice(&b[..second]);
            if bytes.is_empty() {
                return;
            }
            process.node.feed_sent(ConnId(u64::from(conn)), bytes.len(), clock);
            self.net.send(conn, end, Payload::Data(bytes), now);
        }
    }

    fn node_reports(&mut self, id: NodeId) {
        let now = self.queue.now();
        let group = self.group_id.clone();
        let Some(machine) = self.machines.get_mut(&id) else { return };
        let corrupt = machine.corrupt;
        let Some(process) = machine.process.as_deref_mut() else { return };
        let mut bytes = Vec::new();
        while let Some(message) = process.node.poll_control() {
            let Some(channel) = process.control.channel.as_mut().filter(|c| c.is_ready()) else { continue };
            let (from, incarnation) = (id, process.incarnation);
            let envelope =
                primacy_core::control::Envelope { group: group.clone(), from, incarnation, message };
            // A message that cannot be sealed is a lost message; every one of them is repeated.
            let _ = channel.seal(&envelope, &mut bytes);
        }
        if let Some(conn) = process.control.conn.filter(|_| !bytes.is_empty()) {
            self.spoil(&mut bytes, corrupt, conn);
            self.net.send(conn, 0, Payload::Data(bytes), now);
        }
    }

    fn arm_node_timer(&mut self, id: NodeId) {
        let now = self.queue.now();
        let Some(machine) = self.machines.get_mut(&id) else { return };
        let Some(process) = machine.process.as_deref_mut() else { return };
        let Some((deadline, _)) = process.node.poll_timeout() else { return };
        let at = machine.clock.global(deadline).max(now + STEP_NS);
        if process.timer_at.is_none_or(|armed| armed > at || armed <= now) {
            process.timer_at = Some(at);
            self.queue.push(at, Happening::NodeTimer { node: id, life: machine.life });
        }
    }
}

impl Process {
    /// Runs what has arrived on a connection.
    fn run(&mut self, conn: ConnNo, clock: Now) {
        let Some(sock) = self.socks.get_mut(&conn).filter(|s| !s.closing) else { return };
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

    fn new(session: Session, end: u8) -> Self {
        Self { session, out: Outbox::new(), input: Vec::new(), end, parked: false, unread: 0, closing: false }
    }
}
