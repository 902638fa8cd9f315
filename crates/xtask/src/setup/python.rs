//! The Python clients that the end-to-end tests use: the AWS command line, boto3, redis-py.

use std::path::PathBuf;
use std::time::Duration;

use super::Step;
use crate::context::{Context, which};
use crate::fail::{Outcome, failed};
use crate::process;

/// A Python that can import every client: the tools folder's own, else the one on PATH.
pub(crate) fn interpreter(context: &Context) -> Option<PathBuf> {
    let own = context.tools.join("venv/bin/python3");
    [Some(own), which("python3")].into_iter().flatten().find(|python| {
        python.is_file() && process::capture(context.command(python).args(["-c", CHECK])).is_some()
    })
}

pub(super) fn missing(context: &Context) -> Option<Step> {
    if interpreter(context).is_some() {
        return None;
    }
    Some(Step::new("Python clients", "awscli, boto3 and redis-py drive the end-to-end tests", install))
}

fn install(context: &Context) -> Outcome<()> {
    let folder = context.tools.join("venv");
    let log = context.tools.join("log/python.log");
    let mut venv = context.command("python3");
    venv.args(["-m", "venv", "--clear"]).arg(&folder);
    process::logged(&mut venv, &log, Duration::from_secs(120))?;
    let mut pip = context.command(folder.join("bin/python3"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(CLIENTS);
    process::logged(&mut pip, &log, Duration::from_secs(600))?;
    match interpreter(context) {
        Some(_) => Ok(()),
        None => {
            Err(failed(format!("pip ended well, but the clients cannot be imported; see {}", log.display())))
        }
    }
}

const CLIENTS: [&str; 3] = ["awscli", "boto3", "redis"];

const CHECK: &str = "import importlib.util as u, sys; \
                     sys.exit(any(u.find_spec(m) is None for m in ('awscli', 'boto3', 'redis')))";
