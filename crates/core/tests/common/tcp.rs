//! A node on real sockets of the loopback: a driver in one thread, for tests against real Redis.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant as Clock, SystemTime, UNIX_EPOCH};

use primacy_core::control::message::{Members, Peer};
use primacy_core::control::{FromNode, ToNode};
use primacy_core::id::{ConnId, Epoch, Incarnation, NodeId, Position, ReplId};
use primacy_core::node::{Event, Flow, Node, NodeConfig, Outbox, Secret, Session};
use primacy_core::time::{Instant, Now};

struct Socket {
    stream: TcpStream,
    session: Session,
    out: Outbox,
    input: Vec<u8>,
    parked: bool,
}

/// What the node is to be.
#[derive(Clone, Copy)]
pub enum Part {
    Primary,
    ReplicaOf(SocketAddr),
}

pub struct Server {
    pub port: u16,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start(part: Part) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("nonblocking");
        let addr = listener.local_addr().expect("an address");
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || Driver::new(listener, addr, part).run(&stopped));
        Self { port: addr.port(), stop, thread: Some(thread) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the driver does not panic");
        }
    }
}

struct Driver {
    node: Node,
    listener: TcpListener,
    sockets: BTreeMap<ConnId, Socket>,
    next: u64,
    began: Clock,
    members: Members,
}

impl Driver {
    fn new(listener: TcpListener, addr: SocketAddr, part: Part) -> Self {
        let began = Clock::now();
        let mut config = NodeConfig::new(NodeId(1), "g", Incarnation(1), addr, Secret(b"secret".to_vec()));
        config.trust_foreign_primary = true;
        config.timing.ack_every = Duration::from_millis(50);
        let now = now(began);
        let members =
            Members { version: 1, peers: vec![Peer { id: NodeId(1), addr, incarnation: Incarnation(1) }] };
        let mut node = Node::new(config, [3; 32], now);
        let epoch = Epoch(1);
        node.handle_control(
            ToNode::Joined { epoch: Epoch(0), history: vec![], members: members.clone() },
            now,
        );
        match part {
            Part::Primary => {
                node.handle_control(ToNode::Freeze { epoch }, now);
                let (start, repl_id, history) = (Position::default(), ReplId([0x5a; 20]), vec![]);
                let incarnation = Incarnation(1);
                let members = members.clone();
                node.handle_control(
                    ToNode::Promote { epoch, incarnation, start, repl_id, history, members },
                    now,
                );
            }
            Part::ReplicaOf(addr) => {
                let members = members.clone();
                let follow = ToNode::Follow { epoch, primary: NodeId(2), addr, history: vec![], members };
                node.handle_control(follow, now);
            }
        }
        Self { node, listener, sockets: BTreeMap::new(), next: 0, began, members }
    }

    fn run(mut self, stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) {
            if !self.round() {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }

    fn add(&mut self, stream: TcpStream, out: Outbox, session: Session) {
        stream.set_nonblocking(true).expect("nonblocking");
        let socket = Socket { stream, out, input: vec![], parked: false, session };
        self.sockets.insert(socket.session.conn(), socket);
    }

    fn id(&mut self) -> ConnId {
        self.next += 1;
        ConnId(self.next)
    }

    fn round(&mut self) -> bool {
        let now = now(self.began);
        let mut busy = false;
        while let Ok((stream, peer)) = self.listener.accept() {
            let conn = self.id();
            let session = self.node.accept(conn, peer, now).expect("a place");
            self.add(stream, Outbox::new(), session);
        }
        for conn in self.sockets.keys().copied().collect::<Vec<_>>() {
            busy |= self.read(conn, now);
        }
        if self.node.poll_timeout().is_some_and(|(at, _)| at <= now.mono) {
            self.node.handle_timeout(now);
        }
        while let Some(event) = self.node.poll_event() {
            self.event(event, now);
        }
        for conn in self.node.feeds().to_vec() {
            self.write(conn, now);
            busy |= self.feed(conn, now);
        }
        for conn in self.sockets.keys().copied().collect::<Vec<_>>() {
            self.write(conn, now);
        }
        while let Some(message) = self.node.poll_control() {
            if let FromNode::Renew { epoch, seq, asked, .. } = message {
                let members = self.members.clone();
                self.node.handle_control(ToNode::Renewed { epoch, seq, asked, members }, now);
            }
        }
        busy
    }

    fn read(&mut self, conn: ConnId, now: Now) -> bool {
        let Some(socket) = self.sockets.get_mut(&conn) else { return false };
        let mut buffer = [0; 65536];
        if socket.parked {
            return false;
        }
        match socket.stream.read(&mut buffer) {
            Ok(0) => self.close(conn, now),
            Ok(n) => {
                socket.input.extend_from_slice(&buffer[..n]);
                self.run_input(conn, now);
                return true;
            }
            Err(e) if e.kind() == ErrorKind::WouldBlock => {}
            Err(_) => self.close(conn, now),
        }
        false
    }

    fn run_input(&mut self, conn: ConnId, now: Now) {
        let Some(socket) = self.sockets.get_mut(&conn) else { return };
        let progress = self.node.handle_input(&mut socket.session, &socket.input, &mut socket.out, now);
        socket.input.drain(..progress.consumed);
        socket.parked = progress.flow == Flow::Park;
        if progress.flow == Flow::Close {
            self.write(conn, now);
            self.close(conn, now);
        }
    }

    fn event(&mut self, event: Event, now: Now) {
        match event {
            Event::Dial { dial, addr, .. } => match TcpStream::connect(addr) {
                Ok(stream) => {
                    let (conn, mut out) = (self.id(), Outbox::new());
                    if let Some(session) = self.node.dialed(dial, conn, &mut out, now) {
                        self.add(stream, out, session);
                    }
                }
                Err(_) => self.node.dial_failed(dial, now),
            },
            Event::Hangup(conn) => self.close(conn, now),
            Event::Wake(conn) => {
                let Some(socket) = self.sockets.get_mut(&conn) else { return };
                match self.node.handle_wake(&mut socket.session, &mut socket.out, now) {
                    Flow::Continue => {
                        socket.parked = false;
                        self.run_input(conn, now);
                    }
                    Flow::Park => {}
                    Flow::Close => {
                        self.write(conn, now);
                        self.close(conn, now);
                    }
                }
            }
            _ => {}
        }
    }

    fn feed(&mut self, conn: ConnId, now: Now) -> bool {
        let Some(socket) = self.sockets.get_mut(&conn).filter(|s| s.out.is_empty()) else { return false };
        let Some([a, b]) = self.node.poll_feed(conn, now) else { return false };
        let part = if a.is_empty() { b } else { a };
        match socket.stream.write(part) {
            Ok(n) => {
                self.node.feed_sent(conn, n, now);
                true
            }
            Err(_) => false,
        }
    }

    fn write(&mut self, conn: ConnId, now: Now) {
        let Some(socket) = self.sockets.get_mut(&conn).filter(|s| !s.out.is_empty()) else { return };
        if !self.node.may_send(&mut socket.session, &mut socket.out, now) {
            return self.close(conn, now);
        }
        if let Ok(n) = socket.stream.write(socket.out.unsent()) {
            socket.out.advance(n);
        }
    }

    fn close(&mut self, conn: ConnId, now: Now) {
        if let Some(socket) = self.sockets.remove(&conn) {
            self.node.closed(socket.session, now);
        }
    }
}

fn now(began: Clock) -> Now {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    Now { mono: Instant::from_nanos(1 + began.elapsed().as_nanos() as u64), unix_ms: unix.as_millis() as u64 }
}

/// A real redis-server, without persistence; killed when dropped.
pub struct Redis {
    pub port: u16,
    child: Child,
}

impl Redis {
    pub fn start(arguments: &[&str]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
        let child = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir", "/tmp"])
            .args(["--dbfilename", &format!("node-test-{port}.rdb")])
            .args(arguments)
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server is installed");
        let redis = Self { port, child };
        until("redis-server starts", || cli(port, &["PING"]) == "PONG");
        redis
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(format!("/tmp/node-test-{}.rdb", self.port));
    }
}

/// Runs one command with redis-cli.
pub fn cli(port: u16, arguments: &[&str]) -> String {
    let out = Command::new("redis-cli")
        .args(["-p", &port.to_string()])
        .args(arguments)
        .output()
        .expect("redis-cli");
    String::from_utf8_lossy(&out.stdout).trim_end().to_string()
}

/// Waits up to 20 s.
pub fn until(what: &str, mut done: impl FnMut() -> bool) {
    let began = Clock::now();
    while !done() {
        assert!(began.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
