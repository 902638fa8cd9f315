//! A real `primacy up` on free ports, and small clients for it.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::{Name, RData, RecordType};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value;

/// How long anything may take on a loaded machine before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How long one reply may take before the connection counts as hung.
const REPLY: Duration = Duration::from_secs(5);

/// The seed's template.
pub fn example() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/replication-group.yaml")
}

/// Runs the binary to its end.
pub fn primacy(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_primacy"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs")
}

/// Calls `look` until it gives something.
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A running group; stopped when dropped.
pub struct Up {
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
    pub api: SocketAddr,
    pub primary: SocketAddr,
    pub reader: SocketAddr,
    pub dns: SocketAddr,
}

impl Up {
    /// Starts the seed's template and waits until the group is available.
    pub fn start(more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_primacy"))
            .arg("up")
            .arg(example())
            .args(["--port", "0", "--api-port", "0", "--dns-port", "0"])
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let log = Arc::new(Mutex::new(Vec::new()));
        let (lines, stderr) = (Arc::clone(&log), child.stderr.take().expect("piped"));
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                lines.lock().expect("nobody panics with it").push(line);
            }
        });
        let ready = eventually("the line `ready`", || find(&log, " ready "));
        let field = |name: &str| -> SocketAddr {
            let value = ready.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
            let value = value.unwrap_or_else(|| panic!("no {name} in {ready}"));
            value.trim_start_matches("http://").parse().expect("an address")
        };
        let (api, primary, reader, dns) = (field("api"), field("primary"), field("reader"), field("dns"));
        let up = Self { child, log, api, primary, reader, dns };
        up.available();
        up
    }

    /// The process id of the parent.
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// The whole log so far.
    pub fn log(&self) -> String {
        self.log.lock().expect("nobody panics with it").join("\n")
    }

    /// The first log line with `text`.
    pub fn log_line(&self, text: &str) -> String {
        eventually(text, || find(&self.log, text))
    }

    /// `GET /api/view`.
    pub fn view(&self) -> Value {
        let (status, body) = http(self.api, "GET /api/view HTTP/1.1\r\nHost: localhost\r\n", "");
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).expect("JSON")
    }

    /// `POST /api/…`; the status.
    pub fn post(&self, path: &str, body: &str) -> u16 {
        let head =
            format!("POST /api/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n");
        http(self.api, &head, body).0
    }

    /// Waits for a primary and for every other node to follow it; the view then.
    pub fn available(&self) -> Value {
        eventually("an available group", || {
            let view = self.view();
            let nodes = view["nodes"].as_array().cloned().unwrap_or_default();
            let good = |node: &Value| {
                node["heard"] == true
                    && match node["is_primary"] == true {
                        true => node["role"] == "PrimaryServing",
                        false => node["role"] == "Following" && node["link_up"] == true,
                    }
            };
            let primaries = nodes.iter().filter(|node| node["is_primary"] == true).count();
            (nodes.len() == 3 && primaries == 1 && nodes.iter().all(good) && view["status"] == "Available")
                .then_some(view)
        })
    }

    /// Sends a signal to a node's process.
    pub fn signal(&self, node: &Value, signal: Signal) {
        kill_process(pid_of(node), signal).expect("the process is there");
    }

    /// The records that DNS has for `name`.
    pub fn resolve(&self, name: &str) -> Vec<SocketAddr> {
        resolve(self.dns, name)
    }

    /// Ends the parent with a signal and waits for it.
    pub fn end(&mut self, signal: Signal) -> Option<i32> {
        kill_process(self.pid(), signal).expect("it runs");
        eventually("the end of `primacy up`", || self.child.try_wait().expect("it is ours")).code()
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _gone = kill_process(self.pid(), Signal::TERM);
        }
        let _ended = self.child.wait();
        if thread::panicking() {
            eprintln!("--- log of primacy up ---\n{}", self.log());
        }
    }
}

fn find(log: &Mutex<Vec<String>>, text: &str) -> Option<String> {
    log.lock().expect("nobody panics with it").iter().find(|line| line.contains(text)).cloned()
}

/// The primary of a view.
pub fn primary(view: &Value) -> Value {
    nodes(view).into_iter().find(|node| node["is_primary"] == true).expect("a primary")
}

/// The replicas of a view.
pub fn replicas(view: &Value) -> Vec<Value> {
    nodes(view).into_iter().filter(|node| node["is_primary"] == false).collect()
}

/// All nodes of a view.
pub fn nodes(view: &Value) -> Vec<Value> {
    view["nodes"].as_array().cloned().expect("nodes")
}

/// A node's address.
pub fn addr(node: &Value) -> SocketAddr {
    node["addr"].as_str().and_then(|text| text.parse().ok()).expect("an address")
}

/// A node's process.
pub fn pid_of(node: &Value) -> Pid {
    let pid = node["pid"].as_i64().and_then(|pid| i32::try_from(pid).ok()).expect("a process");
    Pid::from_raw(pid).expect("a process id")
}

/// True while the process is there (also as a zombie).
pub fn alive(pid: Pid) -> bool {
    test_kill_process(pid).is_ok()
}

/// Addresses that DNS gives for `name`, without ports.
pub fn resolve(dns: SocketAddr, name: &str) -> Vec<SocketAddr> {
    let mut query = Message::new(7, MessageType::Query, OpCode::Query);
    query.add_query(Query::query(Name::from_ascii(format!("{name}.")).expect("a name"), RecordType::A));
    let socket = UdpSocket::bind("127.0.0.1:0").expect("any port");
    socket.set_read_timeout(Some(REPLY)).expect("a time");
    socket.send_to(&query.to_vec().expect("encodes"), dns).expect("loopback");
    let mut buffer = [0; 512];
    let len = socket.recv(&mut buffer).expect("an answer");
    let answer = Message::from_vec(&buffer[..len]).expect("DNS");
    answer
        .answers
        .iter()
        .filter_map(|record| match &record.data {
            RData::A(a) => Some(SocketAddr::from((a.0, 0))),
            _ => None,
        })
        .collect()
}

/// One HTTP request: status and body.
pub fn http(to: SocketAddr, head: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(to).expect("the API listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time");
    let request = format!("{head}Connection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    // A body that is refused unread may break the pipe, and its answer may end in a reset.
    let _broken_pipe = stream.write_all(request.as_bytes());
    let mut answer = Vec::new();
    let _reset = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split_whitespace().nth(1).and_then(|status| status.parse().ok());
    let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    (status.unwrap_or(0), body.to_owned())
}

/// A RESP connection.
pub struct Resp {
    stream: BufReader<TcpStream>,
}

impl Resp {
    /// Connects, if somebody listens.
    pub fn connect(to: SocketAddr) -> Option<Self> {
        let stream = TcpStream::connect_timeout(&to, REPLY).ok()?;
        stream.set_read_timeout(Some(REPLY)).ok()?;
        Some(Self { stream: BufReader::new(stream) })
    }

    /// Sends a command and gives its reply as text: the first line without its type for simple types, the value of a bulk
    /// string, elements joined by spaces; `None` when the connection broke or hung.
    pub fn call(&mut self, command: &[&str]) -> Option<String> {
        self.send(command)?;
        self.reply()
    }

    /// Sends a command without waiting.
    pub fn send(&mut self, command: &[&str]) -> Option<()> {
        let mut bytes = format!("*{}\r\n", command.len());
        for word in command {
            bytes += &format!("${}\r\n{word}\r\n", word.len());
        }
        self.stream.get_mut().write_all(bytes.as_bytes()).ok()
    }

    /// Reads one reply.
    pub fn reply(&mut self) -> Option<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        let (kind, rest) = line.split_at_checked(1)?;
        match kind {
            "+" | ":" => Some(rest.to_owned()),
            "-" => Some(line.to_owned()),
            "$" => self.bulk(rest.parse().ok()?),
            "*" => (0..rest.parse::<usize>().ok()?)
                .map(|_| self.reply())
                .collect::<Option<Vec<_>>>()
                .map(|all| all.join(" ")),
            _ => None,
        }
    }

    fn bulk(&mut self, len: i64) -> Option<String> {
        let Ok(len) = usize::try_from(len) else { return Some("(nil)".to_owned()) };
        let mut bytes = vec![0; len + 2];
        self.stream.read_exact(&mut bytes).ok()?;
        bytes.truncate(len);
        String::from_utf8(bytes).ok()
    }
}

/// Writes through `to` with a new connection for each try, until one is acknowledged.
pub fn write_until_acknowledged(to: SocketAddr, key: &str, value: &str) {
    eventually("an acknowledged write", || {
        (Resp::connect(to)?.call(&["SET", key, value])? == "OK").then_some(())
    });
}
