//! Hostile and broken bytes on every kind of connection: no panic, and pieces change nothing.

mod common;

use common::{World, addr};
use primacy_core::control::ToNode;
use primacy_core::id::{ConnId, Epoch, NodeId};
use primacy_core::node::{Event, Flow, Node, Outbox, Session};
use primacy_core::rng::Rng;
use primacy_core::time::Now;

const SEEDS: &[&str] = &[
    "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\n12\r\n",
    "*2\r\n$3\r\nGET\r\n$1\r\na\r\n",
    "MULTI\r\nINCR a\r\nEXEC\r\n",
    "WATCH a\r\nMULTI\r\nDEL a\r\nEXEC\r\n",
    "SET b x PX 100\r\nHSET h a 1 b 2\r\nHGETALL h\r\nSPOP s 3\r\n",
    "CLIENT LIST\r\nCLIENT SETNAME x\r\nCLIENT REPLY SKIP\r\nPING\r\nHELLO 3\r\nHGETALL h\r\nHELLO 2\r\n",
    "PRIMACY TOKEN\r\nPRIMACY WAIT 1 10 0 5\r\nWAIT 0 1\r\n",
    "REPLCONF listening-port 1 capa eof capa psync2\r\nREPLCONF primacy-nonce 00112233445566778899aabbccddeeff\r\n",
    "REPLCONF primacy g 2 1 99 0000\r\nREPLCONF ACK 1 EPOCH 1\r\nREPLCONF GRANT 1 1\r\n",
    "INFO\r\nROLE\r\nCOMMAND DOCS get\r\nCONFIG GET *\r\nSELECT 3\r\nPUBLISH x y\r\n",
    "GET \"unbalanced\r\nGET 'x' \"\\x41\"\r\n",
    "AUTH a b\r\nRESET\r\nQUIT\r\n",
];

const UPSTREAM: &[&str] = &[
    "+PONG\r\n-ERR no\r\n+OK\r\n+OK\r\n+CONTINUE\r\n",
    "+PONG\r\n+PRIMACY 00112233445566778899aabbccddeeff primary 1 00\r\n+OK\r\n+OK\r\n",
    "+FULLRESYNC 0101010101010101010101010101010101010101 5\r\n$EOF:0123456789012345678901234567890123456789\r\nREDIS0009",
    "$20\r\nREDIS0009\u{1}\u{2}",
    "*3\r\n$7\r\nPUBLISH\r\n$15\r\n__primacy:epoch\r\n$42\r\n1 0101010101010101010101010101010101010101\r\n",
    "*3\r\n$7\r\nPUBLISH\r\n$18\r\n__primacy:failsafe\r\n$3\r\n1 1\r\n",
    "*1\r\n$5\r\nMULTI\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n*1\r\n$4\r\nEXEC\r\n",
    "*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n\n\n*1\r\n$4\r\nPING\r\n",
];

fn random_input(rng: &mut Rng, seeds: &[&str], mutate: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..=rng.below(6) {
        bytes.extend_from_slice(seeds[rng.below(seeds.len() as u64) as usize].as_bytes());
    }
    let mutations = if mutate { rng.below(8) } else { 0 };
    for _ in 0..mutations {
        let at = rng.below(bytes.len() as u64) as usize;
        match rng.below(4) {
            0 => bytes[at] = rng.next_u64() as u8,
            1 => bytes.truncate(at.max(1)),
            2 => bytes.insert(at, b"\r\n$*-09 "[rng.below(8) as usize]),
            _ => {
                bytes.remove(at);
                bytes.push(b'\n');
            }
        }
    }
    bytes
}

/// A driver's handling of one connection's input, in pieces of at most `piece` bytes; what was sent.
fn run(node: &mut Node, s: &mut Session, out: &mut Outbox, input: &[u8], piece: usize, now: Now) -> Vec<u8> {
    let (mut buffer, mut sent) = (Vec::new(), Vec::new());
    for part in input.chunks(piece) {
        buffer.extend_from_slice(part);
        let progress = node.handle_input(s, &buffer, out, now);
        assert!(progress.consumed <= buffer.len());
        buffer.drain(..progress.consumed);
        while node.poll_event().is_some() {}
        sent.extend_from_slice(out.unsent());
        out.clear();
        match progress.flow {
            Flow::Continue => {}
            Flow::Park | Flow::Close => break,
        }
    }
    sent
}

#[test]
fn clients_may_send_anything_in_any_pieces() {
    for seed in 0..3000u64 {
        let mut rng = Rng::from_u64(seed);
        let input = random_input(&mut rng, SEEDS, seed % 3 > 0);
        let mut replies = Vec::new();
        for piece in [usize::MAX, 1 + rng.below(40) as usize] {
            let mut w = World::new(1);
            w.elect(1, &[0]);
            let now = w.now;
            let node = &mut w.hosts[0].node;
            let mut s = node.accept(ConnId(77), addr(9), now).expect("a place");
            let mut out = Outbox::new();
            replies.push(run(node, &mut s, &mut out, &input, piece, now));
        }
        assert_eq!(
            String::from_utf8_lossy(&replies[0]),
            String::from_utf8_lossy(&replies[1]),
            "seed {seed}: {:?}",
            String::from_utf8_lossy(&input)
        );
    }
}

#[test]
fn a_primary_may_send_anything() {
    for seed in 0..3000u64 {
        let mut rng = Rng::from_u64(seed);
        let mut w = World::with(1, |config| config.trust_foreign_primary = seed % 2 == 0);
        let (epoch, primary, members) = (Epoch(1), NodeId(2), w.members.clone());
        w.hosts[0].node.handle_control(
            ToNode::Follow { epoch, primary, addr: addr(1), history: vec![], members },
            w.now,
        );
        let now = w.now;
        let node = &mut w.hosts[0].node;
        let dial = std::iter::from_fn(|| node.poll_event())
            .find_map(|event| if let Event::Dial { dial, .. } = event { Some(dial) } else { None })
            .expect("it dials");
        let mut out = Outbox::new();
        let mut link = node.dialed(dial, ConnId(5), &mut out, now).expect("wanted");
        out.clear();
        let mut input = UPSTREAM[0].as_bytes().to_vec();
        if rng.chance(1, 2) {
            input = b"+PONG\r\n-ERR no\r\n+OK\r\n+OK\r\n".to_vec();
        }
        input.extend(random_input(&mut rng, UPSTREAM, true));
        let before = node.position();
        run(node, &mut link, &mut out, &input, 1 + rng.below(300) as usize, now);
        assert!(node.position().offset >= before.offset);
    }
}
