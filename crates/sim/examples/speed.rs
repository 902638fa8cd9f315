//! How fast a link's run goes natively: `cargo run --release -p primacy-sim --example speed -- LINK SECONDS`, the other side of
//! the ratio that `cargo xtask bench page` prints. One line of JSON.

#![expect(clippy::disallowed_methods, reason = "measures real time; nothing of it reaches the simulation")]

use std::time::Instant;

use primacy_port::{Ask, Lane, Opening, Tell, Told, What};
use primacy_sim::engine::Engine;

const EVENTS: u32 = 100_000;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(link), Some(seconds)) =
        (arguments.next(), arguments.next().and_then(|s| s.parse::<u64>().ok()))
    else {
        eprintln!("usage: speed LINK SECONDS");
        std::process::exit(2);
    };
    let mut run = Run { engine: Engine::new(), asked: 0 };
    let (begun_ns, before, _) = run.ask(What::Open(Opening::Link(link)));
    let until_ns = begun_ns + seconds * 1_000_000_000;
    let start = Instant::now();
    let (mut now_ns, mut steps, mut trace) = (begun_ns, before, String::new());
    while now_ns < until_ns {
        (now_ns, steps, trace) = run.ask(What::Run { until_ns, events: EVENTS });
    }
    let took = start.elapsed().as_secs_f64();
    let events = steps - before;
    println!(r#"{{"events":{events},"simSeconds":{seconds},"seconds":{took:.4},"trace":"{trace}"}}"#);
}

struct Run {
    engine: Engine,
    asked: u32,
}

impl Run {
    /// Asks, and returns the frame's time, its number of events and its hash.
    fn ask(&mut self, what: What) -> (u64, u64, String) {
        self.asked += 1;
        for Tell { told, .. } in self.engine.ask(Ask { number: self.asked, lane: Lane::A, what }) {
            match told {
                Told::Frame(frame) => return (frame.view.now_ns, frame.view.steps, frame.view.trace.clone()),
                Told::Refused(why) => panic!("{why}"),
                _ => {}
            }
        }
        panic!("the engine did not answer");
    }
}
