//! Replication (§2.5) and what clients are told (§2.13): attach, records, acks, writes, WAIT, synced marks.

use crate::config::{Config, Mutant};
use crate::rule::{Refusal, Rule, need};
use crate::state::{AckMessage, NODES, Role, State, WriteFact};

pub(super) fn attach(cfg: &Config, s: &mut State, replica: u8, primary: u8) -> Result<(), Refusal> {
    let source = s.nodes[usize::from(primary)];
    let node = &mut s.nodes[usize::from(replica)];
    need(source.leads() && replica != primary, Rule::Shape, "nobody to attach to")?;
    need(node.role != Role::Boot || cfg.is(Mutant::M13), Rule::R10, "it has not joined")?;
    need(matches!(node.role, Role::Idle | Role::Boot), Rule::Shape, "it is no free replica")?;
    let current = source.epoch >= node.promised || cfg.is(Mutant::M22);
    need(current, Rule::R11, "that primary is below its promise")?;
    node.role = Role::Following;
    node.follow = primary;
    node.promised = node.promised.max(source.epoch);
    if !node.log.is_prefix_of(source.log) {
        node.log = source.log;
        node.epoch = source.log.epoch();
    }
    if cfg.is(Mutant::M3) {
        node.epoch = source.epoch;
    }
    let source = &mut s.nodes[usize::from(primary)];
    source.acked[usize::from(replica)] = 0;
    source.gone &= !(1 << replica);
    Ok(())
}

pub(super) fn records(cfg: &Config, s: &mut State, replica: u8) -> Result<(), Refusal> {
    let node = s.nodes[usize::from(replica)];
    // A node that has reported follows nobody, so R4 needs no test of its own here.
    need(node.role == Role::Following, Rule::R4, "it follows nobody")?;
    let source = s.nodes[usize::from(node.follow)].log;
    need(node.log.len() < source.len(), Rule::Shape, "it has everything")?;
    let node = &mut s.nodes[usize::from(replica)];
    node.log.pull(source);
    let epoch = node.log.epoch();
    node.epoch = if cfg.is(Mutant::M3) { node.epoch.max(epoch) } else { epoch };
    Ok(())
}

pub(super) fn send_ack(s: &mut State, replica: u8) -> Result<(), Refusal> {
    let node = s.nodes[usize::from(replica)];
    need(node.role == Role::Following, Rule::R4, "it follows nobody")?;
    let primary = &s.nodes[usize::from(node.follow)];
    let ack = AckMessage { epoch: primary.epoch, to: node.follow, offset: node.log.len(), fresh: true };
    let news = ack != node.ack && ack.offset > primary.acked[usize::from(replica)];
    need(news, Rule::Shape, "nothing new to say")?;
    s.nodes[usize::from(replica)].ack = ack;
    Ok(())
}

pub(super) fn ack(cfg: &Config, s: &mut State, replica: u8) -> Result<(), Refusal> {
    let ack = s.nodes[usize::from(replica)].ack;
    need(ack.epoch != 0, Rule::Shape, "no ack on its way")?;
    let primary = &mut s.nodes[usize::from(ack.to)];
    need(primary.leads(), Rule::R7, "its receiver leads no more")?;
    let current = ack.epoch == primary.epoch || cfg.is(Mutant::M4);
    need(current, Rule::R7, "an ack of another epoch")?;
    need(ack.fresh || cfg.is(Mutant::M11), Rule::R9, "an ack of another incarnation")?;
    let known = &mut primary.acked[usize::from(replica)];
    *known = (*known).max(ack.offset);
    s.nodes[usize::from(replica)].ack = AckMessage::default();
    Ok(())
}

pub(super) fn write(cfg: &Config, s: &mut State, id: u8) -> Result<(), Refusal> {
    need(s.budget.written < cfg.writes, Rule::Shape, "no write left")?;
    let node = &mut s.nodes[usize::from(id)];
    need(node.role == Role::Primary, Rule::Shape, "no primary")?;
    need(node.lease > 0 || cfg.clockless, Rule::R2, "no lease to acknowledge under")?;
    node.log.push_write(s.budget.written);
    s.budget.written += 1;
    Ok(())
}

pub(super) fn answer_wait(cfg: &Config, s: &mut State, id: u8, write: u8) -> Result<(), Refusal> {
    let node = &s.nodes[usize::from(id)];
    let fact = s.writes[usize::from(write)];
    need(node.role == Role::Primary && !fact.waited, Rule::Shape, "no such WAIT")?;
    let free = cfg.wait_without_lease || cfg.clockless || cfg.is(Mutant::M21);
    need(node.lease > 0 || free, Rule::R2, "no lease to answer under")?;
    let Some(at) = node.log.find_write(write) else {
        return Err(Refusal::new(Rule::Shape, "it has no such write"));
    };
    let mut enough = at + 1;
    let mut acked = 0;
    let mut holders = 1u8 << id;
    let record = node.log.find_epoch(node.epoch).map_or(0, |at| at + 1);
    if !cfg.is(Mutant::M5) {
        enough = enough.max(record);
    }
    for other in (0..NODES).filter(|&other| other != usize::from(id)) {
        acked |= u8::from(node.acked[other] > at);
        if node.acked[other] >= enough {
            holders |= 1 << other;
        }
    }
    need(acked != 0, Rule::Shape, "nobody has acknowledged it")?;
    need(holders.count_ones() > 1, Rule::R8, "no ack covers the epoch record")?;
    holders &= !node.gone;
    s.writes[usize::from(write)] = WriteFact { waited: true, excused: false, holders };
    Ok(())
}

pub(super) fn mark_synced(cfg: &Config, s: &mut State, replica: u8) -> Result<(), Refusal> {
    let node = s.nodes[usize::from(replica)];
    need(cfg.strict && node.role == Role::Following, Rule::Shape, "nothing to mark")?;
    let primary = &s.nodes[usize::from(node.follow)];
    let stable = !s.store.electing && s.store.primary == node.follow && s.store.epoch == primary.epoch;
    need(stable && s.store.fresh, Rule::R17, "the store says no: another epoch")?;
    need(s.store.synced & (1 << replica) == 0, Rule::Shape, "it is marked")?;
    let caught_up = primary.acked[usize::from(replica)] == primary.log.len();
    need(caught_up, Rule::R12, "it has not caught up")?;
    s.store.synced |= 1 << replica;
    Ok(())
}
