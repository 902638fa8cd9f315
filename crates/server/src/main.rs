//! `primacy`: replication groups that fail over, on this machine.
//!
//! The crate carries bytes, time and facts in and out of `primacy-core`, which decides everything. `primacy up` is the
//! parent process: coordinator, record store, DNS server, HTTP API, stable local addresses, supervision. Each node is
//! a process of its own (`primacy node`), so that `kill -9` and `kill -STOP` are real faults.
#![forbid(unsafe_code)]

mod cli;
mod client;
mod clock;
mod dns;
mod duration;
mod fail;
mod http;
mod link;
mod live;
mod log;
mod node;
mod profile;
mod up;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Node { .. } => node::run(),
        Command::Up(options) => up::run(&options),
        command => client::run(&command),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fail) => {
            eprintln!("error: {fail}");
            ExitCode::from(fail.code())
        }
    }
}
