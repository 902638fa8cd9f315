//! `cargo xtask profile`: visits the page and lists the functions, and the arms of functions, that a first look does not run.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use super::{cut, page};
use crate::context::Context;
use crate::fail::{Doing, Fail, Outcome, failed};
use crate::process;
use crate::setup::{self, Scope};
use crate::test::node;

/// Writes `web/later.txt` and `web/later-arms.txt` anew, and builds the page with it.
pub(crate) fn run(context: &Context, arguments: &[String]) -> Outcome<ExitCode> {
    if !arguments.is_empty() {
        return Err(Fail::Usage("`profile` takes nothing".to_owned()));
    }
    setup::ensure(context, Scope::Tests)?;
    page::build(context)?;
    node::install(context)?;
    let whole = std::fs::read(cut::whole(context)).doing(|| "read the whole module".to_owned())?;
    let bad = |why: Box<dyn std::error::Error>| failed(format!("the module cannot be marked: {why}"));
    let marked = primacy_split::mark(&whole).map_err(bad)?;
    let folder = context.root.join("target/profile");
    copy_page(&context.page(), &folder, &marked.module)?;
    let runs = context.root.join("target/profile-runs.txt");
    let mut node = context.command("node");
    node.arg("tests/page/profile.mjs")
        .arg(&folder)
        .args([marked.base.to_string(), marked.count.to_string()])
        .arg(&runs);
    if !process::stream(&mut node, Duration::from_secs(600))?.ok {
        return Err(failed("the page could not be visited"));
    }
    let runs = std::fs::read_to_string(&runs).doing(|| format!("read {}", runs.display()))?;
    let runs: Vec<Vec<bool>> =
        runs.lines().map(|run| run.bytes().map(|note| note == b'1').collect()).collect();
    let lists = primacy_split::list(&whole, &runs).map_err(bad)?;
    println!("{} visits: {}", runs.len(), lists.told);
    for (name, what, list) in [(cut::LATER, FUNCTIONS, lists.functions), (cut::ARMS, ARMS, lists.arms)] {
        std::fs::write(
            context.root.join(name),
            format!("# {what} Written by `cargo xtask profile`.\n{list}"),
        )
        .doing(|| format!("write {name}"))?;
    }
    page::build(context)?;
    Ok(ExitCode::SUCCESS)
}

/// A copy of the page with the marked module in place of the first part; what has all functions asks for no rest.
fn copy_page(page: &Path, to: &Path, marked: &[u8]) -> Outcome<()> {
    let _ = std::fs::remove_dir_all(to);
    copy(page, to)?;
    for file in page::modules_in(to) {
        let name = file.to_string_lossy().into_owned();
        for ending in [".br", ".gz"] {
            let _ = std::fs::remove_file(PathBuf::from(format!("{name}{ending}")));
        }
        if name.ends_with("_bg.wasm") {
            std::fs::write(&file, marked).doing(|| format!("write {name}"))?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Outcome<()> {
    std::fs::create_dir_all(to).doing(|| format!("create {}", to.display()))?;
    for entry in std::fs::read_dir(from).doing(|| format!("read {}", from.display()))?.flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target).doing(|| format!("write {}", target.display()))?;
        }
    }
    Ok(())
}

const FUNCTIONS: &str = "Functions that no first look runs, by name or by the beginning of names.";

const ARMS: &str = "Arms that no first look runs, of functions that it runs: marks of their code (crates/split/src/arms.rs).";
