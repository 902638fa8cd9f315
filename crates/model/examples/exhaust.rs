//! Searches named configurations: `cargo run -p primacy-model --profile sim --example exhaust -- 30000000 F1 F3 G1`.

use primacy_model::{Bounds, Config, Style, search, walk};
use std::time::Instant;

fn main() {
    let mut args = std::env::args().skip(1);
    let states = args.next().and_then(|n| n.parse().ok()).unwrap_or(30_000_000);
    let names: Vec<String> = args.collect();
    for cfg in Config::all() {
        if !names.is_empty() && !names.iter().any(|name| name == cfg.name) {
            continue;
        }
        let start = Instant::now();
        let heal = cfg.crashes == 0 && states <= 30_000_000;
        let outcome = search(&cfg, Bounds { heal, ..Bounds::states(states) });
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
        if let Some(trace) = outcome.trace {
            println!("  {:?}", trace.violation);
            for action in trace.actions {
                println!("  {action:?}");
            }
        }
    }
    if names.iter().any(|name| name == "walk") {
        for style in [Style::Uniform, Style::Swarm] {
            let start = Instant::now();
            let walks = walk(&Config::walk(), style, 1, states as u64 / 160, 160);
            println!(
                "{style:?}: {} schedules, {} steps, {:?}, {:.1?}",
                walks.schedules,
                walks.steps,
                walks.trace,
                start.elapsed()
            );
        }
    }
}
