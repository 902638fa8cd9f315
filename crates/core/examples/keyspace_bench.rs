//! CPU nanoseconds per command of scan, lookup and run, without sockets or a log:
//! `cargo run --release -p primacy-core --example keyspace_bench`.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::fmt::Write as _;
use std::sync::OnceLock;
use std::time::Instant;

use primacy_core::command::{Ctx, Effect, Mode, Run, Selected, lookup};
use primacy_core::keyspace::Keyspace;
use primacy_core::resp::{ArgSpans, Limits, Scan, scan};
use primacy_core::rng::Rng;

const PIPELINE: usize = 64;

struct Engine {
    keyspace: Keyspace,
    args: ArgSpans,
    out: Vec<u8>,
    effect: Effect,
    rng: Rng,
    log: u64,
}

impl Engine {
    fn new() -> Self {
        Self {
            keyspace: Keyspace::new([7; 32]),
            args: ArgSpans::new(),
            out: Vec::new(),
            effect: Effect::new(),
            rng: Rng::from_u64(1),
            log: 0,
        }
    }

    fn run(&mut self, mut input: &[u8]) {
        self.out.clear();
        while let Scan::Whole { len } = scan(input, &mut self.args, &Limits::DEFAULT) {
            let args = self.args.view(input);
            let command = lookup(args.get(0)).expect("known");
            let Run::Data(run) = command.run else { panic!("a data command") };
            self.effect.clear();
            let db = Selected::new(&mut self.keyspace, 0);
            let (out, effect, rng) = (&mut self.out, &mut self.effect, &mut self.rng);
            run(&mut Ctx { db, out, now_ms: 1_000_000, effect, rng, mode: Mode::Primary }, &args);
            self.log += u64::from(self.effect.logged_count());
            input = &input[len..];
        }
    }
}

fn main() {
    let count: usize = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(3_000_000);
    for keys in [1_000, 100_000, 1_000_000] {
        let mut engine = Engine::new();
        let set = batches(count, keys, |key, out| {
            let _ = write!(out, "*3\r\n$3\r\nSET\r\n$16\r\nkey:{key:012}\r\n$16\r\nxxxxxxxxxxxxxxxx\r\n");
        });
        let get = batches(count, keys, |key, out| {
            let _ = write!(out, "*2\r\n$3\r\nGET\r\n$16\r\nkey:{key:012}\r\n");
        });
        let incr = batches(count, keys, |key, out| {
            let _ = write!(out, "*2\r\n$4\r\nINCR\r\n$16\r\nnum:{key:012}\r\n");
        });
        let before = resident();
        let fill = time(&mut engine, &set, count);
        let per_key = (resident().saturating_sub(before)) / engine.keyspace.len().max(1) as u64;
        let estimate = engine.keyspace.memory() / engine.keyspace.len().max(1) as u64;
        let (set, get) = (time(&mut engine, &set, count), time(&mut engine, &get, count));
        let incr = time(&mut engine, &incr, count);
        println!(
            "{keys:>8} keys: fill {fill} ns, SET {set} ns, GET {get} ns, INCR {incr} ns, \
             {per_key} B/key resident, {estimate} B/key estimated"
        );
    }
}

fn time(engine: &mut Engine, batches: &[String], count: usize) -> u128 {
    let start = on_cpu();
    batches.iter().for_each(|batch| engine.run(batch.as_bytes()));
    (on_cpu() - start) / count as u128
}

/// Nanoseconds this process has run, so that other work on the machine does not count; wall time elsewhere.
fn on_cpu() -> u128 {
    static START: OnceLock<Instant> = OnceLock::new();
    let schedstat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let ran = schedstat.split(' ').next().and_then(|ns| ns.parse().ok());
    ran.unwrap_or_else(|| START.get_or_init(Instant::now).elapsed().as_nanos())
}

fn batches(count: usize, keys: u64, each: impl Fn(u64, &mut String)) -> Vec<String> {
    let mut rng = Rng::from_u64(2);
    let batch = |_| {
        let mut out = String::new();
        (0..PIPELINE).for_each(|_| each(rng.below(keys), &mut out));
        out
    };
    (0..count / PIPELINE).map(batch).collect()
}

fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4096
}
