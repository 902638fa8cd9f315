//! From a fresh clone to a running group in one command.

use std::os::unix::process::CommandExt;
use std::process::ExitCode;

use crate::build;
use crate::context::Context;
use crate::fail::{Outcome, failed};

/// `cargo xtask play [arguments of primacy up]`.
pub(crate) fn run(context: &Context, arguments: &[String]) -> Outcome<ExitCode> {
    build::everything(context)?;
    let mut primacy = context.command(context.binary());
    primacy.args(["up", "examples/replication-group.yaml"]).args(arguments);
    println!("Starting: primacy up examples/replication-group.yaml {}", arguments.join(" "));
    // Replaces this process, so that Ctrl-C and signals reach the group and its exit code is ours.
    let error = primacy.exec();
    Err(failed(format!("cannot start {}: {error}", context.binary().display())))
}
