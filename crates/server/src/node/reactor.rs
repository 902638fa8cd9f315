//! The event loop: epoll (kqueue elsewhere) through mio, one thread. Its order is the driver's contract of
//! `primacy_core::node`.

use std::io::{self, Read};
use std::time::Duration;

use mio::net::TcpListener;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use primacy_core::id::ConnId;
use primacy_core::node::{Event, Flow, Node};
use primacy_core::time::{Instant, Now};
use socket2::{SockRef, TcpKeepalive};

use crate::clock;
use crate::node::conns::{Conn, Conns};
use crate::node::control::Control;
use crate::node::io::Got;
use crate::node::report;
use crate::node::start::Start;

const LISTENER: Token = Token(usize::MAX);
const CONTROL: Token = Token(usize::MAX - 1);
const PARENT: Token = Token(usize::MAX - 2);
/// Socket events taken at once.
const EVENTS: usize = 1024;
/// Read buffer that all connections share, in bytes: a deep pipeline is one read.
const BUFFER: usize = 256 << 10;
/// A peer that vanished without a word is noticed after this long, as with Redis's `tcp-keepalive`.
const KEEPALIVE: Duration = Duration::from_secs(300);
/// Pause after accept failed for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// An orphan answers what it may under its lease, then exits; longer leases than this are not waited for.
const ORPHAN_LIMIT: Duration = Duration::from_secs(1);

/// The node, its sockets and its clock.
#[derive(Debug)]
pub(crate) struct Reactor {
    pub(super) poll: Poll,
    pub(super) node: Node,
    pub(super) conns: Conns,
    pub(super) now: Now,
    /// Slots whose outbox has bytes.
    pub(super) dirty: Vec<usize>,
    /// Slots to be read again before the next wait.
    again: Vec<usize>,
    /// Slots of links to the primary with delayed bytes.
    pub(super) delayed: Vec<usize>,
    /// A feed stopped at its share of a round, not because its socket was full.
    pub(super) feed_more: bool,
    /// Slots of feeds with a held segment, and since when the oldest is held.
    pub(super) held: Vec<usize>,
    pub(super) held_since: Option<Instant>,
    pub(super) link_delay: Duration,
    pub(super) addr: std::net::SocketAddr,
    listener: TcpListener,
    accept_at: Option<Instant>,
    control: Control,
    buffer: Vec<u8>,
    exit_at: Option<Instant>,
}

impl Reactor {
    /// Listens, and watches the parent's pipe.
    pub(crate) fn new(start: &Start) -> io::Result<Self> {
        let poll = Poll::new()?;
        let mut listener = TcpListener::bind(start.addr)?;
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        poll.registry().register(&mut SourceFd(&0), PARENT, Interest::READABLE)?;
        let now = clock::now();
        Ok(Self {
            node: Node::new(start.config(), start.seed, now),
            control: Control::new(start, CONTROL),
            addr: start.addr,
            link_delay: start.link_delay,
            conns: Conns::default(),
            dirty: Vec::new(),
            again: Vec::new(),
            delayed: Vec::new(),
            feed_more: false,
            held: Vec::new(),
            held_since: None,
            accept_at: None,
            buffer: vec![0; BUFFER],
            exit_at: None,
            poll,
            listener,
            now,
        })
    }

    /// Runs until the parent is gone.
    pub(crate) fn run(&mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(EVENTS);
        loop {
            if let Err(error) = self.poll.poll(&mut events, self.wait())
                && error.kind() != io::ErrorKind::Interrupted
            {
                return Err(error);
            }
            self.now = clock::now();
            self.push(events.is_empty());
            if self.exit_at.is_some_and(|at| at <= self.now.mono) {
                return Ok(());
            }
            self.read_again();
            for event in &events {
                match event.token() {
                    LISTENER => self.accept(),
                    CONTROL => self.hear(),
                    PARENT => self.parent_speaks(),
                    Token(slot) => {
                        self.ready(slot, event.is_readable(), event.is_writable(), event.is_read_closed());
                    }
                }
            }
            self.timers();
            self.drain_events();
            self.feed();
            self.flush();
            // Sending may have closed connections and so made new events.
            self.drain_events();
            self.tell();
        }
    }

    /// How long the loop may sleep.
    fn wait(&self) -> Option<Duration> {
        if !self.again.is_empty() || self.feed_more || self.held_since.is_some() || !self.dirty.is_empty() {
            return Some(Duration::ZERO);
        }
        let delayed = self.delayed_until();
        let timer = self.node.poll_timeout().map(|(at, _)| at);
        let next = [timer, self.control.next(), self.accept_at, self.exit_at, delayed]
            .into_iter()
            .flatten()
            .min()?;
        Some(next.since(self.now.mono))
    }

    fn timers(&mut self) {
        if self.node.poll_timeout().is_some_and(|(at, _)| at <= self.now.mono) {
            self.node.handle_timeout(self.now);
        }
        if self.control.next().is_some() {
            self.control.timeout(self.poll.registry(), self.now.mono);
        }
        if self.accept_at.is_some_and(|at| at <= self.now.mono) {
            self.accept();
        }
        if !self.delayed.is_empty() {
            self.release_delayed();
        }
    }

    /// A socket's readiness changed.
    fn ready(&mut self, slot: usize, readable: bool, writable: bool, ended: bool) {
        let Some(conn) = self.conns.get(slot) else { return };
        conn.ended |= ended;
        let (hung_up, has_turn) = (ended && conn.parked, conn.again);
        if conn.dial.is_some() {
            self.dial_ready(slot);
            return;
        }
        if hung_up {
            // As Redis: who hangs up while it waits gets no answer.
            return self.close(slot);
        }
        if writable {
            conn.writable = true;
            if !conn.out.is_empty() {
                self.mark_dirty(slot);
            }
        }
        // One that is read in the next round anyway had its turn in this one.
        if (readable || ended) && !has_turn {
            self.read(slot);
        }
    }

    fn read_again(&mut self) {
        for slot in std::mem::take(&mut self.again) {
            if let Some(conn) = self.conns.get(slot) {
                conn.again = false;
                self.read(slot);
            }
        }
    }

    fn read_later(&mut self, slot: usize) {
        let Some(conn) = self.conns.get(slot) else { return };
        if !conn.again {
            conn.again = true;
            self.again.push(slot);
        }
    }

    /// Reads once and runs what came. A read that filled its buffer is continued in the next round, so that one
    /// connection cannot keep the others waiting.
    pub(super) fn read(&mut self, slot: usize) {
        let Some(conn) = self.conns.get(slot) else { return };
        if conn.parked || conn.closing {
            conn.unread = true;
            return;
        }
        conn.unread = false;
        // The shared buffer stays in the cache; bytes are copied only when a command is not whole.
        let delayed = conn.delay.is_some();
        let in_place = conn.input.is_empty() && !delayed;
        let got =
            if in_place { conn.fill(&mut self.buffer) } else { conn.append(&mut self.buffer, self.now.mono) };
        match got {
            Got::Nothing => return,
            Got::End => return self.close(slot),
            Got::Bytes { full, .. } if full || conn.ended => {
                conn.unread = true;
                self.read_later(slot);
            }
            Got::Bytes { .. } => {}
        }
        let Got::Bytes { len, .. } = got else { return };
        if in_place {
            self.run_in_place(slot, len);
        } else if !delayed {
            self.run_kept(slot);
        } else if !self.delayed.contains(&slot) {
            self.delayed.push(slot);
        }
    }

    fn run_in_place(&mut self, slot: usize, len: usize) {
        let Some(conn) = self.conns.get(slot) else { return };
        let Some(session) = &mut conn.session else { return };
        let input = self.buffer.get(..len).unwrap_or_default();
        let progress = self.node.handle_input(session, input, &mut conn.out, self.now);
        conn.input.extend_from_slice(input.get(progress.consumed..).unwrap_or_default());
        self.after(slot, progress.flow);
    }

    /// Runs what is in the connection's own buffer.
    pub(super) fn run_kept(&mut self, slot: usize) {
        let Some(conn) = self.conns.get(slot) else { return };
        let Some(session) = &mut conn.session else { return };
        let progress = self.node.handle_input(session, &conn.input, &mut conn.out, self.now);
        conn.consume(progress.consumed);
        self.after(slot, progress.flow);
    }

    /// Does what the node said about the connection.
    pub(super) fn after(&mut self, slot: usize, flow: Flow) {
        let Some(conn) = self.conns.get(slot) else { return };
        match flow {
            Flow::Continue => {}
            Flow::Park => conn.parked = true,
            Flow::Close => conn.closing = true,
        }
        if conn.closing || !conn.out.is_empty() {
            self.mark_dirty(slot);
        }
    }

    pub(super) fn mark_dirty(&mut self, slot: usize) {
        let Some(conn) = self.conns.get(slot) else { return };
        if !conn.queued {
            conn.queued = true;
            self.dirty.push(slot);
        }
    }

    fn accept(&mut self) {
        self.accept_at = None;
        loop {
            let (stream, peer) = match self.listener.accept() {
                Ok(accepted) => accepted,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                Err(error) => {
                    report::warn(format_args!("cannot accept: {error}"));
                    self.accept_at = Some(self.now.mono + ACCEPT_PAUSE);
                    return;
                }
            };
            let (slot, id) = self.conns.next();
            let keepalive = TcpKeepalive::new().with_time(KEEPALIVE);
            let _half_open_only = SockRef::from(&stream).set_tcp_keepalive(&keepalive);
            let mut conn = Conn::new(stream, id);
            match self.node.accept(id, peer, self.now) {
                Ok(session) => conn.session = Some(session),
                Err(refused) => {
                    conn.out.put(refused.0);
                    conn.send_raw();
                    continue;
                }
            }
            self.adopt(slot, conn);
        }
    }

    /// Registers a connection and keeps it.
    pub(super) fn adopt(&mut self, slot: usize, mut conn: Conn) {
        let _latency_only = conn.stream.set_nodelay(true);
        let interest = Interest::READABLE | Interest::WRITABLE;
        let registered = self.poll.registry().register(&mut conn.stream, Token(slot), interest);
        self.conns.put(slot, conn);
        if let Err(error) = registered {
            report::warn(format_args!("cannot watch a connection: {error}"));
            self.close(slot);
        }
    }

    /// Closes a connection now.
    pub(super) fn close(&mut self, slot: usize) {
        let Some(conn) = self.conns.take(slot) else { return };
        if let Some(dial) = conn.dial {
            self.node.dial_failed(dial, self.now);
        }
        if let Some(session) = conn.session {
            self.node.closed(session, self.now);
        }
    }

    fn drain_events(&mut self) {
        while let Some(event) = self.node.poll_event() {
            match event {
                Event::Dial { dial, addr, .. } => self.dial(dial, addr),
                Event::Hangup(id) => {
                    if let Some(slot) = self.conns.slot(id) {
                        self.close(slot);
                    }
                }
                Event::Wake(id) => self.wake(id),
                Event::LeaveCoordinator => self.control.leave(self.now.mono),
                other => report::event(&other),
            }
        }
    }

    fn wake(&mut self, id: ConnId) {
        let Some(slot) = self.conns.slot(id) else { return };
        let Some(conn) = self.conns.get(slot) else { return };
        let Some(session) = &mut conn.session else { return };
        let flow = self.node.handle_wake(session, &mut conn.out, self.now);
        conn.parked = false;
        let (kept, unread) = (!conn.input.is_empty(), conn.unread);
        self.after(slot, flow);
        if flow != Flow::Continue {
            return;
        }
        if kept {
            self.run_kept(slot);
        }
        if unread {
            self.read_later(slot);
        }
    }

    fn hear(&mut self) {
        let (node, now) = (&mut self.node, self.now);
        let found =
            self.control.ready(&mut self.buffer, now.mono, |message| node.handle_control(message, now));
        if found {
            node.coordinator_found();
        }
    }

    fn tell(&mut self) {
        while let Some(message) = self.node.poll_control() {
            self.control.say(message, self.now.mono);
        }
    }

    /// The parent says nothing after its order, so this is the end of the pipe: the parent is gone.
    fn parent_speaks(&mut self) {
        let mut byte = [0; 64];
        if matches!(io::stdin().read(&mut byte), Ok(0)) && self.exit_at.is_none() {
            let limit = self.now.mono + ORPHAN_LIMIT;
            let lease = self.node.lease_deadline().unwrap_or(self.now.mono);
            self.exit_at = Some(lease.min(limit));
        }
    }
}
