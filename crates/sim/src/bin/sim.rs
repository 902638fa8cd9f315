//! Random runs, one run with its trace, or a script: `sim --seeds 1000`, `sim --seed 7 --trace`, `sim --script FILE`.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use primacy_sim::check::Tally;
use primacy_sim::draw::Style;
use primacy_sim::{Scenario, World, campaign, draw, link, script, shrink};

const USAGE: &str = "\
sim: random runs of the group in a simulated world

  --seeds N        runs N seeds (1 when only --seed is given, else 100)
  --seed S         first seed (else taken from the clock, and printed)
  --swarm          draws every seed as a swarm; --uniform: none (else half each)
  --scenario TEXT  runs one scenario, as printed with a failure
  --trace          prints events, roles and notices of each run
  --script FILE    runs a script and compares its answers; --rewrite writes them
  --no-shrink      reports a failure as it was drawn
  --keep-going     goes on after a failure
  --hashes         prints the trace hash of each seed
  --sometimes      fails when a sometimes-assertion was never reached";

/// The seed that runs now, for a panic's message.
static CURRENT: AtomicU64 = AtomicU64::new(0);

#[derive(Default)]
struct Options {
    seeds: Option<u64>,
    seed: Option<u64>,
    style: Option<Style>,
    scenario: Option<String>,
    script: Option<String>,
    trace: bool,
    rewrite: bool,
    no_shrink: bool,
    keep_going: bool,
    hashes: bool,
    sometimes: bool,
}

fn options() -> Result<Options, String> {
    let mut options = Options::default();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
        let number = |text: String| text.parse::<u64>().map_err(|_| format!("{text} is no number"));
        match arg.as_str() {
            "--seeds" => options.seeds = Some(number(value()?)?),
            "--seed" => options.seed = Some(number(value()?)?),
            "--swarm" => options.style = Some(Style::Swarm),
            "--uniform" => options.style = Some(Style::Uniform),
            "--scenario" => options.scenario = Some(value()?),
            "--script" => options.script = Some(value()?),
            "--trace" => options.trace = true,
            "--rewrite" => options.rewrite = true,
            "--no-shrink" => options.no_shrink = true,
            "--keep-going" => options.keep_going = true,
            "--hashes" => options.hashes = true,
            "--sometimes" => options.sometimes = true,
            _ => return Err(format!("unknown option {arg}\n\n{USAGE}")),
        }
    }
    Ok(options)
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        eprintln!("panic in seed {} (replay: sim --seed {0} --trace)", CURRENT.load(Ordering::Relaxed));
        told(info);
    }));
    if let Some(path) = &options.script {
        return run_script(path, options.rewrite);
    }
    if let Some(text) = &options.scenario {
        let scenario = match link::parse_fragment(text.rsplit('#').next().unwrap_or(text)) {
            Err(link::LinkError::OtherFormat) => link::decode(text),
            read => read.map(|(_, scenario)| scenario),
        };
        return match scenario {
            Ok(scenario) => run_one(scenario, options.trace),
            Err(error) => {
                eprintln!("{error}");
                ExitCode::from(2)
            }
        };
    }
    run_seeds(&options)
}

fn run_script(path: &str, rewrite: bool) -> ExitCode {
    let outcome = std::fs::read_to_string(path).map_err(|e| e.to_string()).and_then(|text| {
        let answered = script::run(&text).map_err(|e| e.to_string())?;
        if rewrite {
            std::fs::write(path, &answered).map_err(|e| e.to_string())?;
            return Ok(());
        }
        script::compare(&text, &answered)
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{path}: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run_one(scenario: Scenario, trace: bool) -> ExitCode {
    let mut world = World::new(scenario);
    if trace {
        world.keep_notes();
    }
    world.run_to_end();
    if trace {
        print_trace(&world);
    }
    println!("trace {} after {} events", world.trace().digest(), world.trace().events());
    match world.violation() {
        None => ExitCode::SUCCESS,
        Some(violation) => {
            campaign::report(world.scenario(), violation).iter().for_each(|line| eprintln!("{line}"));
            ExitCode::FAILURE
        }
    }
}

fn print_trace(world: &World) {
    let events = world.observe(0).events;
    let mut lines: Vec<(u64, String)> = world.notes().to_vec();
    lines.extend(events.iter().map(|(at, event)| (*at, format!("event {}: {:?}", event.id.0, event.kind))));
    lines.sort_by_key(|(at, _)| *at);
    for (at, line) in lines {
        println!("{:>4}.{:06} {line}", at / 1_000_000_000, at / 1000 % 1_000_000);
    }
}

#[expect(clippy::disallowed_methods, reason = "measures the campaign itself and draws a fresh first seed")]
fn run_seeds(options: &Options) -> ExitCode {
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let first = options.seed.unwrap_or_else(clock);
    let count = options.seeds.unwrap_or_else(|| if options.seed.is_some() { 1 } else { 100 });
    let (begun, mut tally, mut failed, mut steps) = (Instant::now(), Tally::default(), 0u64, 0u64);
    let mut ran = 0u64;
    for seed in first..first.saturating_add(count) {
        CURRENT.store(seed, Ordering::Relaxed);
        let scenario = draw::scenario(seed, options.style.unwrap_or_else(|| campaign::style_of(seed)));
        if options.trace {
            if run_one(scenario, true) != ExitCode::SUCCESS {
                failed += 1;
            }
            continue;
        }
        let outcome = campaign::run(&scenario);
        ran += 1;
        steps += outcome.steps;
        tally.add(&outcome.tally);
        if options.hashes {
            println!("{seed} {}", outcome.trace);
        }
        let Some(violation) = outcome.violation else { continue };
        failed += 1;
        eprintln!("seed {seed} failed");
        let (small, violation) = if options.no_shrink {
            (scenario, violation)
        } else {
            shrink::shrink(&scenario, &violation, 300)
        };
        campaign::report(&small, &violation).iter().for_each(|line| eprintln!("{line}"));
        if !options.keep_going {
            break;
        }
    }
    if !options.trace {
        let seconds = begun.elapsed().as_secs_f64();
        tally.lines().iter().for_each(|line| println!("{line}"));
        println!(
            "{ran} schedules from seed {first} in {seconds:.1} s: {:.0} a minute, {:.0} events each, {failed} failed",
            ran as f64 * 60.0 / seconds,
            steps as f64 / ran.max(1) as f64
        );
    }
    let missing = tally.missing();
    if !missing.is_empty() && !options.trace {
        println!("never reached: {}", missing.join(", "));
    }
    let tame = options.sometimes && !missing.is_empty();
    if failed > 0 || tame { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
