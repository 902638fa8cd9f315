//! Processes: started on one processor, measured through /proc, ended when dropped.

use std::ffi::OsStr;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Clock ticks a second in /proc, fixed at 100 on Linux.
const TICKS_PER_SECOND: u64 = 100;

/// A child that does not outlive its handle.
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts `program` on processor `cpu` (any when `None`), its output thrown away.
    pub(crate) fn start<S: AsRef<OsStr>>(
        cpu: Option<u32>,
        program: &str,
        args: &[S],
    ) -> Result<Self, String> {
        let mut command = match cpu {
            Some(cpu) => {
                let mut c = Command::new("taskset");
                c.arg("-c").arg(cpu.to_string()).arg(program);
                c
            }
            None => Command::new(program),
        };
        command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().map_err(|e| format!("cannot start {program}: {e}"))?;
        Ok(Self { child })
    }

    /// The process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        signal(self.child.id(), "TERM");
        let end = Instant::now() + Duration::from_secs(3);
        while Instant::now() < end {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal by name, such as `KILL` or `STOP`.
pub(crate) fn signal(pid: u32, name: &str) {
    let _ = Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).stderr(Stdio::null()).status();
}

/// Puts every thread of a process on one processor.
pub(crate) fn pin(pid: u32, cpu: u32) {
    let _ = Command::new("taskset")
        .args(["-a", "-p", "-c", &cpu.to_string(), &pid.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

/// User and system time that a process has used, in nanoseconds; finer than a clock tick where the kernel's
/// scheduler statistics are there.
pub(crate) fn cpu_ns(pid: u32) -> Result<u64, String> {
    if let Ok(text) = fs::read_to_string(format!("/proc/{pid}/schedstat"))
        && let Some(ns) = text.split_whitespace().next().and_then(|n| n.parse().ok())
    {
        return Ok(ns);
    }
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).map_err(|e| format!("pid {pid}: {e}"))?;
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let field = |n: usize| after_name.split_whitespace().nth(n).and_then(|f| f.parse::<u64>().ok());
    let ticks =
        field(11).zip(field(12)).map(|(u, s)| u + s).ok_or_else(|| format!("pid {pid}: odd /proc stat"))?;
    Ok(ticks * (1_000_000_000 / TICKS_PER_SECOND))
}

/// Resident memory of a process in bytes.
pub(crate) fn rss_bytes(pid: u32) -> Result<u64, String> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).map_err(|e| format!("pid {pid}: {e}"))?;
    text.lines()
        .find_map(|l| l.strip_prefix("VmRSS:"))
        .and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok())
        .map(|kb| kb * 1024)
        .ok_or_else(|| format!("pid {pid}: no VmRSS"))
}

/// Tries `f` every 20 ms until it gives a value, for at most `limit`.
pub(crate) fn wait_for<T>(
    what: &str,
    limit: Duration,
    mut f: impl FnMut() -> Option<T>,
) -> Result<T, String> {
    let end = Instant::now() + limit;
    loop {
        if let Some(value) = f() {
            return Ok(value);
        }
        if Instant::now() > end {
            return Err(format!("{what}: not within {limit:?}"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
