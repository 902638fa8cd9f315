//! The page: Trunk in release, then compressed copies beside each file, and a stamp to skip both next time.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::cut;
use crate::context::{Context, Fingerprint, which};
use crate::fail::{Doing, Outcome, failed};
use crate::process;
use crate::setup::wasm_target::Wasm;

/// Builds the page into `dist/` unless its inputs are those of the last build.
pub(crate) fn build(context: &Context) -> Outcome<()> {
    let wasm =
        Wasm::find(context).ok_or_else(|| failed("run `cargo xtask setup` first: no wasm32 target"))?;
    let stamp_file = context.root.join("target/page.stamp");
    let stamp = stamp(context, &wasm)?;
    let same = std::fs::read_to_string(&stamp_file).is_ok_and(|last| last == stamp);
    if same && context.page().join("index.html").is_file() {
        println!("Page: unchanged");
        return Ok(());
    }
    let start = Instant::now();
    println!("Page: trunk build --release into {}", context.page().display());
    let run = process::stream(&mut trunk(context, &wasm), Duration::from_secs(1800))?;
    if !run.ok {
        return Err(failed("the page could not be built; Trunk's words are above"));
    }
    cut::cut(context)?;
    compress(context)?;
    std::fs::write(&stamp_file, stamp).doing(|| format!("write {}", stamp_file.display()))?;
    println!("Page: built in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// Every WebAssembly module of the built page.
pub(crate) fn modules(context: &Context) -> Vec<PathBuf> {
    modules_in(&context.page())
}

pub(crate) fn modules_in(page: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    collect(page, &mut files);
    files.retain(|file| file.extension().is_some_and(|extension| extension == "wasm"));
    files
}

fn trunk(context: &Context, wasm: &Wasm) -> std::process::Command {
    let own = context.tools.join("bin/trunk");
    let mut trunk = context.command(if own.is_file() { own } else { "trunk".into() });
    trunk
        .args(["build", "--release", "--cargo-profile", "wasm-release", "--skip-version-check"])
        .envs(wasm.variables(context));
    // Trunk takes only `true` or `false`, where the convention is that any value counts.
    if std::env::var_os("NO_COLOR").is_some() {
        trunk.env("NO_COLOR", "true");
    }
    trunk
}

/// Node has both compressors, and the page's set-up uses Node anyway; without it the server compresses nothing.
fn compress(context: &Context) -> Outcome<()> {
    if which("node").is_none() {
        println!("Page: no node here, so the page is served uncompressed");
        return Ok(());
    }
    let mut node = context.command("node");
    node.args(["--input-type=module", "--eval", COMPRESS, "--"]).arg(context.page());
    let run = process::stream(&mut node, Duration::from_secs(300))?;
    if run.ok { Ok(()) } else { Err(failed("the page could not be compressed")) }
}

fn stamp(context: &Context, wasm: &Wasm) -> Outcome<String> {
    let mut files: Vec<PathBuf> = INPUTS.iter().map(|input| context.root.join(input)).collect();
    for folder in INPUT_FOLDERS {
        collect(&context.root.join(folder), &mut files);
    }
    files.sort();
    let mut stamp = Fingerprint::new();
    stamp.add(format!("{wasm:?}").as_bytes());
    for file in files {
        let name = file.strip_prefix(&context.root).unwrap_or(&file);
        stamp.add(name.as_os_str().as_encoded_bytes());
        stamp.add(&std::fs::read(&file).doing(|| format!("read {}", file.display()))?);
    }
    Ok(stamp.hex())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            // package-lock.json stands for it.
            true if path.ends_with("node_modules") => {}
            true => collect(&path, files),
            false => files.push(path),
        }
    }
}

const COMPRESS: &str = include_str!("compress.mjs");

const INPUTS: [&str; 4] = ["Cargo.toml", "Cargo.lock", "Trunk.toml", "index.html"];

/// What the page's crate may depend on, and the data that it may include.
const INPUT_FOLDERS: [&str; 9] = [
    "web",
    "crates/aws",
    "crates/core",
    "crates/port",
    "crates/sim",
    "crates/split",
    "crates/view",
    "examples",
    "tests/scripts",
];
