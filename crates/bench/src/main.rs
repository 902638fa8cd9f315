//! `cargo xtask bench`: Primacy and redis-server side by side in one run, as ratios.
//!
//! Figures are server CPU (user + system time of the server's process divided by the commands done): it drifts
//! far less than requests a second on a shared machine. Raw figures go to `bench-results/`.

mod failover;
mod memory;
mod peer;
mod process;
mod report;
mod resp;
mod throughput;
mod writer;

use std::path::PathBuf;
use std::process::ExitCode;

use report::Report;

const USAGE: &str = "usage: cargo xtask bench [throughput] [memory] [failover] [--quick] [--runs N] \
[--binary PATH] [--out FILE]";

/// Measures, prints its table and adds its raw figures.
type Part = fn(&Options, &mut Report) -> Result<(), String>;

/// What to measure and how often.
struct Options {
    parts: Vec<String>,
    runs: usize,
    failovers: usize,
    commands_divisor: u64,
    binary: PathBuf,
    out: PathBuf,
}

impl Options {
    fn parse(args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            parts: Vec::new(),
            runs: 5,
            failovers: 10,
            commands_divisor: 1,
            binary: PathBuf::from("target/release/primacy"),
            out: PathBuf::from("bench-results/raw/latest.json"),
        };
        let mut args = args;
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value\n{USAGE}"));
            match arg.as_str() {
                "throughput" | "memory" | "failover" => options.parts.push(arg),
                "--quick" => (options.runs, options.failovers, options.commands_divisor) = (1, 2, 10),
                "--runs" => {
                    options.runs = value()?.parse().map_err(|_| format!("--runs needs a number\n{USAGE}"))?;
                    options.failovers = options.runs;
                }
                "--binary" => options.binary = value()?.into(),
                "--out" => options.out = value()?.into(),
                other => return Err(format!("unknown argument {other:?}\n{USAGE}")),
            }
        }
        if options.parts.is_empty() {
            options.parts = ["throughput", "memory", "failover"].map(String::from).to_vec();
        }
        if options.runs == 0 {
            return Err(format!("--runs needs at least 1\n{USAGE}"));
        }
        Ok(options)
    }

    fn wants(&self, part: &str) -> bool {
        self.parts.iter().any(|p| p == part)
    }
}

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("bench: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), String> {
    if !options.binary.exists() {
        return Err(format!("{} is not there: build it with `cargo xtask build`", options.binary.display()));
    }
    let mut report = Report::default();
    let parts: [(&str, Part); 3] =
        [("throughput", throughput::run), ("memory", memory::run), ("failover", failover::run)];
    for (name, part) in parts {
        if options.wants(name) {
            part(options, &mut report)?;
            // Kept after each part: a later one that fails takes nothing of them along.
            report.save(&options.out)?;
        }
    }
    println!("raw figures: {}", options.out.display());
    Ok(())
}
