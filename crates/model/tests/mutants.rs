//! Every rule taken out alone is caught by breadth-first search; `schedules.rs` has M2, M4 and M5 by hand,
//! `exhaustive.rs` the two that are defence in depth.
//!
//! Each counterexample is then played against the full design, which must refuse it by the rule in the last
//! column (or, where the mutant adds a lease out of nothing, end without harm).

use primacy_model::{Bounds, Config, Ending, Invariant, Mutant, Rule, State, run, search};

fn caught(cfg: Config, mutant: Mutant, invariant: Invariant, rule: impl Into<Option<Rule>>) {
    let outcome = search(&cfg.without(mutant), Bounds::states(3_000_000));
    let trace = outcome
        .trace
        .unwrap_or_else(|| panic!("{mutant:?} survives {} states of {}", outcome.states, cfg.name));
    println!(
        "{mutant:?} in {}: {:?} in {} steps, {} states, {} transitions",
        cfg.name,
        trace.violation.invariant,
        trace.actions.len(),
        outcome.states,
        outcome.transitions
    );
    assert_eq!(trace.violation.invariant, invariant, "{mutant:?}: {trace:#?}");
    match run(&cfg, &State::initial(&cfg), &trace.actions) {
        Ending::Refused { refusal, .. } => {
            assert_eq!(Some(refusal.rule), rule.into(), "{mutant:?}: {refusal}");
        }
        Ending::Finished(_) => assert_eq!(None, rule.into(), "{mutant:?}: nothing was refused"),
        Ending::Violated { .. } => panic!("the full design breaks under the schedule of {mutant:?}"),
    }
}

#[test]
fn r1_m6_lease_from_receipt() {
    caught(Config::f1(), Mutant::M6, Invariant::I4, Rule::R1);
}

#[test]
fn r1_m7_promotion_carries_a_lease() {
    caught(Config::f1(), Mutant::M7, Invariant::I4, None);
}

#[test]
fn r2_m21_wait_without_lease() {
    caught(Config::f1(), Mutant::M21, Invariant::I6, Rule::R2);
}

#[test]
fn r3_m8_takeover_without_revision() {
    caught(Config::f1(), Mutant::M8, Invariant::I4, Rule::R3);
}

#[test]
fn r3_g3_takeover_without_revision_two_coordinators() {
    caught(Config::g1(), Mutant::M8, Invariant::I4, Rule::R3);
}

#[test]
fn r3_m9_no_wait() {
    caught(Config::f1(), Mutant::M9, Invariant::I4, Rule::R3);
}

#[test]
fn r3_m10_restarted_coordinator_suspects_at_once() {
    caught(Config::f3(), Mutant::M10, Invariant::I4, Rule::R3);
}

#[test]
fn r3_m16_drift_beyond_the_margin() {
    caught(Config::f7(), Mutant::M16, Invariant::I4, Rule::R3);
}

#[test]
fn r4_m1_no_promise_with_a_crash() {
    caught(Config::f2(), Mutant::M1, Invariant::I6, Rule::R4);
}

#[test]
fn r4_m1s_no_promise_without_clocks() {
    caught(Config::strict_clockless(), Mutant::M1, Invariant::I6s, Rule::R4);
}

#[test]
fn r4_m1e_election_before_expiry() {
    caught(Config::f1(), Mutant::M1e, Invariant::I6, Rule::R3);
}

#[test]
fn r5_m3_epoch_adopted_at_the_handshake() {
    caught(Config::f1(), Mutant::M3, Invariant::I6, Rule::R6);
}

#[test]
fn r9_m11_no_incarnation() {
    caught(Config::f2(), Mutant::M11, Invariant::I6, Rule::R9);
}

#[test]
fn r10_m12_restarted_primary_resumes() {
    caught(Config::f2(), Mutant::M12, Invariant::I5, Rule::R10);
}

#[test]
fn r10_m13s_no_join_without_clocks() {
    caught(Config::strict_clockless(), Mutant::M13, Invariant::I6s, Rule::R10);
}

#[test]
fn r11_m22_attach_below_the_promise() {
    caught(Config::f1(), Mutant::M22, Invariant::I6, Rule::R11);
}

#[test]
fn r12_m15_amnesiacs_vote() {
    caught(Config::strict_clockless(), Mutant::M15, Invariant::I6s, Rule::R12);
}

#[test]
fn r12_m23_too_few_voters() {
    caught(Config::strict_clockless(), Mutant::M23, Invariant::I6s, Rule::R12);
}

#[test]
fn r13_m14_release_keeps_renewals() {
    caught(Config::f3(), Mutant::M14, Invariant::I4, Rule::R13);
}

#[test]
fn r14_m18_majority_of_grants() {
    caught(Config::f5(), Mutant::M18, Invariant::I4, Rule::R14);
}

#[test]
fn r14_m19_grant_not_honoured() {
    caught(Config::f5(), Mutant::M19, Invariant::I4, Rule::R14);
}

#[test]
fn r15_m17_member_not_confirmed() {
    caught(Config::f6m(), Mutant::M17, Invariant::I4, Rule::R15);
}

#[test]
fn r16_m20_restart_forgets_a_grant() {
    caught(Config::f6(), Mutant::M20, Invariant::I4, Rule::R16);
}

#[test]
fn r14_n1_grant_without_the_margin() {
    caught(Config::f6d(), Mutant::N1, Invariant::I4, Rule::R14);
}

#[test]
fn r13_n2_resumed_before_the_release_is_known() {
    caught(Config::f3(), Mutant::N2, Invariant::I4, Rule::R13);
}
