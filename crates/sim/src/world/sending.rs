//! What leaves a member's process: replies, the stream to its replicas, reports.

use primacy_core::id::{ConnId, NodeId};
use primacy_core::order;
use primacy_core::time::Now;

use super::World;
use super::client::Kind;
use crate::net::{ConnNo, Host, Payload};

impl World {
    /// Sends what the last round made, with a fresh look at the clock (R2).
    pub(super) fn node_sends(&mut self, id: NodeId) {
        let clock = self.clock_of(id);
        let Some(process) = self.process(id) else { return };
        let mut dirty = std::mem::take(&mut process.dirty);
        dirty.extend(process.node.feeds().iter().map(|c| ConnNo::try_from(c.0).unwrap_or(ConnNo::MAX)));
        order::sort(&mut dirty);
        dirty.dedup();
        for conn in &dirty {
            // With a replica at its end, most rounds have nothing but the stream for a connection.
            let sock = self.process(id).and_then(|process| process.socks.get(conn));
            let Some((silent, feeds)) = sock.map(|sock| (sock.is_silent(), sock.session.is_feed())) else {
                continue;
            };
            if !silent {
                let guarded = self.control_guarded(id, *conn);
                let sent = self.node_sends_replies(id, *conn, clock);
                self.control_replied(id, *conn, (sent, guarded));
            }
            if feeds {
                self.node_feeds(id, *conn, clock);
            }
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

    /// How many bytes went into the socket.
    pub(super) fn node_sends_replies(&mut self, id: NodeId, conn: ConnNo, clock: Now) -> usize {
        let now = self.queue.now();
        let Some(process) = self.machines.get_mut(&id).and_then(|m| m.process.as_deref_mut()) else {
            return 0;
        };
        let Some(sock) = process.socks.get_mut(&conn) else { return 0 };
        let mut sent = 0;
        let end = sock.end;
        let mut written = None;
        if !sock.out.is_empty() {
            if !process.node.may_send(&mut sock.session, &mut sock.out, clock) {
                self.checks.tally.acks_withheld += 1;
                if let Some(sock) = process.socks.remove(&conn) {
                    process.node.closed(sock.session, clock);
                }
                self.net.send(conn, end, Payload::Reset, now);
                return 0;
            }
            let room = self.net.room(conn, end).min(sock.out.len());
            if room > 0 {
                let bytes = sock.out.unsent()[..room].to_vec();
                sock.out.advance(room);
                sent = room;
                written = sock.session.last_write().filter(|_| sock.out.is_empty());
                self.net.send(conn, end, Payload::Data(bytes), now);
            }
        }
        if sock.closing && sock.out.is_empty() {
            if let Some(sock) = process.socks.remove(&conn) {
                process.node.closed(sock.session, clock);
            }
            self.net.send(conn, end, Payload::Close, now);
        }
        if let Some(point) = written.filter(|_| self.counts_replies(conn)) {
            self.checks.reply_left(point);
        }
        sent
    }

    /// Whoever is at the other end has no list of writes for what it waits for: a terminal, an application at its counter.
    fn counts_replies(&self, conn: ConnNo) -> bool {
        match self.net.conn(conn).map(|c| c.ends[0].host) {
            Some(Host::Terminal(_)) => true,
            Some(Host::Client(index)) => self
                .clients
                .get(usize::from(index))
                .and_then(|client| client.expects.back())
                .is_some_and(|expect| matches!(expect.kind, Kind::Incr)),
            _ => false,
        }
    }

    pub(super) fn node_feeds(&mut self, id: NodeId, conn: ConnNo, clock: Now) {
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

    pub(super) fn node_reports(&mut self, id: NodeId) {
        let now = self.queue.now();
        let Some(machine) = self.machines.get_mut(&id) else { return };
        let corrupt = machine.corrupt;
        let Some(process) = machine.process.as_deref_mut() else { return };
        let mut bytes = Vec::new();
        while let Some(message) = process.node.poll_control() {
            let Some(channel) = process.control.channel.as_mut().filter(|c| c.is_ready()) else { continue };
            let (from, incarnation) = (id, process.incarnation);
            let group = self.group_id.clone();
            let envelope = primacy_core::control::Envelope { group, from, incarnation, message };
            // A message that cannot be sealed is a lost message; every one of them is repeated.
            let _ = channel.seal(&envelope, &mut bytes);
        }
        if let Some(conn) = process.control.conn.filter(|_| !bytes.is_empty()) {
            self.spoil(&mut bytes, corrupt, conn);
            self.net.send(conn, 0, Payload::Data(bytes), now);
        }
    }
}
