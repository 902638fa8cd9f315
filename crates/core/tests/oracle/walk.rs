//! SCAN and its kin meet everything that is there from the first call to the last.

use std::collections::BTreeSet;

use primacy_core::rng::Rng;

use crate::compare::elements;
use crate::engine::Engine;

/// Walks with the given command while `disturb` changes other elements; what was met.
fn walk(
    engine: &mut Engine,
    args: &[&[u8]],
    at: usize,
    mut disturb: impl FnMut(&mut Engine),
) -> BTreeSet<Vec<u8>> {
    let mut met = BTreeSet::new();
    let mut cursor = b"0".to_vec();
    loop {
        let mut args = args.to_vec();
        args.insert(at, &cursor);
        let reply = elements(&engine.ask(&args, 1000));
        met.extend(elements(&reply[1]).into_iter().map(|bulk| content(&bulk)));
        cursor = content(&reply[0]);
        if cursor == b"0" {
            return met;
        }
        disturb(engine);
    }
}

fn content(bulk: &[u8]) -> Vec<u8> {
    let line = bulk.windows(2).position(|w| w == b"\r\n").expect("a bulk string");
    bulk[line + 2..bulk.len() - 2].to_vec()
}

fn name(prefix: &str, n: u64) -> Vec<u8> {
    format!("{prefix}{n}").into_bytes()
}

/// Adds and removes elements whose names start with `x`.
fn churn(engine: &mut Engine, rng: &mut Rng, add: &[&[u8]], value: &[&[u8]], remove: &[&[u8]]) {
    for _ in 0..rng.below(30) {
        let element = name("x", rng.below(500));
        let grow = rng.chance(1, 2);
        let args = if grow { [add, &[&element], value].concat() } else { [remove, &[&element]].concat() };
        engine.ask(&args, 1000);
    }
}

#[test]
fn a_walk_meets_all_that_stay() {
    for seed in 0..20 {
        let mut rng = Rng::from_u64(seed);
        let mut engine = Engine::new(1);
        let stay: BTreeSet<Vec<u8>> = (0..300).map(|n| name("stay", n)).collect();
        for element in &stay {
            engine.ask(&[b"SET", element, b"v"], 1000);
            engine.ask(&[b"SADD", b"set", element], 1000);
            engine.ask(&[b"HSET", b"hash", element, b"v"], 1000);
        }
        let met = walk(&mut engine, &[b"SCAN", b"COUNT", b"7"], 1, |engine| {
            churn(engine, &mut rng, &[b"SET"], &[b"v"], &[b"DEL"]);
        });
        assert!(stay.is_subset(&met));
        let met = walk(&mut engine, &[b"SSCAN", b"set", b"COUNT", b"7"], 2, |engine| {
            churn(engine, &mut rng, &[b"SADD", b"set"], &[], &[b"SREM", b"set"]);
        });
        assert!(stay.is_subset(&met));
        let met = walk(&mut engine, &[b"HSCAN", b"hash", b"COUNT", b"7"], 2, |engine| {
            churn(engine, &mut rng, &[b"HSET", b"hash"], &[b"v"], &[b"HDEL", b"hash"]);
        });
        assert!(stay.is_subset(&met));
    }
}

#[test]
fn keys_past_their_time_are_deleted_once_and_in_the_same_order_everywhere() {
    let fill = || {
        let mut engine = Engine::new(1);
        for n in 0..5000 {
            let deadline = 1000 + n % 100;
            engine.ask(&[b"SET", &name("k", n), b"v", b"PXAT", deadline.to_string().as_bytes()], 1);
        }
        engine.ask(&[b"SET", b"stays", b"v"], 1);
        engine
    };
    let run = |budget: usize| {
        let mut engine = fill();
        let mut deleted = Vec::new();
        for now in 1000..1102 {
            while !engine.keyspace.db_mut(0).expire_some(now, budget, |key| deleted.push(key.to_vec())) {}
            let due = usize::try_from((now - 1000).min(100) * 50).expect("small");
            assert_eq!(deleted.len(), due, "at {now}");
        }
        assert_eq!(engine.keyspace.len(), 1);
        assert_eq!(engine.keyspace.memory(), 73);
        deleted
    };
    assert_eq!(run(usize::MAX), run(usize::MAX));
    assert_eq!(run(17).len(), 5000);
}
