//! Requests a second and server CPU per command: SET and GET, pipeline 1, 16 and 64, without and with two
//! replicas. `redis-benchmark` is the load for both sides.

use std::process::Command;

use crate::Options;
use crate::peer::{LOAD_CPU, Peer, Primacy, Redis};
use crate::process::cpu_ns;
use crate::report::{Report, median, spread};

/// Pipeline depths and how many commands each run sends.
const DEPTHS: [(u32, u64); 3] = [(1, 200_000), (16, 1_500_000), (64, 2_500_000)];
const TESTS: [&str; 2] = ["set", "get"];

/// One finished run of the load.
struct Run {
    rps: f64,
    ns_per_command: f64,
}

/// Prints the table and keeps the raw figures.
pub(crate) fn run(options: &Options, report: &mut Report) -> Result<(), String> {
    println!("throughput: server on cpu 0; redis-benchmark (and replicas) on cpu 1; -c 50 -r 100000 -d 16");
    println!("server CPU in ns per command, min-median-max of {} alternated runs", options.runs);
    println!("| replicas | test | P | redis ns | primacy ns | ratio | redis req/s | primacy req/s |");
    println!("|---|---|---|---|---|---|---|---|");
    for replicas in [0, 2] {
        let redis = Redis::start(replicas, true)?;
        let primacy = Primacy::start(&options.binary, replicas, true)?;
        for test in TESTS {
            for (depth, commands) in DEPTHS {
                let commands = (commands / options.commands_divisor).max(10_000);
                let mut sides: [Vec<Run>; 2] = [Vec::new(), Vec::new()];
                for _ in 0..options.runs {
                    for (side, peer) in sides.iter_mut().zip([&redis as &dyn Peer, &primacy]) {
                        side.push(load(peer, test, depth, commands)?);
                    }
                }
                print_row(report, replicas, test, depth, &sides, [redis.name(), primacy.name()]);
            }
        }
    }
    Ok(())
}

fn load(peer: &dyn Peer, test: &str, depth: u32, commands: u64) -> Result<Run, String> {
    let addr = peer.primary_addr()?;
    let pid = peer.primary_pid()?;
    let before = cpu_ns(pid)?;
    let output = Command::new("taskset")
        .args(["-c", &LOAD_CPU.to_string(), "redis-benchmark"])
        .args(["-h", &addr.ip().to_string(), "-p", &addr.port().to_string(), "-t", test, "-c", "50"])
        .args(["-n", &commands.to_string(), "-r", "100000", "-d", "16", "-P", &depth.to_string(), "--csv"])
        .output()
        .map_err(|e| format!("cannot start redis-benchmark: {e}"))?;
    let used = cpu_ns(pid)? - before;
    let text = String::from_utf8_lossy(&output.stdout);
    let rps = text
        .lines()
        .last()
        .and_then(|l| l.split(',').nth(1)?.trim_matches('"').parse::<f64>().ok())
        .ok_or_else(|| {
            format!("redis-benchmark said {text:?} {:?}", String::from_utf8_lossy(&output.stderr))
        })?;
    Ok(Run { rps, ns_per_command: used as f64 / commands as f64 })
}

fn print_row(
    report: &mut Report,
    replicas: usize,
    test: &str,
    depth: u32,
    sides: &[Vec<Run>; 2],
    names: [&str; 2],
) {
    let ns = [0, 1].map(|i| sides[i].iter().map(|r| r.ns_per_command).collect::<Vec<_>>());
    let rps = [0, 1].map(|i| sides[i].iter().map(|r| r.rps).collect::<Vec<_>>());
    let name = format!("{test} P={depth} replicas={replicas}");
    for i in [0, 1] {
        report.add("throughput", &name, names[i], "server ns per command", &ns[i]);
        report.add("throughput", &name, names[i], "requests per second", &rps[i]);
    }
    println!(
        "| {replicas} | {test} | {depth} | {} | {} | **{:.2}** | {:.0} | {:.0} |",
        spread(&ns[0]),
        spread(&ns[1]),
        median(&ns[1]) / median(&ns[0]),
        median(&rps[0]),
        median(&rps[1]),
    );
}
