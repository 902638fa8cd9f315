//! A fixed set of random runs holds every invariant and reaches every sometimes-assertion, and some of them leave exactly
//! the traces of `golden.txt` (I26).
//!
//! `REWRITE=1 cargo test -p primacy-tests --test seeds` writes the golden traces anew: after any change of what core
//! or sim do, and only then. Fresh seeds: `cargo xtask sim --seeds 1000`.
#![cfg(not(target_arch = "wasm32"))]

use std::path::Path;

use primacy_sim::check::Tally;
use primacy_sim::{Scenario, campaign, golden};

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

/// What the campaign found once, shrunk, with the mend in a few words.
const FOUND: [(&str, &str); 2] = [
    (
        "A PSYNC that arrives late on a connection which its sender has left replaces nothing",
        "qLGlBAEDAAEBgAhS8wboBwQBAMCaDAMDAQIBAQEByAEBHgFp6AcB3AsBAQGgjQYBAwECAQEAAegHCgAA0QHIAQECAsCaDAADAAAAAAAByAEE0A8AY8gBAQIAoI0GAAIAAAAAAAEyDB4ASdwLAQfOWQANAdmDAcEHGAACAAYf_ocBhAEHAAEDAAE0zZUBAAABAL6WAaZfGAAAAgYW7pgBnzoMAQjAvwFIGgEA8KgCwLUD4NQD",
    ),
    (
        "A member that was started and not let in yet is asked for no grant",
        "vaah2AYDAwABAYAI3gHLCugHAAKLbAAWBAWMcsMJEQDwqALAtQPg1AM",
    ),
];

#[test]
fn what_was_found_once_holds() {
    for (what, text) in FOUND {
        let scenario = Scenario::decode(text).expect("a scenario");
        assert_eq!(campaign::run(&scenario).violation.map(|v| v.to_string()), None, "{what}");
    }
}

#[test]
fn a_run_repeats_itself() {
    let scenario = campaign::scenario(7);
    assert_eq!(campaign::run(&scenario).trace, campaign::run(&scenario).trace);
}
