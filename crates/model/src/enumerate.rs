//! All steps that a state may allow. A superset is enough: [`crate::step`] refuses the rest.

use crate::action::Action;
use crate::config::Config;
use crate::state::{NODES, Role, State};

/// Appends every action worth trying in `s`.
pub(crate) fn candidates(cfg: &Config, s: &State, out: &mut Vec<Action>) {
    for node in 0..NODES as u8 {
        of_node(cfg, s, node, out);
    }
    for coordinator in 0..cfg.coordinators {
        if s.coordinators[usize::from(coordinator)].stale {
            out.push(Action::Observe { coordinator });
        }
        if !s.store.electing {
            out.push(Action::Suspect { coordinator });
        }
        if s.budget.restarts > 0 {
            out.push(Action::RestartCoordinator { coordinator });
        }
    }
    if s.store.electing {
        commits(s, out);
    }
    if !cfg.clockless {
        out.push(Action::Tick);
    }
}

fn commits(s: &State, out: &mut Vec<Action>) {
    let mut sent = 0;
    for (id, node) in s.nodes.iter().enumerate() {
        sent |= u8::from(node.report.epoch == s.store.epoch) << id;
    }
    for reports in (1..1 << NODES).filter(|set| set & !sent == 0) {
        for winner in (0..NODES as u8).filter(|id| reports & (1 << id) != 0) {
            out.push(Action::Commit { reports, winner });
        }
    }
}

fn of_node(cfg: &Config, s: &State, id: u8, out: &mut Vec<Action>) {
    let node = &s.nodes[usize::from(id)];
    if node.leads() {
        of_primary(cfg, s, id, out);
    }
    if s.store.electing && s.store.members & (1 << id) != 0 {
        out.push(Action::Freeze { node: id });
    }
    if node.promotion.epoch != 0 {
        out.push(Action::Promote { node: id });
    }
    if node.ack.epoch != 0 {
        out.push(Action::Ack { replica: id });
    }
    if node.role == Role::Following {
        out.push(Action::Records { replica: id });
        if s.acks_matter(cfg) {
            out.push(Action::SendAck { replica: id });
        }
        if cfg.strict {
            out.push(Action::MarkSynced { replica: id });
        }
    }
    if matches!(node.role, Role::Idle | Role::Boot) {
        for primary in 0..NODES as u8 {
            if s.nodes[usize::from(primary)].leads() {
                out.push(Action::Attach { replica: id, primary });
            }
        }
    }
    if s.budget.crashes > 0 {
        out.push(Action::Crash { node: id });
    }
    if node.role == Role::Boot {
        out.push(Action::Join { node: id });
        out.push(Action::ResumeRole { node: id });
    }
    if s.store.members & (1 << id) == 0 {
        out.push(Action::AddMember { node: id });
    }
}

fn of_primary(cfg: &Config, s: &State, node: u8, out: &mut Vec<Action>) {
    out.extend([
        Action::Renew { node },
        Action::RenewStored { node },
        Action::Renewed { node },
        Action::ReleaseStored { node },
        Action::StepDown { node },
        Action::LearnMembers { node },
    ]);
    if s.budget.handovers > 0 {
        out.push(Action::Release { node });
    }
    if s.budget.losses > 0 {
        out.push(Action::SlowTick { node });
    }
    if s.budget.written < cfg.writes {
        out.push(Action::Write { node });
    }
    for write in 0..s.budget.written {
        out.push(Action::AnswerWait { node, write });
    }
    if cfg.failsafe {
        out.push(Action::FailsafeAsk { node });
        out.push(Action::FailsafeServe { node });
        for member in 0..NODES as u8 {
            out.push(Action::FailsafeGrant { member, primary: node });
        }
    }
}
