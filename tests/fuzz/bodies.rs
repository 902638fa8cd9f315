//! What every fuzz target does with its bytes; `tests/tests/corpus.rs` runs the same on the committed corpus.
//!
//! None of them may panic, hang or take memory for what was only declared.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each fuzz binary uses one of them, as a public function of its own module"
)]

#[path = "peer.rs"]
mod peer;

use std::net::SocketAddr;

use primacy_core::control::ToNode;
use primacy_core::control::frame::{Channel, End};
use primacy_core::control::message::Members;
use primacy_core::group::record::EpochStart;
use primacy_core::id::{ConnId, Epoch, Incarnation, NodeId, Position, ReplId};
use primacy_core::node::{Event, Flow, Node, NodeConfig, Outbox, Secret};
use primacy_core::time::{Instant, Now};

const NOW: Now = Now { mono: Instant::from_nanos(1_000_000_000), unix_ms: 1_700_000_000_000 };

fn addr() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 6379))
}

fn joined() -> Node {
    let mut config = NodeConfig::new(NodeId(1), "g", Incarnation(1), addr(), Secret(b"secret".to_vec()));
    config.trust_foreign_primary = true;
    let mut node = Node::new(config, [7; 32], NOW);
    node.handle_control(
        ToNode::Joined { epoch: Epoch(0), history: Vec::new(), members: Members::default() },
        NOW,
    );
    node
}

fn first_epoch() -> EpochStart {
    EpochStart { epoch: Epoch(1), repl_id: ReplId([1; 20]), start: Position::default() }
}

fn serving() -> Node {
    let mut node = joined();
    node.handle_control(ToNode::Freeze { epoch: Epoch(1) }, NOW);
    node.handle_control(
        ToNode::Promote {
            epoch: Epoch(1),
            incarnation: Incarnation(1),
            start: Position::default(),
            repl_id: ReplId([1; 20]),
            history: vec![first_epoch()],
            members: Members::default(),
        },
        NOW,
    );
    let renewed = ToNode::Renewed { epoch: Epoch(1), seq: 1, asked: NOW.mono, members: Members::default() };
    node.handle_control(renewed, NOW);
    node
}

/// A client's bytes on a serving primary, cut in two at a place that the first byte chooses.
pub fn resp(data: &[u8]) {
    let Some((cut, data)) = data.split_first() else { return };
    let mut node = serving();
    let Ok(mut session) = node.accept(ConnId(1), addr(), NOW) else { return };
    let mut out = Outbox::new();
    let cut = usize::from(*cut) * data.len() / 256;
    let mut buffer = Vec::new();
    for part in [&data[..cut], &data[cut..]] {
        buffer.extend_from_slice(part);
        let progress = node.handle_input(&mut session, &buffer, &mut out, NOW);
        assert!(progress.consumed <= buffer.len());
        buffer.drain(..progress.consumed);
        if progress.flow != Flow::Continue {
            break;
        }
    }
    while node.poll_event().is_some() {}
    node.closed(session, NOW);
}

fn following() -> Node {
    let mut node = joined();
    let follow = ToNode::Follow {
        epoch: Epoch(1),
        primary: NodeId(2),
        addr: addr(),
        history: vec![first_epoch()],
        members: Members::default(),
    };
    node.handle_control(follow, NOW);
    node
}

/// What a primary sends to a replica: the handshake's answers, a snapshot, the stream.
pub fn replication(data: &[u8]) {
    let mut node = following();
    let mut out = Outbox::new();
    let dial = std::iter::from_fn(|| node.poll_event()).find_map(|event| match event {
        Event::Dial { dial, .. } => Some(dial),
        _ => None,
    });
    let Some(mut session) = dial.and_then(|dial| node.dialed(dial, ConnId(1), &mut out, NOW)) else { return };
    let mut buffer = Vec::new();
    for part in data.chunks(data.len().div_ceil(3).max(1)) {
        buffer.extend_from_slice(part);
        let progress = node.handle_input(&mut session, &buffer, &mut out, NOW);
        assert!(progress.consumed <= buffer.len());
        buffer.drain(..progress.consumed);
        if progress.flow == Flow::Close {
            break;
        }
    }
    node.closed(session, NOW);
}

/// A snapshot from anywhere, behind a handshake that goes well.
pub fn rdb(data: &[u8]) {
    let mut stream = b"+PONG\r\n+OK\r\n+OK\r\n+OK\r\n".to_vec();
    stream.extend_from_slice(format!("+FULLRESYNC {} 0\r\n${}\r\n", ReplId([1; 20]), data.len()).as_bytes());
    stream.extend_from_slice(data);
    replication(&stream);
}

/// A template.
pub fn template(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for strict in [false, true] {
        let found = match primacy_aws::template::parse(text, primacy_aws::template::Options { strict }) {
            Ok(parsed) => parsed.warnings,
            Err(errors) => {
                assert!(!errors.is_empty(), "refused without a word");
                errors
            }
        };
        for diagnostic in &found {
            let _ = primacy_aws::diagnostic::render(diagnostic, "template.yaml", text);
        }
    }
}

/// A request's body.
pub fn api(data: &[u8]) {
    let _ = primacy_aws::api::parse(data);
}

/// A stranger's bytes on the control port: nothing may come out of them.
pub fn control(data: &[u8]) {
    let mut channel = Channel::new(b"secret", End::Acceptor, [3; 16]);
    channel.push(data);
    assert!(!matches!(channel.pop::<ToNode>(), Ok(Some(_))), "a forged message was believed");
}

/// A mad peer's words to a node in one of its states or to a coordinator, sealed as they should be.
pub fn peer(data: &[u8]) {
    let Some((whom, letters)) = data.split_first() else { return };
    match whom % 4 {
        0 => peer::coordinator(letters, NOW),
        1 => peer::node(joined(), letters, NOW),
        2 => peer::node(serving(), letters, NOW),
        _ => peer::node(following(), letters, NOW),
    }
}

/// A page's message on the live connection, and the line that it may carry.
pub fn ask(data: &[u8]) {
    use primacy_port::{Ask, What, wire};
    let Ok(ask) = wire::decode::<Ask>(data) else { return };
    if let What::Type { line, .. } = &ask.what {
        let _ = primacy_aws::console::read(line);
    }
    assert_eq!(wire::decode(&wire::encode(&ask)), Ok(ask));
}

/// A link's scenario.
pub fn scenario(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = primacy_sim::Scenario::decode(text);
}
