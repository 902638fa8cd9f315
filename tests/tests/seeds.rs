//! A fixed set of random runs holds every invariant and reaches every sometimes-assertion, and some of them leave exactly
//! the traces of `golden.txt` (I26).
//!
//! `REWRITE=1 cargo test -p primacy-tests --test seeds` writes the golden traces anew: after any change of what core
//! or sim do, and only then. Fresh seeds: `cargo xtask sim --seeds 1000`.
#![cfg(not(target_arch = "wasm32"))]

use std::path::Path;

use primacy_sim::check::Tally;
use primacy_sim::{campaign, golden};

/// Seeds that run; the golden ones are the first of them.
const SEEDS: u64 = 200;

#[test]
fn no_invariant_breaks_in_a_fixed_set_of_seeds() {
    let mut tally = Tally::default();
    let mut failures = Vec::new();
    for seed in 0..SEEDS {
        let scenario = campaign::scenario(seed);
        let outcome = campaign::run(&scenario);
        tally.add(&outcome.tally);
        if let Some(violation) = outcome.violation {
            failures.push(format!("seed {seed}: {}", campaign::report(&scenario, &violation).join("\n")));
        }
    }
    println!("{}", tally.lines().join("\n"));
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    // A generator that does not reach these is too tame for the rest to mean anything.
    assert_eq!(tally.missing(), Vec::<&str>::new(), "never reached in {SEEDS} seeds");
}

#[test]
fn traces_are_the_golden_ones() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/golden.txt");
    let now = golden::traces();
    if std::env::var_os("REWRITE").is_some() {
        std::fs::write(&path, &now).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert_eq!(kept, now, "the traces have changed: is it meant? then REWRITE=1");
}

#[test]
fn a_run_repeats_itself() {
    let scenario = campaign::scenario(7);
    assert_eq!(campaign::run(&scenario).trace, campaign::run(&scenario).trace);
}
