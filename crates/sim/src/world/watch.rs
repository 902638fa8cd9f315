//! Where the world looks: after everything that a node did, at every change of the store, at every event.

use primacy_core::control::NodeRole;
use primacy_core::group::event::{Event, EventKind};
use primacy_core::group::record::{Phase, Registers};
use primacy_core::group::{Request, RequestError};
use primacy_core::id::{ConnId, Epoch, NodeId, Position};
use primacy_core::node::{Cut, Notice, Outbox};

use super::World;
use super::machine::address;
use crate::check::{
    i01_one_server, i03_never_back, i05_content, i12_who_writes, i14_endpoint, i20_failsafe, i21_synced,
    i22_heals, i23_elections, i24_bounds, i25_full_syncs, i27_placement,
};
use crate::reply::{self, Reply};
use crate::why::record::Became;

/// Events that are kept for the page and the scripts.
const EVENTS_KEPT: usize = 4096;

impl World {
    /// How far a running node has come.
    pub(crate) fn position_of(&self, id: NodeId) -> Option<Position> {
        Some(self.machines.get(&id)?.process.as_deref()?.node.position())
    }

    /// Looks at a node right after it did something.
    pub(crate) fn watch_node(&mut self, id: NodeId) {
        self.control_watch(id);
        let now = self.queue.now();
        let Some(machine) = self.machines.get(&id) else { return };
        let Some(process) = machine.process.as_deref() else { return };
        let (node, life) = (&process.node, process.incarnation);
        let (position, promised) = (node.position(), node.promised());
        let Some(seen) = self.checks.seen.get_mut(&id) else { return };
        let before = std::mem::replace(&mut seen.position, position);
        if promised != seen.promised {
            self.checks.promised(id, promised);
        }
        if position != before {
            let ops = self.checks.histories.branch(position.epoch).map_or(0, |b| b.ops.len());
            if self.checks.moved((id, life), node, before, position) {
                let after = self.checks.histories.branch(position.epoch).map_or(0, |b| b.ops.len());
                let added = (after - ops) as u64;
                let outcome = i12_who_writes::check(id, node, machine.clock.now(now), added);
                self.checks.require(12, outcome);
            } else {
                self.checks.swapped(id, before, position);
            }
            let reached = self.checks.reached.entry((id, position.epoch)).or_default();
            *reached = position.offset.max(*reached);
            if self.recorded_primary() == Some(id) {
                self.way.reached(now, position.offset);
            }
        }
        if node.role().is_primary() {
            let outcome = i01_one_server::check(self);
            self.checks.require(1, outcome);
            let outcome = i20_failsafe::check(self, id);
            self.checks.require(20, outcome);
        }
    }

    /// The round is over: what happened in it must be explained now.
    pub(crate) fn round_explained(&mut self, id: NodeId, full_sync: bool) {
        let swapped = self.checks.seen.get(&id).is_some_and(|seen| seen.swapped_from.is_some());
        if !swapped {
            return;
        }
        let Some(process) = self.process(id) else { return };
        let clients = process.socks.values().filter(|s| !s.session.is_feed() && !s.session.is_upstream());
        let left = clients.filter(|s| !s.closing()).count();
        self.checks.swap_explained(id, full_sync, left);
    }

    pub(crate) fn saw_role(&mut self, id: NodeId, from: NodeRole, to: NodeRole, epoch: Epoch) {
        self.note(|| format!("{id}: {from:?} -> {to:?} (epoch {})", epoch.0));
        self.keep_turn(id, Became::Role(to, epoch));
        let newest = self.checks.histories.epochs().next_back().map_or(Epoch(0), |e| e.0);
        // A snapshot whose source has died is interrupted by the failover that follows, seen here a role or two later.
        let over = matches!(to, NodeRole::FullSync | NodeRole::Following | NodeRole::Frozen);
        let began = if over { self.checks.resyncing.remove(&id) } else { None };
        let whole = from == NodeRole::FullSync && to == NodeRole::Following;
        let interrupted = began.is_some_and(|e| !whole && (e < newest || to == NodeRole::Frozen));
        self.checks.tally.full_sync_interrupted += u64::from(interrupted);
        if to == NodeRole::FullSync {
            self.checks.resyncing.insert(id, newest);
        }
    }

    pub(crate) fn saw_notice(&mut self, id: NodeId, notice: &Notice) {
        self.control_noticed(id, notice);
        self.note(|| format!("{id}: {notice:?}"));
        let tally = &mut self.checks.tally;
        match notice {
            Notice::Failsafe { on: true } => tally.failsafe_entered += 1,
            Notice::Failsafe { on: false } => tally.failsafe_left += 1,
            Notice::FeedCut { reason: Cut::OutputLimit, .. } => tally.feed_output_limit += 1,
            Notice::FeedAttached { full, member, .. } => {
                tally.full_syncs += u64::from(*full);
                tally.partial_syncs += u64::from(!full);
                if let (true, Some(member)) = (full, member) {
                    self.count_overrun(id, *member);
                    let outcome = i25_full_syncs::check(self, id, *member);
                    self.checks.require(25, outcome);
                }
            }
            Notice::LinkUp { full: true, .. } => self.round_explained(id, true),
            _ => {}
        }
    }

    fn count_overrun(&mut self, primary: NodeId, replica: NodeId) {
        let Some(from) = self.position_of(replica).filter(|p| p.offset > 0) else { return };
        let Some(process) = self.machines.get(&primary).and_then(|m| m.process.as_deref()) else { return };
        let to = process.node.position();
        let overrun = process.node.backlog_start() > from.offset;
        if self.checks.histories.contains((to.epoch, to.offset), (from.epoch, from.offset)) {
            self.checks.tally.backlog_overrun += u64::from(overrun);
        } else {
            self.checks.tally.diverged_old_primary += 1;
        }
    }

    pub(crate) fn saw_event(&mut self, mut event: Event) {
        self.number_event(&mut event.id, &mut event.cause);
        let tally = &mut self.checks.tally;
        match &event.kind {
            EventKind::Lost(report) => self.checks.lost(&report.clone()),
            EventKind::ElectionWaits { .. } => tally.genesis_waits += 1,
            EventKind::DataLost => tally.genesis_again += 1,
            EventKind::PlannedFailoverAborted { .. } => tally.planned_aborted += 1,
            EventKind::Suspected { reason: primacy_core::group::event::Suspicion::Stalled, .. } => {
                tally.stalled_elections += 1;
            }
            _ => {}
        }
        if self.events.len() == EVENTS_KEPT {
            self.events.pop_front();
        }
        self.events.push_back((self.queue.now(), event));
    }

    pub(crate) fn saw_request(&mut self, request: &Request, answer: &Result<(), RequestError>) {
        self.note(|| format!("request {request:?}: {answer:?}"));
        let amid = self.recorded_primary().is_none();
        self.checks.tally.asked_amid += u64::from(amid && answer.is_ok());
        self.checks.tally.refused_amid += u64::from(amid && answer.is_err());
        self.last_request = Some(answer.clone());
    }

    /// The store took a change.
    pub(crate) fn store_changed(&mut self, before: &Registers, by: u32) {
        self.control_stored(before, by);
        let after = self.store.registers.clone();
        let outcome = i03_never_back::store(before, &after);
        self.checks.require(3, outcome);
        if let Some(lease) = &after.lease {
            self.checks.leased_at.entry(lease.epoch).or_insert_with(|| self.queue.now());
        }
        let known = before.shard.as_ref().and_then(|s| s.history.last()).map_or(Epoch(0), |e| e.epoch);
        if let Some(shard) = &after.shard {
            for start in shard.history.iter().filter(|start| start.epoch > known) {
                if let Phase::Stable { primary, incarnation } = shard.phase {
                    self.count_election(before, (by, start.epoch), primary, start.start);
                    self.checks.histories.commit(start, (primary, incarnation));
                    let genesis = before.shard.as_ref().map_or(0, |s| s.genesis) != shard.genesis;
                    self.checks.elected(start, by, genesis);
                    self.checks.count_lost();
                }
            }
        }
        let outcome = i21_synced::check(self, before);
        self.checks.require(21, outcome);
    }

    fn count_election(&mut self, before: &Registers, of: (u32, Epoch), winner: NodeId, start: Position) {
        let last = self.checks.histories.epochs().next_back().map(|(e, b)| (e, b.primary.0, b.ops.len()));
        let Some((old, primary, writes)) = last else { return };
        let tally = &mut self.checks.tally;
        tally.elections += 1;
        tally.old_primary_won += u64::from(primary == winner);
        tally.election_without_write += u64::from(writes == 0);
        let planned = before.shard.as_ref().is_some_and(|s| s.target == Some(winner) && s.released.is_some());
        tally.planned_done += u64::from(planned);
        let best_first = self.checks.reports.get(&of).and_then(|r| r.first()).map(|r| r.node);
        let waited = self
            .store
            .registers
            .lease
            .as_ref()
            .is_some_and(|l| l.epoch == old && l.acked.contains_key(&winner));
        if best_first != Some(winner) && waited && start.offset > 0 {
            self.checks.tally.straggler_won += 1;
        }
    }

    /// Checks at intervals.
    pub(crate) fn check_now(&mut self) {
        let outcome = i24_bounds::check(self);
        self.checks.require(24, outcome);
        let outcome = i14_endpoint::follows(self);
        self.checks.require(15, outcome);
    }

    /// Checks at the end of a run that has healed and come to rest.
    pub(crate) fn check_end(&mut self) {
        let outcome = i22_heals::check(self);
        self.checks.require(22, outcome);
        let outcome = i23_elections::check(self);
        self.checks.require(23, outcome);
        let outcome = i27_placement::check(self);
        self.checks.require(27, outcome);
        if self.checks.violation.is_none() {
            let outcome = i05_content::check(self);
            self.checks.require(5, outcome);
        }
        self.checks.every_failover_reported();
        if let Some(position) = self.recorded_primary().and_then(|id| self.position_of(id)) {
            self.checks.count_lost_acks((position.epoch, position.offset));
        }
        let nodes: Vec<NodeId> = self.machines.keys().collect();
        for node in nodes {
            for reply in
                self.probe(node, &[vec![b"INFO"], vec![b"CONFIG", b"GET", b"*"], vec![b"CLIENT", b"LIST"]])
            {
                self.checks.scan_for_secret(&reply);
            }
        }
    }

    /// Asks a node over a connection beside the network; for checks only.
    pub(crate) fn probe(&mut self, id: NodeId, commands: &[Vec<&[u8]>]) -> Vec<Reply> {
        let clock = self.clock_of(id);
        let Some(process) = self.process(id) else { return Vec::new() };
        let conn = ConnId(u64::MAX);
        let Ok(mut session) = process.node.accept(conn, address(id), clock) else { return Vec::new() };
        let mut input = Vec::new();
        for words in commands {
            reply::command(&mut input, words);
        }
        let mut out = Outbox::new();
        process.node.handle_input(&mut session, &input, &mut out, clock);
        let mut rest = out.unsent();
        let mut replies = Vec::new();
        while let Ok(Some((reply, len))) = reply::parse(rest) {
            replies.push(reply);
            rest = &rest[len..];
        }
        process.node.closed(session, clock);
        replies
    }

    /// Keeps a line for the page's log, if anybody asked for lines.
    pub(crate) fn note(&mut self, line: impl FnOnce() -> String) {
        if self.noting {
            self.notes.push((self.queue.now(), line()));
        }
    }
}
