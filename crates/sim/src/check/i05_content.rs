//! I5: a node's keyspace is what a replay of its history gives, and all nodes agree.
//!
//! Log matching compares bytes; this compares what the bytes did. At the end every node is asked for every key over a
//! connection of its own, as a client would, and the answers are compared with the oracle's replay.

use std::collections::BTreeMap;

use primacy_core::id::NodeId;

use super::history::{Op, Point};
use super::{Checks, Sort};
use crate::reply::Reply;
use crate::world::World;

/// What the history up to `tip` says about each key; keys with an expiry are left out.
fn expected(checks: &Checks, tip: Point) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut values: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    for (_, op) in checks.histories.replay(tip) {
        match op {
            Op::Set(id) => {
                let Some(write) = checks.writes.get(*id).filter(|w| w.key.sort != Sort::Expiring) else {
                    continue;
                };
                values.insert(write.key.name().to_vec(), id.value());
            }
            Op::Other(text) => {
                let mut words = text.split(|b| *b == b' ');
                if let (Some(b"INCR"), Some(key)) = (words.next(), words.next()) {
                    let old = values.get(key).and_then(|v| std::str::from_utf8(v).ok()?.parse::<u64>().ok());
                    values.insert(key.to_vec(), (old.unwrap_or(0) + 1).to_string().into_bytes());
                }
            }
        }
    }
    values
}

pub(crate) fn check(world: &mut World) -> Result<(), String> {
    let nodes: Vec<NodeId> = world.machines.keys().collect();
    // At rest all of them stand at the same place: one replay serves them.
    let (mut replayed, mut values) = (None, BTreeMap::new());
    for node in nodes {
        let Some(position) = world.position_of(node) else { continue };
        let tip = (position.epoch, position.offset);
        if replayed.replace(tip) != Some(tip) {
            values = expected(&world.checks, tip);
        }
        let asked: Vec<Vec<&[u8]>> = values.keys().map(|key| vec![&b"GET"[..], key]).collect();
        let answers = world.probe(node, &asked);
        for ((key, value), answer) in values.iter().zip(answers) {
            let right = match &answer {
                Reply::Bulk(got) if key.ends_with(b":n") => got == value,
                Reply::Bulk(got) => got.starts_with(value),
                _ => false,
            };
            if !right {
                let (key, want) = (key.escape_ascii(), value.escape_ascii());
                return Err(format!(
                    "node {node} at {position:?} answers {key} with {answer}, history says {want}"
                ));
            }
        }
    }
    Ok(())
}
