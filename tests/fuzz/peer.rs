//! A member gone mad that knows the group's secret: what it says is sealed as it should be, and is believed.
//!
//! Its bytes are letters: a byte for the sender and for the time that passes first, a byte for the length, then the
//! payload, of which postcard makes a message or not.

use std::net::SocketAddr;
use std::time::Duration;

use primacy_core::control::frame::{Channel, End, FrameError};
use primacy_core::control::{Envelope, FromNode, ToNode};
use primacy_core::group::record::Registers;
use primacy_core::group::spec::GroupSpec;
use primacy_core::group::{Action, Group, GroupConfig, Stored};
use primacy_core::id::{Incarnation, NodeId, Position};
use primacy_core::node::Node;
use primacy_core::time::Now;
use serde::de::DeserializeOwned;
use serde::ser::{Serialize, SerializeTuple, Serializer};

const GROUP: &str = "g";
/// What a message sets off comes to an end.
const PATIENCE: usize = 10_000;

/// What a mad coordinator tells a node that follows, serves or has just come.
pub fn node(mut node: Node, data: &[u8], mut now: Now) {
    let mut said = 0;
    for letter in letters(data) {
        now = later(now, letter.wait);
        let Some(message) = delivered::<ToNode>(letter.payload) else { continue };
        node.handle_control(message, now);
        let due = node.poll_timeout().is_some_and(|(at, _)| at <= now.mono);
        if due {
            node.handle_timeout(now);
        }
        while node.poll_control().is_some() || node.poll_event().is_some() {
            said += 1;
            assert!(said < PATIENCE, "it never stops");
        }
    }
}

/// What mad members tell a coordinator whose group is in service.
pub fn coordinator(data: &[u8], now: Now) {
    let mut town = Town::new(now);
    town.found();
    for letter in letters(data) {
        town.now = later(town.now, letter.wait);
        let Some(message) = delivered::<FromNode>(letter.payload) else { continue };
        town.tell(letter.from, message);
        if town.group.poll_timeout().is_some_and(|(at, _)| at <= town.now.mono) {
            town.group.handle_timeout(town.now);
            town.drain();
        }
        let _ = town.group.view(town.now);
    }
}

struct Letter<'a> {
    from: NodeId,
    wait: Duration,
    payload: &'a [u8],
}

fn letters(data: &[u8]) -> impl Iterator<Item = Letter<'_>> {
    let mut rest = data;
    std::iter::from_fn(move || {
        let [head, length, more @ ..] = rest else { return None };
        let (payload, next) = more.split_at(usize::from(*length).min(more.len()));
        rest = next;
        let wait = Duration::from_millis(u64::from(head >> 2) * 100);
        Some(Letter { from: NodeId(u16::from(head & 3) + 1), wait, payload })
    })
}

fn later(now: Now, wait: Duration) -> Now {
    Now { mono: now.mono + wait, unix_ms: now.unix_ms + u64::try_from(wait.as_millis()).unwrap_or(0) }
}

/// Through a sealed connection and out at its other end; `None` when the payload is no message.
fn delivered<T: DeserializeOwned>(payload: &[u8]) -> Option<T> {
    let mut mad = Channel::new(b"secret", End::Initiator, [1; 16]);
    let mut sane = Channel::new(b"secret", End::Acceptor, [2; 16]);
    mad.push(&sane.hello());
    sane.push(&mad.hello());
    assert!(matches!(mad.pop::<T>(), Ok(None)));
    let mut wire = Vec::new();
    // Before the other side's hello has been read nothing can be sealed for it.
    assert!(matches!(sane.pop::<T>(), Ok(None)));
    mad.seal(&Raw(payload), &mut wire).expect("short, and both have said hello");
    sane.push(&wire);
    match sane.pop() {
        Ok(message) => Some(message.expect("it is whole")),
        Err(error) => {
            assert_eq!(error, FrameError::Malformed, "the seal is right");
            None
        }
    }
}

/// Bytes that are sealed as they are.
struct Raw<'a>(&'a [u8]);

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut tuple = to.serialize_tuple(self.0.len())?;
        self.0.iter().try_for_each(|byte| tuple.serialize_element(byte))?;
        tuple.end()
    }
}

/// A coordinator, its store, and members that answer well until the first is mad.
struct Town {
    group: Group,
    store: Registers,
    now: Now,
    /// The members' lives.
    lives: [Incarnation; 5],
    sane: bool,
}

impl Town {
    fn new(now: Now) -> Self {
        let spec = GroupSpec {
            id: GROUP.into(),
            description: "mad".into(),
            node_type: "cache.m6g.large".into(),
            engine: "redis".into(),
            engine_version: "6.x".into(),
            parameter_group: None,
            replicas: 2,
            automatic_failover: true,
            multi_az: false,
            preferred_zones: Vec::new(),
            port: 6379,
            security_groups: Vec::new(),
            tags: Vec::new(),
        };
        let group = Group::new(GroupConfig::new(spec), Registers::default(), [7; 32], now);
        Self { group, store: Registers::default(), now, lives: [Incarnation(0); 5], sane: true }
    }

    /// Until a primary has its lease.
    fn found(&mut self) {
        self.drain();
        for _ in 0..200 {
            if self.store.lease.is_some() {
                break;
            }
            self.now = later(self.now, Duration::from_millis(100));
            self.group.handle_timeout(self.now);
            self.drain();
        }
        assert!(self.store.lease.is_some(), "sane members make a group");
        self.sane = false;
    }

    fn tell(&mut self, from: NodeId, message: FromNode) {
        let incarnation = self.lives[usize::from(from.0)];
        self.group.handle_report(Envelope { group: GROUP.into(), from, incarnation, message }, self.now);
        self.drain();
    }

    fn drain(&mut self) {
        let mut acts = 0;
        while let Some(action) = self.group.poll_action() {
            acts += 1;
            assert!(acts < PATIENCE, "it never stops");
            self.act(action);
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Store { ticket, change } => {
                let outcome = match self.store.apply(change) {
                    true => Stored::Ok { shard: self.store.shard_revision, lease: self.store.lease_revision },
                    false => Stored::Conflict,
                };
                self.group.handle_stored(ticket, outcome, self.now);
            }
            Action::Load { .. } => self.group.handle_registers(self.store.clone(), self.now),
            Action::Provision { node, incarnation, .. } => {
                if let Some(life) = self.lives.get_mut(usize::from(node.0)) {
                    *life = incarnation;
                }
                self.group.handle_provisioned(node, addr(node), incarnation, self.now);
                self.answer(
                    node,
                    incarnation,
                    FromNode::Join { addr: addr(node), position: Position::default() },
                );
            }
            Action::Kill { node, incarnation } => self.group.handle_exited(node, incarnation, self.now),
            Action::Send(node, life, ToNode::Freeze { epoch }) => {
                let position = Position::default();
                let report =
                    FromNode::Report { epoch, position, repl_id: Default::default(), electable: true };
                self.answer(node, life, report);
            }
            Action::Send(node, life, ToNode::Promote { epoch, start, members, .. }) => {
                let (asked, members_seen) = (self.now.mono, members.version);
                let position = Position { epoch, ..start };
                let (acked, synced) = (Vec::new(), Vec::new());
                self.answer(
                    node,
                    life,
                    FromNode::Renew { epoch, seq: 1, asked, position, acked, members_seen, synced },
                );
            }
            Action::Send(..) | Action::Publish(_) | Action::Event(_) => {}
        }
    }

    fn answer(&mut self, from: NodeId, incarnation: Incarnation, message: FromNode) {
        if self.sane {
            self.group.handle_report(Envelope { group: GROUP.into(), from, incarnation, message }, self.now);
        }
    }
}

fn addr(node: NodeId) -> SocketAddr {
    SocketAddr::from(([127, 0, 1, u8::try_from(node.0).unwrap_or(0)], 6379))
}
