//! The page's build tools, at the versions the repository was built with.

use std::path::PathBuf;
use std::time::Duration;

use super::Step;
use crate::context::{Context, which};
use crate::fail::{Doing, Outcome, failed};
use crate::process;

/// The tools that are absent or of another version.
pub(super) fn missing(context: &Context) -> Vec<Step> {
    let mut steps = Vec::new();
    if let Some(version) = wasm_bindgen_version(context)
        && reported(context, "wasm-bindgen") != Some(format!("wasm-bindgen {version}"))
    {
        let why = format!("joins the page's wasm to JavaScript; Cargo.lock says {version} (2 to 3 min)");
        steps.push(Step::new("wasm-bindgen", why, move |context| install_wasm_bindgen(context, &version)));
    }
    if !optimiser(context).is_file() && which("npm").is_some() {
        let why = "makes the page's wasm smaller; Debian's own version breaks it, npm's does not";
        steps.push(Step::new("wasm-opt", why, install_optimiser));
    }
    if reported(context, "trunk") != Some(format!("trunk {TRUNK}")) {
        let why = format!("builds and serves the page, version {TRUNK} (5 to 10 min)");
        steps.push(Step::new("trunk", why, install_trunk));
    }
    steps
}

/// The version of wasm-bindgen in Cargo.lock; the tool refuses a module of any other.
fn wasm_bindgen_version(context: &Context) -> Option<String> {
    let lock = std::fs::read_to_string(context.root.join("Cargo.lock")).ok()?;
    let (_, after) = lock.split_once("name = \"wasm-bindgen\"\nversion = \"")?;
    after.split_once('"').map(|(version, _)| version.to_owned())
}

fn reported(context: &Context, program: &str) -> Option<String> {
    let own = context.tools.join("bin").join(program);
    let program = if own.is_file() { own } else { which(program)? };
    process::capture(context.command(program).arg("--version"))
}

fn install_wasm_bindgen(context: &Context, version: &str) -> Outcome<()> {
    // Not --locked: one dependency of the published lock file can no longer be resolved.
    cargo_install(context, "wasm-bindgen-cli", version, &[])
}

fn install_trunk(context: &Context) -> Outcome<()> {
    // --locked: its newer dependencies no longer compile together.
    cargo_install(context, "trunk", TRUNK, &["--locked", "--no-default-features", "--features", "rustls"])
}

fn cargo_install(context: &Context, package: &str, version: &str, options: &[&str]) -> Outcome<()> {
    let build = context.tools.join("build");
    let mut cargo = context.cargo();
    // Both tools wait for disks and compilers most of the time, so the speed of their own code matters less
    // than the minutes that optimising it takes.
    cargo
        .current_dir(&context.tools)
        .args(["install", package, "--version", &format!("={version}"), "--root"])
        .arg(&context.tools)
        .args(options)
        .env("CARGO_TARGET_DIR", build.join(package))
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "false");
    let log = context.tools.join("log").join(format!("{package}.log"));
    process::logged(&mut cargo, &log, Duration::from_secs(2400))?;
    let _ = std::fs::remove_dir_all(&build);
    Ok(())
}

fn optimiser(context: &Context) -> PathBuf {
    context.tools.join("node/node_modules/.bin/wasm-opt")
}

fn install_optimiser(context: &Context) -> Outcome<()> {
    let folder = context.tools.join("node");
    std::fs::create_dir_all(&folder).doing(|| format!("create {}", folder.display()))?;
    let mut npm = context.command("npm");
    npm.args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix"]).arg(&folder).arg(BINARYEN);
    process::logged(&mut npm, &context.tools.join("log/wasm-opt.log"), Duration::from_secs(300))?;
    match optimiser(context).is_file() {
        true => Ok(()),
        false => Err(failed("npm installed binaryen, but there is no wasm-opt in it")),
    }
}

/// 0.22 needs a newer compiler than the workspace's.
const TRUNK: &str = "0.21.14";

/// The version that Trunk.toml names.
const BINARYEN: &str = "binaryen@132.0.0";
