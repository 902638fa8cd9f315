//! Steps of the store: elections, leases, members, the endpoint.

use super::history::Epoch;
use super::{NodeId, Pos, Replay, Report, ensure, refuse};
use crate::rule::{Refusal, Rule};

impl Replay {
    pub(super) fn suspect(&mut self, epoch: u64) -> Result<(), Refusal> {
        let next = self.epoch + 1;
        ensure(epoch == next, Rule::R3, || format!("epoch {epoch} proposed, the next one is {next}"))?;
        let free = self.cfg.bad_clocks || self.lease_is_void();
        if let (Some((lease, _)), Some(stored), false) = (self.cfg.lease, self.stored, free) {
            let (now, end) = (self.now, stored + lease);
            ensure(now >= end, Rule::R3, || {
                format!("suspected at {now}, the lease stored at {stored} may run until {end}")
            })?;
        }
        self.epoch = epoch;
        self.electing = true;
        self.reports.clear();
        Ok(())
    }

    /// Whether the lease of the committed primary is known to be gone without waiting for its end.
    fn lease_is_void(&self) -> bool {
        let last = self.history.last();
        let released = self.leads.get(&last).is_some_and(|lead| lead.released);
        let dead = self.history.get(last).is_none_or(|epoch| {
            self.nodes.get(&epoch.winner.0).is_none_or(|node| node.inc != epoch.winner.1 || !node.alive)
        });
        self.electing || released || dead
    }

    pub(super) fn reported(&mut self, id: NodeId, epoch: u64, report: Report) -> Result<(), Refusal> {
        ensure(self.electing && epoch == self.epoch, Rule::R3, || {
            format!("no election of epoch {epoch} is open")
        })?;
        ensure(self.members.contains_key(&id), Rule::R15, || format!("node {id} is no member"))?;
        let node = self.nodes.get(&id).filter(|node| node.inc >= report.inc);
        let Some(node) = node else {
            return refuse(Rule::R10, format!("node {id} incarnation {} has not joined", report.inc));
        };
        if node.inc == report.inc {
            ensure(node.promised >= epoch, Rule::R4, || {
                format!("node {id} reported {epoch} without a promise")
            })?;
            let (said, is) = (report.pos, node.pos);
            ensure(said == is || node.promised > epoch || node.leads == Some(epoch), Rule::R4, || {
                format!("node {id} reported {said:?} but stands at {is:?}")
            })?;
        }
        self.reports.insert(id, report);
        Ok(())
    }

    pub(super) fn committed(
        &mut self,
        epoch: u64,
        winner: (NodeId, u64),
        start: Pos,
        counted: u64,
    ) -> Result<(), Refusal> {
        ensure(self.electing && epoch == self.epoch, Rule::R3, || {
            format!("no election of epoch {epoch} is open")
        })?;
        let set = if counted == 0 { self.reports.keys().fold(0, |set, id| set | (1 << id)) } else { counted };
        self.judge_winner(winner, start, set)?;
        self.judge_voters(start, set)?;
        self.judge_leases(epoch)?;
        self.judge_waited(epoch, start, set)?;
        self.electing = false;
        self.confirmed = self.version;
        self.genesis &= start.offset != 0;
        self.history.insert(epoch, Epoch { winner, start, record: None, seq: None, over: false });
        Ok(())
    }

    fn judge_winner(&self, winner: (NodeId, u64), start: Pos, set: u64) -> Result<(), Refusal> {
        let (id, inc) = winner;
        let Some(report) = self.reports.get(&id).filter(|_| set & (1 << id) != 0) else {
            return refuse(Rule::R6, format!("winner {id} has not reported"));
        };
        ensure(report.inc == inc, Rule::R9, || {
            format!("winner {id} reported as {}, elected as {inc}", report.inc)
        })?;
        ensure(report.electable, Rule::R6, || format!("winner {id} is not electable"))?;
        let on_list = self.members.get(&id).is_some_and(|&version| version <= self.confirmed);
        let whole = self.members.keys().all(|member| set & (1 << *member) != 0);
        ensure(on_list || whole || self.nobody_leads(), Rule::R15, || {
            format!("the primary has confirmed no list with {id}")
        })?;
        ensure(start == report.pos, Rule::R4, || {
            format!("epoch starts at {start:?}, {id} reported {:?}", report.pos)
        })?;
        // Members that may not win still hold WAITed writes: the winner must have caught up with them (§2.7 step 4).
        let ahead = self.reports.iter().find(|(other, seen)| set & (1 << **other) != 0 && seen.pos > start);
        ensure(ahead.is_none() || self.begins_anew(start), Rule::R6, || {
            format!("winner {id} starts at {start:?}, ahead is {ahead:?}")
        })
    }

    /// Whoever held the last lease has ended: nobody serves on the grants of a list that lacks the winner (R15).
    fn nobody_leads(&self) -> bool {
        let last = self.history.last_leader();
        last.is_none_or(|(id, inc)| self.nodes.get(&id).is_none_or(|node| node.inc != inc || !node.alive))
    }

    /// R12 and R19: who must have been heard.
    fn judge_voters(&self, start: Pos, set: u64) -> Result<(), Refusal> {
        let voted = |id: &NodeId| set & (1 << *id) != 0 && self.reports.contains_key(id);
        let synced = |id: &NodeId| self.reports.get(id).is_some_and(|r| self.synced.get(id) == Some(&r.inc));
        if let Some(k) = self.cfg.strict {
            let (need, have) = (
                (self.members.len() as u64).saturating_sub(k),
                self.members.keys().filter(|id| voted(id) && synced(id)).count(),
            );
            ensure(have as u64 >= need, Rule::R12, || format!("{have} synced voters, {need} are needed"))?;
        }
        let silent = self.members.keys().any(|id| !voted(id) && !self.is_blank(*id));
        let had = self.data || self.history.had_data();
        let refused = start.offset == 0 && silent && had && !self.genesis;
        ensure(!refused, Rule::R19, || {
            String::from("an empty winner while the group had data and somebody is silent")
        })
    }

    /// The group is emptied on purpose, or because nobody is left who could have data (R19): what was before is given up.
    pub(super) fn begins_anew(&self, start: Pos) -> bool {
        self.genesis && start == Pos::default()
    }

    /// R19: a process that was let in while this election was open has told that it is empty, and whoever could feed
    /// it has still to be elected.
    fn is_blank(&self, id: NodeId) -> bool {
        let Some(&(inc, epoch)) = self.blank.get(&id) else { return false };
        let empty = |node: &super::Node| {
            node.inc < inc || (node.inc == inc && node.pos == Pos::default() && node.link.is_none())
        };
        epoch == self.epoch && self.nodes.get(&id).is_none_or(empty)
    }

    pub(super) fn admitted(&mut self, id: NodeId, inc: u64, empty: bool) -> Result<(), Refusal> {
        ensure(self.members.contains_key(&id), Rule::R15, || format!("node {id} is no member"))?;
        // A life may end while the change that lets it in is on its way to the store.
        let ended = |node: &super::Node| node.inc == inc && !node.alive && node.promised == 0;
        let newer = self.nodes.get(&id).is_none_or(|node| node.inc < inc || ended(node));
        ensure(newer, Rule::R9, || format!("node {id} was let in as {inc} again"))?;
        self.blank.remove(&id);
        if empty && self.electing {
            self.blank.insert(id, (inc, self.epoch));
        }
        Ok(())
    }

    /// I4 in time: no lease of an older epoch may run when a new one is committed.
    fn judge_leases(&self, epoch: u64) -> Result<(), Refusal> {
        let serving = self.nodes.iter().find(|(_, node)| {
            node.alive && node.leads.is_some_and(|old| old < epoch && self.lease_runs(old))
        });
        let timed = self.cfg.lease.is_some() && !self.cfg.bad_clocks;
        ensure(!timed || serving.is_none(), Rule::R3, || {
            format!("epoch {epoch} committed while {:?} still has a lease", serving.map(|(id, _)| id))
        })
    }

    pub(super) fn renewed(
        &mut self,
        who: (NodeId, u64),
        epoch: u64,
        seq: u64,
        sent: u64,
        members_seen: u64,
    ) -> Result<(), Refusal> {
        let now = self.now;
        let open = self.electing || self.epoch != epoch;
        ensure(!open, Rule::R17, || format!("a renewal of epoch {epoch} stored, the store is at another"))?;
        let known = self.history.get(epoch).filter(|known| known.winner == who);
        let Some(known) = known else {
            return refuse(Rule::R9, format!("{who:?} is not the committed primary of epoch {epoch}"));
        };
        ensure(known.record.is_some(), Rule::R5, || format!("{who:?} renews before its epoch record"))?;
        ensure(!known.over, Rule::R17, || format!("{who:?} renews epoch {epoch} after a final no"))?;
        ensure(known.seq.is_none_or(|last| last < seq), Rule::R1, || {
            format!("renewal {seq} after {:?}", known.seq)
        })?;
        ensure(sent <= now, Rule::R1, || format!("renewal sent at {sent}, stored at {now}"))?;
        let cancelled = self.leads.get(&epoch).is_some_and(|lead| lead.released && sent < lead.released_at);
        let timed = self.cfg.lease.is_some();
        ensure(!(timed && cancelled), Rule::R13, || format!("{who:?} released after it sent this renewal"))?;
        if let Some(known) = self.history.get_mut(epoch) {
            known.seq = Some(seq);
        }
        self.confirmed = self.confirmed.max(members_seen);
        self.stored = Some(now);
        let deadline = self.cfg.lease.map_or(1, |(lease, _)| sent + lease);
        let lead = self.leads.entry(epoch).or_default();
        lead.released = false;
        lead.list = lead.list.max(members_seen);
        lead.deadline = lead.deadline.max(deadline);
        Ok(())
    }

    /// A primary's role ends by a "no" (R17) or by its own step.
    pub(super) fn over(&mut self, who: (NodeId, u64), epoch: u64, stepped: bool) -> Result<(), Refusal> {
        let known = self.history.get_mut(epoch).filter(|known| known.winner == who);
        let Some(known) = known else {
            return refuse(Rule::R9, format!("{who:?} never led epoch {epoch}"));
        };
        known.over = true;
        if let Some(node) = self.nodes.get_mut(&who.0).filter(|node| node.inc == who.1 && stepped) {
            node.leads = node.leads.filter(|&led| led != epoch);
        }
        Ok(())
    }

    pub(super) fn released(&mut self, who: (NodeId, u64), epoch: u64, pos: Pos) -> Result<(), Refusal> {
        let stable = !self.electing && self.epoch == epoch;
        ensure(stable, Rule::R13, || format!("a release of epoch {epoch} stored, the store is at another"))?;
        let primary = self.history.get(epoch).is_some_and(|known| known.winner == who);
        ensure(primary, Rule::R9, || format!("{who:?} is not the committed primary of epoch {epoch}"))?;
        ensure(pos.epoch == epoch, Rule::R5, || format!("released epoch {epoch} at {pos:?}"))?;
        let now = self.now;
        let lead = self.leads.entry(epoch).or_default();
        lead.released = true;
        lead.released_at = now;
        lead.deadline = 0;
        lead.round = (0, 0);
        Ok(())
    }

    pub(super) fn publish(&mut self, epoch: u64, node: NodeId) -> Result<(), Refusal> {
        let known = self.history.get(epoch).filter(|known| known.winner.0 == node);
        let Some(known) = known else {
            return refuse(Rule::R20, format!("node {node} was never committed for epoch {epoch}"));
        };
        ensure(known.seq.is_some(), Rule::R20, || format!("node {node} has no lease of epoch {epoch} yet"))?;
        let last = self.published;
        ensure(epoch >= last, Rule::R20, || format!("the endpoint went back from epoch {last} to {epoch}"))?;
        self.published = epoch;
        Ok(())
    }

    pub(super) fn member_added(&mut self, node: NodeId, version: u64) -> Result<(), Refusal> {
        let last = self.version;
        ensure(version > last, Rule::R15, || format!("list version {version} after {last}"))?;
        ensure(node < 64, Rule::Shape, || format!("node {node} does not fit a set"))?;
        self.version = version;
        self.members.insert(node, version);
        Ok(())
    }

    pub(super) fn member_removed(&mut self, node: NodeId, version: u64) -> Result<(), Refusal> {
        let last = self.version;
        ensure(version > last, Rule::R15, || format!("list version {version} after {last}"))?;
        self.version = version;
        self.members.remove(&node);
        self.synced.remove(&node);
        Ok(())
    }
}
