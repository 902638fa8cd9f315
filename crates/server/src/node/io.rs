//! Reading, sending and feeding: where bytes meet sockets.

use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::time::Duration;

use primacy_core::id::ConnId;
use primacy_core::time::Instant;
use rustix::buffer::spare_capacity;
use rustix::io::Errno;
use rustix::net::{SendAncillaryBuffer, SendFlags, sendmsg};

use crate::clock;
use crate::node::conns::Conn;
use crate::node::reactor::Reactor;

/// Least room for a read behind an unfinished command, in bytes.
const LEAST_ROOM: usize = 64 << 10;
/// Most room: reads grow with the command, so that a large value is looked at a few times only.
const MOST_ROOM: usize = 16 << 20;
/// A drained input buffer larger than this is given back.
const KEEP_INPUT: usize = 1 << 20;
/// The kernel takes a feed's bytes and keeps the last, unfilled segment until [`Reactor::push`]: a process that dies
/// leaves nothing behind, and several rounds cost one segment and one wake-up of the replica.
#[cfg(target_os = "linux")]
const HELD: SendFlags = SendFlags::MORE;
#[cfg(not(target_os = "linux"))]
const HELD: SendFlags = SendFlags::empty();
/// A segment is held while clients keep the loop busy, but for this long at most.
const HOLD: Duration = Duration::from_micros(200);
/// Slices sent to one replica in one round, so that a snapshot leaves room for the clients.
const FEED_SHARE: usize = 16;

/// What a read gave.
#[derive(Clone, Copy, Debug)]
pub(super) enum Got {
    /// `full`: there may be more in the socket, and nobody will say so again.
    Bytes { len: usize, full: bool },
    /// Not now.
    Nothing,
    /// Closed or broken.
    End,
}

impl Got {
    fn from(result: io::Result<usize>, room: usize) -> Self {
        match result {
            Ok(0) => Self::End,
            Ok(len) => Self::Bytes { len, full: len == room },
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                Self::Nothing
            }
            Err(_) => Self::End,
        }
    }
}

impl Conn {
    /// Reads into `buffer`, from its start.
    pub(super) fn fill(&mut self, buffer: &mut [u8]) -> Got {
        let room = buffer.len();
        Got::from(self.stream.read(buffer), room)
    }

    /// Reads behind what the connection already keeps; onto the delayed link where there is one.
    pub(super) fn append(&mut self, buffer: &mut [u8], now: Instant) -> Got {
        if let Some(delay) = &mut self.delay {
            let got = Got::from(self.stream.read(buffer), buffer.len());
            if let Got::Bytes { len, .. } = got {
                delay.push(buffer.get(..len).unwrap_or_default(), now);
            }
            return got;
        }
        self.input.reserve(self.input.len().clamp(LEAST_ROOM, MOST_ROOM));
        let room = self.input.capacity() - self.input.len();
        let read = rustix::io::read(&self.stream, spare_capacity(&mut self.input));
        Got::from(read.map_err(io::Error::from), room)
    }

    /// Drops `n` bytes from the front of the kept input.
    pub(super) fn consume(&mut self, n: usize) {
        if n < self.input.len() {
            self.input.drain(..n);
        } else {
            self.input.clear();
            if self.input.capacity() > KEEP_INPUT {
                self.input = Vec::new();
            }
        }
    }

    /// Sends what the socket takes. False: broken.
    pub(super) fn send_raw(&mut self) -> bool {
        while !self.out.is_empty() {
            match self.stream.write(self.out.unsent()) {
                Ok(n) => self.out.advance(n),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.writable = false;
                    return true;
                }
                Err(_) => return false,
            }
        }
        true
    }
}

impl Reactor {
    /// Sends every outbox with bytes.
    pub(super) fn flush(&mut self) {
        let mut dirty = std::mem::take(&mut self.dirty);
        for slot in dirty.drain(..) {
            self.send(slot);
        }
        // Closing a connection may have queued others.
        dirty.append(&mut self.dirty);
        self.dirty = dirty;
    }

    /// Sends one outbox; R2 is asked with the clock as it is at this moment.
    fn send(&mut self, slot: usize) {
        let Some(conn) = self.conns.get(slot) else { return };
        conn.queued = false;
        if !conn.out.is_empty() && conn.writable {
            if let Some(session) = &mut conn.session
                && !self.node.may_send(session, &mut conn.out, clock::now())
            {
                return self.close(slot);
            }
            if !conn.send_raw() {
                return self.close(slot);
            }
        }
        if conn.closing && conn.out.is_empty() {
            self.close(slot);
        }
    }

    /// Sends the stream to every attached replica whose socket takes it.
    pub(super) fn feed(&mut self) {
        self.feed_more = false;
        let mut index = 0;
        while let Some(id) = self.node.feeds().get(index).copied() {
            index += 1;
            let Some(slot) = self.conns.slot(id) else { continue };
            // The answer to PSYNC goes before the stream.
            self.send(slot);
            if !self.feed_one(slot, id) {
                self.close(slot);
                index = index.saturating_sub(1);
            }
        }
    }

    /// False: the connection is broken.
    fn feed_one(&mut self, slot: usize, id: ConnId) -> bool {
        for _ in 0..FEED_SHARE {
            let Some(conn) = self.conns.get(slot) else { return true };
            if !conn.writable || !conn.out.is_empty() {
                return true;
            }
            let Some([first, second]) = self.node.poll_feed(id, self.now) else { return true };
            let whole = first.len() + second.len();
            let slices = [IoSlice::new(first), IoSlice::new(second)];
            match sendmsg(&conn.stream, &slices, &mut SendAncillaryBuffer::default(), HELD) {
                Ok(n) => {
                    conn.writable = n == whole;
                    self.node.feed_sent(id, n, self.now);
                    self.hold(slot);
                }
                Err(Errno::AGAIN) => conn.writable = false,
                Err(Errno::INTR) => {}
                Err(_) => return false,
            }
        }
        self.feed_more = true;
        true
    }

    fn hold(&mut self, slot: usize) {
        if !self.held.contains(&slot) {
            self.held.push(slot);
        }
        self.held_since.get_or_insert(self.now.mono);
    }

    /// Lets the held segments go: once no client has anything to say, or their time is up.
    pub(super) fn push(&mut self, idle: bool) {
        let Some(since) = self.held_since else { return };
        if !idle && self.now.mono.since(since) < HOLD {
            return;
        }
        self.held_since = None;
        for slot in self.held.drain(..) {
            if let Some(conn) = self.conns.get(slot) {
                // On a socket that has it already, the option sends what is held.
                let _sent_with_the_next_segment = conn.stream.set_nodelay(true);
            }
        }
    }
}
