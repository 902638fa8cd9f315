//! The two sides of every comparison: a redis-server with replicas, and a Primacy group.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::process::{self, Process, signal, wait_for};
use crate::resp;

/// Processor of the measured server; load and replicas share the other one.
pub(crate) const SERVER_CPU: u32 = 0;
/// Processor of the load and of everything that is not measured.
pub(crate) const LOAD_CPU: u32 = 1;

/// A server under measurement.
pub(crate) trait Peer {
    /// Name in the tables.
    fn name(&self) -> &'static str;
    /// Process that serves the writes.
    fn primary_pid(&self) -> Result<u32, String>;
    /// Address of that process.
    fn primary_addr(&self) -> Result<SocketAddr, String>;
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
    listener.local_addr().map(|a| a.port()).map_err(|e| e.to_string())
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// redis-server, without persistence.
pub(crate) struct Redis {
    processes: Vec<Process>,
    ports: Vec<u16>,
}

impl Redis {
    /// Starts one primary and `replicas` replicas that have caught up.
    pub(crate) fn start(replicas: usize, pinned: bool) -> Result<Self, String> {
        let mut redis = Self { processes: Vec::new(), ports: Vec::new() };
        for i in 0..=replicas {
            let port = free_port()?;
            let mut args: Vec<String> =
                ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1"].map(String::from).to_vec();
            args.extend(["--port".into(), port.to_string(), "--dir".into(), "/tmp".into()]);
            args.extend(["--repl-diskless-sync-delay".into(), "0".into()]);
            if i > 0 {
                args.extend(["--replicaof".into(), "127.0.0.1".into(), redis.ports[0].to_string()]);
            }
            let cpu = if i == 0 { SERVER_CPU } else { LOAD_CPU };
            redis.processes.push(Process::start(pinned.then_some(cpu), "redis-server", &args)?);
            redis.ports.push(port);
            wait_for("redis-server", Duration::from_secs(10), || {
                resp::info(loopback(port), "server", "run_id")
            })?;
        }
        for port in &redis.ports[1..] {
            wait_for("redis replica", Duration::from_secs(20), || {
                resp::info(loopback(*port), "replication", "master_link_status").filter(|s| s == "up")
            })?;
        }
        Ok(redis)
    }
}

impl Peer for Redis {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn primary_pid(&self) -> Result<u32, String> {
        Ok(self.processes[0].pid())
    }

    fn primary_addr(&self) -> Result<SocketAddr, String> {
        Ok(loopback(self.ports[0]))
    }
}

/// A whole group under `primacy up`.
pub(crate) struct Primacy {
    child: Child,
    template: PathBuf,
    /// The stable local address of the primary endpoint.
    pub(crate) endpoint: SocketAddr,
    api: SocketAddr,
}

/// A member as the API tells it.
pub(crate) struct Member {
    pub(crate) addr: SocketAddr,
    pub(crate) pid: u32,
    pub(crate) is_primary: bool,
    pub(crate) link_up: bool,
}

impl Primacy {
    /// Starts a group in profile `lan` and waits until every replica follows.
    pub(crate) fn start(binary: &Path, replicas: usize, pinned: bool) -> Result<Self, String> {
        let template = std::env::temp_dir().join(format!("primacy-bench-{}.yaml", std::process::id()));
        std::fs::write(&template, template_text(replicas)).map_err(|e| e.to_string())?;
        let mut command = match pinned {
            true => {
                let mut c = Command::new("taskset");
                c.args(["-c", &LOAD_CPU.to_string()]).arg(binary);
                c
            }
            false => Command::new(binary),
        };
        command.arg("up").arg(&template).args(["--profile", "lan"]);
        command.args(["--port", "0", "--api-port", "0", "--dns-port", "0"]);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| format!("cannot start {}: {e}", binary.display()))?;
        let (endpoint, api) = read_ready(&mut child)?;
        let group = Self { child, template, endpoint, api };
        wait_for("the group to be up", Duration::from_secs(20), || group.all_follow(replicas).then_some(()))?;
        if pinned {
            process::pin(group.primary_pid()?, SERVER_CPU);
        }
        Ok(group)
    }

    /// All members, by id; empty when the API does not answer.
    pub(crate) fn members(&self) -> Vec<Member> {
        let Some(view) = http_get(self.api, "/api/view") else { return Vec::new() };
        let read = |n: &Value| {
            Some(Member {
                addr: n["addr"].as_str()?.parse().ok()?,
                pid: u32::try_from(n["pid"].as_u64()?).ok()?,
                is_primary: n["is_primary"].as_bool()?,
                link_up: n["link_up"].as_bool()?,
            })
        };
        view["nodes"].as_array().map(|nodes| nodes.iter().filter_map(read).collect()).unwrap_or_default()
    }

    /// True when there is a primary and all `replicas` follow it.
    pub(crate) fn all_follow(&self, replicas: usize) -> bool {
        let members = self.members();
        let following = members.iter().filter(|m| !m.is_primary && m.link_up).count();
        let serving = resp::info(self.endpoint, "replication", "role").is_some_and(|r| r == "master");
        serving && members.iter().any(|m| m.is_primary) && following == replicas
    }

    /// Asks for a planned failover.
    pub(crate) fn planned_failover(&self) -> Result<(), String> {
        http(self.api, "POST", "/api/failover", "{}").map(|_| ()).ok_or_else(|| "the API refused".into())
    }

    fn primary(&self) -> Result<Member, String> {
        self.members().into_iter().find(|m| m.is_primary).ok_or_else(|| "no primary".into())
    }
}

impl Peer for Primacy {
    fn name(&self) -> &'static str {
        "primacy"
    }

    fn primary_pid(&self) -> Result<u32, String> {
        self.primary().map(|m| m.pid)
    }

    fn primary_addr(&self) -> Result<SocketAddr, String> {
        self.primary().map(|m| m.addr)
    }
}

impl Drop for Primacy {
    fn drop(&mut self) {
        signal(self.child.id(), "TERM");
        let ended = wait_for("end", Duration::from_secs(5), || self.child.try_wait().ok().flatten());
        if ended.is_err() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        let _ = std::fs::remove_file(&self.template);
    }
}

fn template_text(replicas: usize) -> String {
    format!(
        "Resources:\n  Bench:\n    Type: AWS::ElastiCache::ReplicationGroup\n    Properties:\n      \
         ReplicationGroupDescription: benchmark\n      CacheNodeType: cache.m6g.large\n      Engine: redis\n      \
         AutomaticFailoverEnabled: {}\n      NumNodeGroups: 1\n      ReplicasPerNodeGroup: {replicas}\n",
        replicas > 0
    )
}

fn read_ready(child: &mut Child) -> Result<(SocketAddr, SocketAddr), String> {
    let log = child.stderr.take().ok_or("no output")?;
    let mut lines = BufReader::new(log).lines();
    let ready = lines
        .by_ref()
        .map_while(Result::ok)
        .find(|l| l.contains("ready") && l.contains("api="))
        .ok_or("primacy ended before it was ready")?;
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    let field = |name: &str| {
        let text = ready.split_whitespace().find_map(|w| w.strip_prefix(name)?.strip_prefix('='))?;
        text.trim_start_matches("http://").trim_matches('"').parse().ok()
    };
    field("primary").zip(field("api")).ok_or_else(|| format!("cannot read addresses from {ready:?}"))
}

fn http_get(addr: SocketAddr, path: &str) -> Option<Value> {
    serde_json::from_str(&http(addr, "GET", path, "")?).ok()
}

fn http(addr: SocketAddr, method: &str, path: &str, body: &str) -> Option<String> {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect_timeout(&addr, Duration::from_secs(1)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    head.split_whitespace().nth(1)?.starts_with('2').then(|| body.to_owned())
}
