//! `cargo xtask <command>`: set-up, build, play, test, bench, each the same on a laptop and in CI.

mod build;
mod context;
mod fail;
mod forward;
mod fuzz;
mod play;
mod process;
mod setup;
mod test;

use std::process::ExitCode;

use context::Context;
use fail::{Fail, Outcome};

fn main() -> ExitCode {
    process::stop_children_on_signals();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(Fail::Usage(message)) => {
            eprintln!("xtask: {message}\nRun `cargo xtask help` for the list of commands.");
            ExitCode::from(2)
        }
        Err(Fail::Failed(message)) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Outcome<ExitCode> {
    let Some((name, rest)) = arguments.split_first() else {
        return Ok(help());
    };
    if matches!(name.as_str(), "help" | "--help" | "-h") {
        return Ok(help());
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        return Err(Fail::Usage(format!("there is no command `{name}`")));
    };
    (command.run)(&Context::locate()?, rest)
}

fn help() -> ExitCode {
    println!("cargo xtask <command>\n");
    for command in COMMANDS {
        println!("  {:<12} {}", command.name, command.summary);
    }
    println!(
        "\nTools go to .tools/ in the repository; PRIMACY_TOOLS=/path shares one folder between clones."
    );
    ExitCode::SUCCESS
}

struct Command {
    name: &'static str,
    summary: &'static str,
    run: fn(&Context, &[String]) -> Outcome<ExitCode>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "play",
        summary: "set up, build, and start the example group [args for `primacy up`]",
        run: play::run,
    },
    Command {
        name: "setup",
        summary: "install what the page needs; --all adds what the tests need",
        run: setup::run,
    },
    Command {
        name: "build",
        summary: "build the page and the release binary with the page inside",
        run: build::run,
    },
    Command {
        name: "test",
        summary: "run everything CI runs; `test <step>` runs one, `test --list` lists",
        run: test::run,
    },
    Command { name: "sim", summary: "random simulations: --seeds N [--seed S] …", run: forward::sim },
    Command {
        name: "profile",
        summary: "visit the page and list what a first look does not run, which is then loaded later",
        run: build::profile::run,
    },
    Command { name: "npm", summary: "build the npm package into target/npm/primacy", run: build::npm::run },
    Command {
        name: "bench",
        summary: "measure the release binary beside redis-server; `bench page` measures the page",
        run: forward::bench,
    },
    Command { name: "fuzz", summary: "fuzz one target: <target> [libFuzzer options]", run: fuzz::run },
    Command {
        name: "env",
        summary: "print the shell variables for building wasm by hand",
        run: forward::env,
    },
    Command { name: "clean-tools", summary: "remove the tools folder", run: setup::clean },
];
