//! Puts the built page into the binary: every file of `PRIMACY_PAGE_DIR` (default `dist` in the repository's root), with
//! its gzip and brotli form when that lies beside it (`name.gz`, `name.br`) or saves something. Without the folder a
//! small page that tells how to build it takes its place. `index.html` learns that a real group is behind it: on any other
//! server the same files show no way to one.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

/// By this the page knows that its server has a group, and where to talk to it.
const MARK: &str = "<meta name=\"primacy-live\" content=\"/live\">";
/// The page when none was built.
const FALLBACK: &str = "page/index.html";

fn main() {
    println!("cargo::rerun-if-env-changed=PRIMACY_PAGE_DIR");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={FALLBACK}");
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it"));
    let dir = std::env::var("PRIMACY_PAGE_DIR").map_or_else(|_| root.join("../../dist"), PathBuf::from);
    println!("cargo::rerun-if-changed={}", dir.display());

    let mut files = Vec::new();
    collect(&dir, &dir, &mut files);
    if !files.iter().any(|(name, _)| name == "index.html") {
        files = vec![("index.html".to_owned(), root.join(FALLBACK))];
    }
    files.sort();
    let mut table = String::from("static FILES: &[File] = &[\n");
    for (index, (name, path)) in files.iter().enumerate() {
        if is_compressed(name) {
            continue;
        }
        let own = (name == "index.html").then(|| marked(path, &out));
        let plain = own.clone().unwrap_or_else(|| path.canonicalize().expect("a listed file"));
        let beside = |ending: &str| {
            files.iter().find(|(other, _)| own.is_none() && *other == format!("{name}.{ending}"))
        };
        let brotli = beside("br").map(|(_, path)| path.canonicalize().expect("a listed file"));
        let gzip = beside("gz")
            .map(|(_, path)| path.canonicalize().expect("a listed file"))
            .or_else(|| gzip(&plain, &out.join(format!("page-{index}.gz"))));
        writeln!(
            table,
            "    File {{ name: {name:?}, plain: include_bytes!({plain:?}), gzip: {}, brotli: {} }},",
            include(gzip.as_deref()),
            include(brotli.as_deref())
        )
        .expect("writes to a string");
    }
    table.push_str("];\n");
    fs::write(out.join("page.rs"), table).expect("OUT_DIR is writable");
}

/// The index with [`MARK`] in its head.
fn marked(index: &Path, out: &Path) -> PathBuf {
    let html = fs::read_to_string(index).expect("a listed file");
    let at =
        html.find("<head>").map_or_else(|| html.find("<meta").unwrap_or(0), |head| head + "<head>".len());
    let (before, after) = html.split_at(at);
    let to = out.join("index.html");
    fs::write(&to, format!("{before}{MARK}{after}")).expect("OUT_DIR is writable");
    to
}

fn collect(root: &Path, dir: &Path, files: &mut Vec<(String, PathBuf)>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            // Trunk's stage: it is there only while a page is being built.
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files);
        } else if let Ok(name) = path.strip_prefix(root) {
            println!("cargo::rerun-if-changed={}", path.display());
            files.push((name.to_string_lossy().replace('\\', "/"), path));
        }
    }
}

fn is_compressed(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending == "gz" || ending == "br")
}

fn include(path: Option<&Path>) -> String {
    path.map_or_else(|| "None".to_owned(), |path| format!("Some(include_bytes!({path:?}))"))
}

/// Compresses to `to`; `None` when that saves less than a tenth.
fn gzip(plain: &Path, to: &Path) -> Option<PathBuf> {
    let bytes = fs::read(plain).ok()?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&bytes).ok()?;
    let packed = encoder.finish().ok()?;
    if packed.len() > bytes.len() / 10 * 9 {
        return None;
    }
    fs::write(to, packed).ok()?;
    Some(to.to_owned())
}
