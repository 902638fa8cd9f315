//! Traces that must be the same on every target (I26): natively, in a browser, twice in a row.

use crate::campaign;

/// Seeds whose traces are kept in `tests/scripts/golden.txt`.
pub const SEEDS: [u64; 14] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];

/// The kept file: one seed and its trace a line.
pub const KEPT: &str = include_str!("../../../tests/scripts/golden.txt");

/// The file as this build would write it.
pub fn traces() -> String {
    let line = |seed: &u64| format!("{seed} {}\n", campaign::run(&campaign::scenario(*seed)).trace);
    SEEDS.iter().map(line).collect()
}
