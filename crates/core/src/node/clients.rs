//! The table of connections: what other connections and the node itself must know about each.

use alloc::vec::Vec;
use core::net::SocketAddr;

use crate::command::Command;
use crate::id::{ConnId, Epoch, Offset};
use crate::map::Map;
use crate::time::Instant;

use super::session::Kind;

/// What `handle_wake` is to do for a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wake {
    /// Go on with the unconsumed input.
    Resume,
    /// Answer a blocked WAIT.
    Answer(Waiting),
    /// Tell a blocked client that the role has changed, then close.
    Unblock,
    /// Send an acknowledgement to the primary.
    Acknowledge,
}

/// A blocked WAIT or PRIMACY WAIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    /// Replicas wanted.
    pub(super) need: usize,
    /// What they must have.
    pub(super) offset: Offset,
    /// The epoch in which it was asked.
    pub(super) epoch: Epoch,
    /// PRIMACY WAIT answers in words.
    pub(super) words: bool,
}

/// One connection.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub(super) conn: ConnId,
    pub(super) peer: SocketAddr,
    pub(super) kind: Kind,
    pub(super) name: Vec<u8>,
    pub(super) since: Instant,
    pub(super) last: Instant,
    pub(super) db: usize,
    pub(super) queued: Option<usize>,
    pub(super) command: Option<&'static Command>,
    pub(super) no_evict: bool,
    pub(super) wake: Option<Wake>,
    /// A watched key has changed.
    pub(super) dirty: bool,
}

/// All connections, by slot; the order of slots is the order of walks.
#[derive(Clone, Debug, Default)]
pub(super) struct Clients {
    slots: Vec<Option<Client>>,
    free: Vec<usize>,
    by_conn: Map<ConnId, usize>,
}

impl Clients {
    pub(super) fn insert(&mut self, conn: ConnId, peer: SocketAddr, kind: Kind, now: Instant) -> usize {
        let client = Client {
            conn,
            peer,
            kind,
            name: Vec::new(),
            since: now,
            last: now,
            db: 0,
            queued: None,
            command: None,
            no_evict: false,
            wake: None,
            dirty: false,
        };
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        self.slots[slot] = Some(client);
        self.by_conn.insert(conn, slot);
        slot
    }

    pub(super) fn remove(&mut self, conn: ConnId) {
        if let Some(slot) = self.by_conn.remove(&conn) {
            self.slots[slot] = None;
            self.free.push(slot);
        }
    }

    /// The connection in `slot`, if it is still `conn`.
    pub(super) fn at(&mut self, slot: usize, conn: ConnId) -> Option<&mut Client> {
        self.slots.get_mut(slot)?.as_mut().filter(|c| c.conn == conn)
    }

    pub(super) fn get(&mut self, conn: ConnId) -> Option<&mut Client> {
        let slot = *self.by_conn.get(&conn)?;
        self.slots.get_mut(slot)?.as_mut()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Client> {
        self.slots.iter().flatten()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Client> {
        self.slots.iter_mut().flatten()
    }

    pub(super) fn len(&self) -> usize {
        self.by_conn.len()
    }
}
