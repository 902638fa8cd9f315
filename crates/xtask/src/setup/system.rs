//! Programs of the operating system that the tests drive.

use std::process::Command;
use std::time::Duration;

use super::Step;
use crate::context::which;
use crate::fail::{Outcome, failed};
use crate::process;

/// One step for all absent programs: apt is slow to start and quick to finish.
pub(super) fn missing() -> Option<Step> {
    let absent: Vec<&Program> = PROGRAMS.iter().filter(|program| !program.is_there()).collect();
    if absent.is_empty() {
        return None;
    }
    let why: Vec<String> =
        absent.iter().map(|program| format!("{} ({})", program.names[0], program.why)).collect();
    let mut packages: Vec<&'static str> = absent.iter().map(|program| program.package).collect();
    packages.dedup();
    Some(Step::new("test programs", why.join(", "), move |_| apt_install(&packages)))
}

/// Installs on a Debian-like system as root; elsewhere says what to install.
pub(super) fn apt_install(packages: &[&str]) -> Outcome<()> {
    let list = packages.join(" ");
    let root = process::capture(Command::new("id").arg("-u")).as_deref() == Some("0");
    if !root || which("apt-get").is_none() {
        return Err(failed(format!(
            "please install these with your package manager and run this again (Debian's names): {list}"
        )));
    }
    println!("      apt-get install {list}");
    let log = std::env::temp_dir().join(format!("primacy-apt-{}.log", std::process::id()));
    let mut update = Command::new("apt-get");
    update.args(["update", "-q"]).env("DEBIAN_FRONTEND", "noninteractive");
    process::logged(&mut update, &log, Duration::from_secs(300))?;
    let mut install = Command::new("apt-get");
    install.args(["install", "-y", "-q", "--no-install-recommends"]).args(packages);
    install.env("DEBIAN_FRONTEND", "noninteractive");
    process::logged(&mut install, &log, Duration::from_secs(900))?;
    let _ = std::fs::remove_file(log);
    Ok(())
}

/// Any one of the names will do.
struct Program {
    names: &'static [&'static str],
    package: &'static str,
    why: &'static str,
}

impl Program {
    fn is_there(&self) -> bool {
        self.names.iter().any(|name| which(name).is_some())
    }
}

const PROGRAMS: &[Program] = &[
    Program {
        names: &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
        package: "chromium",
        why: "runs the browser tests",
    },
    Program { names: &["chromedriver"], package: "chromium-driver", why: "starts the browser" },
    Program { names: &["redis-server"], package: "redis-server", why: "a real peer, and the oracle" },
    Program { names: &["redis-cli"], package: "redis-tools", why: "a real client" },
    Program { names: &["dig"], package: "bind9-dnsutils", why: "a real DNS client" },
    Program { names: &["python3"], package: "python3-venv", why: "runs the AWS and Redis clients" },
];
