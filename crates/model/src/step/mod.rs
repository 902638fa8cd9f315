//! One step of the model: the guard of every action is its rule, and a refusal names it.

mod election;
mod failsafe;
mod lease;
mod lifecycle;
mod replication;

use crate::action::Action;
use crate::check::{self, Violation};
use crate::config::{Config, LEASE};
use crate::rule::{Refusal, Rule, need};
use crate::state::{NODES, Renewal, State};

/// What a step led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The next state.
    pub state: State,
    /// The invariant that is broken now, if one is.
    pub violation: Option<Violation>,
}

/// Does `action` in `state`.
///
/// # Errors
///
/// The rule that forbids the step, or [`Rule::Shape`] if there is nothing to do.
pub fn step(cfg: &Config, state: &State, action: Action) -> Result<Step, Refusal> {
    let mut next = *state;
    let violation = apply(cfg, &mut next, action)?;
    Ok(Step { state: next, violation: violation.or_else(|| check::state(cfg, &next)) })
}

fn apply(cfg: &Config, s: &mut State, action: Action) -> Result<Option<Violation>, Refusal> {
    match action {
        Action::Commit { reports, winner } => return election::commit(cfg, s, reports, winner),
        Action::Tick => tick(cfg, s, NODES)?,
        Action::SlowTick { node } => slow_tick(cfg, s, node)?,
        Action::Renew { node } => lease::renew(cfg, s, node)?,
        Action::RenewStored { node } => lease::renew_stored(s, node)?,
        Action::Renewed { node } => lease::renewed(cfg, s, node)?,
        Action::Release { node } => lease::release(cfg, s, node)?,
        Action::ReleaseStored { node } => lease::release_stored(s, node)?,
        Action::Observe { coordinator } => election::observe(cfg, s, coordinator)?,
        Action::Suspect { coordinator } => election::suspect(cfg, s, coordinator)?,
        Action::Freeze { node } => election::freeze(cfg, s, node)?,
        Action::Promote { node } => election::promote(cfg, s, node)?,
        Action::StepDown { node } => election::step_down(s, node)?,
        Action::Attach { replica, primary } => replication::attach(cfg, s, replica, primary)?,
        Action::Records { replica } => replication::records(cfg, s, replica)?,
        Action::SendAck { replica } => replication::send_ack(s, replica)?,
        Action::Ack { replica } => replication::ack(cfg, s, replica)?,
        Action::Write { node } => replication::write(cfg, s, node)?,
        Action::AnswerWait { node, write } => replication::answer_wait(cfg, s, node, write)?,
        Action::MarkSynced { replica } => replication::mark_synced(cfg, s, replica)?,
        Action::Crash { node } => lifecycle::crash(cfg, s, node)?,
        Action::Join { node } => lifecycle::join(s, node)?,
        Action::ResumeRole { node } => lifecycle::resume_role(cfg, s, node)?,
        Action::RestartCoordinator { coordinator } => lifecycle::restart_coordinator(cfg, s, coordinator)?,
        Action::FailsafeAsk { node } => failsafe::ask(cfg, s, node)?,
        Action::FailsafeGrant { member, primary } => failsafe::grant(cfg, s, member, primary)?,
        Action::FailsafeServe { node } => failsafe::serve(cfg, s, node)?,
        Action::AddMember { node } => lifecycle::add_member(cfg, s, node)?,
        Action::LearnMembers { node } => lifecycle::learn_members(s, node)?,
    }
    Ok(None)
}

/// Moves every clock but that of node `slow` (no node if it is [`NODES`]).
fn tick(cfg: &Config, s: &mut State, slow: usize) -> Result<(), Refusal> {
    need(!cfg.clockless, Rule::Shape, "there is no time here")?;
    for (id, node) in s.nodes.iter_mut().enumerate() {
        if id == slow {
            continue;
        }
        node.lease = node.lease.saturating_sub(1);
        node.grant = node.grant.saturating_sub(1);
        node.quarantine = node.quarantine.saturating_sub(1);
        if node.renewal != Renewal::None {
            node.age = (node.age + 1).min(LEASE);
        }
        if node.round.open {
            node.round.age = (node.round.age + 1).min(LEASE);
        }
    }
    for coordinator in &mut s.coordinators[..usize::from(cfg.coordinators)] {
        coordinator.observed = (coordinator.observed + 1).min(cfg.takeover_wait());
    }
    Ok(())
}

fn slow_tick(cfg: &Config, s: &mut State, node: u8) -> Result<(), Refusal> {
    need(s.budget.losses > 0, Rule::Shape, "no clock may lose time")?;
    let primary = &s.nodes[usize::from(node)];
    let timed = primary.lease > 0 || primary.renewal != Renewal::None || primary.round.open;
    need(timed, Rule::Shape, "its clock measures nothing")?;
    s.budget.losses -= 1;
    tick(cfg, s, usize::from(node))
}
