//! The steps of `cargo xtask test`, quickest first.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::{Tally, imports, node};
use crate::build::{self, page};
use crate::context::{Context, which};
use crate::fail::{Doing, Outcome, failed};
use crate::setup::wasm_target::{TARGET, Wasm};
use crate::{forward, process, setup};

/// One row of the closing table.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    pub(crate) minutes: u64,
    pub(crate) needs_tools: bool,
    pub(crate) run: fn(&Context, Duration) -> Outcome<Tally>,
}

impl Step {
    const fn new(
        name: &'static str,
        what: &'static str,
        minutes: u64,
        run: fn(&Context, Duration) -> Outcome<Tally>,
    ) -> Self {
        Self { name, what, minutes, needs_tools: false, run }
    }

    const fn with_tools(mut self) -> Self {
        self.needs_tools = true;
        self
    }
}

pub(crate) const STEPS: &[Step] = &[
    Step::new("fmt", "every file as rustfmt writes it", 2, fmt),
    Step::new("clippy", "no warning in the native crates", 15, clippy),
    Step::new("no-std", "core builds without a standard library", 5, no_std).with_tools(),
    Step::new("native", "unit and integration tests", 30, native).with_tools(),
    Step::new("doc", "the examples in the documentation", 10, doc),
    Step::new("model", "every state of the protocol's small configurations, every mutant caught", 20, model),
    Step::new("seeds", "a fixed set of simulated schedules, judged by the model too", 20, seeds),
    Step::new("clippy-web", "no warning in the browser's crates", 15, clippy_web).with_tools(),
    Step::new("page", "the page builds, and asks nothing of the browser but wasm-bindgen's own", 25, page)
        .with_tools(),
    Step::new("browser", "the tests that run in headless Chromium", 25, browser).with_tools(),
    Step::new("components", "the page's own parts in headless Chromium", 25, components).with_tools(),
    Step::new("npm", "the npm package in Node and in a browser", 25, node::package).with_tools(),
    Step::new("page-e2e", "the release page under a visitor's hands", 30, node::page_e2e).with_tools(),
    Step::new("binary", "the release binary with the page inside", 25, binary),
    Step::new("e2e", "the release binary under real clients, and its page", 20, e2e).with_tools(),
];

fn fmt(context: &Context, limit: Duration) -> Outcome<Tally> {
    check(context.cargo().args(["fmt", "--all", "--check"]), limit)
}

fn clippy(context: &Context, limit: Duration) -> Outcome<Tally> {
    check(context.cargo().args(["clippy", "--all-targets", "--", "-D", "warnings"]), limit)
}

fn clippy_web(context: &Context, limit: Duration) -> Outcome<Tally> {
    let wasm = wasm(context)?;
    let mut cargo = context.cargo();
    cargo.args(["clippy", "--all-targets"]).args(BROWSER_PACKAGES);
    // With a private sysroot they are linted for this machine instead, which sees nearly the same code.
    if wasm.has_clippy() {
        cargo.args(["--target", TARGET]).envs(wasm.variables(context));
    }
    check(cargo.args(["--", "-D", "warnings"]), limit)
}

fn no_std(context: &Context, limit: Duration) -> Outcome<Tally> {
    let variables = wasm(context)?.without_std(context)?;
    let mut cargo = context.cargo();
    cargo.args(["check", "--package", "primacy-core", "--lib", "--target", TARGET]).envs(variables);
    check(&mut cargo, limit)
}

fn native(context: &Context, limit: Duration) -> Outcome<Tally> {
    let mut cargo = test_runner(context, None);
    cargo.args(["--lib", "--bins"]);
    for file in integration_tests(context) {
        if !is_a_step_of_its_own(&file) {
            cargo.args(["--test", &file]);
        }
    }
    suite(with_python(context, &mut cargo), limit)
}

fn doc(context: &Context, limit: Duration) -> Outcome<Tally> {
    let run = process::stream(context.cargo().args(["test", "--doc"]), limit)?;
    // Not every crate has an example, so none at all is no failure here.
    if run.ok && !run.output.contains(" passed") {
        return Ok(Tally::default());
    }
    let mut tally = Tally::of_suite(&run);
    if run.ok && tally.passed == 0 {
        tally = Tally { note: "no examples yet".to_owned(), ..Tally::default() };
    }
    Ok(tally)
}

fn model(context: &Context, limit: Duration) -> Outcome<Tally> {
    required(context, "crates/model/tests/exhaustive.rs")?;
    let mut cargo = test_runner(context, Some("sim"));
    suite(cargo.args(["--package", "primacy-model", "--test", "exhaustive"]), limit)
}

fn seeds(context: &Context, limit: Duration) -> Outcome<Tally> {
    required(context, "tests/tests/seeds.rs")?;
    let mut cargo = test_runner(context, Some("sim"));
    let tests = ["--package", "primacy-tests", "--test", "seeds", "--test", "control_traces"];
    suite(cargo.args(tests), limit)
}

fn page(context: &Context, _: Duration) -> Outcome<Tally> {
    page::build(context)?;
    let modules = page::modules(context);
    if modules.is_empty() {
        return Err(failed("the built page has no WebAssembly module"));
    }
    for module in modules {
        let bytes = std::fs::read(&module).doing(|| format!("read {}", module.display()))?;
        let from = imports::modules(&bytes).map_err(|why| failed(format!("{}: {why}", module.display())))?;
        println!("{} imports from {from:?}", module.display());
        if from.iter().any(|name| name == "env") {
            return Err(failed(format!("{} imports from `env`", module.display())));
        }
        small_enough(&module)?;
    }
    Ok(Tally { passed: 1, ..Tally::default() })
}

/// What a visitor downloads; without Node there is no compressed copy to measure.
fn small_enough(module: &Path) -> Outcome<()> {
    let compressed = module.with_added_extension("br");
    let Ok(file) = std::fs::metadata(&compressed) else { return Ok(()) };
    let (name, size) = (compressed.display(), file.len());
    let most = if name.to_string().contains("_rest.") { MOST_REST } else { MOST_FIRST };
    println!("{name} has {size} bytes of the {most} that it may have");
    if size > most {
        let what_helps = "what a first look does not run is listed anew by `cargo xtask profile`";
        return Err(failed(format!("{name} has {size} bytes, more than {most}; {what_helps}")));
    }
    Ok(())
}

/// Bytes after brotli, at most, of the module that a first visit waits for. The goal is 260 KB; most of it is the simulator, the core,
/// the panes and what they are made with (`cargo xtask bench page sizes` measures). A few changes to the code make arms unknown, which
/// then stay, until `cargo xtask profile` finds them again.
const MOST_FIRST: u64 = 300 * 1000;

/// The same of the rest, which is loaded while the group already runs.
const MOST_REST: u64 = 565 * 1000;

fn browser(context: &Context, limit: Duration) -> Outcome<Tally> {
    in_browser(context, limit, BROWSER_TESTS)
}

fn components(context: &Context, limit: Duration) -> Outcome<Tally> {
    in_browser(context, limit, COMPONENT_TESTS)
}

fn in_browser(context: &Context, limit: Duration, places: &[(&str, &[&str])]) -> Outcome<Tally> {
    let wasm = wasm(context)?;
    let mut tally = Tally::default();
    for (folder, arguments) in places {
        if !mentions(&context.root.join(folder), "wasm_bindgen_test") {
            continue;
        }
        let mut cargo = context.cargo();
        cargo.arg("test").args(*arguments).args(["--target", TARGET, "--no-fail-fast"]);
        cargo.envs(wasm.variables(context)).envs(forward::browser_variables(context));
        tally = tally.add(suite(&mut cargo, limit)?);
    }
    if tally == Tally::default() { Err(failed("no package has browser tests")) } else { Ok(tally) }
}

fn binary(context: &Context, limit: Duration) -> Outcome<Tally> {
    check(&mut build::binary_command(context), limit)
}

/// One after another: they measure failovers in milliseconds, and two at once would disturb each other.
fn e2e(context: &Context, limit: Duration) -> Outcome<Tally> {
    let mut tally = Tally::default();
    let files: Vec<String> =
        integration_tests(context).into_iter().filter(|file| file.starts_with("e2e")).collect();
    if !files.is_empty() {
        let mut cargo = test_runner(context, None);
        cargo.args(["--package", "primacy-tests"]);
        for file in &files {
            cargo.args(["--test", file]);
        }
        if which("cargo-nextest").is_some() {
            cargo.args(["--test-threads", "1"]);
        } else {
            cargo.env("RUST_TEST_THREADS", "1");
        }
        tally = tally.add(suite(with_python(context, &mut cargo), limit)?);
    }
    if context.root.join("tests/e2e").is_dir() {
        let python = setup::python(context).ok_or_else(|| failed("no Python with boto3 and redis-py"))?;
        let mut unittest = context.command(python);
        unittest.args(["-m", "unittest", "discover", "-v", "-s", "tests/e2e"]);
        tally = tally.add(suite(with_python(context, &mut unittest), limit)?);
    }
    tally = tally.add(node::live(context, limit)?);
    if tally == Tally::default() {
        Err(failed("there is neither tests/tests/e2e*.rs nor tests/e2e/"))
    } else {
        Ok(tally)
    }
}

const BROWSER_PACKAGES: [&str; 4] = ["--package", "primacy-wasm", "--package", "primacy-web"];

/// Where browser tests may be, and how cargo is told to run only them.
const BROWSER_TESTS: &[(&str, &[&str])] =
    &[("tests/tests/browser.rs", &["--package", "primacy-tests", "--test", "browser", "--profile", "sim"])];

const COMPONENT_TESTS: &[(&str, &[&str])] =
    &[("web", &["--package", "primacy-web", "--profile", "components"])];

fn is_a_step_of_its_own(test: &str) -> bool {
    matches!(test, "exhaustive" | "seeds" | "browser") || test.starts_with("e2e")
}

/// The names of all integration tests of the native crates.
fn integration_tests(context: &Context) -> Vec<String> {
    let crates = std::fs::read_dir(context.root.join("crates")).into_iter().flatten().flatten();
    let folders = crates
        .map(|entry| entry.path().join("tests"))
        .filter(|path| !path.starts_with(context.root.join("crates/wasm")));
    let mut names: Vec<String> = folders
        .chain([context.root.join("tests/tests")])
        .flat_map(|folder| std::fs::read_dir(folder).into_iter().flatten().flatten())
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter_map(|path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Nextest where it is installed: it runs tests of different binaries at the same time.
fn test_runner(context: &Context, profile: Option<&str>) -> Command {
    let mut cargo = context.cargo();
    let nextest = which("cargo-nextest").is_some();
    cargo
        .args(if nextest { ["nextest", "run"].as_slice() } else { ["test"].as_slice() })
        .arg("--no-fail-fast");
    if let Some(profile) = profile {
        cargo.args([if nextest { "--cargo-profile" } else { "--profile" }, profile]);
    }
    cargo
}

/// What the tests that start the binary and its clients look for.
fn with_python<'a>(context: &Context, command: &'a mut Command) -> &'a mut Command {
    if let Some(python) = setup::python(context) {
        command.env("PRIMACY_PYTHON", python);
    }
    command.env("PRIMACY_BIN", context.binary())
}

fn wasm(context: &Context) -> Outcome<Wasm> {
    Wasm::find(context).ok_or_else(|| failed("no wasm32 target; run `cargo xtask setup`"))
}

fn required(context: &Context, file: &str) -> Outcome<()> {
    if context.root.join(file).is_file() { Ok(()) } else { Err(failed(format!("{file} does not exist"))) }
}

fn mentions(path: &Path, word: &str) -> bool {
    if path.is_dir() {
        let mut entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        return entries.any(|entry| mentions(&entry.path(), word));
    }
    path.extension().is_some_and(|extension| extension == "rs")
        && std::fs::read_to_string(path).is_ok_and(|text| text.contains(word))
}

fn check(command: &mut Command, limit: Duration) -> Outcome<Tally> {
    process::stream(command, limit).map(|run| Tally::of_check(&run))
}

fn suite(command: &mut Command, limit: Duration) -> Outcome<Tally> {
    process::stream(command, limit).map(|run| Tally::of_suite(&run))
}
