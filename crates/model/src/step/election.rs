//! Elections (§2.7): observation, suspicion, reports, commit, promotion, stepping down.

use crate::check::{self, Violation};
use crate::config::{Config, LEASE, Mutant};
use crate::rule::{Refusal, Rule, need};
use crate::state::{NOBODY, NODES, Node, Position, Promotion, Report, Role, State};

pub(super) fn observe(cfg: &Config, s: &mut State, id: u8) -> Result<(), Refusal> {
    let known = id < cfg.coordinators && !cfg.clockless;
    let coordinator = &mut s.coordinators[usize::from(id & 1)];
    need(known && coordinator.stale, Rule::Shape, "it has seen this revision")?;
    coordinator.observed = 0;
    coordinator.stale = false;
    Ok(())
}

/// R3's condition on the lease: the revision that this coordinator has watched for W is still the one in the store.
fn lease_is_over(cfg: &Config, s: &State, id: u8) -> Result<(), Refusal> {
    let coordinator = &s.coordinators[usize::from(id)];
    if cfg.clockless || cfg.is(Mutant::M9) {
        return Ok(());
    }
    let waited = coordinator.observed >= cfg.takeover_wait();
    need(waited, Rule::R3, "it has not watched the lease for W")?;
    let same = !coordinator.stale || cfg.is(Mutant::M8);
    need(same, Rule::R3, "the lease revision has moved")
}

pub(super) fn suspect(cfg: &Config, s: &mut State, id: u8) -> Result<(), Refusal> {
    let open = !s.store.electing && s.store.epoch < cfg.epochs && id < cfg.coordinators;
    need(open, Rule::Shape, "no epoch to depose")?;
    // Proof of death (Exited) and a released lease need no wait: that incarnation can serve no more.
    let over = s.store.released || !s.store.fresh;
    if !over && !cfg.is(Mutant::M1e) {
        lease_is_over(cfg, s, id)?;
    }
    s.store.epoch += 1;
    s.store.electing = true;
    s.store.released = false;
    s.store.primary = NOBODY;
    s.store.fresh = false;
    Ok(())
}

pub(super) fn freeze(cfg: &Config, s: &mut State, id: u8) -> Result<(), Refusal> {
    let epoch = s.store.epoch;
    let node = &s.nodes[usize::from(id)];
    let asked = s.store.electing && s.store.members & (1 << id) != 0;
    need(asked, Rule::Shape, "no election asks it")?;
    let joined = node.role != Role::Boot || cfg.is(Mutant::M13);
    need(joined, Rule::R10, "it has not joined")?;
    need(node.promised <= epoch, Rule::R4, "it has promised more")?;
    let again = node.report.epoch == epoch && node.report.fresh;
    need(!again, Rule::Shape, "its report is out")?;
    need(node.grant == 0 || cfg.is(Mutant::M19), Rule::R14, "its failsafe grant runs")?;
    need(node.quarantine == 0, Rule::R16, "it may have forgotten a grant")?;
    let report = Report {
        epoch,
        pos: node.pos(),
        fresh: true,
        synced: s.store.synced & (1 << id) != 0,
        writes: node.log.writes(),
    };
    if cfg.promises() {
        s.depose(id);
        s.nodes[usize::from(id)].promised = epoch;
    }
    s.nodes[usize::from(id)].report = report;
    Ok(())
}

/// The order of R6; ties are left to the adversary, which stands for target, zone, priority and id.
fn rank(cfg: &Config, node: &Node) -> Position {
    let pos = node.report.pos;
    if cfg.is(Mutant::M2) {
        return Position { epoch: 0, ..pos };
    }
    pos
}

pub(super) fn commit(
    cfg: &Config,
    s: &mut State,
    reports: u8,
    winner: u8,
) -> Result<Option<Violation>, Refusal> {
    need(s.store.electing, Rule::Shape, "no election is open")?;
    let won = usize::from(winner) < NODES && reports & (1 << winner) != 0;
    need(won, Rule::R6, "the winner must be a reporter")?;
    let electable = if cfg.is(Mutant::M17) { s.store.members } else { s.store.seen };
    need(reports & !electable == 0, Rule::R15, "a reporter is on no confirmed list")?;
    let best = rank(cfg, &s.nodes[usize::from(winner)]);
    let mut voters = 0;
    for (id, node) in s.nodes.iter().enumerate().filter(|(id, _)| reports & (1 << id) != 0) {
        need(node.report.epoch == s.store.epoch, Rule::Shape, "no such report")?;
        let beats = rank(cfg, node) > best;
        need(!beats, Rule::R6, "another reporter is ahead")?;
        let synced = node.report.synced || cfg.is(Mutant::M15) && s.store.synced & (1 << id) != 0;
        voters += u8::from(synced);
    }
    let quorum = NODES as u8 - 1 - u8::from(cfg.is(Mutant::M23));
    need(!cfg.strict || voters >= quorum, Rule::R12, "too few synced voters")?;
    let empty = best.offset == 0 && reports != s.store.members;
    need(!empty, Rule::R19, "an empty winner while somebody is silent")?;
    if cfg.is(Mutant::M1e) {
        lease_is_over(cfg, s, 0)?;
    }
    let violation = check::commit(cfg, s, reports, winner);
    let report = s.nodes[usize::from(winner)].report;
    s.nodes[usize::from(winner)].promotion =
        Promotion { epoch: report.epoch, target: report.pos, fresh: report.fresh };
    s.store.electing = false;
    s.store.primary = winner;
    s.store.fresh = report.fresh;
    s.store.seen = s.store.members;
    for node in &mut s.nodes {
        node.report = Report::default();
    }
    Ok(violation)
}

pub(super) fn promote(cfg: &Config, s: &mut State, id: u8) -> Result<(), Refusal> {
    let node = &s.nodes[usize::from(id)];
    let order = node.promotion;
    need(order.epoch != 0 && node.role != Role::Boot, Rule::Shape, "no promotion on its way")?;
    need(order.fresh || cfg.is(Mutant::M11), Rule::R9, "another incarnation was elected")?;
    if cfg.promises() {
        need(node.promised == order.epoch, Rule::R4, "it has promised another epoch")?;
        need(node.pos() == order.target, Rule::R4, "it has moved since its report")?;
    } else {
        need(node.promised <= order.epoch, Rule::R4, "it has promised more")?;
    }
    s.depose(id);
    let seen = s.store.seen;
    let node = &mut s.nodes[usize::from(id)];
    node.log.push_epoch(order.epoch);
    node.epoch = order.epoch;
    node.promised = order.epoch;
    node.role = Role::Primary;
    node.list = seen;
    node.promotion = Promotion::default();
    if cfg.is(Mutant::M7) {
        node.lease = LEASE;
    }
    Ok(())
}

pub(super) fn step_down(s: &mut State, id: u8) -> Result<(), Refusal> {
    let epoch = s.store.epoch;
    let node = &s.nodes[usize::from(id)];
    need(node.leads() && node.epoch < epoch, Rule::Shape, "nothing newer to learn")?;
    s.depose(id);
    let node = &mut s.nodes[usize::from(id)];
    node.promised = node.promised.max(epoch);
    Ok(())
}
