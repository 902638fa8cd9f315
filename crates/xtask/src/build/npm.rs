//! The npm package `primacy`: the module, what joins it to JavaScript, its types, loaders and examples.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::context::Context;
use crate::fail::{Doing, Fail, Outcome, failed};
use crate::process;
use crate::setup::wasm_target::{TARGET, Wasm};
use crate::setup::{self, Scope};

/// `cargo xtask npm`.
pub(crate) fn run(context: &Context, arguments: &[String]) -> Outcome<ExitCode> {
    if !arguments.is_empty() {
        return Err(Fail::Usage("`npm` takes nothing".to_owned()));
    }
    setup::ensure(context, Scope::Page)?;
    build(context)?;
    let folder = folder(context);
    println!(
        "The package is {0}; `npm install {0}` or `npm pack {0}` takes it from there.",
        folder.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// Where the package is built.
pub(crate) fn folder(context: &Context) -> PathBuf {
    context.root.join("target/npm/primacy")
}

/// Builds the package anew.
pub(crate) fn build(context: &Context) -> Outcome<()> {
    let wasm =
        Wasm::find(context).ok_or_else(|| failed("run `cargo xtask setup` first: no wasm32 target"))?;
    let start = Instant::now();
    let folder = folder(context);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).doing(|| format!("create {}", folder.display()))?;
    let mut cargo = context.cargo();
    cargo.args(["build", "--package", "primacy-wasm", "--lib", "--profile", PROFILE, "--target", TARGET]);
    step(cargo.envs(wasm.variables(context)), "the package's module could not be built")?;
    let module = target_folder(context, &wasm).join(TARGET).join(PROFILE).join("primacy_wasm.wasm");
    bindgen(context, &["--target", "web", "--no-typescript"], &module, &folder)?;
    // The types of this target are the interface and nothing else: no loading, no raw exports.
    let types = folder.with_extension("types");
    bindgen(context, &["--target", "bundler"], &module, &types)?;
    copy(&types.join("primacy.d.ts"), &folder.join("index.d.ts"))?;
    let module = folder.join("primacy_bg.wasm");
    let mut optimiser = context.command("wasm-opt");
    optimiser.args(OPTIMISER).arg(&module).arg("-o").arg(&module);
    step(&mut optimiser, "wasm-opt could not read the module")?;
    copy_all(&context.root.join("crates/wasm/npm"), &folder)?;
    copy_all(&context.root.join("crates/wasm/examples"), &folder.join("examples"))?;
    for (from, to) in [("crates/wasm/README.md", "README.md"), ("LICENSE", "LICENSE")] {
        copy(&context.root.join(from), &folder.join(to))?;
    }
    println!("Package: built in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

fn target_folder(context: &Context, wasm: &Wasm) -> PathBuf {
    let folder = wasm.variables(context).into_iter().find(|(name, _)| *name == "CARGO_TARGET_DIR");
    folder.map_or_else(|| context.root.join("target"), |(_, folder)| folder.into())
}

fn bindgen(context: &Context, options: &[&str], module: &Path, into: &Path) -> Outcome<()> {
    let mut bindgen = context.command("wasm-bindgen");
    bindgen.args(options).args(["--out-name", "primacy", "--out-dir"]).arg(into).arg(module);
    step(&mut bindgen, "wasm-bindgen could not read the module")
}

fn step(command: &mut std::process::Command, otherwise: &str) -> Outcome<()> {
    let run = process::stream(command, Duration::from_secs(1800))?;
    if run.ok { Ok(()) } else { Err(failed(otherwise)) }
}

fn copy_all(from: &Path, to: &Path) -> Outcome<()> {
    std::fs::create_dir_all(to).doing(|| format!("create {}", to.display()))?;
    let entries = std::fs::read_dir(from).doing(|| format!("read {}", from.display()))?;
    for file in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()) {
        copy(&file, &to.join(file.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Outcome<()> {
    std::fs::copy(from, to).map(drop).doing(|| format!("copy {}", from.display()))
}

const PROFILE: &str = "wasm-release";

/// What the compiler may have used; index.html has the same list for the page. What only one function calls stays a function:
/// put into its caller, it makes functions of a hundred kilobytes, which compress worse and which a browser optimises late.
const OPTIMISER: [&str; 11] = [
    "-Oz",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-mutable-globals",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-multivalue",
    "--one-caller-inline-max-function-size=15",
    "--strip-debug",
    "--strip-producers",
];
