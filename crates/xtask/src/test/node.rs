//! The steps that Node runs: the npm package, and the release page in a real browser.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::Tally;
use crate::build::{npm, page};
use crate::context::{Context, Fingerprint, which};
use crate::fail::{Doing, Outcome, failed};
use crate::process;

/// The package's own examples under Node, its types under the strictest TypeScript, and its page in a browser.
pub(super) fn package(context: &Context, limit: Duration) -> Outcome<Tally> {
    npm::build(context)?;
    install(context)?;
    suite(context, &["crates/wasm/tests/npm"], limit)
}

/// What a visitor can do, in the page as it is published.
pub(super) fn page_e2e(context: &Context, limit: Duration) -> Outcome<Tally> {
    page::build(context)?;
    install(context)?;
    suite(context, &[FOLDER], limit)
}

/// The page inside the release binary, which must have been built.
pub(super) fn live(context: &Context, limit: Duration) -> Outcome<Tally> {
    install(context)?;
    suite(context, &[LIVE], limit)
}

/// `cargo xtask bench page …`: measures the release page in the same browser.
pub(crate) fn bench_page(context: &Context, arguments: &[String]) -> Outcome<Command> {
    page::build(context)?;
    install(context)?;
    let mut node = context.command("node");
    node.arg(context.root.join(FOLDER).join("bench/main.mjs")).args(arguments);
    with_browser(context, &mut node)?;
    Ok(node)
}

/// The packages of the lock file, unless they are there already.
pub(crate) fn install(context: &Context) -> Outcome<()> {
    let folder = context.root.join(FOLDER);
    let lock = folder.join("package-lock.json");
    let mut key = Fingerprint::new();
    key.add(&std::fs::read(&lock).doing(|| format!("read {}", lock.display()))?);
    let stamp = folder.join("node_modules/.stamp");
    if std::fs::read_to_string(&stamp).is_ok_and(|last| last == key.hex()) {
        return Ok(());
    }
    let mut npm = context.command("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--prefix"]).arg(&folder);
    process::logged(&mut npm, &context.tools.join("log/page-tests.log"), Duration::from_secs(300))?;
    std::fs::write(&stamp, key.hex()).doing(|| format!("write {}", stamp.display()))
}

/// One file after another: they share two cores with the browser, and some of them measure.
fn suite(context: &Context, folders: &[&str], limit: Duration) -> Outcome<Tally> {
    let mut node = context.command("node");
    node.args(["--test", "--test-concurrency=1", "--test-reporter=spec"]);
    for folder in folders {
        node.args(test_files(&context.root.join(folder))?);
    }
    with_browser(context, &mut node)?;
    process::stream(&mut node, limit).map(|run| Tally::of_suite(&run))
}

fn test_files(folder: &Path) -> Outcome<Vec<std::path::PathBuf>> {
    let entries = std::fs::read_dir(folder).doing(|| format!("read {}", folder.display()))?;
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    files.sort();
    Ok(files)
}

fn with_browser(context: &Context, node: &mut Command) -> Outcome<()> {
    let browser = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let browser = browser.iter().find_map(|name| which(name)).ok_or_else(|| failed("no Chromium here"))?;
    node.env("PRIMACY_CHROMIUM", browser)
        .env("PRIMACY_DIST", context.page())
        .env("PRIMACY_BIN", context.binary())
        .env("PRIMACY_NPM", npm::folder(context));
    Ok(())
}

const FOLDER: &str = "tests/page";
const LIVE: &str = "tests/page/live";
