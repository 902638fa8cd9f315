//! The full design, exhausted within its bounds: run with `cargo test -p primacy-model --profile sim --test exhaustive`.
//!
//! About 170 s of one core, so 90 s on two. Larger bounds are in `examples/exhaust.rs` for the nightly run.

use primacy_model::{Bounds, Config, Invariant, Mutant, Outcome, Style, search, walk};

fn look(cfg: Config, bounds: Bounds) -> Outcome {
    let outcome = search(&cfg, bounds);
    println!(
        "{} {:?}: {} states, {} transitions, depth {}, exhausted {}, stuck {:?}",
        cfg.name,
        cfg.mutant,
        outcome.states,
        outcome.transitions,
        outcome.depth,
        outcome.exhausted,
        outcome.stuck
    );
    outcome
}

/// Exhausts `cfg` without a violation; `least` guards against a model that has silently lost its behaviour.
fn exhausted(cfg: Config, least: usize, bounds: Bounds) -> Outcome {
    let outcome = look(cfg, bounds);
    assert!(outcome.trace.is_none(), "{}: {:#?}", cfg.name, outcome.trace);
    assert!(outcome.exhausted, "{}: {} states were not enough", cfg.name, outcome.states);
    assert!(outcome.states >= least, "{}: only {} states", cfg.name, outcome.states);
    outcome
}

fn heals(cfg: Config, least: usize) {
    let outcome = exhausted(cfg, least, Bounds::states(8_000_000).with_heal());
    assert_eq!(outcome.stuck, Some(0), "{}: states that cannot heal", cfg.name);
}

#[test]
fn f1_one_write_heals() {
    heals(Config::f1(), 1_000_000);
}

#[test]
fn f5_failsafe_with_a_coordinator_restart_heals() {
    heals(Config::f5(), 500_000);
}

#[test]
fn f6_failsafe_with_a_crash() {
    exhausted(Config::f6(), 500_000, Bounds::states(8_000_000));
}

#[test]
fn f6m_failsafe_with_a_late_member_heals() {
    heals(Config::f6m(), 500_000);
}

#[test]
fn f6d_failsafe_with_drift_heals() {
    heals(Config::f6d(), 500_000);
}

#[test]
fn f6h_failsafe_with_a_handover_heals() {
    heals(Config::f6h(), 400_000);
}

#[test]
fn f7_clock_loses_the_margin() {
    heals(Config::f7(), 3_000_000);
}

#[test]
fn s1_strict_without_clocks_with_a_crash() {
    exhausted(Config::strict_clockless(), 100_000, Bounds::states(8_000_000));
}

#[test]
fn g2_two_coordinators_one_restarts_heals() {
    heals(Config::g2(), 20_000);
}

/// R4 is defence in depth while leases hold and nobody crashes (the table's M1); `mutants.rs` has the crash.
#[test]
fn m1_no_promise_is_harmless_under_leases() {
    exhausted(Config::f1().without(Mutant::M1), 400_000, Bounds::states(8_000_000));
}

/// R10's Join is defence in depth while leases hold (the table's M13); `mutants.rs` has the case without clocks.
#[test]
fn m13_no_join_is_harmless_under_leases() {
    let outcome = look(Config::f2().without(Mutant::M13), Bounds::states(2_000_000));
    assert!(outcome.trace.is_none(), "{:#?}", outcome.trace);
}

/// A release that keeps the failsafe round is harmless: the grants that give the lease back refuse every Freeze.
#[test]
fn n3_release_keeps_the_round_is_harmless() {
    exhausted(Config::f6h().without(Mutant::N3), 500_000, Bounds::states(8_000_000));
}

/// The whole of M2's counterexample; `schedules.rs` has a quick form.
#[test]
fn m2_offset_only_from_the_start() {
    let cfg = Config { writes: 3, ..Config::f1() };
    let trace = look(cfg.without(Mutant::M2), Bounds::states(8_000_000)).trace;
    assert_eq!(trace.map(|t| t.violation.invariant), Some(Invariant::I6));
}

/// Walks go where no search can: seven epochs, five writes, two crashes, a handover.
#[test]
fn walks_find_nothing() {
    for cfg in [
        Config::walk(),
        Config { failsafe: true, ..Config::walk() },
        Config { clock_loss: 2, margin: 2, ..Config::walk() },
        Config { strict: true, crashes: 1, wait_without_lease: true, clock_loss: 2, ..Config::walk() },
    ] {
        for style in [Style::Uniform, Style::Swarm] {
            let walks = walk(&cfg, style, 1, 4_000, 160);
            println!("{style:?}: {} schedules, {} steps", walks.schedules, walks.steps);
            assert!(walks.trace.is_none(), "{cfg:?}: {:#?}", walks.trace);
        }
    }
}
