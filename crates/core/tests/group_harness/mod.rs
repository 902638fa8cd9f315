//! A coordinator with a store and puppets for nodes: every action becomes one line of text.
//!
//! A puppet does what the rules ask of a node, without data: it joins, promises, takes its lease, follows. With
//! `silent_puppets` nothing answers, and a test plays the nodes itself.
#![allow(dead_code, reason = "every test file uses its own part of the harness")]
#![allow(unreachable_pub, reason = "a module of several test crates")]

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use primacy_core::control::{Envelope, FromNode, NodeRole, ToNode};
use primacy_core::group::event::{Event, EventKind};
use primacy_core::group::record::{Change, Phase, Registers};
use primacy_core::group::spec::GroupSpec;
use primacy_core::group::{Action, Group, GroupConfig, Stored};
use primacy_core::id::{Epoch, EventId, Incarnation, NodeId, Position};
use primacy_core::time::{Instant, Now};

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

/// One played node.
#[derive(Clone, Debug)]
pub struct Puppet {
    pub life: Incarnation,
    pub alive: bool,
    pub hung: bool,
    pub role: NodeRole,
    pub promised: Epoch,
    pub position: Position,
    /// Highest epoch whose primary it has been.
    pub leads: Epoch,
    pub seq: u64,
    pub version: u64,
    pub primary: Option<NodeId>,
    pub electable: bool,
    pub next_beat: Instant,
    pub next_renewal: Option<Instant>,
    /// R1: send time of the renewal that was stored, + L.
    pub lease_until: Instant,
    /// Refuses a handover although it is asked for.
    pub refuses_handover: bool,
}

impl Puppet {
    fn new(life: Incarnation, now: Now) -> Self {
        Self {
            life,
            alive: true,
            hung: false,
            role: NodeRole::Joining,
            promised: Epoch(0),
            position: Position::default(),
            leads: Epoch(0),
            seq: 0,
            version: 0,
            primary: None,
            electable: true,
            next_beat: now.mono,
            next_renewal: None,
            lease_until: Instant::ZERO,
            refuses_handover: false,
        }
    }
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

pub fn config(replicas: u8) -> GroupConfig {
    GroupConfig::new(spec(replicas))
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
        if self.lossy_store && self.questions % 2 == 0 {
            if self.questions % 4 == 0 {
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

    fn say(&mut self, node: NodeId, message: FromNode) {
        let puppet = &self.puppets[&node];
        if puppet.alive && !puppet.hung && !self.cut.contains(&node) {
            self.lines.push((node, puppet.life, message));
        }
    }

    fn obey(&mut self, node: NodeId, life: Incarnation, message: ToNode) {
        let now = self.now.mono;
        let Some(p) = self.puppets.get_mut(&node).filter(|p| p.life == life && p.alive && !p.hung) else {
            return;
        };
        if self.silent_puppets || self.cut.contains(&node) {
            return;
        }
        let mut answers = Vec::new();
        match message {
            ToNode::Joined { .. } => p.role = NodeRole::Detached,
            ToNode::Freeze { epoch } if epoch >= p.promised => {
                p.promised = epoch;
                p.role = NodeRole::Frozen;
                p.next_renewal = None;
                answers.push(p.vote());
            }
            ToNode::CatchUp { from, until, .. } => {
                assert!(self.puppets[&from].position >= until);
                let p = self.puppets.get_mut(&node).unwrap();
                p.position = until;
                answers.push(p.vote());
            }
            ToNode::Promote { epoch, start, members, .. } if epoch == p.promised && p.leads < epoch => {
                assert_eq!(start, p.position, "promoted at what it reported");
                p.leads = epoch;
                p.seq = 0;
                p.version = members.version;
                p.role = NodeRole::PrimaryNoLease;
                p.position = Position { epoch, offset: start.offset + 50, opseq: start.opseq };
                answers.push(self.renewal(node));
            }
            ToNode::Renewed { members, asked, epoch, .. } if p.role.is_primary() && epoch == p.leads => {
                p.lease_until = asked + Duration::from_secs(1);
                p.role = NodeRole::PrimaryServing;
                p.version = members.version;
                p.next_renewal = Some(now + Duration::from_millis(250));
            }
            ToNode::Denied { epoch } => {
                p.promised = p.promised.max(epoch);
                p.role = NodeRole::Detached;
                p.next_renewal = None;
            }
            ToNode::Follow { epoch, primary, .. } if epoch >= p.promised => {
                p.promised = epoch;
                p.next_renewal = None;
                p.role = NodeRole::Following;
                let head = self.puppets[&primary].position;
                let p = self.puppets.get_mut(&node).unwrap();
                let full = p.position.epoch == Epoch(0);
                let new = p.primary != Some(primary) || p.position.epoch != head.epoch;
                p.primary = Some(primary);
                p.position = head;
                if new {
                    answers.push(FromNode::Attached { epoch, full, position: head });
                }
            }
            ToNode::Handover { epoch, .. } if p.role == NodeRole::PrimaryServing => {
                p.role = NodeRole::PrimaryReleased;
                p.next_renewal = None;
                answers.push(match p.refuses_handover {
                    true => FromNode::HandoverFailed { epoch },
                    false => FromNode::Release { epoch, position: p.position },
                });
                if p.refuses_handover {
                    p.role = NodeRole::PrimaryServing;
                    p.next_renewal = Some(now);
                }
            }
            _ => {}
        }
        answers.into_iter().for_each(|a| self.say(node, a));
        self.check_leases();
    }

    pub fn renewal(&mut self, node: NodeId) -> FromNode {
        let followers: Vec<_> =
            self.puppets.iter().filter(|(_, f)| f.primary == Some(node) && f.alive).collect();
        let acked = followers.iter().map(|(id, f)| (**id, f.position)).collect();
        let synced = followers.iter().map(|(id, f)| (**id, f.life)).collect();
        let asked = self.now.mono;
        let p = self.puppets.get_mut(&node).unwrap();
        p.seq += 1;
        FromNode::Renew {
            epoch: p.leads,
            seq: p.seq,
            asked,
            position: p.position,
            acked,
            members_seen: p.version,
            synced,
        }
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

    fn beat(&mut self) {
        if self.silent_puppets {
            return;
        }
        let now = self.now.mono;
        for node in self.puppets.keys().copied().collect::<Vec<_>>() {
            let p = self.puppets.get_mut(&node).unwrap();
            if !p.alive || p.hung {
                continue;
            }
            if p.next_renewal.is_some_and(|at| at <= now) {
                p.next_renewal = Some(now + Duration::from_millis(250));
                let message = self.renewal(node);
                self.say(node, message);
            }
            let p = self.puppets.get_mut(&node).unwrap();
            if p.next_beat <= now {
                p.next_beat = now + Duration::from_millis(100);
                if p.role == NodeRole::Joining {
                    let position = p.position;
                    self.say(node, FromNode::Join { addr: addr(node), position });
                    continue;
                }
                let (role, promised, position) = (p.role, p.promised, p.position);
                let link_up = role == NodeRole::Following;
                let acked = match self.renewal_facts(node) {
                    Some(acked) if role.is_primary() => acked,
                    _ => Vec::new(),
                };
                self.say(node, FromNode::Heartbeat { role, promised, position, acked, link_up, keys: 0 });
            }
        }
    }

    fn renewal_facts(&self, node: NodeId) -> Option<Vec<(NodeId, Position)>> {
        let followers = self.puppets.iter().filter(|(_, f)| f.primary == Some(node) && f.alive && !f.hung);
        Some(followers.map(|(&id, f)| (id, f.position)).collect())
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

impl Puppet {
    fn vote(&self) -> FromNode {
        FromNode::Report {
            epoch: self.promised,
            position: self.position,
            repl_id: Default::default(),
            electable: self.electable,
        }
    }
}

pub fn name(kind: &EventKind) -> String {
    let debug = format!("{kind:?}");
    debug.split([' ', '(', '{']).next().unwrap_or_default().to_string()
}

fn place(p: Position) -> String {
    format!("{}:{}", p.epoch.0, p.offset)
}

fn text(action: &Action) -> String {
    match action {
        Action::Send(node, life, message) => format!("{node}/{} {}", life.0, order(message)),
        Action::Store { change, .. } => {
            let phase = change.shard.as_ref().map(|s| match s.phase {
                Phase::Empty => "Empty".to_string(),
                Phase::Stable { primary, incarnation } => {
                    format!("Stable({}, {primary}/{})", s.epoch.0, incarnation.0)
                }
                Phase::Electing => format!("Electing({})", s.epoch.0),
            });
            let lease = change.lease.as_ref().map(|l| format!("lease {}/{}", l.epoch.0, l.seq));
            let parts: Vec<_> = phase.into_iter().chain(lease).collect();
            let by = if change.expect_lease.is_some() { " if both" } else { "" };
            format!("store {}{by}", parts.join(" + "))
        }
        Action::Load { .. } => "load".into(),
        Action::Publish(e) => {
            let readers: Vec<_> = e.readers.iter().map(|(n, _)| n.to_string()).collect();
            let primary = e.primary.map(|(n, _)| n.to_string()).unwrap_or_default();
            format!("publish {} {primary} readers [{}]", e.epoch.0, readers.join(" "))
        }
        Action::Provision { node, zone, incarnation } => format!("provision {node}/{} {zone}", incarnation.0),
        Action::Kill { node, incarnation } => format!("kill {node}/{}", incarnation.0),
        Action::Event(e) => format!("event {}", happening(&e.kind)),
    }
}

fn order(message: &ToNode) -> String {
    match message {
        ToNode::Joined { epoch, .. } => format!("joined {}", epoch.0),
        ToNode::Freeze { epoch } => format!("freeze {}", epoch.0),
        ToNode::Promote { epoch, start, .. } => format!("promote {} at {}", epoch.0, place(*start)),
        ToNode::Follow { epoch, primary, .. } => format!("follow {primary} {}", epoch.0),
        ToNode::CatchUp { epoch, from, until, .. } => {
            format!("catch-up {} from {from} to {}", epoch.0, place(*until))
        }
        ToNode::Renewed { epoch, seq, .. } => format!("renewed {}/{seq}", epoch.0),
        ToNode::Denied { epoch } => format!("denied {}", epoch.0),
        ToNode::Handover { epoch, target } => format!("handover {} to {target}", epoch.0),
    }
}

fn happening(kind: &EventKind) -> String {
    match kind {
        EventKind::Suspected { primary, epoch, reason } => {
            format!("Suspected {} {} {reason:?}", primary.map(|p| p.to_string()).unwrap_or_default(), epoch.0)
        }
        EventKind::Reported { node, position, .. } => format!("Reported {node} {}", place(*position)),
        EventKind::Elected { node, epoch, reason, .. } => format!("Elected {node} {}: {reason}", epoch.0),
        EventKind::ElectionWaits { reason, .. } => format!("ElectionWaits {reason}"),
        EventKind::FailoverCompleted { from, to, epoch } => {
            format!("FailoverCompleted {from} -> {to} {}", epoch.0)
        }
        EventKind::Lost(r) => format!("Lost {} ops, exact {}", r.ops, r.exact),
        EventKind::Serving { node, epoch } | EventKind::EndpointMoved { node, epoch } => {
            format!("{} {node} {}", name(kind), epoch.0)
        }
        EventKind::NodeProvisioned { node, .. }
        | EventKind::NodeJoined { node, .. }
        | EventKind::NodeSilent { node }
        | EventKind::NodeHeard { node }
        | EventKind::NodeExited { node, .. }
        | EventKind::RecoveryStarted { node }
        | EventKind::RecoveryFinished { node }
        | EventKind::RebootCalled { node } => format!("{} {node}", name(kind)),
        EventKind::NodeAttached { node, full, .. } => format!("NodeAttached {node} full {full}"),
        EventKind::PlannedFailoverCalled { target } | EventKind::PlannedFailoverAborted { target } => {
            format!("{} {target}", name(kind))
        }
        _ => name(kind),
    }
}
