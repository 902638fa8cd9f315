//! libFuzzer on the installed toolchain: the coverage it steers by is a stable compiler pass, and the crates under it
//! have no unsafe code for a nightly's address sanitizer to watch. The corpora are replayed by an ordinary test.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::context::Context;
use crate::fail::{Doing, Fail, Outcome, failed};
use crate::{forward, process};

/// `cargo xtask fuzz <target> [libFuzzer options]`.
pub(crate) fn run(context: &Context, arguments: &[String]) -> Outcome<ExitCode> {
    let targets = targets(context);
    let Some((target, options)) = arguments.split_first().filter(|(name, _)| targets.contains(name)) else {
        return Err(Fail::Usage(format!("`fuzz` needs one of these targets: {}", targets.join(", "))));
    };
    let found = folder(context, "corpus", target)?;
    let crashes = folder(context, "artifacts", target)?;
    let mut fuzz = command(context, target)?;
    // libFuzzer writes to the first folder; the committed corpus only seeds it, and grows by hand.
    fuzz.arg("--").arg(found).arg(context.root.join(PACKAGE).join("corpus").join(target));
    fuzz.arg(format!("-artifact_prefix={}/", crashes.display()));
    if options.is_empty() {
        fuzz.arg("-max_total_time=60");
    }
    forward::replace(fuzz.args(options))
}

fn command(context: &Context, target: &str) -> Outcome<Command> {
    let version = process::capture(Command::new("rustc").arg("-vV")).unwrap_or_default();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or_else(|| failed("rustc does not say for which machine it builds"))?;
    let mut cargo = context.cargo();
    cargo.args(["run", "--release", "--manifest-path"]).arg(context.root.join(PACKAGE).join("Cargo.toml"));
    // Named even though it is this machine: otherwise build scripts would be instrumented too, and not link.
    cargo.args(["--target", host, "--bin", target]);
    cargo.env("CARGO_TARGET_DIR", context.root.join("target/fuzz"));
    cargo.env(format!("CARGO_TARGET_{}_RUSTFLAGS", host.replace('-', "_").to_uppercase()), COVERAGE);
    Ok(cargo)
}

fn folder(context: &Context, kind: &str, target: &str) -> Outcome<PathBuf> {
    let folder = context.root.join("target/fuzz").join(kind).join(target);
    std::fs::create_dir_all(&folder).doing(|| format!("create {}", folder.display()))?;
    Ok(folder)
}

fn targets(context: &Context) -> Vec<String> {
    let files = std::fs::read_dir(context.root.join(PACKAGE).join("src/bin")).into_iter().flatten().flatten();
    let stem = |path: PathBuf| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let mut names: Vec<String> = files.filter_map(|file| stem(file.path())).collect();
    names.sort();
    names
}

const PACKAGE: &str = "tests/fuzz";

/// What cargo-fuzz passes, without the sanitizer.
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";
