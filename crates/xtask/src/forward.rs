//! Commands that build one program and hand their arguments on.

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use crate::build;
use crate::context::{Context, which};
use crate::fail::{Fail, Outcome, failed};
use crate::setup::wasm_target::Wasm;
use crate::{process, setup, test};

/// `cargo xtask sim --seeds N [--seed S] …`.
pub(crate) fn sim(context: &Context, arguments: &[String]) -> Outcome<ExitCode> {
    let mut cargo = context.cargo();
    cargo.args(["run", "--quiet", "--profile", "sim", "--package", "primacy-sim", "--bin", "sim", "--"]);
    replace(cargo.args(arguments))
}

/// `cargo xtask bench …`: the binary first, because the benchmark starts it.
pub(crate) fn bench(context: &Context, arguments: &[String]) -> Outcome<ExitCode> {
    if let [page, rest @ ..] = arguments
        && page == "page"
    {
        setup::ensure(context, setup::Scope::Tests)?;
        return replace(&mut test::node::bench_page(context, rest)?);
    }
    let built = process::stream(&mut build::binary_command(context), build::BINARY_LIMIT)?;
    if !built.ok {
        return Err(failed("the release binary could not be built"));
    }
    let mut cargo = context.cargo();
    cargo.args(["run", "--quiet", "--release", "--package", "primacy-bench", "--"]).args(arguments);
    replace(cargo.env("PRIMACY_BIN", context.binary()))
}

/// `cargo xtask env`: `eval "$(cargo xtask env)"` makes plain cargo and Trunk build for wasm32.
pub(crate) fn env(context: &Context, arguments: &[String]) -> Outcome<ExitCode> {
    if !arguments.is_empty() {
        return Err(Fail::Usage("`env` takes nothing".to_owned()));
    }
    let wasm =
        Wasm::find(context).ok_or_else(|| failed("run `cargo xtask setup` first: no wasm32 target"))?;
    for (name, value) in wasm.variables(context).into_iter().chain(browser_variables(context)) {
        println!("export {name}='{value}'");
    }
    let tools = context.tools.display();
    println!("export PATH='{tools}/bin:{tools}/node/node_modules/.bin':\"$PATH\"");
    Ok(ExitCode::SUCCESS)
}

/// What wasm-bindgen's test runner needs to find the browser.
pub(crate) fn browser_variables(context: &Context) -> Vec<(&'static str, String)> {
    let mut variables = vec![
        ("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner".to_owned()),
        ("WASM_BINDGEN_TEST_WEBDRIVER_JSON", context.root.join("webdriver.json").display().to_string()),
        ("WASM_BINDGEN_TEST_TIMEOUT", "300".to_owned()),
    ];
    variables.extend(which("chromedriver").map(|driver| ("CHROMEDRIVER", driver.display().to_string())));
    variables
}

/// Becomes the command, so that signals reach it and its exit code is ours.
pub(crate) fn replace(command: &mut Command) -> Outcome<ExitCode> {
    let error = command.exec();
    Err(failed(format!("cannot start {}: {error}", command.get_program().to_string_lossy())))
}
