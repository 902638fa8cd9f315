//! A standard library for wasm32: rustup's where it can be had, else one built from Debian's sources.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{Step, system};
use crate::context::{Context, Fingerprint};
use crate::fail::{Doing, Outcome, failed};
use crate::process;

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Which compiler builds for wasm32, and with whose standard library.
#[derive(Debug)]
pub(crate) enum Wasm {
    /// The toolchain that runs xtask has the target.
    Rustup { library: PathBuf },
    /// `rustc` uses a private sysroot: its library files serve no other compiler.
    Private { rustc: PathBuf, sysroot: PathBuf, linker: PathBuf },
}

impl Wasm {
    pub(crate) fn find(context: &Context) -> Option<Self> {
        if !forced_private() {
            let library = library_in(&toolchain_sysroot()?);
            if library.is_dir() {
                return Some(Self::Rustup { library });
            }
        }
        let sysroot = private_sysroot(context)?;
        let linker = rust_lld()?;
        library_in(&sysroot).is_dir().then(|| Self::Private { rustc: DEBIAN_RUSTC.into(), sysroot, linker })
    }

    /// The variables under which cargo, Trunk and the test runner build for wasm32.
    pub(crate) fn variables(&self, context: &Context) -> Vec<(&'static str, String)> {
        // Its own folder: the flags and perhaps the compiler differ from the native builds', and one folder
        // for both would have each throw away the other's work.
        let mut all = vec![("CARGO_TARGET_DIR", context.root.join("target/wasm").display().to_string())];
        if let Self::Private { rustc, sysroot, linker } = self {
            all.push(("RUSTC", rustc.display().to_string()));
            all.push(("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker.display().to_string()));
            all.push(("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", sysroot_flag(sysroot)));
        }
        all
    }

    /// Clippy is tied to its own compiler, so it can't read a private sysroot's library.
    pub(crate) fn has_clippy(&self) -> bool {
        matches!(self, Self::Rustup { .. })
    }

    /// A sysroot with `core` and `alloc` and nothing else: what builds against it needs no `std`.
    pub(crate) fn without_std(&self, context: &Context) -> Outcome<Vec<(&'static str, String)>> {
        let library = match self {
            Self::Rustup { library } => library.clone(),
            Self::Private { sysroot, .. } => library_in(sysroot),
        };
        let sysroot = context.root.join("target/wasm/sysroot-without-std");
        let folder = library_in(&sysroot);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).doing(|| format!("create {}", folder.display()))?;
        // rustup ships a crate's metadata in a file beside its code, a build from source has both in one.
        for file in files_with(&library, &["rlib", "rmeta"])? {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if ["libcore-", "liballoc-", "libcompiler_builtins-"].iter().any(|kept| name.starts_with(kept)) {
                std::fs::copy(&file, folder.join(&name)).doing(|| format!("copy {}", file.display()))?;
            }
        }
        let mut variables = self.variables(context);
        variables.retain(|(name, _)| !name.ends_with("RUSTFLAGS"));
        variables.push(("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", sysroot_flag(&sysroot)));
        variables.retain(|(name, _)| *name != "CARGO_TARGET_DIR");
        variables.push(("CARGO_TARGET_DIR", context.root.join("target/wasm/no-std").display().to_string()));
        Ok(variables)
    }
}

/// The step that gives the machine a wasm32 standard library, when it has none.
pub(super) fn missing(context: &Context) -> Option<Step> {
    if Wasm::find(context).is_some() {
        return None;
    }
    let why = "the page is Rust compiled to WebAssembly, which needs that target's standard library";
    Some(Step::new("wasm32 target", why, install))
}

fn install(context: &Context) -> Outcome<()> {
    if !forced_private() && by_rustup(context) {
        return Ok(());
    }
    println!("      rustup cannot fetch it here; building it from Debian's source of the standard library");
    if !has_source() {
        system::apt_install(&["rustc-web", "rust-web-src"]).map_err(|_| failed(HOW_TO_GET_THE_TARGET))?;
    }
    from_source(context)
}

fn by_rustup(context: &Context) -> bool {
    println!("      rustup target add {TARGET}");
    let mut rustup = context.command("rustup");
    rustup.args(["target", "add", TARGET]);
    let log = context.tools.join("log/rustup.log");
    process::logged(&mut rustup, &log, Duration::from_secs(300)).is_ok() && Wasm::find(context).is_some()
}

fn from_source(context: &Context) -> Outcome<()> {
    let sysroot = private_sysroot(context).ok_or_else(|| failed(HOW_TO_GET_THE_TARGET))?;
    let linker = rust_lld().ok_or_else(|| failed("rustup's toolchain has no rust-lld to link wasm with"))?;
    let package = context.tools.join("build/std");
    write_empty_package(&package)?;
    let mut cargo = context.cargo();
    cargo
        .current_dir(&package)
        .args(["build", "--release", "-Zbuild-std=std,panic_abort,test", "--target", TARGET])
        .env("CARGO_TARGET_DIR", package.join("target"))
        .env("RUSTC", DEBIAN_RUSTC)
        .env("RUSTC_BOOTSTRAP", "1")
        // Without bitcode in the library, the page could not be built with link-time optimisation.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    process::logged(&mut cargo, &context.tools.join("log/std.log"), Duration::from_secs(900))?;
    // Moved into place at the end, so that an interrupted copy is not taken for a library.
    let partial = sysroot.with_extension("partial");
    let _ = std::fs::remove_dir_all(&partial);
    let into = library_in(&partial);
    std::fs::create_dir_all(&into).doing(|| format!("create {}", into.display()))?;
    for file in files_with(&package.join("target").join(TARGET).join("release/deps"), &["rlib"])? {
        let copy = into.join(file.file_name().unwrap_or_default());
        std::fs::copy(&file, &copy).doing(|| format!("copy {}", file.display()))?;
    }
    std::fs::rename(&partial, &sysroot).doing(|| format!("create {}", sysroot.display()))?;
    let _ = std::fs::remove_dir_all(context.tools.join("build"));
    Ok(())
}

fn write_empty_package(package: &Path) -> Outcome<()> {
    let manifest = "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
                    [lib]\ncrate-type = [\"cdylib\"]\n\n[workspace]\n";
    let source = package.join("src");
    std::fs::create_dir_all(&source)
        .and_then(|()| std::fs::write(package.join("Cargo.toml"), manifest))
        .and_then(|()| std::fs::write(source.join("lib.rs"), ""))
        .doing(|| format!("write {}", package.display()))
}

/// Keyed by the compiler's whole version text: after an upgrade the old library is useless.
fn private_sysroot(context: &Context) -> Option<PathBuf> {
    let version = process::capture(Command::new(DEBIAN_RUSTC).arg("-vV"))?;
    let mut key = Fingerprint::new();
    key.add(version.as_bytes());
    Some(context.tools.join(format!("wasm32-{}", key.hex())))
}

fn has_source() -> bool {
    let sysroot = process::capture(Command::new(DEBIAN_RUSTC).args(["--print", "sysroot"]));
    sysroot.is_some_and(|folder| Path::new(&folder).join("lib/rustlib/src/rust/library/std").is_dir())
}

fn toolchain_sysroot() -> Option<PathBuf> {
    process::capture(Command::new("rustc").args(["--print", "sysroot"])).map(PathBuf::from)
}

fn rust_lld() -> Option<PathBuf> {
    let host = process::capture(Command::new("rustc").arg("-vV"))?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: "))?;
    let linker = toolchain_sysroot()?.join("lib/rustlib").join(host).join("bin/rust-lld");
    linker.is_file().then_some(linker)
}

fn library_in(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib").join(TARGET).join("lib")
}

fn sysroot_flag(sysroot: &Path) -> String {
    format!("--sysroot={}", sysroot.display())
}

fn files_with(folder: &Path, extensions: &[&str]) -> Outcome<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).doing(|| format!("read {}", folder.display()))?;
    let wanted =
        |path: &PathBuf| path.extension().is_some_and(|found| extensions.iter().any(|one| found == *one));
    Ok(entries.flatten().map(|entry| entry.path()).filter(wanted).collect())
}

/// Lets a machine that has rustup's target exercise the other way.
fn forced_private() -> bool {
    std::env::var_os("PRIMACY_WASM_STD").is_some_and(|value| value == "build")
}

const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

const HOW_TO_GET_THE_TARGET: &str = "no wasm32 standard library can be had here. Install one by \
    `rustup target add wasm32-unknown-unknown`, or, on Debian and as root, \
    `apt-get install rustc-web rust-web-src`, then run this again.";
