//! The sockets of a node, each with its protocol state beside it.

use std::collections::HashMap;

use mio::net::TcpStream;
use primacy_core::id::ConnId;
use primacy_core::node::{DialId, Outbox, Session};

use crate::node::delay::Delay;

/// One connection.
#[derive(Debug)]
pub(crate) struct Conn {
    pub(crate) stream: TcpStream,
    pub(crate) id: ConnId,
    /// Absent while a dialed connection is not up yet.
    pub(crate) session: Option<Session>,
    /// Number of the dial that this connection is for, until it is up.
    pub(crate) dial: Option<DialId>,
    pub(crate) out: Outbox,
    /// Received and not consumed yet.
    pub(crate) input: Vec<u8>,
    /// Set on the link to the primary when `--link-delay` is given.
    pub(crate) delay: Option<Delay>,
    /// `Flow::Park`: not read until `Event::Wake`.
    pub(crate) parked: bool,
    /// The socket may hold bytes that were not read: reported while parked, or the read filled its buffer.
    pub(crate) unread: bool,
    /// Already in the reactor's list of sockets to read in the next round.
    pub(crate) again: bool,
    /// The peer sends no more. That is reported once only, often together with its last bytes.
    pub(crate) ended: bool,
    /// The last write did not fill the socket.
    pub(crate) writable: bool,
    /// Closed once the outbox is sent.
    pub(crate) closing: bool,
    /// Already in the reactor's list of outboxes to send.
    pub(crate) queued: bool,
}

impl Conn {
    /// A connection as it is when it comes up.
    pub(crate) fn new(stream: TcpStream, id: ConnId) -> Self {
        Self {
            stream,
            id,
            session: None,
            dial: None,
            out: Outbox::new(),
            input: Vec::new(),
            delay: None,
            parked: false,
            unread: false,
            again: false,
            ended: false,
            writable: true,
            closing: false,
            queued: false,
        }
    }
}

/// All connections: slots are reused, ids never.
#[derive(Debug, Default)]
pub(crate) struct Conns {
    slots: Vec<Option<Conn>>,
    free: Vec<usize>,
    by_id: HashMap<ConnId, usize>,
    last_id: u64,
}

impl Conns {
    /// The slot and the id of the next connection.
    pub(crate) fn next(&mut self) -> (usize, ConnId) {
        self.last_id += 1;
        let slot = self.free.last().copied().unwrap_or(self.slots.len());
        (slot, ConnId(self.last_id))
    }

    /// Puts a connection into the slot that [`Self::next`] has just given.
    pub(crate) fn put(&mut self, slot: usize, conn: Conn) {
        self.by_id.insert(conn.id, slot);
        if self.free.last() == Some(&slot) {
            self.free.pop();
        }
        if slot == self.slots.len() {
            self.slots.push(Some(conn));
        } else if let Some(place) = self.slots.get_mut(slot) {
            *place = Some(conn);
        }
    }

    /// The connection in a slot.
    pub(crate) fn get(&mut self, slot: usize) -> Option<&mut Conn> {
        self.slots.get_mut(slot)?.as_mut()
    }

    /// The same, to look at.
    pub(crate) fn peek(&self, slot: usize) -> Option<&Conn> {
        self.slots.get(slot)?.as_ref()
    }

    /// The slot of a connection.
    pub(crate) fn slot(&self, id: ConnId) -> Option<usize> {
        self.by_id.get(&id).copied()
    }

    /// Takes a connection out.
    pub(crate) fn take(&mut self, slot: usize) -> Option<Conn> {
        let conn = self.slots.get_mut(slot)?.take()?;
        self.by_id.remove(&conn.id);
        self.free.push(slot);
        Some(conn)
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn slots_are_reused_and_ids_are_not() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("any port");
        let addr = listener.local_addr().expect("bound");
        let mut conns = Conns::default();
        let open = |conns: &mut Conns| {
            let (slot, id) = conns.next();
            conns.put(slot, Conn::new(TcpStream::connect(addr).expect("loopback"), id));
            (slot, id)
        };
        let (a, b) = (open(&mut conns), open(&mut conns));
        assert_ne!(a.0, b.0);
        assert!(conns.take(a.0).is_some() && conns.take(a.0).is_none());
        assert_eq!(conns.slot(a.1), None);
        let c = open(&mut conns);
        assert_eq!(c.0, a.0);
        assert_ne!(c.1, a.1);
        assert_eq!((conns.slot(b.1), conns.slot(c.1)), (Some(b.0), Some(c.0)));
    }
}
