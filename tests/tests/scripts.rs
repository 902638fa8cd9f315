//! Every script of `tests/scripts` gives the answers that are written in it.
//!
//! `REWRITE=1 cargo test -p primacy-tests --test scripts` writes them anew; read the difference before you commit it.
#![cfg(not(target_arch = "wasm32"))]

use std::path::{Path, PathBuf};

use primacy_sim::script::{self, SCRIPTS};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts")
}

#[test]
fn every_script_gives_its_answers() {
    let rewrite = std::env::var_os("REWRITE").is_some();
    let mut wrong = Vec::new();
    for (name, _) in SCRIPTS {
        let path = folder().join(format!("{name}.txt"));
        let text = std::fs::read_to_string(&path).unwrap();
        let answered = match script::run(&text) {
            Ok(answered) => answered,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        if rewrite {
            std::fs::write(&path, &answered).unwrap();
        } else if let Err(difference) = script::compare(&text, &answered) {
            wrong.push(format!("{name}: {difference}"));
        }
        if answered.contains("VIOLATION") {
            wrong.push(format!("{name}: an invariant broke"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_script_is_in_the_library() {
    let mut files: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".txt").map(str::to_owned))
        .filter(|name| name != "golden")
        .collect();
    let mut known: Vec<&str> = SCRIPTS.iter().map(|(name, _)| *name).collect();
    files.sort_unstable();
    known.sort_unstable();
    assert_eq!(files, known);
}
