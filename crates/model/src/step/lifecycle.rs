//! Crashes, restarts, membership (R9, R10, R15, R16).

use crate::config::{Config, Mutant};
use crate::rule::{Refusal, Rule, need};
use crate::state::{Coordinator, NOBODY, Node, Role, State};

pub(super) fn crash(cfg: &Config, s: &mut State, id: u8) -> Result<(), Refusal> {
    need(s.budget.crashes > 0, Rule::Shape, "no crash left")?;
    s.budget.crashes -= 1;
    s.depose(id);
    let node = &mut s.nodes[usize::from(id)];
    let (mut report, mut promotion, mut ack) = (node.report, node.promotion, node.ack);
    report.fresh = false;
    promotion.fresh = false;
    ack.fresh = false;
    // The quarantine runs from the crash: a process that boots later only stays out longer.
    let quarantined = cfg.failsafe && !cfg.is(Mutant::M20);
    *node = Node {
        role: Role::Boot,
        follow: NOBODY,
        quarantine: if quarantined { cfg.takeover_wait() } else { 0 },
        report,
        promotion,
        ack,
        ..Node::default()
    };
    if s.store.primary == id {
        s.store.fresh = false;
    }
    if !cfg.is(Mutant::M15) {
        s.store.synced &= !(1 << id);
    }
    for node in s.nodes.iter_mut().filter(|node| node.leads()) {
        node.gone |= 1 << id;
    }
    for fact in &mut s.writes {
        fact.holders &= !(1 << id);
    }
    Ok(())
}

pub(super) fn join(s: &mut State, id: u8) -> Result<(), Refusal> {
    let epoch = s.store.epoch;
    let node = &mut s.nodes[usize::from(id)];
    need(node.role == Role::Boot, Rule::Shape, "it is no new incarnation")?;
    node.role = Role::Idle;
    node.promised = epoch;
    Ok(())
}

pub(super) fn resume_role(cfg: &Config, s: &mut State, id: u8) -> Result<(), Refusal> {
    let node = &mut s.nodes[usize::from(id)];
    let was = node.role == Role::Boot && !s.store.electing && s.store.primary == id;
    need(was, Rule::Shape, "it led nothing")?;
    need(cfg.is(Mutant::M12), Rule::R10, "a restarted node resumes no role")?;
    node.role = Role::Primary;
    node.epoch = s.store.epoch;
    node.promised = s.store.epoch;
    node.log.push_epoch(s.store.epoch);
    node.list = s.store.seen;
    s.store.fresh = true;
    Ok(())
}

pub(super) fn restart_coordinator(cfg: &Config, s: &mut State, id: u8) -> Result<(), Refusal> {
    let able = s.budget.restarts > 0 && id < cfg.coordinators && !cfg.clockless;
    need(able, Rule::Shape, "no restart left")?;
    s.budget.restarts -= 1;
    s.coordinators[usize::from(id)] = if cfg.is(Mutant::M10) {
        Coordinator { observed: cfg.takeover_wait(), stale: false }
    } else {
        Coordinator { observed: 0, stale: true }
    };
    Ok(())
}

pub(super) fn add_member(cfg: &Config, s: &mut State, id: u8) -> Result<(), Refusal> {
    let new = cfg.late_member && s.store.members & (1 << id) == 0;
    need(new, Rule::Shape, "it is a member")?;
    s.store.members |= 1 << id;
    Ok(())
}

pub(super) fn learn_members(s: &mut State, id: u8) -> Result<(), Refusal> {
    let members = s.store.members;
    let node = &mut s.nodes[usize::from(id)];
    need(node.leads() && node.list != members, Rule::Shape, "it knows the list")?;
    node.list = members;
    Ok(())
}
