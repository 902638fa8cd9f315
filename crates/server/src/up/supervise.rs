//! The node processes: started, watched, stopped.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::rc::Rc;
use std::time::Duration;

use primacy_core::id::{Incarnation, NodeId};
use primacy_core::time::Timing;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStderr, Command};
use tokio::task::spawn_local;

use crate::node::report;
use crate::node::start::Start;
use crate::up::addresses::Addresses;
use crate::up::coordinator::Coordinator;

/// Pause before a process that could not be started counts as ended, so that starting again does not spin.
const START_PAUSE: Duration = Duration::from_secs(1);
/// Longest line of a node that is logged, in bytes.
const LINE_LIMIT: usize = 4096;

/// What all nodes of the group share.
#[derive(Debug)]
pub(crate) struct Common {
    pub(crate) group: String,
    pub(crate) control: SocketAddr,
    pub(crate) secret: Vec<u8>,
    pub(crate) timing: Timing,
    pub(crate) failsafe: bool,
    pub(crate) max_memory: u64,
    pub(crate) link_delays: BTreeMap<NodeId, Duration>,
    /// Seed of the run; each life of a node gets one made from it.
    pub(crate) seed: [u8; 32],
}

#[derive(Debug)]
struct Process {
    incarnation: Incarnation,
    pid: Pid,
    paused: bool,
}

/// The running processes by node.
#[derive(Debug)]
pub(crate) struct Supervisor {
    common: Common,
    addresses: Addresses,
    processes: RefCell<BTreeMap<NodeId, Process>>,
    stopping: std::cell::Cell<bool>,
}

impl Supervisor {
    /// Nobody runs yet.
    pub(crate) fn new(common: Common, addresses: Addresses) -> Rc<Self> {
        Rc::new(Self {
            common,
            addresses,
            processes: RefCell::default(),
            stopping: std::cell::Cell::new(false),
        })
    }

    /// Starts a life of a node; its end is told to the coordinator.
    pub(crate) fn start(
        coordinator: &Rc<Coordinator>,
        node: NodeId,
        zone: &str,
        incarnation: Incarnation,
    ) -> io::Result<SocketAddr> {
        let this = coordinator.supervisor();
        if this.stopping.get() {
            return Err(io::Error::other("stopping"));
        }
        let addr = this.addresses.of(node).ok_or_else(|| io::Error::other("no address for this node"))?;
        let mut child = this.command(node).spawn()?;
        let id = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let pid = id.ok_or_else(|| io::Error::other("it ended at once"))?;
        let start = this.order(node, zone, incarnation, addr);
        this.processes.borrow_mut().insert(node, Process { incarnation, pid, paused: false });
        if let Some(stderr) = child.stderr.take() {
            spawn_local(log_lines(node, stderr));
        }
        let coordinator = Rc::clone(coordinator);
        spawn_local(async move {
            let ended = run(&mut child, &start).await;
            coordinator.supervisor().forget(node, incarnation);
            tracing::debug!(%node, ?ended, "process ended");
            if !coordinator.supervisor().stopping.get() {
                coordinator.exited(node, incarnation);
            }
        });
        Ok(addr)
    }

    /// A process that could not be started counts as ended, after a pause.
    pub(crate) fn failed(coordinator: &Rc<Coordinator>, node: NodeId, incarnation: Incarnation) {
        let coordinator = Rc::clone(coordinator);
        spawn_local(async move {
            tokio::time::sleep(START_PAUSE).await;
            coordinator.exited(node, incarnation);
        });
    }

    /// Ends that life of a node, stopped or not; its end is told later. False: it does not run.
    pub(crate) fn kill(&self, node: NodeId, incarnation: Incarnation) -> bool {
        let same =
            self.processes.borrow().get(&node).is_some_and(|process| process.incarnation == incarnation);
        same && self.signal(node, Signal::KILL)
    }

    /// Sends a signal to the node's process. False: there is none.
    pub(crate) fn signal(&self, node: NodeId, signal: Signal) -> bool {
        let mut processes = self.processes.borrow_mut();
        let Some(process) = processes.get_mut(&node) else { return false };
        match signal {
            Signal::STOP => process.paused = true,
            Signal::CONT => process.paused = false,
            _ => {}
        }
        kill_process(process.pid, signal).is_ok()
    }

    /// The node's process id, and whether it was paused from here.
    pub(crate) fn process(&self, node: NodeId) -> Option<(i32, bool)> {
        self.processes.borrow().get(&node).map(|process| (process.pid.as_raw_nonzero().get(), process.paused))
    }

    /// What `--link-delay` holds back, by replica.
    pub(crate) const fn link_delays(&self) -> &BTreeMap<NodeId, Duration> {
        &self.common.link_delays
    }

    /// The durations that the nodes were given.
    pub(crate) const fn timing(&self) -> &Timing {
        &self.common.timing
    }

    /// Ends all processes and starts no more.
    pub(crate) async fn stop(&self) {
        self.stopping.set(true);
        for process in self.processes.borrow().values() {
            let _already_gone = kill_process(process.pid, Signal::KILL);
        }
        while !self.processes.borrow().is_empty() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    fn command(&self, node: NodeId) -> Command {
        let mut command = Command::new(executable());
        command
            .arg0("primacy")
            .args(["node", &primacy_core::endpoint::cluster_id(&self.common.group, node)])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            // Ctrl-C is for the parent.
            .process_group(0)
            .kill_on_drop(true);
        if let Some(backtrace) = std::env::var_os("RUST_BACKTRACE") {
            command.env("RUST_BACKTRACE", backtrace);
        }
        command
    }

    fn order(&self, node: NodeId, zone: &str, incarnation: Incarnation, addr: SocketAddr) -> Start {
        let common = &self.common;
        let mut seed = common.seed;
        let life = primacy_core::rng::mix(u64::from(node.0) << 48 ^ incarnation.0);
        for (byte, salt) in seed.iter_mut().zip(life.to_le_bytes().into_iter().cycle()) {
            *byte ^= salt;
        }
        Start {
            group: common.group.clone(),
            node,
            incarnation,
            zone: zone.to_owned(),
            addr,
            control: common.control,
            secret: common.secret.clone(),
            seed,
            timing: common.timing,
            failsafe: common.failsafe,
            max_memory: common.max_memory,
            link_delay: common.link_delays.get(&node).copied().unwrap_or_default(),
        }
    }

    fn forget(&self, node: NodeId, incarnation: Incarnation) {
        let mut processes = self.processes.borrow_mut();
        if processes.get(&node).is_some_and(|process| process.incarnation == incarnation) {
            processes.remove(&node);
        }
    }
}

/// This program; by its inode when its file was replaced meanwhile.
fn executable() -> PathBuf {
    std::env::current_exe()
        .ok()
        .filter(|path| path.is_file())
        .unwrap_or_else(|| PathBuf::from("/proc/self/exe"))
}

/// Gives the process its order and waits for its end; the pipe stays open until then.
async fn run(child: &mut Child, start: &Start) -> io::Result<std::process::ExitStatus> {
    let mut stdin = child.stdin.take();
    if let Some(stdin) = &mut stdin {
        let mut order = serde_json::to_vec(start)?;
        order.push(b'\n');
        // A process that is gone already is found by the wait below.
        let _broken_pipe = stdin.write_all(&order).await;
        let _broken_pipe = stdin.flush().await;
    }
    let ended = child.wait().await;
    drop(stdin);
    ended
}

async fn log_lines(node: NodeId, stderr: ChildStderr) {
    let mut lines = BufReader::with_capacity(LINE_LIMIT, stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let (level, text) = report::parse(&line);
        match level {
            tracing::Level::ERROR => tracing::error!(%node, "{text}"),
            tracing::Level::WARN => tracing::warn!(%node, "{text}"),
            tracing::Level::DEBUG => tracing::debug!(%node, "{text}"),
            _ => tracing::info!(%node, "{text}"),
        }
    }
}
