//! Serving without the store (R14, R16).

use super::{NodeId, Replay, ensure, refuse};
use crate::rule::{Refusal, Rule};

impl Replay {
    pub(super) fn granted(
        &mut self,
        who: (NodeId, u64),
        primary: NodeId,
        epoch: u64,
        round: u64,
    ) -> Result<(), Refusal> {
        let (id, inc) = who;
        let known = self.history.get(epoch).is_some_and(|known| known.winner.0 == primary);
        ensure(known, Rule::R14, || format!("node {primary} never led epoch {epoch}"))?;
        let (now, length) = (self.now, self.cfg.lease.map_or(0, |(lease, _)| lease));
        let node = self.live(id, inc)?;
        let promised = node.promised;
        ensure(promised <= epoch, Rule::R14, || {
            format!("node {id} granted {epoch}, it has promised {promised}")
        })?;
        ensure(node.quarantine <= now, Rule::R16, || format!("node {id} granted within L of its restart"))?;
        node.grant = node.grant.max(now + length);
        let lead = self.leads.entry(epoch).or_default();
        if round > lead.round.0 {
            lead.round = (round, 0);
        }
        if round == lead.round.0 {
            lead.round.1 |= 1 << id;
        }
        Ok(())
    }

    pub(super) fn serving(
        &mut self,
        who: (NodeId, u64),
        epoch: u64,
        round: u64,
        started: u64,
    ) -> Result<(), Refusal> {
        let (id, inc) = who;
        let leads = self.live(id, inc)?.leads;
        ensure(leads == Some(epoch), Rule::R14, || format!("node {id} serves {epoch}, it leads {leads:?}"))?;
        let over = self.history.get(epoch).is_none_or(|known| known.over);
        ensure(!over, Rule::R17, || format!("node {id} serves epoch {epoch} after a final no"))?;
        let Some(lead) = self.leads.get(&epoch) else {
            return refuse(Rule::R14, format!("node {id} has no grants"));
        };
        ensure(!lead.released, Rule::R13, || format!("node {id} serves after it gave up its lease"))?;
        let list = self.members.iter().filter(|(_, version)| **version <= lead.list);
        let all = list.fold(0, |set, (member, _)| set | (1 << member)) & !(1 << id);
        let missing = if round == lead.round.0 { all & !lead.round.1 } else { all };
        ensure(missing == 0, Rule::R14, || {
            format!("node {id} serves without the grants of set {missing:#b}")
        })?;
        let deadline = self.cfg.lease.map_or(1, |(lease, _)| started + lease);
        if let Some(lead) = self.leads.get_mut(&epoch) {
            lead.deadline = lead.deadline.max(deadline);
        }
        Ok(())
    }
}
