//! The page's terminals: each has one TCP connection to a node, as redis-cli has.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use primacy_core::id::NodeId;
use primacy_core::resp::client::{self, Reply};
use primacy_port::Answer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, spawn_local};

use crate::cli::node_id;
use crate::clock;
use crate::up::Shared;

/// Terminals of one page.
const TERMINALS: usize = 16;
/// Lines that wait for the one before them.
const LINES: usize = 64;
/// How long a node may take to accept.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// Longest reply that is shown, in bytes.
const LONGEST_REPLY: usize = 1 << 20;

/// A line for a node.
#[derive(Debug)]
pub(super) struct Typed {
    /// The question's number.
    pub(super) number: u32,
    /// As typed.
    pub(super) line: String,
    /// Its words.
    pub(super) words: Vec<Vec<u8>>,
}

/// An answer with its question's number.
pub(super) type Heard = (u32, Answer);

/// All terminals of one page.
#[derive(Debug)]
pub(super) struct Terminals {
    open: BTreeMap<u8, Terminal>,
    heard: mpsc::Sender<Heard>,
}

#[derive(Debug)]
struct Terminal {
    target: String,
    lines: mpsc::Sender<Typed>,
    task: AbortHandle,
}

impl Terminals {
    /// No terminal yet; answers go to `heard`.
    pub(super) const fn new(heard: mpsc::Sender<Heard>) -> Self {
        Self { open: BTreeMap::new(), heard }
    }

    /// Hands a line to a terminal's connection; another target than before closes the old connection.
    pub(super) fn type_line(
        &mut self,
        terminal: u8,
        target: &str,
        typed: Typed,
        shared: &Rc<Shared>,
    ) -> Result<(), String> {
        if self.open.get(&terminal).is_some_and(|open| open.target != target || open.lines.is_closed()) {
            self.hang_up(terminal);
        }
        if !self.open.contains_key(&terminal) {
            if self.open.len() >= TERMINALS {
                return Err(format!("a page has at most {TERMINALS} terminals"));
            }
            let (lines, typed) = mpsc::channel(LINES);
            let session = Session {
                terminal,
                target: target.to_owned(),
                heard: self.heard.clone(),
                shared: Rc::clone(shared),
            };
            let task = spawn_local(session.serve(typed)).abort_handle();
            self.open.insert(terminal, Terminal { target: target.to_owned(), lines, task });
        }
        let Some(open) = self.open.get(&terminal) else { return Err("the terminal is closed".into()) };
        open.lines
            .try_send(typed)
            .map_err(|_| format!("{LINES} lines wait already; Ctrl-C ends the blocked one"))
    }

    /// Closes a terminal's connection.
    pub(super) fn hang_up(&mut self, terminal: u8) {
        if let Some(open) = self.open.remove(&terminal) {
            open.task.abort();
        }
    }
}

impl Drop for Terminals {
    fn drop(&mut self) {
        self.open.values().for_each(|open| open.task.abort());
    }
}

/// One terminal's connection and whom it is for.
struct Session {
    terminal: u8,
    target: String,
    heard: mpsc::Sender<Heard>,
    shared: Rc<Shared>,
}

/// An open connection with what has arrived on it.
struct Connection {
    stream: TcpStream,
    node: NodeId,
    input: Vec<u8>,
}

impl Session {
    async fn serve(self, mut typed: mpsc::Receiver<Typed>) {
        let mut connection = None;
        while let Some(Typed { number, line, words }) = typed.recv().await {
            let asked_ns = self.now_ns();
            let outcome = self.ask(&mut connection, &words).await;
            let node = connection.as_ref().map(|connection| connection.node.0);
            let mut resp = Vec::new();
            let (text, failed) = match outcome {
                Ok(reply) => {
                    reply.write(&mut resp);
                    (client::show(&words, &reply), matches!(reply, Reply::Error(_)))
                }
                Err(why) => {
                    connection = None;
                    (why, true)
                }
            };
            let (terminal, at_ns) = (self.terminal, self.now_ns());
            let answer = Answer { terminal, line, node, text, resp, failed, stale: false, asked_ns, at_ns };
            if self.heard.send((number, answer)).await.is_err() {
                return;
            }
        }
    }

    fn now_ns(&self) -> u64 {
        self.shared.desk.since_began(clock::mono())
    }

    async fn ask(&self, connection: &mut Option<Connection>, words: &[Vec<u8>]) -> Result<Reply, String> {
        if connection.is_none() {
            let (node, addr) = resolve(&self.target, &self.shared)?;
            let connected = tokio::time::timeout(CONNECT_LIMIT, TcpStream::connect(addr)).await;
            let stream =
                connected.map_err(|_| io::Error::from(io::ErrorKind::TimedOut)).and_then(|done| done);
            let stream = stream.map_err(|error| format!("Could not connect to {addr}: {}", plain(&error)))?;
            *connection = Some(Connection { stream, node, input: Vec::new() });
        }
        let Some(open) = connection else { return Err("Not connected".into()) };
        open.ask(words).await
    }
}

impl Connection {
    async fn ask(&mut self, words: &[Vec<u8>]) -> Result<Reply, String> {
        let lost = |error: io::Error| format!("Error: {}", plain(&error));
        let mut out = Vec::new();
        client::command(&mut out, &words.iter().map(Vec::as_slice).collect::<Vec<_>>());
        self.stream.write_all(&out).await.map_err(lost)?;
        loop {
            match client::parse(&self.input) {
                Ok(Some((reply, length))) => {
                    self.input.drain(..length);
                    return Ok(reply);
                }
                Ok(None) => {}
                Err(why) => return Err(format!("Protocol error: {why}")),
            }
            if self.input.len() > LONGEST_REPLY {
                return Err("The reply is longer than 1 MiB; redis-cli can show it.".into());
            }
            let read = self.stream.read_buf(&mut self.input).await.map_err(lost)?;
            if read == 0 {
                return Err("Error: Server closed the connection".into());
            }
        }
    }
}

/// Whom a new connection is for: the name server's answer of this moment.
fn resolve(target: &str, shared: &Rc<Shared>) -> Result<(NodeId, SocketAddr), String> {
    let endpoints = shared.coordinator.endpoints();
    let found = match target {
        "primary" | "configuration" => endpoints.primary,
        "reader" => shared
            .coordinator
            .reader()
            .and_then(|addr| endpoints.nodes.iter().copied().find(|(_, of)| *of == addr)),
        node => {
            let node = node_id(node)?;
            endpoints.nodes.iter().copied().find(|(id, _)| *id == node)
        }
    };
    found.ok_or_else(|| format!("Could not resolve {target}: the name points to nobody now"))
}

fn plain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "Connection refused".into(),
        io::ErrorKind::TimedOut => "Connection timed out".into(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => "Connection reset by peer".into(),
        _ => error.to_string(),
    }
}
