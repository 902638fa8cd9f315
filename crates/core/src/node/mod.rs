//! One data node: keyspace, log, role, lease, replicas, clients. A byte pump without input or output of its own.
//!
//! # The driver's contract
//!
//! The driver owns the sockets, one [`Session`] and one [`Outbox`] beside each, and a buffer of unconsumed input per
//! socket. One round of its loop:
//!
//! 1. Read both clocks once: [`Now`].
//! 2. For every readable socket: append to its buffer, call [`Node::handle_input`] with the whole buffer, drop
//!    `Progress::consumed` bytes from its front. `Flow::Park`: stop reading this socket until [`Event::Wake`].
//!    `Flow::Close`: send the outbox, close, call [`Node::closed`].
//! 3. If [`Node::poll_timeout`] is due: [`Node::handle_timeout`].
//! 4. Drain [`Node::poll_event`]. After `Wake`: [`Node::handle_wake`]; if it says `Continue`, call `handle_input` again
//!    with the unconsumed bytes (they may hold whole commands that nobody else will announce).
//! 5. For each connection of [`Node::feeds`]: send its outbox first, then [`Node::poll_feed`] → `writev` →
//!    [`Node::feed_sent`], until the socket is full or nothing is left.
//! 6. For every outbox with bytes: read the clock **again**, [`Node::may_send`], then write. `false`: drop the outbox,
//!    close the connection, call `closed` (R2).
//! 7. Drain [`Node::poll_control`] to the coordinator; re-read `poll_timeout`.
//!
//! Several `handle_*` calls may share one drain and one `Now`. What may change an answer:
//!
//! | call | after |
//! | --- | --- |
//! | `poll_event`, `poll_control`, `poll_timeout` | any `handle_*`, `dialed`, `dial_failed`, `closed`, `may_send`, `poll_feed` |
//! | `feeds` | `handle_input` (PSYNC), `closed` |
//! | `poll_feed` | `handle_*` of any connection (log bytes), `feed_sent` and ACK input of this one |
//!
//! A `Hangup` is an order: close at once and call `closed`. The node never calls back, blocks, or reads a clock.

mod apply;
mod attach;
mod clients;
mod commands;
mod config;
mod control;
mod dispatch;
mod event;
mod facts;
mod feed;
mod feeding;
mod handover;
mod input;
mod lease;
mod loading;
mod resp3;
mod session;
mod tick;
mod timer;
mod upstream;
mod wait;
mod watch;

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::net::SocketAddr;

pub use config::{NodeConfig, NodeLimits, Secret};
pub use event::{Cut, DialId, Event, LeaseEnd, Notice};
pub use facts::Stats;
pub use session::{Flow, Outbox, Progress, Refused, Session};
pub use timer::Timer;

use crate::command::Effect;
use crate::control::message::Members;
use crate::control::{FromNode, LossReport, NodeRole};
use crate::id::{ConnId, Epoch, Offset, ReplId};
use crate::keyspace::Keyspace;
use crate::log::Log;
use crate::resp::ArgSpans;
use crate::rng::Rng;
use crate::time::{Instant, Now};

use session::Kind;

/// What a client is told when all places are taken.
const TOO_MANY: &[u8] = b"-ERR max number of clients reached\r\n";

/// One life of one data node. Single writer: every method takes `&mut self` or reads.
#[derive(Clone, Debug)]
pub struct Node {
    config: NodeConfig,
    rng: Rng,
    keyspace: Keyspace,
    log: Log,

    role: NodeRole,
    /// The highest epoch promised or learned; nothing below it is followed, fed or acknowledged (R4, R11).
    promised: Epoch,
    members: Members,
    lease: lease::Lease,
    /// It is the primary of its last record's epoch and has not been told otherwise.
    was_primary: bool,
    /// It has been a primary and has not yet reported what its successor lacks.
    led: bool,
    /// Frozen in a planned failover: who is queued stays so until the outcome is known.
    keep_parked: bool,
    handover: Option<crate::id::NodeId>,
    /// Runs while this node has granted the failsafe (R14).
    grant_until: Option<Instant>,
    /// Ends the time in which an earlier life's grant may still run (R16).
    quarantine_until: Option<Instant>,
    /// From when the quarantine runs: the start, as far as the clocks agree.
    quarantine_from: Instant,
    /// Epoch of the newest history against which a loss was reported.
    loss_reported: Option<Epoch>,
    /// An exact count of a loss that the coordinator has not answered.
    unheard_loss: Option<LossReport>,
    /// Signs of life since the coordinator's last word.
    unanswered: u32,

    clients: clients::Clients,
    feeds: feed::Feeds,
    upstream: upstream::Upstream,
    waiters: Vec<wait::Waiter>,
    parked: Vec<ConnId>,
    watched: watch::Watched,
    /// The highest offset for which a WAIT was answered in this epoch.
    max_waited: Offset,
    /// Bytes of log at which the next look at the backlog is due.
    trim_at: u64,

    timers: timer::Timers,
    events: VecDeque<Event>,
    control: VecDeque<FromNode>,
    stats: Stats,
    started: Instant,
    started_ms: u64,
    run_id: ReplId,

    // Reused from command to command.
    spans: ArgSpans,
    effect: Effect,
    reply: Vec<u8>,
}

impl Node {
    /// A node that has just started: it joins (R10) and answers `-LOADING` until it may follow.
    pub fn new(config: NodeConfig, seed: [u8; 32], now: Now) -> Self {
        let mut rng = Rng::new(seed);
        let keyspace = Keyspace::new(rng.bytes());
        let run_id = ReplId(rng.bytes());
        let mut node = Self {
            config,
            rng,
            keyspace,
            log: Log::default(),
            role: NodeRole::Joining,
            promised: Epoch(0),
            members: Members::default(),
            lease: lease::Lease::default(),
            was_primary: false,
            led: false,
            keep_parked: false,
            handover: None,
            grant_until: None,
            quarantine_until: None,
            quarantine_from: now.mono,
            loss_reported: None,
            unheard_loss: None,
            unanswered: 0,
            clients: clients::Clients::default(),
            feeds: feed::Feeds::default(),
            upstream: upstream::Upstream::default(),
            waiters: Vec::new(),
            parked: Vec::new(),
            watched: watch::Watched::default(),
            max_waited: 0,
            trim_at: 0,
            timers: timer::Timers::default(),
            events: VecDeque::new(),
            control: VecDeque::new(),
            stats: Stats::default(),
            started: now.mono,
            started_ms: now.unix_ms,
            run_id,
            spans: ArgSpans::new(),
            effect: Effect::new(),
            reply: Vec::new(),
        };
        node.check_clocks(now);
        node.heartbeat(now.mono);
        node
    }

    /// Changes `maxmemory` while the node runs; 0: no limit.
    pub const fn limit_memory(&mut self, bytes: u64) {
        self.config.limits.max_memory = bytes;
    }

    /// A client or replica has connected.
    ///
    /// # Errors
    /// [`Refused`] when `max_clients` are there.
    pub fn accept(&mut self, conn: ConnId, peer: SocketAddr, now: Now) -> Result<Session, Refused> {
        self.stats.connections += 1;
        if self.clients.len() >= self.config.limits.max_clients {
            self.stats.rejected += 1;
            return Err(Refused(TOO_MANY));
        }
        let slot = self.clients.insert(conn, peer, Kind::Client, now.mono);
        Ok(Session::new(conn, Kind::Client, slot, self.config.password.is_none()))
    }

    /// The connection is gone, whoever closed it.
    pub fn closed(&mut self, mut session: Session, now: Now) {
        self.unwatch(&mut session);
        self.forget_blocked(session.conn);
        self.clients.remove(session.conn);
        match session.kind {
            Kind::Client => {}
            Kind::Replica => self.feed_closed(session.conn),
            Kind::Upstream => self.upstream_closed(session.conn, now.mono),
        }
    }

    /// The next rare fact for the driver.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }
}
