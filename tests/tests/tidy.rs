//! The house rules that no compiler checks: who may use whom, how long a file may be, what a pure crate may not
//! touch, and that every exception says why.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every crate with the workspace crates it may be built on. No product crate lists the model, the benchmark or the
/// tests: a product that needed them would ship its own scaffolding.
const EDGES: &[(&str, &[&str])] = &[
    ("primacy-core", &[]),
    ("primacy-aws", &["primacy-core"]),
    ("primacy-port", &["primacy-core"]),
    ("primacy-sim", &["primacy-core", "primacy-aws", "primacy-port"]),
    ("primacy", &["primacy-core", "primacy-aws", "primacy-port"]),
    ("primacy-wasm", &["primacy-core", "primacy-aws", "primacy-sim", "primacy-port"]),
    ("primacy-view", &[]),
    ("primacy-web", &["primacy-core", "primacy-aws", "primacy-sim", "primacy-port", "primacy-view"]),
    ("primacy-model", &["primacy-core"]),
    ("primacy-bench", &["primacy-core", "primacy-aws", "primacy-sim", "primacy"]),
    (
        "primacy-tests",
        &["primacy-core", "primacy-aws", "primacy-sim", "primacy", "primacy-port", "primacy-model"],
    ),
    ("primacy-split", &[]),
    ("xtask", &["primacy-split"]),
];

const LONGEST_FILE: usize = 500;

const PURE: &[&str] = &["crates/core/src", "crates/sim/src"];

/// The command-line driver of the simulator reads arguments and the wall clock; the world it drives does not.
const DRIVERS: &[&str] = &["crates/sim/src/bin", "crates/sim/src/main.rs"];

/// What would let the same seed give two different traces.
const IMPURE: &[&str] = &[
    "std::time",
    "std::thread",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "std::fs",
    "std::env",
    "std::process",
    "Instant::now",
    "SystemTime",
    "RandomState",
    "getrandom",
    "use rand",
    " rand::",
    "std::collections::HashMap",
    "std::collections::HashSet",
];

const UNFINISHED: &[&str] = &["TODO", "FIXME", "XXX", "todo!", "unimplemented!"];

#[test]
fn crates_use_only_what_the_map_allows() {
    let edges: BTreeMap<&str, &[&str]> = EDGES.iter().copied().collect();
    let mut wrong = Vec::new();
    for folder in crate_folders() {
        let manifest = read(&folder.join("Cargo.toml"));
        let name = package_name(&manifest);
        let Some(allowed) = edges.get(name) else {
            wrong.push(format!("{name} is not in the table of tests/tests/tidy.rs"));
            continue;
        };
        for used in dependencies(&manifest).filter(|used| edges.contains_key(used)) {
            if !allowed.contains(&used) {
                wrong.push(format!("{name} may not depend on {used}"));
            }
        }
    }
    none(&wrong);
}

#[test]
fn every_crate_takes_the_workspace_lints() {
    let without = |folder: &PathBuf| !read(&folder.join("Cargo.toml")).contains("[lints]\nworkspace = true");
    none(&crate_folders().into_iter().filter(without).map(|folder| shown(&folder)).collect::<Vec<_>>());
}

#[test]
fn the_map_names_every_room() {
    let map = read(&root().join("crates/README.md"));
    let missing = |folder: &PathBuf| !map.contains(&format!("`{}`", shown(folder)));
    none(&crate_folders().into_iter().filter(missing).map(|folder| shown(&folder)).collect::<Vec<_>>());
}

#[test]
fn files_can_be_read_in_one_sitting() {
    let mut wrong = Vec::new();
    for (file, text) in sources(&["rs", "css", "js", "mjs"]) {
        let lines = text.lines().count();
        if lines > LONGEST_FILE {
            wrong.push(format!("{} has {lines} lines, more than {LONGEST_FILE}", shown(&file)));
        }
    }
    none(&wrong);
}

#[test]
fn nothing_is_left_unfinished() {
    let mut wrong = Vec::new();
    for (file, text) in sources(&["rs", "css", "js", "mjs", "txt", "yaml", "html"]) {
        for (number, line) in numbered(&text) {
            if UNFINISHED.iter().any(|word| line.contains(word)) {
                wrong.push(format!("{}:{number}: {}", shown(&file), line.trim()));
            }
        }
    }
    none(&wrong);
}

#[test]
fn core_and_sim_touch_no_operating_system() {
    let mut wrong = Vec::new();
    for (file, text) in sources(&["rs"]) {
        let shown = shown(&file);
        let pure = PURE.iter().any(|folder| shown.starts_with(folder));
        if !pure || DRIVERS.iter().any(|driver| shown.starts_with(driver)) {
            continue;
        }
        for (number, line) in numbered(without_tests(&text)) {
            let code = line.split("//").next().unwrap_or_default();
            if let Some(found) = IMPURE.iter().find(|word| code.contains(**word)) {
                wrong.push(format!("{shown}:{number}: {found}"));
            }
        }
    }
    none(&wrong);
}

#[test]
fn core_has_no_standard_library() {
    let library = read(&root().join("crates/core/src/lib.rs"));
    assert!(library.contains("\n#![no_std]\n"), "crates/core/src/lib.rs must say #![no_std]");
    let mut wrong = Vec::new();
    for (file, text) in sources(&["rs"]) {
        if !shown(&file).starts_with("crates/core/src") {
            continue;
        }
        let lines: Vec<&str> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let for_tests = index > 0 && lines[index - 1].trim() == "#[cfg(test)]";
            if line.trim().starts_with("extern crate std") && !for_tests {
                wrong.push(format!("{}:{}", shown(&file), index + 1));
            }
        }
    }
    none(&wrong);
}

#[test]
fn every_exception_says_why() {
    let mut wrong = Vec::new();
    for (file, text) in sources(&["rs"]) {
        let lines: Vec<&str> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let start = line.trim_start();
            let exception = ["allow(", "expect(", "ignore"].iter().any(|word| {
                start
                    .strip_prefix("#[")
                    .or_else(|| start.strip_prefix("#!["))
                    .is_some_and(|s| s.starts_with(word))
            });
            if exception && !has_reason(&lines, index) {
                wrong.push(format!("{}:{}: {start}", shown(&file), index + 1));
            }
        }
    }
    none(&wrong);
}

/// In the attribute itself, beside it, or in a comment right above it.
fn has_reason(lines: &[&str], index: usize) -> bool {
    let end = lines[index..].iter().position(|line| line.trim_end().ends_with(']')).unwrap_or(0);
    let attribute = &lines[index..=index + end];
    let within = attribute
        .iter()
        .any(|line| line.contains("reason = ") || line.contains("ignore = ") || line.contains("] //"));
    within || (index > 0 && lines[index - 1].trim_start().starts_with("// "))
}

/// By the house style a file's tests are its last module.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod ").next().unwrap_or(text)
}

fn package_name(manifest: &str) -> &str {
    let name = manifest.lines().find_map(|line| line.strip_prefix("name = \""));
    name.and_then(|rest| rest.split('"').next()).expect("every manifest of the workspace has a name")
}

/// What a crate is built with; what only its tests use is its own business.
fn dependencies(manifest: &str) -> impl Iterator<Item = &str> {
    let mut counts = false;
    manifest.lines().filter_map(move |line| {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            counts = section.ends_with("dependencies") && !section.ends_with("dev-dependencies");
            return None;
        }
        let name = line.split(['=', '.', ' ']).next().filter(|name| !name.is_empty());
        name.filter(|_| counts)
    })
}

fn crate_folders() -> Vec<PathBuf> {
    let mut folders = vec![root().join("tests"), root().join("web")];
    let entries = fs::read_dir(root().join("crates")).expect("crates/ is there");
    folders
        .extend(entries.flatten().map(|entry| entry.path()).filter(|path| path.join("Cargo.toml").is_file()));
    folders.sort();
    folders
}

/// The hand-written files with one of these endings. This file spells the forbidden words, so it is left out.
fn sources(endings: &[&str]) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for folder in ["crates", "examples", "tests", "web"] {
        collect(&root().join(folder), endings, &mut files);
    }
    files.retain(|file| !file.ends_with("tests/tests/tidy.rs"));
    files.sort();
    files.into_iter().map(|file| (file.clone(), read(&file))).collect()
}

fn collect(folder: &Path, endings: &[&str], files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() {
            let generated = ["target", "node_modules", "dist", "vendor", "corpus", "artifacts", "scratch"];
            if !generated.iter().any(|skipped| name == *skipped) {
                collect(&path, endings, files);
            }
        } else if path.extension().is_some_and(|found| endings.iter().any(|ending| found == *ending)) {
            files.push(path);
        }
    }
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is inside the repository").to_path_buf()
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} found:\n{}", wrong.len(), wrong.join("\n"));
}
