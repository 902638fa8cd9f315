//! The coordinator of one replication group: a decision maker.
//!
//! It knows members, epochs, positions and leases; never keys or log bytes. It acts only through
//! [`Action`], and emits nothing that depends on a change of the record before the store has said that the
//! change is stored.
//!
//! Every `handle_*` first notes what it was told, then runs one *step*: it looks at the record and at what was
//! noted, proposes at most one change of the record ([`draft`]) and sends what the stored record calls for
//! ([`tend`]). Nothing depends on the order in which facts arrive, so a coordinator that starts anywhere goes on
//! from the store's phase, and any number of them may run at once: the compare-and-set decides (R3).

pub mod action;
mod draft;
pub mod election;
pub mod event;
mod failover;
mod journal;
mod lease;
mod lifecycle;
mod loss;
mod placement;
pub mod record;
mod report;
mod request;
mod scale;
mod seen;
mod serving;
mod show;
pub mod spec;
mod store;
mod tend;
mod timers;
pub mod view;

use alloc::collections::VecDeque;
use core::net::SocketAddr;
use core::time::Duration;

pub use action::{Action, GroupConfig, Request, RequestError, Stored, Timer};
pub use loss::fork_of;
pub use placement::place;

use crate::control::{Envelope, ToNode};
use crate::endpoint::{Endpoints, Names};
use crate::group::failover::{Election, Story};
use crate::group::journal::Journal;
use crate::group::lease::{ReleaseAsk, RenewAsk};
use crate::group::loss::Losses;
use crate::group::record::{Phase, Registers, ShardRec};
use crate::group::request::{Handover, Wishes};
use crate::group::scale::{Former, Scaling};
use crate::group::seen::Seen;
use crate::group::store::StoreState;
use crate::group::timers::Timers;
use crate::group::view::GroupView;
use crate::id::{Epoch, EventId, Incarnation, NodeId};
use crate::map::Map;
use crate::rng::Rng;
use crate::time::{Instant, Now};

/// The coordinator of one group.
#[derive(Clone, Debug)]
pub struct Group {
    config: GroupConfig,
    names: Names,
    rng: Rng,
    created_ms: u64,
    /// The record as last known to be stored.
    registers: Registers,
    /// When this coordinator first saw the lease's revision (R3).
    lease_seen: Instant,
    /// When it first saw the record's epoch and phase.
    term_seen: Instant,
    /// Wall minus monotonic time, in milliseconds, at the last step.
    skew_ms: i64,
    /// What was heard of each member; never part of a safety decision beyond proofs of death.
    seen: Map<NodeId, Seen>,
    election: Option<Election>,
    story: Story,
    renew: Option<RenewAsk>,
    release: Option<ReleaseAsk>,
    handover: Option<Handover>,
    wishes: Wishes,
    losses: Losses,
    scaling: Option<Scaling>,
    former: Map<NodeId, Former>,
    /// The last promotion sent: its epoch and when.
    promoted: Option<(Epoch, Instant)>,
    published: Option<Endpoints>,
    available: bool,
    deleted: bool,
    store: StoreState,
    timers: Timers,
    journal: Journal,
    actions: VecDeque<Action>,
}

impl Group {
    /// A coordinator. `registers` as read from the store, default for a new group; a restarted coordinator
    /// observes the lease from zero (R3). `seed` decides the replication ids.
    pub fn new(config: GroupConfig, registers: Registers, seed: [u8; 32], now: Now) -> Self {
        let names = Names::new(&config.spec.id, &config.region, &config.domain);
        let available = registers.shard.as_ref().is_some_and(|s| !s.history.is_empty());
        let mut group = Self {
            names,
            rng: Rng::new(seed),
            created_ms: config.created_ms.unwrap_or(now.unix_ms),
            registers,
            lease_seen: now.mono,
            term_seen: now.mono,
            skew_ms: now.skew_ms(),
            seen: Map::new(),
            election: None,
            story: Story::default(),
            renew: None,
            release: None,
            handover: None,
            wishes: Wishes::default(),
            losses: Losses::default(),
            scaling: None,
            former: Map::new(),
            promoted: None,
            published: None,
            available,
            deleted: false,
            store: StoreState::default(),
            timers: Timers::default(),
            journal: Journal::default(),
            actions: VecDeque::new(),
            config,
        };
        group.meet_members(now);
        group.step(now);
        group
    }

    /// Any message of a node. Void when it is of another group, of an unknown member or of an earlier life (R9).
    pub fn handle_report(&mut self, envelope: Envelope, now: Now) {
        if envelope.group == self.config.spec.id {
            self.hear(envelope.from, envelope.incarnation, envelope.message, now);
            self.step(now);
        }
    }

    /// The process is known to have ended (waitpid): nobody has to wait for that life's lease.
    pub fn handle_exited(&mut self, node: NodeId, incarnation: Incarnation, now: Now) {
        self.note_exit(node, incarnation, now);
        self.step(now);
    }

    /// The driver has started the process, perhaps with a larger incarnation than asked for.
    pub fn handle_provisioned(&mut self, node: NodeId, addr: SocketAddr, incarnation: Incarnation, now: Now) {
        self.note_provisioned(node, addr, incarnation, now);
        self.step(now);
    }

    /// A user's request. `Ok`: accepted; events tell the rest.
    ///
    /// # Errors
    /// A [`RequestError`] when the group's state does not allow it; nothing has changed then.
    pub fn handle_request(&mut self, request: Request, now: Now) -> Result<(), RequestError> {
        self.accept(request, now)?;
        self.step(now);
        Ok(())
    }

    /// The store's answer to the change, or the failure of the read, of `ticket`.
    pub fn handle_stored(&mut self, ticket: u64, outcome: Stored, now: Now) {
        self.store_answered(ticket, outcome, now);
        self.step(now);
    }

    /// The registers as just read: the answer to [`Action::Load`], or a watch. A watch is handed in only while no
    /// load is unanswered.
    pub fn handle_registers(&mut self, registers: Registers, now: Now) {
        self.store_read(registers, now);
        self.step(now);
    }

    /// When [`Group::handle_timeout`] wants to be called next, and why. Every `handle_*` may change it.
    pub fn poll_timeout(&self) -> Option<(Instant, Timer)> {
        self.timers.next()
    }

    /// Time has passed. Too early a call does nothing.
    pub fn handle_timeout(&mut self, now: Now) {
        self.step(now);
    }

    /// What to do next; call until `None` after every `handle_*`.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// The group for the API, the page and the terminal.
    pub fn view(&self, now: Now) -> GroupView {
        self.show(now)
    }

    /// The record as last known to be stored: for checks and for the page's "why".
    pub fn registers(&self) -> &Registers {
        &self.registers
    }

    /// The configuration, with what requests have changed in it.
    pub fn config(&self) -> &GroupConfig {
        &self.config
    }

    fn step(&mut self, now: Now) {
        self.forgive_stall(now);
        self.timers.clear();
        self.forget_joins();
        self.follow_phase(now);
        self.watch_silence(now);
        self.judge(now);
        self.propose(now);
        self.tend(now);
    }

    /// This coordinator was called much later than it asked for, so it has not listened: what looks like silence of the
    /// nodes may be its own, and it begins to observe again. So it does when its clocks have moved apart: the monotonic one
    /// may have jumped, and it has not watched for as long as that says. Longer observation is always safe (R3).
    fn forgive_stall(&mut self, now: Now) {
        let limit = self.config.timing.lease / 4;
        let skew = now.skew_ms();
        let jumped = self.skew_ms.abs_diff(skew) > self.config.timing.jump_ms();
        self.skew_ms = skew;
        if jumped || self.timers.next().is_some_and(|(at, _)| now.mono > at + limit) {
            self.lease_seen = now.mono;
            self.seen.values_mut().filter(|s| s.silent.is_none()).for_each(|s| s.heard_at = now.mono);
        }
    }

    fn send(&mut self, node: NodeId, incarnation: Incarnation, message: ToNode) {
        if let Some(seen) = self.seen.get_mut(&node) {
            seen.unanswered = 0;
        }
        self.actions.push_back(Action::Send(node, incarnation, message));
    }

    fn emit(&mut self, kind: event::EventKind, cause: Option<EventId>, now: Now) -> EventId {
        let event = self.journal.add(kind, cause, now);
        let id = event.id;
        self.actions.push_back(Action::Event(event));
        id
    }

    fn rec(&self) -> Option<&ShardRec> {
        self.registers.shard.as_ref()
    }

    fn epoch(&self) -> Epoch {
        self.rec().map_or(Epoch(0), |r| r.epoch)
    }

    /// The last epoch that has, or had, a primary.
    fn committed(&self) -> Option<Epoch> {
        self.rec()?.history.last().map(|e| e.epoch)
    }

    /// The primary that the record names, with its life.
    fn primary(&self) -> Option<(NodeId, Incarnation)> {
        match self.rec()?.phase {
            Phase::Stable { primary, incarnation } => Some((primary, incarnation)),
            Phase::Empty | Phase::Electing => None,
        }
    }

    /// The primary once it holds a lease of the record's epoch: from here on names may point to it (R20).
    fn serving(&self) -> Option<(NodeId, Incarnation)> {
        let leased = self.registers.lease.as_ref().is_some_and(|l| l.epoch == self.epoch());
        self.primary().filter(|_| leased)
    }

    /// How long an unanswered message rests before it is sent again.
    fn retry_every(&self) -> Duration {
        self.config.timing.heartbeat_every * 2
    }
}
