//! Where things are: the repository, the tools folder, programs on PATH.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::fail::{Outcome, failed};

/// The repository and its tools folder.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) root: PathBuf,
    pub(crate) tools: PathBuf,
}

impl Context {
    pub(crate) fn locate() -> Outcome<Self> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&manifest)
            .ancestors()
            .find(|folder| folder.join("Cargo.lock").is_file() || folder.join("Trunk.toml").is_file())
            .ok_or_else(|| failed("cannot find the workspace above crates/xtask"))?
            .to_path_buf();
        let tools = match env::var_os("PRIMACY_TOOLS") {
            Some(folder) if !folder.is_empty() => {
                std::path::absolute(folder).map_err(|error| failed(format!("PRIMACY_TOOLS: {error}")))?
            }
            _ => root.join(".tools"),
        };
        Ok(Self { root, tools })
    }

    /// Cargo in the repository, without the variables that `cargo run` set for xtask itself: build scripts
    /// that watch them would otherwise run again each time.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        // Its output goes through a pipe, where cargo would drop the colours.
        if std::io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none() {
            command.env("CARGO_TERM_COLOR", "always");
        }
        for (name, _) in env::vars_os() {
            let name_text = name.to_string_lossy();
            let of_this_run = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"];
            if of_this_run.iter().any(|prefix| name_text.starts_with(prefix)) {
                command.env_remove(&name);
            }
        }
        command
    }

    /// A program in the repository, with the tools folder first on its PATH.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("PATH", self.path());
        command
    }

    pub(crate) fn page(&self) -> PathBuf {
        self.root.join("dist")
    }

    pub(crate) fn binary(&self) -> PathBuf {
        self.root.join("target/release/primacy")
    }

    fn path(&self) -> OsString {
        let ours =
            [self.tools.join("bin"), self.tools.join("node/node_modules/.bin"), self.tools.join("venv/bin")];
        let inherited = env::var_os("PATH").unwrap_or_default();
        env::join_paths(ours.into_iter().chain(env::split_paths(&inherited))).unwrap_or(inherited)
    }
}

/// The program's place on PATH.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// FNV-1a: names caches by their inputs, where the standard hasher may change with the toolchain.
#[derive(Debug)]
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    pub(crate) fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    pub(crate) fn hex(&self) -> String {
        format!("{:016x}", self.0)
    }
}
