//! The page, then the binary that carries it.

mod cut;
pub(crate) mod npm;
pub(crate) mod page;
pub(crate) mod profile;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::context::Context;
use crate::fail::{Fail, Outcome, failed};
use crate::process;
use crate::setup::{self, Scope};

/// `cargo xtask build`.
pub(crate) fn run(context: &Context, arguments: &[String]) -> Outcome<ExitCode> {
    if !arguments.is_empty() {
        return Err(Fail::Usage("`build` takes nothing".to_owned()));
    }
    everything(context)?;
    println!("The page is in {}, the binary is {}.", context.page().display(), context.binary().display());
    Ok(ExitCode::SUCCESS)
}

/// Set-up, page and binary, each only as far as needed.
pub(crate) fn everything(context: &Context) -> Outcome<()> {
    setup::ensure(context, Scope::Page)?;
    page::build(context)?;
    let start = Instant::now();
    println!("Binary: cargo build --release --package primacy");
    let run = process::stream(&mut binary_command(context), BINARY_LIMIT)?;
    if !run.ok {
        return Err(failed("the binary could not be built; the compiler's words are above"));
    }
    println!("Binary: ready after {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// The build of the release binary with the page inside.
pub(crate) fn binary_command(context: &Context) -> std::process::Command {
    let mut cargo = context.cargo();
    cargo.args(["build", "--release", "--package", "primacy"]).env("PRIMACY_PAGE_DIR", context.page());
    cargo
}

pub(crate) const BINARY_LIMIT: Duration = Duration::from_secs(1800);
