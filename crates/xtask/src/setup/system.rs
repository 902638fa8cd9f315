//! Programs of the operating system that the tests drive.

use std::process::Command;
use std::time::Duration;

use super::Step;
use crate::context::which;
use crate::fail::{Outcome, failed};
use crate::process;

/// One step for all absent programs: apt is slow to start and quick to finish.
pub(super) fn missing() -> Option<Step> {
    let absent: Vec<&Program> = PROGRAMS.iter().filter(|program| which(program.name).is_none()).collect();
    if absent.is_empty() {
        return None;
    }
    let why: Vec<String> =
        absent.iter().map(|program| format!("{} ({})", program.name, program.why)).collect();
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

struct Program {
    name: &'static str,
    package: &'static str,
    why: &'static str,
}

const PROGRAMS: &[Program] = &[
    Program { name: "chromium", package: "chromium", why: "runs the browser tests" },
    Program { name: "chromedriver", package: "chromium-driver", why: "starts the browser" },
    Program { name: "redis-server", package: "redis-server", why: "a real peer, and the oracle" },
    Program { name: "redis-cli", package: "redis-tools", why: "a real client" },
    Program { name: "dig", package: "bind9-dnsutils", why: "a real DNS client" },
    Program { name: "python3", package: "python3-venv", why: "runs the AWS and Redis clients" },
];
