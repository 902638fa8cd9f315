//! The invariants of `failover.md` §3, one file each, and what they need to remember.
//!
//! Cheap ones run whenever a node was touched; the rest at intervals, at commits, or at the end. A check that
//! fails stops the run and names the invariant, the time and the facts.

pub(crate) mod history;
mod key;
mod lost_acks;
mod tally;
mod writes;

pub(crate) mod i01_one_server;
pub(crate) mod i02_one_primary_per_epoch;
pub(crate) mod i03_never_back;
pub(crate) mod i05_content;
pub(crate) mod i06_waited_writes;
pub(crate) mod i07_loss_reports;
pub(crate) mod i08_positions;
pub(crate) mod i09_prefix;
pub(crate) mod i11_wait;
pub(crate) mod i12_who_writes;
pub(crate) mod i14_endpoint;
pub(crate) mod i17_reads;
pub(crate) mod i20_failsafe;
pub(crate) mod i21_synced;
pub(crate) mod i22_heals;
pub(crate) mod i23_elections;
pub(crate) mod i24_bounds;
pub(crate) mod i25_full_syncs;
pub(crate) mod i27_placement;
pub(crate) mod i28_secrets;

use std::collections::BTreeMap;

use primacy_core::control::LossReport;
use primacy_core::id::{Epoch, Incarnation, NodeId, Offset, Position};
use primacy_core::map::Map;
use serde::{Deserialize, Serialize};

use crate::members::Members;

pub(crate) use key::{Key, Sort};
pub use tally::Tally;
pub(crate) use writes::{Reread, Write, WriteId, Writes};

use history::{Histories, Point};

/// What two nodes that serve at once can break: required only while clocks keep the assumption (`failover.md` §2.6).
const RESTS_ON_CLOCKS: [u8; 6] = [1, 6, 7, 11, 17, 20];

/// An invariant that did not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// Its number: 1 for I1.
    pub invariant: u8,
    /// When, in nanoseconds since the beginning.
    pub at_ns: u64,
    /// What was seen.
    pub facts: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let micros = self.at_ns / 1000;
        let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
        write!(f, "I{} at {seconds}.{micros:06} s: {}", self.invariant, self.facts)
    }
}

/// A member's report within an election.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reported {
    pub(crate) node: NodeId,
    pub(crate) incarnation: Incarnation,
    pub(crate) position: Position,
}

/// What one life of a node was last seen to be.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) position: Position,
    pub(crate) promised: Epoch,
    /// It held other content before, and the swap has not been explained yet (I8).
    pub(crate) swapped_from: Option<Position>,
    pub(crate) since: u64,
}

/// A write that `WAIT` confirmed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waited {
    pub(crate) id: WriteId,
    pub(crate) at: Point,
}

/// The memory of all checks.
#[derive(Clone)]
pub(crate) struct Checks {
    pub(crate) tally: Tally,
    pub(crate) violation: Option<Violation>,
    /// Clocks have strayed further than the protocol assumes.
    pub(crate) strayed: bool,
    pub(crate) now: u64,
    pub(crate) histories: Histories,
    pub(crate) writes: Writes,
    pub(crate) seen: Members<Seen>,
    /// The furthest that a node ever came within an epoch.
    pub(crate) reached: Map<(NodeId, Epoch), Offset>,
    /// What each coordinator, by its life, was told in each election.
    pub(crate) reports: Map<(u32, Epoch), Vec<Reported>>,
    /// Those that it had when it proposed the epoch's primary.
    pub(crate) used: Map<(u32, Epoch), Vec<Reported>>,
    /// Confirmed writes that no election has excused.
    pub(crate) waited: Vec<Waited>,
    pub(crate) losses: Vec<LossReport>,
    pub(crate) lost_acks: lost_acks::LostAcks,
    pub(crate) published: Epoch,
    /// The newest position that each connection has read of each key.
    pub(crate) conn_reads: BTreeMap<(u32, Key), Point>,
    /// The newest acknowledged write of each key.
    pub(crate) newest: BTreeMap<Key, (Point, u64)>,
    pub(crate) healed_at: Option<u64>,
    /// When the store took the first lease of each epoch.
    pub(crate) leased_at: Map<Epoch, u64>,
    pub(crate) resyncing: Map<NodeId, Epoch>,
    secret: String,
}

impl Checks {
    pub(crate) fn new(secret: &str) -> Self {
        Self {
            tally: Tally::default(),
            violation: None,
            strayed: false,
            now: 0,
            histories: Histories::default(),
            writes: Writes::default(),
            seen: Members::default(),
            reached: Map::new(),
            reports: Map::new(),
            used: Map::new(),
            waited: Vec::new(),
            losses: Vec::new(),
            lost_acks: lost_acks::LostAcks::default(),
            published: Epoch(0),
            conn_reads: BTreeMap::new(),
            newest: BTreeMap::new(),
            healed_at: None,
            leased_at: Map::new(),
            resyncing: Map::new(),
            secret: secret.to_owned(),
        }
    }

    /// Bytes that a copy does not share, and bytes that it shares.
    pub(crate) fn weight(&self) -> (usize, usize) {
        let (histories, writes) = (self.histories.weight(), self.writes.weight());
        let reads = self.conn_reads.len() * 48 + self.newest.len() * 64;
        let known = self.waited.len() * size_of::<Waited>() + self.losses.len() * size_of::<LossReport>();
        (histories.0 + writes.0 + reads + known, histories.1 + writes.1)
    }

    /// Keeps the first violation.
    pub(crate) fn broken(&mut self, invariant: u8, facts: String) {
        if self.violation.is_none() && !(self.strayed && RESTS_ON_CLOCKS.contains(&invariant)) {
            self.violation = Some(Violation { invariant, at_ns: self.now, facts });
        }
    }

    /// Keeps what a check found.
    pub(crate) fn require(&mut self, invariant: u8, outcome: Result<(), String>) {
        if let Err(facts) = outcome {
            self.broken(invariant, facts);
        }
    }

    pub(crate) fn process_started(&mut self, node: NodeId) {
        self.seen.insert(node, Seen { since: self.now, ..Seen::default() });
    }

    pub(crate) fn process_ended(&mut self, node: NodeId) {
        self.seen.remove(node);
        self.resyncing.remove(&node);
        // A promise ends with the life that gave it, and with it what that life had.
        self.reports.values_mut().for_each(|reports| reports.retain(|report| report.node != node));
    }

    pub(crate) fn new_write(&mut self, client: u8, key: Key) -> WriteId {
        self.writes.begin(client, key, self.now)
    }

    pub(crate) fn saw_report(
        &mut self,
        of: (u32, Epoch),
        (node, incarnation): (NodeId, Incarnation),
        position: Position,
    ) {
        let reports = self.reports.entry(of).or_default();
        reports.retain(|r| (r.node, r.incarnation) != (node, incarnation));
        reports.push(Reported { node, incarnation, position });
    }

    /// The coordinator proposes a primary: what reaches it from now on was not used.
    pub(crate) fn proposed(&mut self, of: (u32, Epoch)) {
        let reports = self.reports.get(&of).cloned().unwrap_or_default();
        self.used.insert(of, reports);
    }

    /// A member got a piece of a branch: it holds the writes that end in it.
    pub(crate) fn holds(&mut self, node: NodeId, epoch: Epoch, from: Offset, to: Offset) {
        let Some(branch) = self.histories.branch(epoch).filter(|_| self.writes.told()) else { return };
        let first = branch.ops.partition_point(|(end, _)| *end <= from);
        for (_, op) in branch.ops.after(first).take_while(|(end, _)| *end <= to) {
            if let history::Op::Set(id) = op
                && let Some(write) = self.writes.get_mut(*id)
            {
                let member = usize::from(node.0).wrapping_sub(1);
                write.tell(|story| story.held.iter_mut().skip(member).take(1).for_each(|at| *at = self.now));
            }
        }
    }

    /// Newly appended writes of a branch get their place.
    pub(crate) fn place_writes(&mut self, epoch: Epoch, from: Offset) {
        let Some(branch) = self.histories.branch(epoch) else { return };
        for (end, op) in branch.ops.iter().rev().take_while(|(end, _)| *end > from) {
            if let history::Op::Set(id) = op
                && let Some(write) = self.writes.get_mut(*id)
            {
                write.logged((epoch, *end));
            }
        }
    }
}
