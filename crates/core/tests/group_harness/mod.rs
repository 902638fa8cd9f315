//! A coordinator with a store and puppets for nodes: every action becomes one line of text.
//!
//! A puppet does what the rules ask of a node, without data: it joins, promises, takes its lease, follows. With
//! `silent_puppets` nothing answers, and a test plays the nodes itself.
#![allow(dead_code, reason = "every test file uses its own part of the harness")]
#![allow(unreachable_pub, reason = "a module of several test crates")]

mod puppet;
mod text;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use primacy_core::control::{Envelope, FromNode, NodeRole};
use primacy_core::group::event::{Event, EventKind};
use primacy_core::group::record::{Change, Phase, Registers};
use primacy_core::group::spec::GroupSpec;
use primacy_core::group::{Action, Group, GroupConfig, Stored};
use primacy_core::id::{Epoch, EventId, Incarnation, NodeId, Position};
use primacy_core::time::{Instant, Now};

pub use puppet::Puppet;
pub use text::name;
use text::text;

pub const GROUP: &str = "my-replication-group";

/// `spec(2)`: the seed's group.
pub fn spec(replicas: u8) -> GroupSpec {
    GroupSpec {
        id: GROUP.into(),
        description: "My witty cache cluster".into(),
        node_type: "cache.m6g.large".into(),
        engine: "redis".into(),
        engine_version: "6.x".into(),
        parameter_group: Some("default.redis6.x".into()),
        replicas,
        automatic_failover: replicas > 0,
        multi_az: false,
        preferred_zones: Vec::new(),
        port: 6379,
        security_groups: Vec::new(),
        tags: Vec::new(),
    }
}

pub fn at(epoch: u64, offset: u64) -> Position {
    Position { epoch: Epoch(epoch), offset, opseq: offset.saturating_sub(50 * epoch) / 10 }
}

pub fn n(id: u16) -> NodeId {
    NodeId(id)
}

pub fn addr(node: NodeId) -> SocketAddr {
    SocketAddr::from(([127, 0, 1, u8::try_from(node.0).unwrap()], 6379))
}

pub struct Bench {
    pub group: Group,
    pub store: Registers,
    pub now: Now,
    pub log: Vec<String>,
    pub events: Vec<Event>,
    pub puppets: BTreeMap<NodeId, Puppet>,
    /// Puppets do not answer; tests speak for them.
    pub silent_puppets: bool,
    /// Stores and loads wait in `asked` for the test to answer.
    pub hold_store: bool,
    pub asked: VecDeque<Asked>,
    /// Every second question is answered with "unknown"; every fourth is carried out all the same.
    pub lossy_store: bool,
    questions: u32,
    /// Provisioned processes never come up.
    pub no_capacity: bool,
    /// Nodes whose messages, both ways, are lost.
    pub cut: Vec<NodeId>,
    pub lines: Vec<(NodeId, Incarnation, FromNode)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "a handful of them, in tests")]
pub enum Asked {
    Store(u64, Change),
    Load(u64),
}

/// Profile `lan`, but a hung process is replaced as soon as one that has ended.
pub fn config(replicas: u8) -> GroupConfig {
    let mut config = GroupConfig::new(spec(replicas));
    config.timing.hung_after = config.timing.replace_after;
    config
}

impl Bench {
    /// A coordinator in front of these registers; its first actions are not carried out yet.
    pub fn with(config: GroupConfig, store: Registers) -> Self {
        let now = Now { mono: Instant::from_nanos(1_000_000_000), unix_ms: 1_700_000_000_000 };
        let group = Group::new(config, store.clone(), [7; 32], now);
        Self {
            group,
            store,
            now,
            log: Vec::new(),
            events: Vec::new(),
            puppets: BTreeMap::new(),
            silent_puppets: false,
            hold_store: false,
            asked: VecDeque::new(),
            lossy_store: false,
            questions: 0,
            no_capacity: false,
            cut: Vec::new(),
            lines: Vec::new(),
        }
    }

    /// A new group, brought to the point where all nodes follow.
    pub fn started(replicas: u8) -> Self {
        Self::started_with(config(replicas))
    }

    pub fn started_with(config: GroupConfig) -> Self {
        let mut bench = Self::with(config, Registers::default());
        bench.run(1000);
        assert!(bench.saw("GroupAvailable"), "{:#?}", bench.log);
        bench.log.clear();
        bench
    }

    /// Another coordinator, started now, over the same store and the same puppets.
    pub fn restart_coordinator(&mut self) {
        self.asked.clear();
        self.group = Group::new(self.group.config().clone(), self.store.clone(), [9; 32], self.now);
        self.drain();
    }

    pub fn report(&mut self, node: u16, message: FromNode) {
        let life = self.life(node);
        self.report_as(node, life, message);
    }

    pub fn report_as(&mut self, node: u16, life: u64, message: FromNode) {
        let envelope =
            Envelope { group: GROUP.into(), from: n(node), incarnation: Incarnation(life), message };
        self.group.handle_report(envelope, self.now);
        self.drain();
    }

    pub fn life(&self, node: u16) -> u64 {
        let rec = self.store.shard.as_ref().and_then(|s| s.members.get(&n(node)));
        rec.map_or(0, |m| m.incarnation.0)
    }

    /// `kill -9` with a supervisor that sees it.
    pub fn kill(&mut self, node: u16) {
        let Some(puppet) = self.puppets.get_mut(&n(node)) else { return };
        puppet.alive = false;
        let life = puppet.life;
        self.group.handle_exited(n(node), life, self.now);
        self.drain();
    }

    pub fn exited(&mut self, node: u16, life: u64) {
        self.group.handle_exited(n(node), Incarnation(life), self.now);
        self.drain();
    }

    /// `kill -STOP`.
    pub fn hang(&mut self, node: u16, hung: bool) {
        let now = self.now;
        if let Some(puppet) = self.puppets.get_mut(&n(node)) {
            puppet.hung = hung;
            puppet.next_beat = now.mono;
            if !hung && puppet.role.is_primary() {
                puppet.next_renewal = Some(now.mono);
            }
        }
    }

    /// A client writes: the primary and everything that follows it go on by so many bytes.
    pub fn write(&mut self, bytes: u64, to: &[u16]) {
        for id in to {
            let puppet = self.puppets.get_mut(&n(*id)).unwrap();
            // Nothing moves a frozen node (R4).
            if matches!(puppet.role, NodeRole::PrimaryServing | NodeRole::Following) {
                puppet.position.offset += bytes;
                puppet.position.opseq += bytes / 10;
            }
        }
    }

    pub fn drain(&mut self) {
        loop {
            while let Some(action) = self.group.poll_action() {
                self.act(action);
            }
            let Some((node, life, message)) = (!self.lines.is_empty()).then(|| self.lines.remove(0)) else {
                return;
            };
            let envelope = Envelope { group: GROUP.into(), from: node, incarnation: life, message };
            self.group.handle_report(envelope, self.now);
        }
    }

    fn act(&mut self, action: Action) {
        self.log.push(text(&action));
        match action {
            Action::Store { ticket, change } if self.hold_store => {
                self.asked.push_back(Asked::Store(ticket, change));
            }
            Action::Load { ticket } if self.hold_store => self.asked.push_back(Asked::Load(ticket)),
            Action::Store { ticket, change } => self.answer(Asked::Store(ticket, change)),
            Action::Load { ticket } => self.answer(Asked::Load(ticket)),
            Action::Event(event) => {
                assert!(event.cause.is_none_or(|c| c < event.id), "a cause comes first: {event:?}");
                if event.kind == EventKind::DataLost {
                    self.check_loss();
                }
                self.events.push(event);
            }
            Action::Provision { node, incarnation, .. } if !self.no_capacity => {
                self.puppets.insert(node, Puppet::new(incarnation, self.now));
                self.group.handle_provisioned(node, addr(node), incarnation, self.now);
                if !self.silent_puppets {
                    self.say(node, FromNode::Join { addr: addr(node), position: Position::default() });
                }
            }
            Action::Kill { node, incarnation } => {
                let dies = self.puppets.get_mut(&node).filter(|p| p.life <= incarnation);
                if let Some(puppet) = dies {
                    puppet.alive = false;
                    self.group.handle_exited(node, incarnation, self.now);
                }
            }
            Action::Send(node, life, message) => self.obey(node, life, message),
            Action::Provision { .. } | Action::Publish(_) => {}
        }
    }

    /// I10: nobody starts from nothing while a process with data is there, unless a reboot asked for it.
    fn check_loss(&self) {
        let rebooted =
            self.events.iter().rev().take(50).any(|e| matches!(e.kind, EventKind::RebootCalled { .. }));
        let holders: Vec<_> =
            self.puppets.iter().filter(|(_, p)| p.alive && p.position.epoch > Epoch(0)).collect();
        assert!(rebooted || holders.is_empty(), "I10: {holders:#?} {:#?}", self.log);
    }

    /// I1: at most one process, hung and cut off ones included, holds a lease as primary.
    fn check_leases(&self) {
        let serves = |p: &&Puppet| p.alive && p.role.is_primary() && p.lease_until > self.now.mono;
        let serving: Vec<_> = self.puppets.values().filter(serves).collect();
        assert!(serving.len() <= 1, "I1: {serving:#?} {:#?}", self.log);
    }

    /// Answers a held question as a healthy store does.
    pub fn answer(&mut self, asked: Asked) {
        self.questions += 1;
        if self.lossy_store && self.questions.is_multiple_of(2) {
            if self.questions.is_multiple_of(4) {
                self.carry_out(&asked);
            }
            let (Asked::Store(ticket, _) | Asked::Load(ticket)) = asked;
            return self.group.handle_stored(ticket, Stored::Unknown, self.now);
        }
        match asked {
            Asked::Store(ticket, change) => {
                let outcome = if self.store.apply(change) {
                    Stored::Ok { shard: self.store.shard_revision, lease: self.store.lease_revision }
                } else {
                    Stored::Conflict
                };
                self.group.handle_stored(ticket, outcome, self.now);
            }
            Asked::Load(_) => self.group.handle_registers(self.store.clone(), self.now),
        }
    }

    /// What a store says when it is asked, without telling the coordinator.
    pub fn carry_out(&mut self, asked: &Asked) -> Option<(u64, Stored)> {
        let Asked::Store(ticket, change) = asked else { return None };
        let done = self.store.apply(change.clone());
        let (shard, lease) = (self.store.shard_revision, self.store.lease_revision);
        Some((*ticket, if done { Stored::Ok { shard, lease } } else { Stored::Conflict }))
    }

    pub fn answer_next(&mut self) {
        let asked = self.asked.pop_front().expect("something is asked");
        self.answer(asked);
        self.drain();
    }

    /// Lets `ms` milliseconds pass, deadline by deadline.
    pub fn run(&mut self, ms: u64) {
        let end = self.now.mono + Duration::from_millis(ms);
        self.drain();
        let mut turns = 0;
        loop {
            turns += 1;
            assert!(turns < 100_000, "busy loop: {:?}", self.group.poll_timeout());
            let coordinator = self.group.poll_timeout().map(|(at, _)| at);
            let puppets = self.puppets.values().filter(|p| p.alive && !p.hung && !self.silent_puppets);
            let beats = puppets.flat_map(|p| [Some(p.next_beat), p.next_renewal]).flatten();
            let next = beats.chain(coordinator).min().filter(|at| *at <= end);
            let Some(next) = next else { break };
            self.advance_to(next.max(self.now.mono));
            self.beat();
            if coordinator.is_some_and(|at| at <= self.now.mono) {
                self.group.handle_timeout(self.now);
            }
            self.drain();
        }
        self.advance_to(end);
    }

    /// Moves the clock without telling anybody.
    pub fn advance_to(&mut self, to: Instant) {
        self.now.unix_ms += u64::try_from(to.since(self.now.mono).as_millis()).unwrap();
        self.now.mono = to;
    }

    /// The record's primary holds a lease of its epoch.
    pub fn served(&self) -> bool {
        let leased = self.store.lease.as_ref().is_some_and(|l| l.epoch.0 == self.epoch());
        leased && matches!(self.phase(), Phase::Stable { .. })
    }

    pub fn phase(&self) -> Phase {
        self.store.shard.as_ref().expect("there is a record").phase
    }

    pub fn epoch(&self) -> u64 {
        self.store.shard.as_ref().map_or(0, |s| s.epoch.0)
    }

    pub fn primary(&self) -> u16 {
        match self.phase() {
            Phase::Stable { primary, .. } => primary.0,
            other => panic!("no primary: {other:?}"),
        }
    }

    /// True when a line of the log begins with, or an event is named, `what`.
    pub fn saw(&self, what: &str) -> bool {
        self.log.iter().any(|l| l.starts_with(what) || l.starts_with(&format!("event {what}")))
    }

    pub fn count(&self, what: &str) -> usize {
        self.log.iter().filter(|l| l.starts_with(what)).count()
    }

    /// The log so far, without the noise of heartbeats, and cleared.
    pub fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log)
    }

    pub fn event(&self, id: EventId) -> &Event {
        self.events.iter().rev().find(|e| e.id == id).expect("a kept event")
    }

    /// The names of an event and all its causes, newest first.
    pub fn why(&self, kind: &str) -> Vec<String> {
        let mut at = self.events.iter().rev().find(|e| name(&e.kind) == kind).expect("such an event").clone();
        let mut names = vec![name(&at.kind)];
        while let Some(cause) = at.cause {
            at = self.event(cause).clone();
            names.push(name(&at.kind));
        }
        names
    }

    pub fn losses(&self) -> Vec<(u64, bool)> {
        let lost = |e: &Event| match &e.kind {
            EventKind::Lost(r) => Some((r.ops, r.exact)),
            _ => None,
        };
        self.events.iter().filter_map(lost).collect()
    }
}
