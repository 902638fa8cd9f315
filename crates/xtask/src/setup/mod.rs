//! Installs what is missing, says why and how far it is, and is quick when nothing is.

mod python;
mod system;
mod tools;
pub(crate) mod wasm_target;

use std::fs::File;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::context::Context;
use crate::fail::{Doing, Fail, Outcome};
pub(crate) use python::interpreter as python;

/// What the set-up is for: the page needs less than the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Page,
    Tests,
}

/// `cargo xtask setup [--all]`.
pub(crate) fn run(context: &Context, arguments: &[String]) -> Outcome<ExitCode> {
    let scope = match arguments {
        [] => Scope::Page,
        [all] if all == "--all" => Scope::Tests,
        _ => return Err(Fail::Usage("`setup` takes nothing, or --all".to_owned())),
    };
    let start = Instant::now();
    let done = ensure(context, scope)?;
    if done == 0 {
        println!("All tools are there ({} ms).", start.elapsed().as_millis());
    }
    Ok(ExitCode::SUCCESS)
}

/// Brings the machine to the scope's state and returns how many steps that took.
pub(crate) fn ensure(context: &Context, scope: Scope) -> Outcome<usize> {
    std::fs::create_dir_all(&context.tools).doing(|| format!("create {}", context.tools.display()))?;
    // Two clones may share the folder, and an editor may build beside a terminal.
    let lock_path = context.tools.join("lock");
    let lock = File::create(&lock_path).doing(|| format!("create {}", lock_path.display()))?;
    if lock.try_lock().is_err() {
        println!("Waiting for another set-up in {} …", context.tools.display());
        lock.lock().doing(|| format!("lock {}", lock_path.display()))?;
    }
    let steps = missing(context, scope);
    let start = Instant::now();
    for (index, step) in steps.iter().enumerate() {
        println!("[{}/{}] {}: {}", index + 1, steps.len(), step.name, step.why);
        let begun = Instant::now();
        (step.install)(context)?;
        println!("      done in {}, {} in all", seconds(begun.elapsed()), seconds(start.elapsed()));
    }
    Ok(steps.len())
}

/// `cargo xtask clean-tools`.
pub(crate) fn clean(context: &Context, arguments: &[String]) -> Outcome<ExitCode> {
    if !arguments.is_empty() {
        return Err(Fail::Usage("`clean-tools` takes nothing".to_owned()));
    }
    if context.tools.exists() {
        std::fs::remove_dir_all(&context.tools).doing(|| format!("remove {}", context.tools.display()))?;
    }
    println!("Removed {}.", context.tools.display());
    Ok(ExitCode::SUCCESS)
}

/// One thing to install.
struct Step {
    name: &'static str,
    why: String,
    install: Install,
}

type Install = Box<dyn Fn(&Context) -> Outcome<()>>;

impl Step {
    fn new(
        name: &'static str,
        why: impl Into<String>,
        install: impl Fn(&Context) -> Outcome<()> + 'static,
    ) -> Self {
        Self { name, why: why.into(), install: Box::new(install) }
    }
}

fn missing(context: &Context, scope: Scope) -> Vec<Step> {
    let mut steps = Vec::new();
    steps.extend(wasm_target::missing(context));
    steps.extend(tools::missing(context));
    if scope == Scope::Tests {
        steps.extend(system::missing());
        steps.extend(python::missing(context));
    }
    steps
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
