//! One node's process: a socket reactor around core's `Node`.

mod conns;
mod control;
mod delay;
mod dial;
mod io;
mod reactor;
pub(crate) mod report;
pub(crate) mod start;

use std::os::fd::AsFd;

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::fail::Fail;
use reactor::Reactor;
use start::Start;

/// Runs the node that the parent's order on standard input describes, until the parent is gone.
pub(crate) fn run() -> Result<(), Fail> {
    let start = Start::read()?;
    wake_when_orphaned();
    raise_file_limit();
    for pipe in [std::io::stdin().as_fd(), std::io::stderr().as_fd()] {
        // Where this fails the pipe blocks, as it would have: nothing else depends on it.
        let _best_effort = fcntl_getfl(pipe).and_then(|flags| fcntl_setfl(pipe, flags | OFlags::NONBLOCK));
    }
    let cannot = |error| Fail::new(format!("node {} cannot listen on {}: {error}", start.node, start.addr));
    let mut reactor = Reactor::new(&start).map_err(cannot)?;
    report::info(format_args!("listening addr={} incarnation={}", start.addr, start.incarnation.0));
    reactor.run().map_err(|error| Fail::new(format!("node {}: the event loop failed: {error}", start.node)))
}

/// A stopped process (kill -STOP) whose parent dies is continued, so that it sees the pipe's end and exits: its lease has
/// long run out by then.
fn wake_when_orphaned() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Signal, set_parent_process_death_signal};
        let _best_effort = set_parent_process_death_signal(Some(Signal::CONT));
    }
}

/// As many open files as the system lets this process have.
pub(crate) fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    let _best_effort = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}
