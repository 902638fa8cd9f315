//! Child processes with a time limit. Each runs in a process group of its own, so that a hung test takes its
//! servers and browsers with it when it is stopped.

use std::fs::File;
use std::io::{IsTerminal, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Sender};
use std::time::{Duration, Instant};

use crate::fail::{Doing, Outcome, failed};

/// How a streamed command ended, and all it printed.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) ok: bool,
    pub(crate) timed_out: bool,
    pub(crate) output: String,
}

/// Runs to the end, passing both outputs on as they come and keeping them.
pub(crate) fn stream(command: &mut Command, limit: Duration) -> Outcome<Run> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = spawn(command)?;
    let (sender, receiver) = mpsc::channel::<Vec<u8>>();
    if let Some(pipe) = child.stdout.take() {
        pump(pipe, std::io::stdout(), sender.clone());
    }
    if let Some(pipe) = child.stderr.take() {
        pump(pipe, std::io::stderr(), sender);
    }
    let ended = wait(&mut child, limit, || {});
    let mut output = Vec::new();
    // A grandchild that left the group could hold the pipe open for ever, hence the limit on silence.
    while let Ok(part) = receiver.recv_timeout(Duration::from_secs(3)) {
        output.extend_from_slice(&part);
    }
    let output = String::from_utf8_lossy(&output).into_owned();
    Ok(Run { ok: ended == Some(true), timed_out: ended.is_none(), output })
}

/// Runs with the output in a log file and one line of progress on the terminal; shows the log's end on failure.
pub(crate) fn logged(command: &mut Command, log: &Path, limit: Duration) -> Outcome<()> {
    if let Some(folder) = log.parent() {
        std::fs::create_dir_all(folder).doing(|| format!("create {}", folder.display()))?;
    }
    let file = File::create(log).doing(|| format!("write {}", log.display()))?;
    let same = file.try_clone().doing(|| format!("write {}", log.display()))?;
    command.stdin(Stdio::null()).stdout(file).stderr(same);
    let mut child = spawn(command)?;
    let mut heartbeat = Heartbeat::new(log);
    let ended = wait(&mut child, limit, || heartbeat.beat());
    heartbeat.clear();
    match ended {
        Some(true) => Ok(()),
        Some(false) => {
            Err(failed(format!("{}\nIt failed; the whole log is {}", tail(log, 30), log.display())))
        }
        None => Err(failed(format!("{}\nIt was stopped after {} s", tail(log, 30), limit.as_secs()))),
    }
}

/// Runs and returns what it printed on standard output, or nothing when it could not run or failed.
pub(crate) fn capture(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Without this, Ctrl-C would end xtask and leave the child's group running.
pub(crate) fn stop_children_on_signals() {
    let installed = ctrlc::set_handler(|| {
        kill_group(RUNNING.load(Ordering::SeqCst));
        std::process::exit(130);
    });
    if let Err(error) = installed {
        eprintln!("xtask: Ctrl-C will leave child processes behind: {error}");
    }
}

/// The process group that a signal has to stop; 0 when there is none.
static RUNNING: AtomicU32 = AtomicU32::new(0);

fn spawn(command: &mut Command) -> Outcome<Child> {
    let child = command
        .process_group(0)
        .spawn()
        .doing(|| format!("start {}", command.get_program().to_string_lossy()))?;
    RUNNING.store(child.id(), Ordering::SeqCst);
    Ok(child)
}

/// Whether it succeeded, or `None` when the limit ran out.
fn wait(child: &mut Child, limit: Duration, mut tick: impl FnMut()) -> Option<bool> {
    let start = Instant::now();
    let ended = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Some(status.success()),
            Ok(None) if start.elapsed() < limit => tick(),
            Ok(None) => break None,
            Err(_) => break Some(false),
        }
        std::thread::sleep(Duration::from_millis(if start.elapsed().as_secs() < 2 { 10 } else { 100 }));
    };
    RUNNING.store(0, Ordering::SeqCst);
    kill_group(child.id());
    if ended.is_none() {
        let _ = child.wait();
    }
    ended
}

fn kill_group(group: u32) {
    if group != 0 {
        let script = format!("kill -9 -{group} 2>/dev/null");
        let _ = Command::new("sh").args(["-c", &script]).status();
    }
}

fn pump(mut from: impl Read + Send + 'static, mut to: impl Write + Send + 'static, sender: Sender<Vec<u8>>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            let _ = to.write_all(&buffer[..count]).and_then(|()| to.flush());
            if sender.send(buffer[..count].to_vec()).is_err() {
                break;
            }
        }
    });
}

/// One rewritten line on a terminal, a line every 20 s elsewhere: enough to see that it lives.
struct Heartbeat<'a> {
    log: &'a Path,
    start: Instant,
    last: Instant,
    terminal: bool,
}

impl<'a> Heartbeat<'a> {
    fn new(log: &'a Path) -> Self {
        let now = Instant::now();
        Self { log, start: now, last: now, terminal: std::io::stderr().is_terminal() }
    }

    fn beat(&mut self) {
        let every = Duration::from_secs(if self.terminal { 1 } else { 20 });
        if self.last.elapsed() < every {
            return;
        }
        self.last = Instant::now();
        let line = tail(self.log, 1);
        let text = format!("      {:>4} s  {:.80}", self.start.elapsed().as_secs(), line.trim());
        if self.terminal {
            eprint!("\r\x1b[2K{text}");
        } else {
            eprintln!("{text}");
        }
    }

    fn clear(&self) {
        if self.terminal {
            eprint!("\r\x1b[2K");
        }
    }
}

fn tail(log: &Path, lines: usize) -> String {
    let text =
        std::fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    /// Waits, and is no answer.
    fn sleep(time: Duration) -> bool {
        std::thread::sleep(time);
        false
    }

    #[test]
    fn output_of_both_kinds_is_kept() {
        let run =
            stream(&mut shell("echo out; echo err >&2; exit 3"), Duration::from_secs(10)).expect("sh runs");
        assert!(!run.ok && !run.timed_out);
        assert!(run.output.contains("out") && run.output.contains("err"));
    }

    #[test]
    fn a_hung_command_takes_its_children_with_it() {
        let script = "sleep 1000 & echo $!; wait";
        let run = stream(&mut shell(script), Duration::from_millis(300)).expect("sh runs");
        assert!(run.timed_out);
        let child = format!("/proc/{}/stat", run.output.trim());
        let stat = || std::fs::read_to_string(&child).unwrap_or_default();
        // A signal takes effect when the kernel next runs the process; killed, it may stay as a zombie until its new parent looks.
        let gone = || stat().is_empty() || stat().contains(") Z ");
        assert!((0..1_000).any(|_| gone() || sleep(Duration::from_millis(10))), "{}", stat());
    }
}
