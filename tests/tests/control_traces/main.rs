//! The real core's control steps, judged by the model (`failover.md` §4.4): of the fixed seeds, of every script, and of
//! doctored recordings, which must be refused.
#![cfg(not(target_arch = "wasm32"))]

mod doctored;
mod judge;
mod mapping;
mod stored;

use primacy_sim::script::{Block, Runner, SCRIPTS, parse};
use primacy_sim::{World, campaign};

/// Seeds that are judged: those of `seeds.rs`.
const SEEDS: u64 = 200;

#[test]
fn the_judge_allows_what_the_core_does_in_a_fixed_set_of_seeds() {
    let (mut steps, mut refused) = (0, Vec::new());
    for seed in 0..SEEDS {
        let mut world = World::new(campaign::scenario(seed));
        world.keep_control();
        world.run_to_end();
        match judge::world(&world) {
            Ok(n) => steps += n,
            Err(why) => refused.push(format!("seed {seed}: {}", why.story)),
        }
    }
    println!("{steps} steps of {SEEDS} seeds judged");
    assert!(refused.is_empty(), "{} refused:\n{}", refused.len(), refused.join("\n"));
}

#[test]
fn the_judge_allows_what_the_core_does_in_every_script() {
    let (mut steps, mut refused) = (0, Vec::new());
    for (name, text) in SCRIPTS {
        let mut runner = Runner::default();
        runner.keep_control();
        let mut judge = |runner: &Runner| match runner.world().map(judge::world) {
            Some(Ok(n)) => steps += n,
            Some(Err(why)) => refused.push(format!("{name}: {}", why.story)),
            None => {}
        };
        for command in commands(text) {
            // A second group takes the first one's place.
            if command.starts_with("group") {
                judge(&runner);
            }
            runner.execute(&command).unwrap();
        }
        judge(&runner);
    }
    println!("{steps} steps of {} scripts judged", SCRIPTS.len());
    assert!(refused.is_empty(), "{} refused:\n{}", refused.len(), refused.join("\n"));
}

fn commands(text: &str) -> impl Iterator<Item = String> {
    parse(text).into_iter().flat_map(|block| match block {
        Block::Commands { commands, .. } => commands,
        Block::Text(_) => Vec::new(),
    })
}
