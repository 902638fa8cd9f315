//! Trace validation: control steps of the real core, judged one by one against the rules of `failover.md` §2.4.
//!
//! The judge knows nothing of the model's three nodes and small numbers. It keeps what the store, the nodes and the
//! primaries have said, and refuses the first step that no rule allows. Without a lease length it uses no time at all;
//! with one ([`ReplayConfig::lease`]) the caller moves global time by [`Replay::advance`] and R1, R2, R3, R14 and R16
//! are checked in time as well, with the margin as the tolerance for every clock but the global one.
//!
//! ```
//! use primacy_model::replay::{ControlEvent, Pos, Replay, ReplayConfig};
//! let mut replay = Replay::new(ReplayConfig { members: vec![(0, 1), (1, 1)], ..ReplayConfig::default() });
//! replay.step(&ControlEvent::Suspect { epoch: 1 })?;
//! let pos = Pos::default();
//! for node in [0, 1] {
//!     replay.step(&ControlEvent::Frozen { node, inc: 1, epoch: 1, pos })?;
//!     replay.step(&ControlEvent::Reported { node, inc: 1, epoch: 1, pos, electable: true })?;
//! }
//! replay.step(&ControlEvent::Committed { epoch: 1, winner: 0, inc: 1, start: pos, counted: 0 })?;
//! // R20: the winner has no lease yet.
//! assert!(replay.step(&ControlEvent::Published { epoch: 1, node: 0 }).is_err());
//! # Ok::<(), primacy_model::Refusal>(())
//! ```

mod event;
mod failsafe;
mod history;
mod nodes;
mod primary;
mod store;

pub use event::{ControlEvent, NodeId, Pos};

use crate::rule::{Refusal, Rule};
use history::{Epoch, History};
use std::collections::BTreeMap;

/// What the group is when the judge starts to listen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplayConfig {
    /// The members with their incarnations; they count as joined and on a confirmed list, version 0.
    pub members: Vec<(NodeId, u64)>,
    /// A primary that leads already: epoch, node (with its incarnation above), the offset behind its epoch record.
    /// Without one the first step is the election of epoch 1.
    pub primary: Option<(u64, NodeId, u64)>,
    /// Strict(k) elections (R12); all members of `members` count as synced.
    pub strict: Option<u64>,
    /// Lease length L and margin, in the unit of [`Replay::advance`]; none to judge without time.
    pub lease: Option<(u64, u64)>,
    /// Clocks may drift beyond the margin, so leases prove nothing: R2 and R3 are not judged. Only strict mode promises
    /// anything then.
    pub bad_clocks: bool,
    /// Whether failsafe is on, so that restarted nodes must stay out for L (R16).
    pub failsafe: bool,
}

/// A connection of a replica to its primary, as the replica sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Link {
    primary: NodeId,
    epoch: u64,
    /// A full sync is under way: the position has not moved yet (R18).
    loading: bool,
}

/// What the judge knows of a node's current incarnation.
#[derive(Clone, Copy, Debug, Default)]
struct Node {
    inc: u64,
    alive: bool,
    promised: u64,
    /// The last position it is known to have reached; it never goes back (I8).
    pos: Pos,
    link: Option<Link>,
    /// The epoch it leads.
    leads: Option<u64>,
    /// Until when its failsafe grant runs.
    grant: u64,
    /// Until when it stays out (R16).
    quarantine: u64,
}

/// A report that a coordinator has received.
#[derive(Clone, Copy, Debug)]
struct Report {
    inc: u64,
    pos: Pos,
    electable: bool,
}

/// A primary's view of one replica's acks.
#[derive(Clone, Copy, Debug)]
struct Acked {
    inc: u64,
    offset: u64,
}

/// A leading incarnation's promise to clients: until when it may answer, and what it counts.
#[derive(Clone, Debug, Default)]
struct Lead {
    /// Exclusive end of its lease in global time; without time, 1 while it has one.
    deadline: u64,
    released: bool,
    /// When it was released, for renewals sent before that (R13).
    released_at: u64,
    /// The incarnation of each replica that has attached in this epoch (R7).
    attached: BTreeMap<NodeId, u64>,
    acked: BTreeMap<NodeId, Acked>,
    /// The failsafe round being granted, and by whom.
    round: (u64, u64),
    /// The version of the member list it uses.
    list: u64,
}

/// A write that a WAIT was answered for, with its holders (I6).
#[derive(Clone, Debug)]
struct Waited {
    pos: Pos,
    holders: Vec<(NodeId, u64)>,
}

/// The judge of one shard's control steps.
#[derive(Clone, Debug)]
pub struct Replay {
    cfg: ReplayConfig,
    now: u64,
    /// Highest proposed epoch.
    epoch: u64,
    electing: bool,
    history: History,
    nodes: BTreeMap<NodeId, Node>,
    /// Members with the list version that contained them first.
    members: BTreeMap<NodeId, u64>,
    version: u64,
    /// The list version that the primary has confirmed (R15).
    confirmed: u64,
    synced: BTreeMap<NodeId, u64>,
    reports: BTreeMap<NodeId, Report>,
    leads: BTreeMap<u64, Lead>,
    /// When the last renewal was stored.
    stored: Option<u64>,
    waited: Vec<Waited>,
    /// Whether anything but epoch records was ever acknowledged (R19).
    data: bool,
    published: u64,
    genesis: bool,
    /// Empty incarnations that were let in during an election, with its epoch (R19).
    blank: BTreeMap<NodeId, (u64, u64)>,
}

impl Replay {
    /// A judge that knows the group as it is now.
    #[must_use]
    pub fn new(cfg: ReplayConfig) -> Self {
        let member = |&(id, inc): &(NodeId, u64)| (id, Node { inc, alive: true, ..Node::default() });
        let mut replay = Self {
            now: 0,
            epoch: 0,
            electing: false,
            history: History::default(),
            nodes: cfg.members.iter().map(member).collect(),
            members: cfg.members.iter().map(|&(id, _)| (id, 0)).collect(),
            version: 0,
            confirmed: 0,
            synced: cfg.members.iter().copied().collect(),
            reports: BTreeMap::new(),
            leads: BTreeMap::new(),
            stored: None,
            waited: Vec::new(),
            data: false,
            published: 0,
            genesis: false,
            blank: BTreeMap::new(),
            cfg,
        };
        if let Some((epoch, id, record)) = replay.cfg.primary {
            replay.start_with(epoch, id, record);
        }
        replay
    }

    fn start_with(&mut self, epoch: u64, id: NodeId, record: u64) {
        let Some(node) = self.nodes.get_mut(&id) else {
            return;
        };
        node.leads = Some(epoch);
        node.promised = epoch;
        node.pos = Pos { epoch, offset: record };
        // What was before is one common past that nobody contests.
        let start = Pos { epoch: epoch.saturating_sub(1), offset: record.saturating_sub(1) };
        let winner = (id, node.inc);
        self.history.insert(epoch, Epoch { winner, start, record: Some(record), seq: None, over: false });
        self.leads.insert(epoch, Lead::default());
        self.epoch = epoch;
        self.published = epoch;
    }

    /// Moves global time, in a unit of the caller's choice; it never goes back. Needed only with a lease length.
    pub fn advance(&mut self, now: u64) {
        self.now = self.now.max(now);
    }

    /// The highest proposed epoch.
    #[must_use]
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The committed primary and its incarnation, none while an election is open.
    #[must_use]
    pub fn primary(&self) -> Option<(NodeId, u64)> {
        if self.electing { None } else { self.history.get(self.epoch).map(|epoch| epoch.winner) }
    }

    /// Judges one step.
    ///
    /// # Errors
    ///
    /// The rule that forbids it. A refused step has changed nothing, so the caller may go on to see what follows.
    pub fn step(&mut self, event: &ControlEvent) -> Result<(), Refusal> {
        use ControlEvent as E;
        match *event {
            E::Suspect { epoch } => self.suspect(epoch),
            E::Reported { node, inc, epoch, pos, electable } => {
                self.reported(node, epoch, Report { inc, pos, electable })
            }
            E::Committed { epoch, winner, inc, start, counted } => {
                self.committed(epoch, (winner, inc), start, counted)
            }
            E::Renewed { node, inc, epoch, seq, sent, members_seen } => {
                self.renewed((node, inc), epoch, seq, sent, members_seen)
            }
            E::Denied { node, inc, epoch } => self.over((node, inc), epoch, false),
            E::SteppedDown { node, inc, epoch } => self.over((node, inc), epoch, true),
            E::Released { node, inc, epoch, pos } => self.released((node, inc), epoch, pos),
            E::Admitted { node, inc, empty } => self.admitted(node, inc, empty),
            E::Published { epoch, node } => self.publish(epoch, node),
            E::Synced { replica, inc, epoch } => self.mark_synced(replica, inc, epoch),
            E::MemberAdded { node, version } => self.member_added(node, version),
            E::MemberRemoved { node, version } => self.member_removed(node, version),
            E::GenesisConfirmed => {
                self.genesis = true;
                Ok(())
            }
            E::Frozen { node, inc, epoch, pos } => self.frozen(node, inc, epoch, pos),
            E::Promoted { node, inc, epoch, record } => self.promoted(node, inc, epoch, record),
            E::Attached { replica, inc, primary, epoch, pos, full } => {
                self.attached((replica, inc), primary, epoch, pos, full)
            }
            E::Swapped { replica, inc, pos } => self.swapped(replica, inc, pos),
            E::Applied { replica, inc, epoch, pos } => self.applied(replica, inc, epoch, pos),
            E::CaughtUp { node, inc, epoch, from, pos } => self.caught_up((node, inc), epoch, from, pos),
            E::Exited { node, inc } => self.exited(node, inc),
            E::Joined { node, inc, epoch } => self.joined(node, inc, epoch),
            E::Acked { replica, inc, primary, epoch, offset } => {
                self.acked((replica, inc), primary, epoch, offset)
            }
            E::WaitAnswered { node, inc, epoch, offset, k } => {
                self.wait_answered((node, inc), epoch, offset, k)
            }
            E::Acknowledged { node, inc, epoch } => self.acknowledged((node, inc), epoch),
            E::FailsafeGranted { member, inc, primary, epoch, round } => {
                self.granted((member, inc), primary, epoch, round)
            }
            E::FailsafeServing { node, inc, epoch, round, started } => {
                self.serving((node, inc), epoch, round, started)
            }
        }
    }

    /// The node as a living, joined incarnation `inc` (R9, R10).
    fn live(&mut self, id: NodeId, inc: u64) -> Result<&mut Node, Refusal> {
        let node = self.nodes.get_mut(&id).filter(|node| node.inc == inc);
        let Some(node) = node else {
            return refuse(Rule::R10, format!("node {id} incarnation {inc} has not joined"));
        };
        if !node.alive {
            return refuse(Rule::R9, format!("node {id} incarnation {inc} is dead"));
        }
        Ok(node)
    }
}

/// A refusal as the result of a step.
fn refuse<T>(rule: Rule, why: String) -> Result<T, Refusal> {
    Err(Refusal::with(rule, why))
}

/// Refuses unless `ok`; the text is made only when it is needed.
fn ensure(ok: bool, rule: Rule, why: impl FnOnce() -> String) -> Result<(), Refusal> {
    if ok { Ok(()) } else { refuse(rule, why()) }
}
