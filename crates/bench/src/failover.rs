//! How long writes stop: Primacy in profile `lan`, and Redis with three Sentinels at a 1 s detector.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::Options;
use crate::peer::{Peer, Primacy, Redis, free_port};
use crate::process::{Process, signal, wait_for};
use crate::report::{Report, spread};
use crate::resp::{Client, Reply};
use crate::writer::{Writer, longest_gap, lost};

/// How often the slower peer's failover is repeated at the most.
const SENTINEL_RUNS: usize = 3;
/// For how long a woken old primary is asked to write.
const WOKEN_FOR: Duration = Duration::from_secs(12);
const SETTLE: Duration = Duration::from_millis(700);
const PATIENCE: Duration = Duration::from_secs(20);

/// What is done to the primary.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    Kill,
    Stop,
    Planned,
}

impl Fault {
    fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill -9",
            Self::Stop => "kill -STOP",
            Self::Planned => "planned",
        }
    }
}

/// What one failover cost.
struct Outcome {
    gap_ms: f64,
    lost: usize,
    waited_lost: usize,
    woken_acks: usize,
}

/// Prints the table and keeps the raw figures.
pub(crate) fn run(options: &Options, report: &mut Report) -> Result<(), String> {
    println!(
        "\nfailover: ms without an acknowledged write under a steady writer (1 k/s, WAIT 1 every tenth)"
    );
    println!(
        "| fault | who | runs | ms min-median-max | acked lost | of them WAITed | acked by the woken old primary |"
    );
    println!("|---|---|---|---|---|---|---|");
    for fault in [Fault::Kill, Fault::Stop, Fault::Planned] {
        let ours = repeat(options.failovers, || primacy_once(options, fault))?;
        print_row(report, fault, "primacy", &ours);
    }
    for fault in [Fault::Kill, Fault::Stop] {
        let theirs = repeat(options.failovers.min(SENTINEL_RUNS), || sentinel_once(fault))?;
        print_row(report, fault, "redis + sentinel", &theirs);
    }
    Ok(())
}

fn repeat(times: usize, mut once: impl FnMut() -> Result<Outcome, String>) -> Result<Vec<Outcome>, String> {
    (0..times).map(|_| once()).collect()
}

fn print_row(report: &mut Report, fault: Fault, who: &str, outcomes: &[Outcome]) {
    let gaps: Vec<f64> = outcomes.iter().map(|o| o.gap_ms).collect();
    let sum = |f: fn(&Outcome) -> usize| outcomes.iter().map(f).sum::<usize>();
    report.add("failover", fault.name(), who, "ms without writes", &gaps);
    println!(
        "| {} | {who} | {} | {} | {} | {} | {} |",
        fault.name(),
        outcomes.len(),
        spread(&gaps),
        sum(|o| o.lost),
        sum(|o| o.waited_lost),
        sum(|o| o.woken_acks),
    );
}

fn primacy_once(options: &Options, fault: Fault) -> Result<Outcome, String> {
    let group = Primacy::start(&options.binary, 2, false)?;
    let endpoint = group.endpoint;
    let writer = Writer::start(move || Some(endpoint));
    std::thread::sleep(SETTLE);
    let (pid, old) = (group.primary_pid()?, group.primary_addr()?);
    let mut held = Client::connect(old, PATIENCE).map_err(|e| e.to_string())?;
    let before = writer.count();
    let at = Instant::now();
    match fault {
        Fault::Kill => signal(pid, "KILL"),
        Fault::Stop => signal(pid, "STOP"),
        Fault::Planned => group.planned_failover()?,
    }
    wait_for("a new primary", PATIENCE, || group.primary_addr().ok().filter(|a| *a != old))?;
    wait_for("writes again", PATIENCE, || (writer.count() > before + 200).then_some(()))?;
    let woken_acks = match fault {
        Fault::Stop => woken(&mut held, pid, old)?,
        Fault::Kill | Fault::Planned => 0,
    };
    std::thread::sleep(SETTLE);
    let acks = writer.finish();
    let (lost, waited_lost) = lost(group.primary_addr()?, &acks)?;
    if at.elapsed() < longest_gap(&acks) {
        return Err("the writer stood still before the fault".into());
    }
    Ok(Outcome { gap_ms: ms(longest_gap(&acks)), lost, waited_lost, woken_acks })
}

/// Sends writes to a stopped primary, wakes it, and counts what it acknowledges while it still believes.
fn woken(held: &mut Client, pid: u32, addr: SocketAddr) -> Result<usize, String> {
    held.send(&["SET", "woken", "held"]).map_err(|e| e.to_string())?;
    signal(pid, "CONT");
    let mut acks = usize::from(matches!(held.receive(), Ok(Reply::Text(_))));
    let end = Instant::now() + WOKEN_FOR;
    let mut refused = 0;
    while Instant::now() < end && refused < 500 {
        let answer = Client::connect(addr, Duration::from_millis(200))
            .and_then(|mut c| c.call(&["SET", "woken", "x"]));
        match answer {
            Ok(Reply::Text(_)) => acks += 1,
            _ => refused += 1,
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(acks)
}

fn ms(d: Duration) -> f64 {
    d.as_secs_f64() * 1000.0
}

/// Three Sentinels that watch a primary under the name `g`.
struct Sentinels {
    _processes: Vec<Process>,
    files: Vec<PathBuf>,
    ports: Vec<u16>,
}

impl Sentinels {
    fn start(primary: SocketAddr) -> Result<Self, String> {
        let mut all = Self { _processes: Vec::new(), files: Vec::new(), ports: Vec::new() };
        for i in 0..3 {
            let port = free_port()?;
            let file =
                std::env::temp_dir().join(format!("primacy-bench-{}-sentinel-{i}.conf", std::process::id()));
            let text = format!(
                "port {port}\nbind 127.0.0.1\ndir /tmp\nsentinel monitor g 127.0.0.1 {} 2\n\
                 sentinel down-after-milliseconds g 1000\nsentinel failover-timeout g 3000\nsentinel parallel-syncs g 2\n",
                primary.port()
            );
            fs::write(&file, text).map_err(|e| e.to_string())?;
            let args = [file.to_string_lossy().into_owned(), "--sentinel".into()];
            all._processes.push(Process::start(None, "redis-server", &args)?);
            all.files.push(file);
            all.ports.push(port);
        }
        for port in all.ports.clone() {
            wait_for("the sentinels to know each other", PATIENCE, || {
                let text = ask(port, &["SENTINEL", "MASTER", "g"])?;
                let known = |name: &str, n: &str| text.windows(2).any(|w| w[0] == name && w[1] == n);
                (known("num-other-sentinels", "2") && known("num-slaves", "2")).then_some(())
            })?;
        }
        Ok(all)
    }
}

impl Drop for Sentinels {
    fn drop(&mut self) {
        for file in &self.files {
            let _ = fs::remove_file(file);
        }
    }
}

fn ask(port: u16, args: &[&str]) -> Option<Vec<String>> {
    let mut client =
        Client::connect(SocketAddr::from(([127, 0, 0, 1], port)), Duration::from_millis(200)).ok()?;
    let Ok(Reply::Array(items)) = client.call(args) else { return None };
    Some(items.into_iter().map(|i| if let Reply::Text(t) = i { t } else { String::new() }).collect())
}

fn named_primary(ports: &[u16]) -> Option<SocketAddr> {
    ports.iter().find_map(|p| {
        let answer = ask(*p, &["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "g"])?;
        format!("{}:{}", answer.first()?, answer.get(1)?).parse().ok()
    })
}

fn sentinel_once(fault: Fault) -> Result<Outcome, String> {
    let redis = Redis::start(2, false)?;
    let (pid, old) = (redis.primary_pid()?, redis.primary_addr()?);
    let sentinels = Sentinels::start(old)?;
    let ports = sentinels.ports.clone();
    let writer = Writer::start(move || named_primary(&ports));
    std::thread::sleep(SETTLE);
    let mut held = Client::connect(old, PATIENCE).map_err(|e| e.to_string())?;
    let before = writer.count();
    signal(pid, if fault == Fault::Kill { "KILL" } else { "STOP" });
    let new = wait_for("a new primary", PATIENCE, || named_primary(&sentinels.ports).filter(|a| *a != old))?;
    wait_for("writes again", PATIENCE, || (writer.count() > before + 200).then_some(()))?;
    let woken_acks = if fault == Fault::Stop { woken(&mut held, pid, old)? } else { 0 };
    let acks = writer.finish();
    let (lost, waited_lost) = lost(new, &acks)?;
    Ok(Outcome { gap_ms: ms(longest_gap(&acks)), lost, waited_lost, woken_acks })
}
