//! Serving without the store (R14, R16). Grants run for L plus the margin, as take-overs wait: the same drift threatens both.

use crate::config::{Config, LEASE, Mutant};
use crate::rule::{Refusal, Rule, need};
use crate::state::{Role, Round, State};

pub(super) fn ask(cfg: &Config, s: &mut State, id: u8) -> Result<(), Refusal> {
    let node = &mut s.nodes[usize::from(id)];
    need(cfg.failsafe && node.role == Role::Primary, Rule::Shape, "no failsafe here")?;
    let newer = !node.round.open || node.round.age > 0;
    need(newer, Rule::Shape, "a round of this instant is open")?;
    node.round = Round { open: true, age: 0, granted: 0 };
    Ok(())
}

pub(super) fn grant(cfg: &Config, s: &mut State, member: u8, primary: u8) -> Result<(), Refusal> {
    let asker = s.nodes[usize::from(primary)];
    let node = &mut s.nodes[usize::from(member)];
    let asked = asker.round.open && asker.list & (1 << member) != 0 && member != primary;
    need(asked && asker.round.granted & (1 << member) == 0, Rule::Shape, "not asked")?;
    need(node.role != Role::Boot, Rule::R10, "it has not joined")?;
    need(node.quarantine == 0, Rule::R16, "it may have voted")?;
    need(node.promised <= asker.epoch && !node.leads(), Rule::R14, "it has promised more")?;
    node.grant = if cfg.is(Mutant::N1) { LEASE } else { cfg.takeover_wait() };
    s.nodes[usize::from(primary)].round.granted |= 1 << member;
    Ok(())
}

pub(super) fn serve(cfg: &Config, s: &mut State, id: u8) -> Result<(), Refusal> {
    let node = &mut s.nodes[usize::from(id)];
    let cancelled = node.role == Role::Released && !node.round.open;
    need(!cancelled, Rule::R13, "the release has cancelled the round")?;
    need(node.round.open, Rule::Shape, "no round is open")?;
    let missing = node.list & !(1 << id) & !node.round.granted;
    let enough = missing == 0 || cfg.is(Mutant::M18) && node.round.granted != 0;
    need(enough, Rule::R14, "a member has not granted")?;
    need(node.round.age < LEASE, Rule::R14, "counted from the start of the round it is over")?;
    node.lease = node.lease.max(LEASE - node.round.age);
    node.round = Round::default();
    node.role = Role::Primary;
    Ok(())
}
