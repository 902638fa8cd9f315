//! The committed fuzz corpus, and some mutations of each of its files, through the fuzz targets' own code.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../fuzz/bodies.rs"]
mod bodies;

use std::path::Path;

use primacy_core::rng::Rng;

/// Mutations of each file in an ordinary test run; libFuzzer does the rest (`cargo xtask fuzz`).
const MUTATIONS: u64 = 60;

fn replay(target: &str, body: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<_> =
        std::fs::read_dir(&folder).expect("the corpus is committed").flatten().map(|e| e.path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    let mut rng = Rng::from_u64(1);
    for file in files {
        let data = std::fs::read(&file).expect("readable");
        body(&data);
        for _ in 0..MUTATIONS {
            body(&mutated(&data, &mut rng));
        }
    }
}

fn mutated(data: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut data = data.to_vec();
    for _ in 0..=rng.below(4) {
        let at = usize::try_from(rng.below(data.len() as u64 + 1)).unwrap_or(0);
        match rng.below(4) {
            0 => data.truncate(at),
            1 => data.insert(at, rng.bytes::<1>()[0]),
            _ if at < data.len() => data[at] = rng.bytes::<1>()[0],
            _ => data.extend_from_slice(b"\r\n$-1\r\n"),
        }
    }
    data
}

#[test]
fn resp() {
    replay("resp", bodies::resp);
}

#[test]
fn replication() {
    replay("replication", bodies::replication);
}

#[test]
fn rdb() {
    replay("rdb", bodies::rdb);
}

#[test]
fn template() {
    replay("template", bodies::template);
}

#[test]
fn api() {
    replay("api", bodies::api);
}

#[test]
fn control() {
    replay("control", bodies::control);
}

#[test]
fn peer() {
    replay("peer", bodies::peer);
}

#[test]
fn ask() {
    replay("ask", bodies::ask);
}

#[test]
fn scenario() {
    replay("scenario", bodies::scenario);
}
