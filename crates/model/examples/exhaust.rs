//! The nightly search: `cargo run -p primacy-model --profile sim --example exhaust -- 30000000 F1 F3 G1 walk`.
//!
//! The number bounds the distinct states of each search (20 bytes of memory each, 50 more with the heal check) and
//! the steps of the walks. Without names every configuration is searched and walked. It fails if anything is found.

use primacy_model::{Bounds, Config, Style, Trace, search, walk};
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let states = args.next().and_then(|n| n.parse().ok()).unwrap_or(30_000_000);
    let names: Vec<String> = args.collect();
    let wanted = |name: &str| names.is_empty() || names.iter().any(|other| other == name);
    let mut sound = true;
    for cfg in Config::all().iter().filter(|cfg| wanted(cfg.name)) {
        sound &= exhaust(cfg, states);
    }
    if wanted("walk") {
        for style in [Style::Uniform, Style::Swarm] {
            sound &= stroll(style, states as u64 / 160);
        }
    }
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn exhaust(cfg: &Config, states: usize) -> bool {
    let start = Instant::now();
    // A crash may leave a bounded model without an epoch to heal in, so only crash-free bounds are asked.
    let heal = cfg.crashes == 0 && !cfg.clockless;
    let outcome = search(cfg, Bounds { heal, ..Bounds::states(states) });
    println!(
        "{}: {} states, {} transitions, depth {}, exhausted {}, stuck {:?}, {:.1?}",
        cfg.name,
        outcome.states,
        outcome.transitions,
        outcome.depth,
        outcome.exhausted,
        outcome.stuck,
        start.elapsed()
    );
    show(outcome.trace.as_ref());
    outcome.trace.is_none() && outcome.stuck.unwrap_or(0) == 0
}

fn stroll(style: Style, schedules: u64) -> bool {
    let start = Instant::now();
    let walks = walk(&Config::walk(), style, 1, schedules, 160);
    println!("{style:?}: {} schedules, {} steps, {:.1?}", walks.schedules, walks.steps, start.elapsed());
    show(walks.trace.as_ref());
    walks.trace.is_none()
}

fn show(trace: Option<&Trace>) {
    let Some(trace) = trace else {
        return;
    };
    println!("  {:?}", trace.violation);
    for action in &trace.actions {
        println!("  {action:?}");
    }
}
