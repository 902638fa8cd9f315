//! What a primary counts and answers: acks, WAIT, synced marks, and the fate of WAITed writes (I6).

use super::{Acked, NodeId, Pos, Replay, Waited, ensure, refuse};
use crate::rule::{Refusal, Rule};

impl Replay {
    pub(super) fn acked(
        &mut self,
        from: (NodeId, u64),
        primary: NodeId,
        epoch: u64,
        offset: u64,
    ) -> Result<(), Refusal> {
        let (id, inc) = from;
        let leads = self.nodes.get(&primary).and_then(|node| node.leads);
        ensure(leads == Some(epoch), Rule::R7, || {
            format!("node {primary} counted an ack of epoch {epoch}, it leads {leads:?}")
        })?;
        let Some(node) = self.nodes.get(&id) else {
            return refuse(Rule::R10, format!("node {id} has not joined"));
        };
        let attached = self.leads.get(&epoch).and_then(|lead| lead.attached.get(&id)).copied();
        ensure(attached.is_some(), Rule::R7, || format!("node {id} has not attached in epoch {epoch}"))?;
        ensure(attached == Some(inc), Rule::R9, || {
            format!("an ack of {id} as {inc} counted, it attached as {attached:?}")
        })?;
        if node.inc == inc {
            let pos = node.pos;
            let had = pos.epoch > epoch || offset <= pos.offset;
            // Records need not be told one by one; but a node that has promised more has stopped where it froze.
            let stopped = node.promised > epoch;
            ensure(had || !stopped, Rule::R4, || {
                format!("an ack of {offset} by {id}, which froze at {pos:?}")
            })?;
        }
        let record = self.history.get(epoch).and_then(|known| known.record);
        self.data |= record.is_some_and(|record| offset > record);
        let lead = self.leads.entry(epoch).or_default();
        let known = lead.acked.entry(id).or_insert(Acked { inc, offset });
        if known.inc != inc {
            *known = Acked { inc, offset };
        }
        known.offset = known.offset.max(offset);
        Ok(())
    }

    /// Whether the leader of `epoch` may answer clients now (R2).
    pub(super) fn lease_runs(&self, epoch: u64) -> bool {
        self.leads.get(&epoch).is_some_and(|lead| !lead.released && lead.deadline > self.now)
    }

    pub(super) fn wait_answered(
        &mut self,
        who: (NodeId, u64),
        epoch: u64,
        offset: u64,
        k: u64,
    ) -> Result<(), Refusal> {
        self.acknowledged(who, epoch)?;
        let record = self.history.get(epoch).and_then(|known| known.record);
        let enough = offset.max(record.unwrap_or(u64::MAX));
        let mut holders = vec![who];
        let mut covering = 0;
        for (&replica, acked) in self.leads.get(&epoch).iter().flat_map(|lead| &lead.acked) {
            covering += u64::from(acked.offset >= offset);
            if acked.offset >= enough {
                holders.push((replica, acked.inc));
            }
        }
        let have = holders.len() as u64 - 1;
        let rule = if covering >= k { Rule::R8 } else { Rule::R7 };
        ensure(have >= k, rule, || format!("WAIT answered {k} at {offset}, {have} acks cover {enough}"))?;
        if k > 0 {
            let pos = self.history.locate(epoch, offset);
            self.waited.push(Waited { pos, holders });
        }
        Ok(())
    }

    /// Whoever answers clients leads, under a lease.
    pub(super) fn acknowledged(&mut self, (id, inc): (NodeId, u64), epoch: u64) -> Result<(), Refusal> {
        let leads = self.live(id, inc)?.leads;
        ensure(leads == Some(epoch), Rule::R9, || {
            format!("node {id} answered for {epoch}, it leads {leads:?}")
        })?;
        let Some(known) = self.history.get(epoch).copied() else {
            return refuse(Rule::R3, format!("epoch {epoch} was never committed"));
        };
        ensure(!known.over, Rule::R17, || format!("node {id} answered in epoch {epoch} after a final no"))?;
        if self.cfg.bad_clocks { Ok(()) } else { self.judge_lease(id, epoch) }
    }

    /// R2 and what can be seen of it without time: no answer below a committed epoch, none after a release.
    fn judge_lease(&self, id: NodeId, epoch: u64) -> Result<(), Refusal> {
        let last = self.history.last();
        ensure(epoch >= last, Rule::R2, || format!("node {id} answered in {epoch}, {last} is committed"))?;
        let Some(lead) = self.leads.get(&epoch) else {
            return refuse(Rule::R2, format!("node {id} has no lease of epoch {epoch}"));
        };
        ensure(!lead.released, Rule::R13, || format!("node {id} answered after it gave up its lease"))?;
        let slack = self.cfg.lease.map_or(0, |(_, margin)| margin);
        let (now, deadline) = (self.now, lead.deadline);
        let holds = deadline > 0 && (self.cfg.lease.is_none() || now < deadline + slack);
        ensure(holds, Rule::R2, || format!("node {id} answered at {now}, its lease ended at {deadline}"))
    }

    pub(super) fn mark_synced(&mut self, id: NodeId, inc: u64, epoch: u64) -> Result<(), Refusal> {
        let stable = !self.electing && self.epoch == epoch;
        ensure(stable, Rule::R17, || format!("{id} marked by epoch {epoch}, the store is at another"))?;
        let record = self.history.get(epoch).and_then(|known| known.record).unwrap_or(u64::MAX);
        let acked = self.leads.get(&epoch).and_then(|lead| lead.acked.get(&id));
        let current = acked.is_some_and(|acked| acked.inc == inc && acked.offset >= record);
        ensure(current, Rule::R12, || format!("{id} as {inc} marked before it had epoch {epoch}'s record"))?;
        self.synced.insert(id, inc);
        Ok(())
    }

    /// I6 at a commit: a WAITed write with a holder among the reporters is in the winner; without one it is excused
    /// for good. Strict mode has no excuse while its voters are synced (I6s).
    pub(super) fn judge_waited(&mut self, epoch: u64, start: Pos, set: u64) -> Result<(), Refusal> {
        let reporters = || self.reports.iter().filter(|(id, _)| set & (1 << **id) != 0);
        // Strict excuses only what more memories have been lost for than it was told to survive.
        let gone = |waited: &Waited| {
            let lost = |&&(id, inc): &&(NodeId, u64)| {
                let same = |node: &super::Node| node.inc == inc && node.alive;
                !self.nodes.get(&id).is_some_and(|node| same(node) || self.synced.get(&id) == Some(&node.inc))
            };
            waited.holders.iter().filter(lost).count() as u64
        };
        let bound = |waited: &Waited| self.cfg.strict.is_some_and(|k| gone(waited) <= k);
        let mut kept = Vec::new();
        let anew = self.begins_anew(start);
        for waited in self.waited.iter().filter(|_| !anew) {
            let has = |pos: Pos| self.history.contains(pos, waited.pos);
            let held = reporters()
                .any(|(&id, report)| has(report.pos) || waited.holders.contains(&(id, report.inc)));
            let safe = has(start);
            ensure(safe || !(held || bound(waited)), Rule::R6, || {
                format!(
                    "epoch {epoch} loses the write at {:?}, WAITed with {:?} (I6)",
                    waited.pos, waited.holders
                )
            })?;
            if safe {
                kept.push(waited.clone());
            }
        }
        self.waited = kept;
        Ok(())
    }
}
