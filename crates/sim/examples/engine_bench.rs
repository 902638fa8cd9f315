//! How fast the engine is: events and simulated seconds per second, seeks within ten simulated minutes, checkpoints.
//!
//! `cargo run --release -p primacy-sim --example engine_bench`
#![expect(clippy::disallowed_methods, reason = "measures real time; nothing of it reaches the simulation")]

use std::time::Instant;

use primacy_port::{Ask, Frame, Lane, Opening, Told, What};
use primacy_sim::engine::Engine;
use primacy_sim::hash::draw_below;
use primacy_sim::link;
use primacy_sim::scenario::{ClientSpec, Mix, Scenario, Via};

const S: u64 = 1_000_000_000;
const SEEKS: u64 = 100;

fn ask(engine: &mut Engine, what: What) -> Frame {
    let tells = engine.ask(Ask { number: 1, lane: Lane::A, what });
    let frame = tells.into_iter().rev().find_map(|tell| match tell.told {
        Told::Frame(frame) => Some(std::sync::Arc::unwrap_or_clone(frame)),
        _ => None,
    });
    frame.unwrap_or_else(|| panic!("no frame"))
}

/// Three nodes and ten applications with so many operations per second each.
fn workload(each: u32) -> Scenario {
    let client = |via, mix| ClientSpec { via, mix, think_us: 1_000_000 / each, ..ClientSpec::default() };
    let mut clients = vec![client(Via::Primary, Mix { set: 1, get: 1, ..Mix::default() }); 6];
    clients.extend(vec![client(Via::Reader, Mix { get: 1, ..Mix::default() }); 4]);
    Scenario { clients, ..primacy_sim::engine::first(42) }
}

fn measure(name: &str, scenario: &Scenario, seconds: u64, chaos: bool) {
    let mut engine = Engine::new();
    let opened = ask(&mut engine, What::Open(Opening::Link(link::fragment(scenario))));
    let (began, steps) = (Instant::now(), opened.view.steps);
    let end = opened.view.now_ns + seconds * S;
    let mut frame = opened;
    while frame.view.now_ns < end {
        if chaos && frame.view.now_ns % (60 * S) < S {
            frame = ask(&mut engine, What::Do("kill primary".into()));
        }
        let until_ns = (frame.view.now_ns + S).min(end);
        frame = ask(&mut engine, What::Run { until_ns, events: u32::MAX });
    }
    let took = began.elapsed().as_secs_f64();
    let events = (frame.view.steps - steps) as f64;
    println!(
        "{name}: {:.2} M events/s, {:.0} simulated s/s, {:.0} events per simulated s",
        events / took / 1e6,
        seconds as f64 / took,
        events / seconds as f64
    );
    let mut times: Vec<f64> = (0..SEEKS).map(|n| seek(&mut engine, draw_below(1, 2, 3, n, end))).collect();
    times.sort_by(f64::total_cmp);
    let at = |percent: usize| times[(times.len() - 1) * percent / 100] * 1e3;
    println!(
        "  {SEEKS} seeks within {} s: p50 {:.1} ms, p95 {:.1} ms, most {:.1} ms",
        end / S,
        at(50),
        at(95),
        at(100)
    );
    let (count, bytes) = engine.checkpoints();
    println!("  {count} checkpoints, {:.1} MB", bytes as f64 / 1e6);
    let began = Instant::now();
    let rounds = 500;
    for _ in 0..rounds {
        ask(&mut engine, What::Run { until_ns: 0, events: 0 });
    }
    println!("  a frame: {:.3} ms", began.elapsed().as_secs_f64() * 1e3 / f64::from(rounds));
}

fn seek(engine: &mut Engine, at_ns: u64) -> f64 {
    let began = Instant::now();
    ask(engine, What::Seek { at_ns });
    began.elapsed().as_secs_f64()
}

fn main() {
    if let Some(each) = std::env::args().nth(1).and_then(|n| n.parse().ok()) {
        return measure("one", &workload(each), 100, false);
    }
    let began = Instant::now();
    drop(Engine::new());
    println!("a new engine: {:.1} ms", began.elapsed().as_secs_f64() * 1e3);
    measure("3 nodes, 10 x 10 ops/s", &workload(10), 592, false);
    measure("3 nodes, 10 x 10 ops/s, a kill each minute", &workload(10), 592, true);
    measure("3 nodes, 10 x 100 ops/s", &workload(100), 592, false);
}
