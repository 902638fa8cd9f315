//! The state of the whole model: plain bytes, copied on every step.
//!
//! Incarnations are not numbers here. A slot that names one has a `fresh` bit instead, cleared when the node it is
//! about crashes, so the space stays closed however often nodes restart.

use crate::config::{Config, LEASE};
use crate::log::Log;

/// The number of nodes.
pub const NODES: usize = 3;
/// "No node" in a field that names one.
pub const NOBODY: u8 = 3;
/// The largest number of client writes.
pub const WRITES: usize = 5;

/// What a node is doing (§2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Role {
    /// Restarted, has not joined (R10).
    Boot,
    /// Replica without a primary: detached, or frozen by its promise.
    #[default]
    Idle,
    /// Replica of `follow`.
    Following,
    /// Primary of the epoch of its last epoch record; it serves while its lease runs.
    Primary,
    /// Primary that has given up its lease (R13).
    Released,
}

/// The one renewal a primary has in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Renewal {
    /// None.
    #[default]
    None,
    /// On its way to the store.
    Sent,
    /// Stored; the answer is on its way back.
    Stored,
}

/// A position (R5): the epoch of the last applied record, then the offset in records. Ordered as R6 orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    /// Epoch of the last applied record.
    pub epoch: u8,
    /// Number of records.
    pub offset: u8,
}

/// A report in flight or collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Report {
    /// The election's epoch, 0 for no report.
    pub epoch: u8,
    /// The reported position.
    pub pos: Position,
    /// Whether the reporter is still the incarnation that reported.
    pub fresh: bool,
    /// Whether that incarnation was marked synced (R12).
    pub synced: bool,
    /// The writes it had: a ghost for the oracle.
    pub writes: u8,
}

/// A promotion in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Promotion {
    /// The committed epoch, 0 for none.
    pub epoch: u8,
    /// The winner's reported position.
    pub target: Position,
    /// Whether the winner is still the incarnation that was elected.
    pub fresh: bool,
}

/// An ack in flight from this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct AckMessage {
    /// The primary's epoch it was sent under, 0 for no ack.
    pub epoch: u8,
    /// The primary it goes to.
    pub to: u8,
    /// The acknowledged offset.
    pub offset: u8,
    /// Whether the sender is still that incarnation.
    pub fresh: bool,
}

/// A primary's failsafe round (R14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Round {
    /// Whether a round is open.
    pub open: bool,
    /// Ticks since it started, capped at L.
    pub age: u8,
    /// Members whose grants have been sent.
    pub granted: u8,
}

/// One node with the messages it has sent and those on their way to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Node {
    /// Applied records.
    pub log: Log,
    /// Epoch of its position; differs from the log's only under `M3`.
    pub epoch: u8,
    /// Highest epoch promised (R4).
    pub promised: u8,
    /// What it does.
    pub role: Role,
    /// The primary it follows, or [`NOBODY`].
    pub follow: u8,
    /// Ticks of lease left.
    pub lease: u8,
    /// Renewal in flight.
    pub renewal: Renewal,
    /// Its age in ticks since it was sent, capped at L.
    pub age: u8,
    /// Whether a `Release` is on its way to the store.
    pub releasing: bool,
    /// Promotion on its way to this node.
    pub promotion: Promotion,
    /// This node's report.
    pub report: Report,
    /// This node's ack in flight.
    pub ack: AckMessage,
    /// As primary: offsets acknowledged by each node.
    pub acked: [u8; NODES],
    /// Nodes that have crashed since they attached: what they acked was held by an incarnation that is no more. A ghost
    /// for the oracle, which records holders with their incarnation.
    pub gone: u8,
    /// Ticks for which this member's failsafe grant still runs.
    pub grant: u8,
    /// Ticks for which a restarted node stays out (R16).
    pub quarantine: u8,
    /// As primary: the failsafe round.
    pub round: Round,
    /// As primary: the member list it knows.
    pub list: u8,
}

impl Node {
    /// What it would report.
    #[must_use]
    pub const fn pos(&self) -> Position {
        Position { epoch: self.epoch, offset: self.log.len() }
    }

    /// Whether it holds the primary's role, with or without a lease.
    #[must_use]
    pub const fn leads(&self) -> bool {
        matches!(self.role, Role::Primary | Role::Released)
    }

    /// Whether it serves: primary under a running lease.
    #[must_use]
    pub const fn serves(&self) -> bool {
        matches!(self.role, Role::Primary) && self.lease > 0
    }
}

/// The shard register and the part of the lease register that decisions depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Store {
    /// Highest proposed epoch.
    pub epoch: u8,
    /// Whether an election of `epoch` is open.
    pub electing: bool,
    /// The committed primary, [`NOBODY`] while electing.
    pub primary: u8,
    /// Whether that node is still the committed incarnation.
    pub fresh: bool,
    /// The primary gave up its lease (R13).
    pub released: bool,
    /// Members, one bit each.
    pub members: u8,
    /// The list that the primary has confirmed (R15).
    pub seen: u8,
    /// Members whose current incarnation is marked synced (R12).
    pub synced: u8,
}

/// A coordinator: nothing but its observation of the lease register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Coordinator {
    /// Ticks since it first saw the lease revision it knows, capped at W.
    pub observed: u8,
    /// Whether the register has changed since: its CAS would fail.
    pub stale: bool,
}

/// What the oracle knows of one client write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct WriteFact {
    /// A WAIT was answered for it.
    pub waited: bool,
    /// An election without any holder among the reporters was committed since: excused for good.
    pub excused: bool,
    /// The holders when WAIT was answered that have kept their incarnation.
    pub holders: u8,
}

/// What the adversary may still do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Budget {
    /// Client writes issued so far.
    pub written: u8,
    /// Crashes left.
    pub crashes: u8,
    /// Coordinator restarts left.
    pub restarts: u8,
    /// Handovers left.
    pub handovers: u8,
    /// Ticks that clocks may still lose.
    pub losses: u8,
}

/// The whole state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The data nodes.
    pub nodes: [Node; NODES],
    /// The store.
    pub store: Store,
    /// The coordinators; the second one is unused unless configured.
    pub coordinators: [Coordinator; 2],
    /// The oracle's facts.
    pub writes: [WriteFact; WRITES],
    /// The adversary's budget.
    pub budget: Budget,
}

impl State {
    /// Node 0 leads epoch 1 without a lease, the others follow it with equal logs.
    #[must_use]
    pub fn initial(cfg: &Config) -> Self {
        let mut log = Log::default();
        log.push_epoch(1);
        let members = if cfg.late_member { 0b011 } else { 0b111 };
        let mut nodes =
            [Node { log, epoch: 1, promised: 1, role: Role::Following, ..Node::default() }; NODES];
        nodes[0].role = Role::Primary;
        nodes[0].follow = NOBODY;
        nodes[0].list = members;
        Self {
            nodes,
            store: Store {
                epoch: 1,
                fresh: true,
                members,
                seen: members,
                synced: if cfg.strict { members } else { 0 },
                ..Store::default()
            },
            coordinators: [Coordinator::default(); 2],
            writes: [WriteFact::default(); WRITES],
            budget: Budget {
                written: 0,
                crashes: cfg.crashes,
                restarts: cfg.coordinator_restarts,
                handovers: cfg.handovers,
                losses: cfg.clock_loss,
            },
        }
    }

    /// The goal of the heal check: one serving primary, everybody follows it with all its data.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        if self.store.electing || !self.store.fresh {
            return false;
        }
        let at = self.store.primary;
        let primary = &self.nodes[usize::from(at)];
        primary.serves()
            && primary.epoch == self.store.epoch
            && (0..NODES as u8).zip(&self.nodes).all(|(id, node)| {
                id == at || node.role == Role::Following && node.follow == at && node.log == primary.log
            })
    }

    /// Takes a node's role, lease and connections away; its log and promise stay.
    pub(crate) fn depose(&mut self, id: u8) {
        let node = &mut self.nodes[usize::from(id)];
        node.role = Role::Idle;
        node.follow = NOBODY;
        node.lease = 0;
        node.renewal = Renewal::None;
        node.age = 0;
        node.releasing = false;
        node.round = Round::default();
        node.acked = [0; NODES];
        node.gone = 0;
        node.list = 0;
        for other in &mut self.nodes {
            if other.role == Role::Following && other.follow == id {
                other.role = Role::Idle;
                other.follow = NOBODY;
            }
        }
    }

    /// Whether an ack can still lead to anything: a WAIT that is not answered yet, or a synced mark.
    pub(crate) fn acks_matter(&self, cfg: &Config) -> bool {
        let issued = &self.writes[..usize::from(self.budget.written)];
        cfg.strict || self.budget.written < cfg.writes || issued.iter().any(|fact| !fact.waited)
    }

    /// Drops what can no longer matter, so that states that behave alike are stored once. Searches call it;
    /// schedules do not, so that a refusal can name the rule that a dead message would break.
    pub(crate) fn normalise(&mut self, cfg: &Config) {
        use crate::config::Mutant::{M4, M6, M11};
        let primaries = self.nodes;
        let (epoch, electing) = (self.store.epoch, self.store.electing);
        for (id, node) in self.nodes.iter_mut().enumerate() {
            if node.report.epoch != epoch || !electing {
                node.report = Report::default();
            }
            if node.promotion.epoch < node.promised || !node.promotion.fresh && !cfg.is(M11) {
                node.promotion = Promotion::default();
            }
            if node.renewal == Renewal::Stored && node.age >= LEASE && !cfg.is(M6) {
                node.renewal = Renewal::None;
            }
            if node.renewal == Renewal::None {
                node.age = 0;
            }
            if node.ack.epoch != 0 && !cfg.is(M4) && !cfg.is(M11) {
                let to = &primaries[usize::from(node.ack.to)];
                let counts = to.leads() && to.epoch == node.ack.epoch && node.ack.fresh;
                if !counts || node.ack.offset <= to.acked[id] {
                    node.ack = AckMessage::default();
                }
            }
        }
        if !self.acks_matter(cfg) {
            for node in &mut self.nodes {
                node.ack = AckMessage::default();
                node.acked = [0; NODES];
                node.gone = 0;
            }
        }
        for fact in &mut self.writes {
            if fact.excused {
                fact.holders = 0;
            }
        }
    }
}
