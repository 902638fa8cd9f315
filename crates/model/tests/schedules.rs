//! Hand-built schedules for the mutants that no search reaches in seconds: M4 and M5, and M2's long first half.
//!
//! Each is run twice: with the rule taken out it must break an invariant, with the rule in place the model must refuse
//! a step by that rule.

use primacy_model::{Action, Bounds, Config, Ending, Invariant, Mutant, Rule, State, run, search_from};

const A: u8 = 0;
const B: u8 = 1;
const C: u8 = 2;

/// A primary gets a lease: renewal sent, stored, answered.
fn lease(node: u8) -> [Action; 3] {
    [Action::Renew { node }, Action::RenewStored { node }, Action::Renewed { node }]
}

/// The lease runs out under the coordinator's eyes and the next epoch is opened.
fn lapse() -> [Action; 3] {
    let coordinator = 0;
    [Action::Observe { coordinator }, Action::Tick, Action::Suspect { coordinator }]
}

/// The given members report, `winner` is committed and promoted.
fn elect(members: &[u8], winner: u8) -> Vec<Action> {
    let mut actions: Vec<Action> = members.iter().map(|&node| Action::Freeze { node }).collect();
    let reports = members.iter().fold(0, |set, node| set | (1 << node));
    actions.push(Action::Commit { reports, winner });
    actions.push(Action::Promote { node: winner });
    actions
}

fn play(cfg: Config, actions: &[Action]) -> Ending {
    run(&cfg, &State::initial(&cfg), actions)
}

/// The schedule breaks `invariant` in its last step without the rule, and is refused by `rule` with it.
fn caught(cfg: Config, mutant: Mutant, actions: &[Action], invariant: Invariant, rule: Rule) {
    let Ending::Violated { at, violation } = play(cfg.without(mutant), actions) else {
        panic!("{mutant:?}: no violation, {:?}", play(cfg.without(mutant), actions));
    };
    assert_eq!((at, violation.invariant), (actions.len() - 1, invariant), "{mutant:?}");
    let Ending::Refused { refusal, .. } = play(cfg, actions) else {
        panic!("{mutant:?}: the full design must refuse, {:?}", play(cfg, actions));
    };
    assert_eq!(refusal.rule, rule, "{mutant:?}: {refusal}");
}

/// An ack that B sent in epoch 1 arrives at A in epoch 3 and counts for a write that B never saw.
#[test]
fn m4_ack_of_an_old_epoch() {
    let mut s = lease(A).to_vec();
    s.extend([Action::Write { node: A }; 3]);
    s.extend([Action::Records { replica: B }; 3]);
    s.push(Action::SendAck { replica: B });
    s.extend(lapse());
    s.extend(elect(&[C], C));
    s.push(Action::StepDown { node: A });
    s.push(Action::Attach { replica: A, primary: C });
    s.push(Action::Attach { replica: B, primary: C });
    s.push(Action::Suspect { coordinator: 0 });
    s.extend(elect(&[A], A));
    s.extend(lease(A));
    s.push(Action::Write { node: A });
    s.push(Action::Ack { replica: B });
    s.push(Action::AnswerWait { node: A, write: 3 });
    s.extend(lapse());
    s.push(Action::Freeze { node: B });
    s.push(Action::Commit { reports: 1 << B, winner: B });
    caught(Config::walk(), Mutant::M4, &s, Invariant::I6, Rule::R7);
}

/// Raft's figure 8 for WAIT: A, elected again in epoch 3, answers for a write of epoch 1 before C has A's epoch
/// record, and B's empty epoch 2 beats C in epoch 4.
#[test]
fn m5_wait_before_the_epoch_record() {
    let mut s = lease(A).to_vec();
    s.push(Action::Write { node: A });
    s.extend(lapse());
    s.extend(elect(&[B], B));
    s.push(Action::Suspect { coordinator: 0 });
    s.extend(elect(&[A, C], A));
    s.push(Action::Attach { replica: C, primary: A });
    s.push(Action::Records { replica: C });
    s.push(Action::SendAck { replica: C });
    s.push(Action::Ack { replica: C });
    s.extend(lease(A));
    s.push(Action::AnswerWait { node: A, write: 0 });
    s.extend(lapse());
    s.extend([Action::Freeze { node: B }, Action::Freeze { node: C }]);
    s.push(Action::Commit { reports: (1 << B) | (1 << C), winner: B });
    caught(Config::walk(), Mutant::M5, &s, Invariant::I6, Rule::R8);
}

/// A's two lost writes make its log of epoch 1 as long as one with a WAITed write of epoch 2. The first half is
/// scheduled by hand, the second is searched; `exhaustive.rs` searches the whole.
#[test]
fn m2_offset_only_after_two_lost_writes() {
    let cfg = Config { writes: 3, ..Config::f1() };
    let mut s = lease(A).to_vec();
    s.extend([Action::Write { node: A }; 2]);
    s.extend(lapse());
    s.extend(elect(&[B], B));
    let Ending::Finished(half) = play(cfg, &s) else {
        panic!("the first half is legal");
    };
    let outcome = search_from(&cfg.without(Mutant::M2), &half, Bounds::states(500_000));
    let trace = outcome.trace.expect("M2 is caught");
    assert_eq!(trace.violation.invariant, Invariant::I6);
    let Ending::Refused { refusal, .. } = run(&cfg, &half, &trace.actions) else {
        panic!("the full design must refuse the shorter epoch");
    };
    assert_eq!(refusal.rule, Rule::R6, "{refusal}");
}
