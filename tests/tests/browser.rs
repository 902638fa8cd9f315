//! The same scripts and the same traces in a browser: what core and sim decide does not depend on the machine (I26).
#![cfg(target_arch = "wasm32")]

use primacy_sim::script::{self, SCRIPTS};
use primacy_sim::{campaign, golden};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn every_script_gives_its_answers() {
    for (name, text) in SCRIPTS {
        let answered = script::run(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        if let Err(difference) = script::compare(text, &answered) {
            panic!("{name}: {difference}");
        }
    }
}

#[wasm_bindgen_test]
fn traces_are_the_golden_ones() {
    for line in golden::KEPT.lines() {
        let (seed, trace) = line.split_once(' ').expect("seed and trace");
        let seed = seed.parse().expect("a seed");
        assert_eq!(campaign::run(&campaign::scenario(seed)).trace, trace, "seed {seed}");
    }
}
