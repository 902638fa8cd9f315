//! The one test command. Every step runs even after a failure, so that one run shows all that is wrong, and the
//! last line is the count that CI reads.

mod count;
mod imports;
pub(crate) mod node;
mod steps;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::context::Context;
use crate::fail::{Fail, Outcome};
use crate::setup::{self, Scope};
pub(crate) use count::Tally;
use steps::{STEPS, Step};

/// `cargo xtask test [--list | <step>…]`.
pub(crate) fn run(context: &Context, arguments: &[String]) -> Outcome<ExitCode> {
    if arguments == ["--list"] {
        for step in STEPS {
            println!("  {:<10} {}", step.name, step.what);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let chosen = choose(arguments)?;
    let mut results = Vec::new();
    let start = Instant::now();
    if chosen.iter().any(|step| step.needs_tools) {
        results.extend(set_up(context));
    }
    for step in chosen {
        results.push(run_step(context, step, time_left(start)));
    }
    Ok(close(&results, start.elapsed()))
}

/// What one step came to.
struct Finished {
    name: &'static str,
    tally: Tally,
    time: Duration,
}

fn choose(names: &[String]) -> Outcome<Vec<&'static Step>> {
    if names.is_empty() {
        return Ok(STEPS.iter().collect());
    }
    let find = |name: &String| {
        let found = STEPS.iter().find(|step| step.name == name);
        found.ok_or_else(|| {
            Fail::Usage(format!("there is no test step `{name}`; see `cargo xtask test --list`"))
        })
    };
    names.iter().map(find).collect()
}

/// Counts only when it fails: the steps that can do without its tools still run.
fn set_up(context: &Context) -> Option<Finished> {
    heading("setup", "the tools of the tests");
    let start = Instant::now();
    let fail = setup::ensure(context, Scope::Tests).err()?;
    eprintln!("{}", fail.message());
    Some(Finished { name: "setup", tally: Tally::one_failed("see above"), time: start.elapsed() })
}

fn run_step(context: &Context, step: &Step, left: Duration) -> Finished {
    heading(step.name, step.what);
    let start = Instant::now();
    let limit = Duration::from_secs(step.minutes * 60).min(left);
    let tally = (step.run)(context, limit).unwrap_or_else(|fail| {
        let message = fail.message();
        eprintln!("{message}");
        Tally::one_failed(message.lines().next().unwrap_or_default())
    });
    Finished { name: step.name, tally, time: start.elapsed() }
}

/// CI stops a run after 90 minutes without a count; ending a little before that keeps the count.
fn time_left(start: Instant) -> Duration {
    match std::env::var_os("CI") {
        Some(_) => Duration::from_secs(80 * 60).saturating_sub(start.elapsed()),
        None => Duration::MAX,
    }
}

fn heading(name: &str, what: &str) {
    println!("\n── {name}: {what} {}", "─".repeat(90_usize.saturating_sub(name.len() + what.len())));
}

fn close(results: &[Finished], time: Duration) -> ExitCode {
    println!("\n{:<10} {:>7} {:>7} {:>9}", "step", "passed", "failed", "time");
    let mut sum = Tally::default();
    for result in results {
        let Tally { passed, failed, note } = &result.tally;
        println!("{:<10} {passed:>7} {failed:>7} {:>7.1} s  {note}", result.name, result.time.as_secs_f64());
        sum.passed += passed;
        sum.failed += failed;
    }
    println!("{:<10} {:>7} {:>7} {:>7.1} s\n", "all", sum.passed, sum.failed, time.as_secs_f64());
    println!("{} passed, {} failed", sum.passed, sum.failed);
    if sum.failed == 0 && sum.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
