//! Steps of the nodes: promises, promotion, replication, restarts.

use super::{Lead, Link, Node, NodeId, Pos, Replay, ensure, refuse};
use crate::rule::{Refusal, Rule};

impl Replay {
    fn judge_place(&self, id: NodeId, pos: Pos) -> Result<(), Refusal> {
        let place = self.history.is_place(pos);
        ensure(place, Rule::R5, || format!("node {id} at {pos:?} has not applied that epoch's record"))
    }

    pub(super) fn frozen(&mut self, id: NodeId, inc: u64, epoch: u64, pos: Pos) -> Result<(), Refusal> {
        let (now, highest) = (self.now, self.epoch);
        ensure(epoch <= highest, Rule::R3, || format!("node {id} froze at {epoch}, nobody has proposed it"))?;
        let timed = self.cfg.lease.is_some();
        self.judge_place(id, pos)?;
        let node = self.live(id, inc)?;
        let promised = node.promised;
        ensure(epoch >= promised, Rule::R4, || {
            format!("node {id} froze at {epoch}, it has promised {promised}")
        })?;
        ensure(node.leads != Some(epoch), Rule::R4, || {
            format!("node {id} froze in the epoch that it leads")
        })?;
        let follows = node.link.is_some_and(|link| link.epoch == epoch);
        ensure(!follows, Rule::R4, || format!("node {id} froze in the epoch that it follows"))?;
        ensure(!timed || node.grant <= now, Rule::R14, || format!("node {id} froze while its grant runs"))?;
        ensure(!timed || node.quarantine <= now, Rule::R16, || {
            format!("node {id} froze within L of its restart")
        })?;
        moves(node, id, pos)?;
        node.promised = epoch;
        node.link = None;
        node.leads = None;
        Ok(())
    }

    pub(super) fn promoted(&mut self, id: NodeId, inc: u64, epoch: u64, record: u64) -> Result<(), Refusal> {
        let known = self.history.get(epoch).copied().filter(|known| known.winner == (id, inc));
        let Some(known) = known else {
            return refuse(
                Rule::R9,
                format!("node {id} incarnation {inc} was not elected for epoch {epoch}"),
            );
        };
        let start = known.start;
        ensure(known.record.is_none(), Rule::R3, || format!("epoch {epoch} was taken up twice"))?;
        ensure(record > start.offset, Rule::R5, || format!("no epoch record behind {start:?}"))?;
        let node = self.live(id, inc)?;
        let promised = node.promised;
        ensure(promised == epoch, Rule::R4, || {
            format!("node {id} took up {epoch}, it has promised {promised}")
        })?;
        let pos = node.pos;
        ensure(pos == start, Rule::R4, || format!("node {id} took up {start:?} at {pos:?}"))?;
        node.pos = Pos { epoch, offset: record };
        node.leads = Some(epoch);
        node.link = None;
        let list = self.confirmed;
        if let Some(known) = self.history.get_mut(epoch) {
            known.record = Some(record);
        }
        self.leads.insert(epoch, Lead { list, ..Lead::default() });
        Ok(())
    }

    pub(super) fn caught_up(
        &mut self,
        who: (NodeId, u64),
        epoch: u64,
        from: NodeId,
        pos: Pos,
    ) -> Result<(), Refusal> {
        let (id, inc) = who;
        let open = self.electing && self.epoch == epoch;
        ensure(open, Rule::R3, || format!("no election of epoch {epoch} is open"))?;
        let source = self.reports.get(&from).is_some_and(|report| report.pos >= pos);
        ensure(source, Rule::R4, || format!("node {from} has not reported {pos:?}"))?;
        let own = self.reports.get(&id).is_some_and(|report| report.inc == inc);
        ensure(own, Rule::R4, || format!("node {id} has not reported"))?;
        let node = self.live(id, inc)?;
        let promised = node.promised;
        ensure(promised == epoch, Rule::R4, || format!("node {id} has promised {promised}"))?;
        moves(node, id, pos)?;
        if let Some(report) = self.reports.get_mut(&id) {
            report.pos = pos;
        }
        Ok(())
    }

    pub(super) fn attached(
        &mut self,
        who: (NodeId, u64),
        primary: NodeId,
        epoch: u64,
        pos: Pos,
        full: bool,
    ) -> Result<(), Refusal> {
        let (id, inc) = who;
        let record =
            self.history.get(epoch).filter(|known| known.winner.0 == primary).and_then(|known| known.record);
        let Some(record) = record else {
            return refuse(Rule::R11, format!("node {primary} never led epoch {epoch}"));
        };
        // The primary's own end is not known here: it has at least its epoch record, and may have anything of its epoch.
        let own = pos.epoch == epoch || self.history.contains(Pos { epoch, offset: record }, pos);
        ensure(full || own, Rule::R5, || {
            format!("node {id} continues at {pos:?}, which epoch {epoch} has not")
        })?;
        let node = self.live(id, inc)?;
        let promised = node.promised;
        ensure(epoch >= promised, Rule::R11, || {
            format!("node {id} attached to {epoch}, it has promised {promised}")
        })?;
        ensure(node.leads.is_none(), Rule::R17, || format!("node {id} attached while it leads"))?;
        moves(node, id, pos)?;
        node.promised = epoch;
        node.link = Some(Link { primary, epoch, loading: full });
        // A new connection takes back what the old one had acknowledged (R7).
        let lead = self.leads.entry(epoch).or_default();
        lead.acked.remove(&id);
        lead.attached.insert(id, inc);
        Ok(())
    }

    pub(super) fn swapped(&mut self, id: NodeId, inc: u64, pos: Pos) -> Result<(), Refusal> {
        self.judge_place(id, pos)?;
        let node = self.live(id, inc)?;
        let Some(link) = node.link.filter(|link| link.loading) else {
            return refuse(Rule::R18, format!("node {id} swapped without a full sync"));
        };
        ensure(pos.epoch == link.epoch, Rule::R18, || {
            format!("node {id} swapped to {pos:?} under {}", link.epoch)
        })?;
        // Within one epoch a full sync (backlog overrun) may not lose ground; across epochs it may, by divergence.
        ensure(pos >= node.pos, Rule::R18, || format!("node {id} swapped {:?} for {pos:?}", node.pos))?;
        node.pos = pos;
        node.link = Some(Link { loading: false, ..link });
        Ok(())
    }

    pub(super) fn applied(&mut self, id: NodeId, inc: u64, epoch: u64, pos: Pos) -> Result<(), Refusal> {
        self.judge_place(id, pos)?;
        let node = self.live(id, inc)?;
        let promised = node.promised;
        ensure(epoch >= promised, Rule::R4, || {
            format!("node {id} applied epoch {epoch} below its promise {promised}")
        })?;
        let Some(link) = node.link.filter(|link| link.epoch == epoch) else {
            return refuse(
                Rule::R4,
                format!("node {id} applied records of epoch {epoch}, which it does not follow"),
            );
        };
        ensure(!link.loading, Rule::R18, || format!("node {id} applied records before its swap"))?;
        ensure(pos.epoch <= epoch, Rule::R5, || format!("node {id} reached {pos:?} under epoch {epoch}"))?;
        moves(node, id, pos)
    }

    pub(super) fn exited(&mut self, id: NodeId, inc: u64) -> Result<(), Refusal> {
        let quarantine = self.quarantine();
        let node = self.nodes.entry(id).or_default();
        // An incarnation may end before it joins, and the end of an old one may become known late.
        if inc > node.inc {
            *node = Node { inc, quarantine, ..Node::default() };
        } else if inc == node.inc {
            ensure(node.alive, Rule::R9, || format!("node {id} incarnation {inc} ended twice"))?;
            node.alive = false;
            node.quarantine = quarantine;
            node.link = None;
            node.leads = None;
        }
        Ok(())
    }

    /// Until when a process that replaces one that ends now stays out (R16). The grants that it may have forgotten
    /// were given before that end, and none before the first primary.
    fn quarantine(&self) -> u64 {
        let granted = self.cfg.failsafe && self.history.last() > 0;
        self.cfg.lease.filter(|_| granted).map_or(0, |(lease, _)| self.now + lease)
    }

    pub(super) fn joined(&mut self, id: NodeId, inc: u64, epoch: u64) -> Result<(), Refusal> {
        ensure(id < 64, Rule::Shape, || format!("node {id} does not fit a set"))?;
        let highest = self.epoch;
        ensure(epoch <= highest, Rule::R10, || {
            format!("node {id} joined at {epoch}, nobody has proposed it")
        })?;
        let old = self.nodes.get(&id);
        let newer = old.is_none_or(|old| old.inc < inc);
        ensure(newer, Rule::R9, || format!("node {id} joined as {inc} again"))?;
        let quarantine = old.map_or(0, |old| if old.alive { self.quarantine() } else { old.quarantine });
        let node = Node { inc, alive: true, promised: epoch, quarantine, ..Node::default() };
        self.nodes.insert(id, node);
        Ok(())
    }
}

/// Moves a node to `pos`, never back (I8).
fn moves(node: &mut Node, id: NodeId, pos: Pos) -> Result<(), Refusal> {
    let was = node.pos;
    ensure(pos >= was, Rule::R18, || format!("node {id} went back from {was:?} to {pos:?} (I8)"))?;
    node.pos = pos;
    Ok(())
}
