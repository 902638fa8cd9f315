//! What the driver keeps beside each socket: the protocol state and the bytes to send.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::id::{ConnId, Epoch, Offset};

/// Bytes to send on one connection. Replies are appended by the node, taken off by the driver.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    buf: Vec<u8>,
    sent: usize,
    /// End of the last guarded reply in `buf`, and the epoch under whose lease it was made (R2).
    guard: Option<(usize, Epoch)>,
}

impl Outbox {
    /// An outbox without a buffer; the first reply allocates.
    pub const fn new() -> Self {
        Self { buf: Vec::new(), sent: 0, guard: None }
    }

    /// Bytes that have not been taken off yet, oldest first.
    pub fn unsent(&self) -> &[u8] {
        self.buf.get(self.sent..).unwrap_or(&[])
    }

    /// True when everything was taken off.
    pub fn is_empty(&self) -> bool {
        self.sent == self.buf.len()
    }

    /// Number of bytes that have not been taken off yet.
    pub fn len(&self) -> usize {
        self.buf.len() - self.sent
    }

    /// Takes off the `n` oldest bytes: the socket has them. More than there are takes off all.
    pub fn advance(&mut self, n: usize) {
        self.sent = self.sent.saturating_add(n).min(self.buf.len());
        if self.guard.is_some_and(|(end, _)| self.sent >= end) {
            self.guard = None;
        }
        if self.is_empty() {
            self.clear();
        } else if self.sent >= COMPACT_AT && self.sent * 2 >= self.buf.len() {
            self.buf.drain(..self.sent);
            if let Some((end, _)) = &mut self.guard {
                *end -= self.sent;
            }
            self.sent = 0;
        }
    }

    /// Appends bytes of the driver's own.
    pub fn put(&mut self, bytes: &[u8]) {
        self.buf.extend_from_slice(bytes);
    }

    /// Drops everything unsent; keeps the buffer unless it has grown large.
    pub fn clear(&mut self) {
        self.buf.clear();
        if self.buf.capacity() > KEEP_CAPACITY {
            self.buf = Vec::new();
        }
        self.sent = 0;
        self.guard = None;
    }

    /// The buffer that replies are appended to.
    pub(crate) const fn buf(&mut self) -> &mut Vec<u8> {
        &mut self.buf
    }

    /// Everything appended so far acknowledges a write of `epoch`: it may leave only under that lease (R2).
    pub(crate) fn guard(&mut self, epoch: Epoch) {
        self.guard = Some((self.buf.len(), epoch));
    }

    /// The epoch under whose lease unsent replies were made.
    pub fn guarded(&self) -> Option<Epoch> {
        self.guard.map(|(_, epoch)| epoch)
    }
}

/// Sent bytes are moved out of the buffer once there are this many.
const COMPACT_AT: usize = 64 << 10;
/// A drained buffer larger than this is given back to the allocator.
const KEEP_CAPACITY: usize = 1 << 20;

/// What to do with the connection after a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Read on.
    Continue,
    /// Keep unconsumed bytes and stop reading until `Event::Wake` for this connection, then call `handle_wake`.
    Park,
    /// Send what is in the outbox, then close.
    Close,
}

/// What a call to `handle_input` did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of `input` that are done with; the driver keeps the rest in front of what it reads next.
    pub consumed: usize,
    /// What to do with the connection.
    pub flow: Flow,
}

/// A connection that is not taken: send these bytes, then close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(pub &'static [u8]);

/// What a connection is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Clients, and replicas until their PSYNC.
    Client,
    /// A replica that is fed from the log.
    Replica,
    /// The link that this node dialed to its primary.
    Upstream,
}

/// CLIENT REPLY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReplyMode {
    On,
    Off,
    /// The next command's reply is dropped, not this one's.
    SkipNext,
    /// This command's reply is dropped.
    Skip,
}

/// Commands queued by MULTI: their frames and where each ends.
#[derive(Clone, Debug, Default)]
pub(crate) struct Multi {
    pub(crate) frames: Vec<u8>,
    pub(crate) ends: Vec<usize>,
    /// A command was refused at queueing: EXEC answers EXECABORT.
    pub(crate) aborted: bool,
    /// At least one queued command writes.
    pub(crate) writes: bool,
}

/// What a connection said about itself before PSYNC.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attaching {
    pub(crate) port: u16,
    pub(crate) eof: bool,
    pub(crate) psync2: bool,
    /// The challenge that the peer has to answer (R11).
    pub(crate) nonce: Option<[u8; 16]>,
    /// The proven member.
    pub(crate) member: Option<(crate::id::NodeId, crate::id::Incarnation)>,
}

/// Protocol state of one connection; the driver owns it and hands it back in every call.
#[derive(Clone, Debug)]
pub struct Session {
    pub(crate) conn: ConnId,
    pub(crate) kind: Kind,
    /// Index into the node's table of connections.
    pub(crate) slot: usize,
    pub(crate) db: usize,
    pub(crate) authenticated: bool,
    /// Nothing has been run yet.
    pub(crate) fresh: bool,
    /// Bytes that the oldest unconsumed command is known to need.
    pub(crate) need: usize,
    pub(crate) reply: ReplyMode,
    pub(crate) multi: Option<Box<Multi>>,
    /// HELLO 3 was said.
    pub(crate) resp3: bool,
    pub(crate) watching: bool,
    /// A write of it waits for the end of a planned failover.
    pub(crate) parked: bool,
    /// EXEC runs: nothing may block.
    pub(crate) in_exec: bool,
    /// The scan of a long command that has not come whole.
    pub(crate) partial: Option<Box<crate::resp::ArgSpans>>,
    pub(crate) attaching: Option<Box<Attaching>>,
    /// Epoch and end of the last write, for WAIT and PRIMACY TOKEN.
    pub(crate) last_write: Option<(Epoch, Offset)>,
}

impl Session {
    /// The connection that this state belongs to.
    pub const fn conn(&self) -> ConnId {
        self.conn
    }

    /// True once the connection is a replica's that is fed by `Node::poll_feed`.
    pub const fn is_feed(&self) -> bool {
        matches!(self.kind, Kind::Replica)
    }

    /// True for the link to the primary.
    pub const fn is_upstream(&self) -> bool {
        matches!(self.kind, Kind::Upstream)
    }

    /// Epoch and end of its last write, if it has made one.
    pub const fn last_write(&self) -> Option<(Epoch, Offset)> {
        self.last_write
    }

    /// Nothing stands between a command over the keyspace and its execution.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.multi.is_none()
            && self.authenticated
            && !self.resp3
            && matches!(self.reply, ReplyMode::On)
            && matches!(self.kind, Kind::Client)
    }

    pub(crate) const fn new(conn: ConnId, kind: Kind, slot: usize, authenticated: bool) -> Self {
        Self {
            conn,
            kind,
            slot,
            db: 0,
            authenticated,
            fresh: true,
            need: 0,
            reply: ReplyMode::On,
            multi: None,
            resp3: false,
            watching: false,
            parked: false,
            in_exec: false,
            partial: None,
            attaching: None,
            last_write: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guard_lasts_until_the_last_guarded_byte_has_left() {
        let mut out = Outbox::new();
        out.put(b"+OK\r\n");
        out.guard(Epoch(3));
        out.put(b"$-1\r\n");
        out.advance(4);
        assert_eq!(out.guarded(), Some(Epoch(3)));
        out.advance(1);
        assert_eq!(out.guarded(), None, "what follows depends on no lease");
        assert_eq!(out.unsent(), b"$-1\r\n");
        out.advance(usize::MAX);
        assert!(out.is_empty() && out.unsent().is_empty());
    }

    #[test]
    fn sent_bytes_do_not_pile_up() {
        let mut out = Outbox::new();
        out.put(&alloc::vec![1; 2 * COMPACT_AT]);
        out.guard(Epoch(1));
        out.put(b"tail");
        out.advance(2 * COMPACT_AT - 1);
        assert_eq!(out.guarded(), Some(Epoch(1)));
        assert_eq!((out.unsent(), out.buf.len()), (&b"\x01tail"[..], 5));
        out.advance(1);
        assert_eq!((out.guarded(), out.unsent()), (None, &b"tail"[..]));
    }
}
