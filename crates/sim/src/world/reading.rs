//! What a member's process takes from its sockets, and how it looks for its coordinator.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use primacy_core::control::frame::{Channel, End};
use primacy_core::id::{ConnId, NodeId};
use primacy_core::node::Outbox;
use primacy_core::time::Now;

use super::coordinator::FRAME_NS;
use super::happening::Happening;
use super::machine::{CONNECT_NS, Control, Sock, address};
use super::{World, nonce};
use crate::net::{ConnNo, Host, Payload, Service};

/// A process looks for its coordinator this often.
const CONTROL_RETRY_NS: u64 = 100_000_000;

impl World {
    pub(super) fn node_accepts(&mut self, id: NodeId, conn: ConnNo, clock: Now) {
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

    pub(super) fn node_opened(&mut self, id: NodeId, conn: ConnNo, clock: Now) {
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

    pub(super) fn node_reads(&mut self, id: NodeId, conn: ConnNo, bytes: Vec<u8>, clock: Now) {
        self.control_acks(id, conn, &bytes);
        let Some(process) = self.machines.get_mut(&id).and_then(|m| m.process.as_deref_mut()) else { return };
        if process.control.conn == Some(conn) {
            self.read_by(conn, 0, bytes.len());
            self.node_controlled(id, conn, &bytes, clock);
            return;
        }
        let Some(sock) = process.socks.get_mut(&conn) else { return };
        let (end, len) = (sock.end, bytes.len());
        if sock.input.is_empty() {
            sock.input = bytes;
        } else {
            sock.input.extend_from_slice(&bytes);
        }
        if sock.parked {
            sock.unread += len;
            return;
        }
        process.run(conn, clock);
        self.read_by(conn, end, len);
    }

    /// The receiver read: a sender that waits for room hears of it.
    pub(super) fn read_by(&mut self, conn: ConnNo, end: u8, len: usize) {
        if self.net.read(conn, end, len) {
            let Some(c) = self.net.conn(conn) else { return };
            let (here, there) = (c.ends[usize::from(end)].host, c.ends[usize::from(1 - end)].host);
            let at = self.queue.now() + self.net.transit(here, there, u64::from(conn), self.queue.now(), 0);
            self.queue.push(at, Happening::Room { conn, end: 1 - end });
        }
    }

    pub(super) fn node_controlled(&mut self, id: NodeId, conn: ConnNo, bytes: &[u8], clock: Now) {
        let now = self.queue.now();
        let Some(process) = self.process(id) else { return };
        let Some(channel) = &mut process.control.channel else { return };
        let mut new = !channel.is_ready();
        channel.push(bytes);
        let stuck = *process.control.waits_since.get_or_insert(now);
        loop {
            let Some(process) = self.process(id) else { return };
            let control = &mut process.control;
            let Some(channel) = &mut control.channel else { return };
            let popped = channel.pop();
            if new && channel.is_ready() {
                new = false;
                process.node.coordinator_found();
            }
            match popped {
                Ok(Some(message)) => {
                    control.waits_since = None;
                    if let Some(process) = self.process(id) {
                        process.node.handle_control(message, clock);
                    }
                    self.watch_node(id);
                }
                Ok(None) if control.waits_since.is_none() || now < stuck + FRAME_NS => return,
                Ok(None) | Err(_) => {
                    self.checks.tally.frames_refused += 1;
                    self.net.send(conn, 0, Payload::Reset, now);
                    return self.control_lost(id);
                }
            }
        }
    }

    /// A process gives a coordinator up that says nothing any more.
    pub(super) fn leave_coordinator(&mut self, id: NodeId) {
        let now = self.queue.now();
        let Some(conn) = self.process(id).and_then(|process| process.control.conn) else { return };
        self.net.send(conn, 0, Payload::Reset, now);
        self.checks.tally.coordinators_left += u64::from(self.rival.is_some());
        self.control_lost(id);
    }

    pub(super) fn control_lost(&mut self, id: NodeId) {
        let Some(machine) = self.machines.get_mut(&id) else { return };
        let life = machine.life;
        if let Some(process) = machine.process.as_deref_mut() {
            process.control = Control::default();
            let at = self.queue.now() + CONTROL_RETRY_NS;
            self.queue.push(at, Happening::Control { node: id, life });
        }
    }

    pub(super) fn dial_control(&mut self, id: NodeId) {
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

    pub(super) fn dial_too_late(&mut self, id: NodeId, conn: ConnNo, clock: Now) {
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

    pub(super) fn node_lost(&mut self, id: NodeId, conn: ConnNo, clock: Now) {
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
}
