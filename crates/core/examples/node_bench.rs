//! Nanoseconds per command through `Node::handle_input`, the log on, at several pipeline depths, and how often the
//! steady stream allocates. `cargo run --release -p primacy-core --example node_bench`
//!
//! The commands touch keys that exist; the sockets are left out on purpose. Time is that of the CPU as Linux counts it,
//! so that a busy machine does not spoil the figures.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use primacy_core::control::message::{Members, Peer};
use primacy_core::control::{FromNode, ToNode};
use primacy_core::id::{ConnId, Epoch, Incarnation, NodeId, Position, ReplId};
use primacy_core::node::{Event, Node, NodeConfig, Outbox, Secret, Session};
use primacy_core::time::{Instant, Now};

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const NOW: Now = Now { mono: Instant::from_nanos(1_000_000_000), unix_ms: 1_700_000_000_000 };
const COMMANDS: usize = 4_000_000;

fn primary() -> Node {
    let addr = "127.0.0.1:7000".parse().expect("an address");
    let mut config = NodeConfig::new(NodeId(1), "g", Incarnation(1), addr, Secret(b"secret".to_vec()));
    // Time stands still here, so one lease lasts.
    config.timing.lease = Duration::from_secs(3600);
    config.timing.renew_every = Duration::from_secs(900);
    let mut node = Node::new(config, [7; 32], NOW);
    let members =
        Members { version: 1, peers: vec![Peer { id: NodeId(1), addr, incarnation: Incarnation(1) }] };
    let (epoch, history) = (Epoch(1), Vec::new());
    node.handle_control(ToNode::Joined { epoch: Epoch(0), history: vec![], members: members.clone() }, NOW);
    node.handle_control(ToNode::Freeze { epoch }, NOW);
    let promote = ToNode::Promote {
        epoch,
        incarnation: Incarnation(1),
        start: Position::default(),
        repl_id: ReplId([1; 20]),
        history,
        members: members.clone(),
    };
    node.handle_control(promote, NOW);
    while let Some(message) = node.poll_control() {
        if let FromNode::Renew { epoch, seq, asked, .. } = message {
            node.handle_control(ToNode::Renewed { epoch, seq, asked, members: members.clone() }, NOW);
        }
    }
    while node.poll_event().is_some() {}
    node
}

/// Nanoseconds that this process has run on a CPU.
fn cpu_ns() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").expect("Linux");
    stat.split(' ').next().and_then(|n| n.parse().ok()).expect("a number")
}

/// Distinct inputs of `depth` commands each, so that the caches see different keys.
fn inputs(kind: &str, keys: u64, depth: usize) -> Vec<Vec<u8>> {
    let mut x = 88_172_645_463_325_252u64;
    let mut command = || {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        let key = format!("key:{:012}", x % keys);
        match kind {
            "SET" => format!("*3\r\n$3\r\nSET\r\n${}\r\n{key}\r\n$3\r\nxxx\r\n", key.len()),
            _ => format!("*2\r\n$3\r\nGET\r\n${}\r\n{key}\r\n", key.len()),
        }
    };
    (0..65_536 / depth).map(|_| (0..depth).map(|_| command()).collect::<String>().into_bytes()).collect()
}

/// A replica whose link is up, and that link.
fn replica() -> (Node, Session, Outbox) {
    let addr = "127.0.0.1:7001".parse().expect("an address");
    let mut config = NodeConfig::new(NodeId(2), "g", Incarnation(1), addr, Secret(b"secret".to_vec()));
    config.trust_foreign_primary = true;
    let mut node = Node::new(config, [8; 32], NOW);
    let members = Members::default();
    node.handle_control(ToNode::Joined { epoch: Epoch(0), history: vec![], members: members.clone() }, NOW);
    let (epoch, primary) = (Epoch(1), NodeId(1));
    node.handle_control(ToNode::Follow { epoch, primary, addr, history: vec![], members }, NOW);
    let mut out = Outbox::new();
    let dial = std::iter::from_fn(|| node.poll_event())
        .find_map(|event| if let Event::Dial { dial, .. } = event { Some(dial) } else { None })
        .expect("it dials");
    let mut session = node.dialed(dial, ConnId(1), &mut out, NOW).expect("wanted");
    let answers = b"+PONG\r\n-ERR foreign\r\n+OK\r\n+OK\r\n+CONTINUE\r\n";
    assert_eq!(node.handle_input(&mut session, answers, &mut out, NOW).consumed, answers.len());
    assert!(node.link_up());
    while node.poll_event().is_some() {}
    (node, session, out)
}

/// The stream as a replica applies it.
fn apply(keys: u64) {
    let (mut node, mut link, mut out) = replica();
    let inputs = inputs("SET", keys, 64);
    let mut best = f64::MAX;
    for _ in 0..4 {
        let start = cpu_ns();
        let mut done = 0;
        while done < COMMANDS {
            for input in &inputs {
                node.handle_input(&mut link, input, &mut out, NOW);
                done += 64;
            }
        }
        best = best.min((cpu_ns() - start) as f64 / done as f64);
    }
    println!("SET applied by a replica: {best:6.1} ns/command");
    assert!(node.poll_event().is_none(), "the hot path pushes no event");
}

fn main() {
    let keys: u64 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let mut node = primary();
    let peer = "127.0.0.1:50000".parse().expect("an address");
    let mut session = node.accept(ConnId(1), peer, NOW).expect("a place");
    let mut out = Outbox::new();
    for key in 0..keys {
        let fill = format!("*3\r\n$3\r\nSET\r\n$16\r\nkey:{key:012}\r\n$3\r\nxxx\r\n");
        node.handle_input(&mut session, fill.as_bytes(), &mut out, NOW);
        let n = out.len();
        out.advance(n);
    }
    println!("{keys} keys, backlog {} bytes", node.backlog_bytes());
    for kind in ["SET", "GET"] {
        for depth in [1, 16, 64] {
            let inputs = inputs(kind, keys, depth);
            let mut best = f64::MAX;
            let mut allocations = 0;
            for _ in 0..3 {
                let before = ALLOCATIONS.load(Ordering::Relaxed);
                let start = cpu_ns();
                let mut done = 0;
                while done < COMMANDS {
                    for input in &inputs {
                        let progress = node.handle_input(&mut session, input, &mut out, NOW);
                        assert_eq!(progress.consumed, input.len());
                        assert!(node.may_send(&mut session, &mut out, NOW));
                        let n = out.len();
                        out.advance(n);
                        done += depth;
                    }
                }
                best = best.min((cpu_ns() - start) as f64 / done as f64);
                allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;
            }
            println!(
                "{kind} pipeline {depth:2}: {best:6.1} ns/command, {allocations} allocations in {COMMANDS} commands"
            );
        }
    }
    assert!(node.poll_event().is_none(), "the hot path pushes no event");
    apply(keys);
}
