//! Core's `Group` with the world around it: messages, exits, requests and time go in, its actions come out. One
//! thread; no borrow of a cell is held across an await.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use primacy_core::control::{Envelope, ToNode};
use primacy_core::endpoint::{Endpoints, Names, Zone};
use primacy_core::group::event::{Event, EventKind};
use primacy_core::group::record::{Change, Registers};
use primacy_core::group::view::GroupView;
use primacy_core::group::{Action, Group, GroupConfig, Request, RequestError, Stored};
use primacy_core::id::{Incarnation, NodeId};
use primacy_core::time::Instant;
use tokio::sync::{Notify, mpsc, watch};

use crate::clock;
use crate::up::supervise::Supervisor;
use crate::up::telling;

/// The link of one life of a node.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) incarnation: Incarnation,
    pub(crate) send: mpsc::Sender<ToNode>,
}

/// The coordinator of one group and its memory store.
#[derive(Debug)]
pub(crate) struct Coordinator {
    group: RefCell<Group>,
    registers: RefCell<Registers>,
    names: Names,
    zone: Rc<RefCell<Zone>>,
    endpoints: RefCell<Endpoints>,
    reader_turn: Cell<usize>,
    links: RefCell<BTreeMap<NodeId, Link>>,
    supervisor: Rc<Supervisor>,
    /// Something went into the group: its next deadline may be another.
    stirred: Notify,
    /// Counts what may have changed something that is shown.
    shown: watch::Sender<u64>,
    /// Who took or renewed a lease last, and when.
    leased: Cell<Option<(NodeId, Instant)>>,
    deleted: Cell<bool>,
}

impl Coordinator {
    /// A coordinator of a new group; nothing happens before [`Self::pump`].
    pub(crate) fn new(config: GroupConfig, seed: [u8; 32], supervisor: Rc<Supervisor>) -> Rc<Self> {
        let now = clock::now();
        let names = Names::new(&config.spec.id, &config.region, &config.domain);
        let mut zone = Zone::new(&config.domain, config.timing.dns_ttl);
        zone.publish(&names, Endpoints::default(), now);
        Rc::new(Self {
            group: RefCell::new(Group::new(config, Registers::default(), seed, now)),
            registers: RefCell::default(),
            names,
            zone: Rc::new(RefCell::new(zone)),
            endpoints: RefCell::default(),
            reader_turn: Cell::new(0),
            links: RefCell::default(),
            supervisor,
            stirred: Notify::new(),
            shown: watch::Sender::new(0),
            leased: Cell::new(None),
            deleted: Cell::new(false),
        })
    }

    /// The DNS zone.
    pub(crate) fn zone(&self) -> Rc<RefCell<Zone>> {
        Rc::clone(&self.zone)
    }

    /// The group as it is; `None` once it was deleted.
    pub(crate) fn view(&self) -> Option<GroupView> {
        (!self.deleted.get()).then(|| self.group.borrow().view(clock::now()))
    }

    /// The names that the group has in DNS.
    pub(crate) const fn names(&self) -> &Names {
        &self.names
    }

    /// Whom the names point to.
    pub(crate) fn endpoints(&self) -> Endpoints {
        self.endpoints.borrow().clone()
    }

    /// Who holds the lease, and when that was last stored.
    pub(crate) fn leased(&self) -> Option<(NodeId, Instant)> {
        self.leased.get()
    }

    /// Tells whoever waits that something that is shown may have changed.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.shown.subscribe()
    }

    /// Something that is shown may have changed.
    pub(crate) fn show(&self) {
        self.shown.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Whom the primary endpoint points to.
    pub(crate) fn primary(&self) -> Option<SocketAddr> {
        self.endpoints.borrow().primary.map(|(_, addr)| addr)
    }

    /// A replica, in turn; the primary when there is none.
    pub(crate) fn reader(&self) -> Option<SocketAddr> {
        let endpoints = self.endpoints.borrow();
        let turn = self.reader_turn.get();
        self.reader_turn.set(turn.wrapping_add(1));
        let named = endpoints.read_from();
        turn.checked_rem(named.len()).map(|at| named[at].1)
    }

    /// The processes.
    pub(crate) fn supervisor(&self) -> &Supervisor {
        &self.supervisor
    }

    /// An authentic message of a node.
    pub(crate) fn hear(self: &Rc<Self>, envelope: Envelope) {
        self.group.borrow_mut().handle_report(envelope, clock::now());
        self.pump();
    }

    /// A node's process has ended.
    pub(crate) fn exited(self: &Rc<Self>, node: NodeId, incarnation: Incarnation) {
        self.group.borrow_mut().handle_exited(node, incarnation, clock::now());
        self.pump();
    }

    /// A user's request.
    pub(crate) fn request(self: &Rc<Self>, request: Request) -> Result<(), RequestError> {
        let outcome = self.group.borrow_mut().handle_request(request, clock::now());
        self.pump();
        outcome
    }

    /// A node's link is up.
    pub(crate) fn linked(&self, node: NodeId, link: Link) {
        self.links.borrow_mut().insert(node, link);
    }

    /// A node's link is down; a newer one stays.
    pub(crate) fn unlinked(&self, node: NodeId, ended: &mpsc::Sender<ToNode>) {
        let mut links = self.links.borrow_mut();
        if links.get(&node).is_some_and(|link| link.send.same_channel(ended)) {
            links.remove(&node);
        }
    }

    /// Tells the group the time, for ever.
    pub(crate) async fn keep_time(self: Rc<Self>) {
        loop {
            let next = self.group.borrow().poll_timeout();
            let wait = next.map_or(Duration::MAX, |(at, _)| at.since(clock::mono()));
            if tokio::time::timeout(wait, self.stirred.notified()).await.is_ok() {
                continue;
            }
            // After a pause of this process (suspended, stopped) its sockets hold what the nodes have said meanwhile: that is
            // heard before anybody is found silent.
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
            self.group.borrow_mut().handle_timeout(clock::now());
            self.pump();
        }
    }

    /// Carries out what the group wants.
    pub(crate) fn pump(self: &Rc<Self>) {
        loop {
            let action = self.group.borrow_mut().poll_action();
            let Some(action) = action else { break };
            self.act(action);
        }
        self.stirred.notify_one();
        self.show();
    }

    fn act(self: &Rc<Self>, action: Action) {
        match action {
            Action::Send(node, incarnation, message) => self.send(node, incarnation, message),
            Action::Store { ticket, change } => self.store(ticket, change),
            Action::Load { .. } => {
                let registers = self.registers.borrow().clone();
                self.group.borrow_mut().handle_registers(registers, clock::now());
            }
            Action::Publish(endpoints) => self.publish(endpoints),
            Action::Provision { node, zone, incarnation } => {
                match Supervisor::start(self, node, &zone, incarnation) {
                    Ok(addr) => {
                        self.group.borrow_mut().handle_provisioned(node, addr, incarnation, clock::now());
                    }
                    Err(error) => {
                        tracing::error!(%node, %error, "cannot start the node's process");
                        Supervisor::failed(self, node, incarnation);
                    }
                }
            }
            Action::Kill { node, incarnation } => {
                // Whoever does not run has ended, and nobody will tell of it.
                if !self.supervisor.kill(node, incarnation) {
                    self.group.borrow_mut().handle_exited(node, incarnation, clock::now());
                }
            }
            Action::Event(event) => self.tell(&event),
        }
    }

    fn send(&self, node: NodeId, incarnation: Incarnation, message: ToNode) {
        let links = self.links.borrow();
        if let Some(link) = links.get(&node)
            && link.incarnation == incarnation
        {
            // A full queue belongs to a stopped process; the group says again what matters.
            let _lost_when_full = link.send.try_send(message);
        }
    }

    fn store(&self, ticket: u64, change: Change) {
        let mut registers = self.registers.borrow_mut();
        let lease = change.lease.as_ref().map(|lease| (lease.holder, clock::mono()));
        let stored = if registers.apply(change) {
            if let Some(lease) = lease {
                self.leased.set(Some(lease));
            }
            Stored::Ok { shard: registers.shard_revision, lease: registers.lease_revision }
        } else {
            Stored::Conflict
        };
        drop(registers);
        self.group.borrow_mut().handle_stored(ticket, stored, clock::now());
    }

    fn publish(&self, endpoints: Endpoints) {
        self.zone.borrow_mut().publish(&self.names, endpoints.clone(), clock::now());
        *self.endpoints.borrow_mut() = endpoints;
    }

    fn tell(&self, event: &Event) {
        if event.kind == EventKind::GroupDeleted {
            self.deleted.set(true);
            self.zone.borrow_mut().remove(&self.names);
            *self.endpoints.borrow_mut() = Endpoints::default();
        }
        telling::log(event);
    }
}
