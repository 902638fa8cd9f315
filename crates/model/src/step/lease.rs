//! Leases: renewals (R1), releases (R13). The store's side of a CAS is a step of its own.

use crate::config::{Config, LEASE, Mutant};
use crate::rule::{Refusal, Rule, need};
use crate::state::{Renewal, Role, Round, State};

pub(super) fn renew(cfg: &Config, s: &mut State, id: u8) -> Result<(), Refusal> {
    let node = &mut s.nodes[usize::from(id)];
    need(!cfg.clockless && node.leads(), Rule::Shape, "only a primary renews")?;
    // A resuming primary must know what became of its release, or the two could cross on the way (R13).
    need(!node.releasing || cfg.is(Mutant::N2), Rule::R13, "its release is still on the way")?;
    let newer = node.renewal == Renewal::None || node.age > 0;
    need(newer, Rule::Shape, "one sent at this instant is in flight")?;
    node.renewal = Renewal::Sent;
    node.age = 0;
    Ok(())
}

pub(super) fn renew_stored(s: &mut State, id: u8) -> Result<(), Refusal> {
    let node = &mut s.nodes[usize::from(id)];
    need(node.renewal == Renewal::Sent, Rule::Shape, "no renewal on its way")?;
    let stable = !s.store.electing && s.store.primary == id && s.store.epoch == node.epoch;
    need(stable, Rule::R17, "the store says no: another epoch")?;
    need(s.store.fresh, Rule::R9, "another incarnation was elected")?;
    if s.store.released {
        need(node.role == Role::Released, Rule::R13, "the shard revision has moved")?;
        s.store.released = false;
    }
    node.renewal = Renewal::Stored;
    s.store.seen = node.list;
    for coordinator in &mut s.coordinators {
        coordinator.stale = true;
    }
    Ok(())
}

pub(super) fn renewed(cfg: &Config, s: &mut State, id: u8) -> Result<(), Refusal> {
    let node = &mut s.nodes[usize::from(id)];
    let cancelled = node.renewal == Renewal::None && node.role == Role::Released;
    need(!cancelled, Rule::R13, "the release has cancelled it")?;
    need(node.renewal == Renewal::Stored, Rule::Shape, "no answer on its way")?;
    let left = if cfg.is(Mutant::M6) { LEASE } else { LEASE - node.age };
    need(left > 0, Rule::R1, "counted from its sending the lease is over")?;
    node.renewal = Renewal::None;
    node.age = 0;
    node.lease = node.lease.max(left);
    node.role = Role::Primary;
    Ok(())
}

pub(super) fn release(cfg: &Config, s: &mut State, id: u8) -> Result<(), Refusal> {
    let node = &mut s.nodes[usize::from(id)];
    need(s.budget.handovers > 0 && node.serves(), Rule::Shape, "nothing to release")?;
    s.budget.handovers -= 1;
    node.role = Role::Released;
    node.lease = 0;
    node.releasing = true;
    if !cfg.is(Mutant::N3) {
        node.round = Round::default();
    }
    if !cfg.is(Mutant::M14) {
        node.renewal = Renewal::None;
        node.age = 0;
    }
    Ok(())
}

pub(super) fn release_stored(s: &mut State, id: u8) -> Result<(), Refusal> {
    let node = &mut s.nodes[usize::from(id)];
    need(node.releasing, Rule::Shape, "no release on its way")?;
    node.releasing = false;
    if !s.store.electing && s.store.primary == id && s.store.fresh && s.store.epoch == node.epoch {
        s.store.released = true;
    }
    Ok(())
}
