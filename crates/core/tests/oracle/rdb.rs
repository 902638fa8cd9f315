//! Snapshots: Redis loads ours, ours loads Redis's, and writes meanwhile do not show.

use primacy_core::command::Mode;
use primacy_core::id::{Epoch, Position, ReplId};
use primacy_core::keyspace::Keyspace;
use primacy_core::keyspace::snapshot::{LoadError, Loaded, Loader, Meta, Snapshot};
use primacy_core::rng::Rng;

use crate::engine::Engine;
use crate::generate::{FURTHEST, command};
use crate::redis::{Link, Redis, frame, now_ms};

pub(crate) fn meta() -> Meta {
    Meta {
        repl_id: ReplId([0xab; 20]),
        position: Position { epoch: Epoch(3), offset: 12_345, opseq: 678 },
        lineage: "any text".into(),
        stream_db: Some(0),
        now_ms: now_ms(),
    }
}

/// An engine after random commands and with values of every form.
pub(crate) fn filled(seed: u64, commands: usize) -> Engine {
    let mut engine = Engine::new(5);
    let mut rng = Rng::from_u64(seed);
    random_commands(&mut engine, &mut rng, commands);
    let mut ask = |args: &[&[u8]]| drop(engine.ask(args, now_ms()));
    for i in 0..3000u32 {
        let n = i.to_string();
        let n = n.as_bytes();
        ask(&[b"SADD", b"many:ints", n]);
        ask(&[b"HSET", b"many:fields", n, &[b'v'; 30]]);
        ask(&[b"RPUSH", b"many:elements", n, b"text"]);
        ask(&[b"SADD", b"many:members", &[b"member:", n].concat()]);
        if i < 400 {
            ask(&[b"SADD", b"few:ints", &[b"-", n, b"1"].concat()]);
            ask(&[b"SET", &[b"key:", n].concat(), n, b"PX", b"1000000"]);
            ask(&[b"RPUSH", b"wide", &vec![b'w'; (i * 100) as usize]]);
        }
        if i < 100 {
            ask(&[b"HSET", b"few:fields", n, &vec![b'x'; i as usize % 64]]);
            ask(&[b"RPUSH", b"numbers", format!("{}", (i64::from(i) - 50) << (i % 57)).as_bytes()]);
        }
    }
    ask(&[b"SET", b"compressible", &vec![b'c'; 100_000]]);
    ask(&[b"SET", b"repeating", &b"a phrase and ".repeat(500)]);
    ask(&[b"RPUSH", b"huge", &vec![b'h'; 20_000], b"small"]);
    engine
}

fn random_commands(engine: &mut Engine, rng: &mut Rng, count: usize) {
    for _ in 0..count {
        let args = command(rng);
        let args: Vec<&[u8]> = args.iter().map(Vec::as_slice).collect();
        engine.ask(&args, now_ms());
    }
}

pub(crate) fn dump(keyspace: &mut Keyspace) -> Vec<u8> {
    let mut out = Vec::new();
    let mut snapshot = Snapshot::begin(keyspace, meta());
    while !snapshot.next_slice(keyspace, &mut out, 4096) {}
    out
}

pub(crate) fn load(file: &[u8], chunk: usize) -> Result<Loaded, LoadError> {
    let mut loader = Loader::new([9; 32], 0);
    for chunk in file.chunks(chunk) {
        loader.push(chunk)?;
    }
    loader.finish()
}

/// Gives a Redis what a replica of ours would get.
fn follow(link: &mut Link, log: &[u8]) {
    link.send(log);
    link.send(&frame(&[b"ECHO", b"end of log"]));
    while link.receive() != b"$10\r\nend of log\r\n" {}
}

#[test]
fn redis_loads_our_file_and_we_load_its() {
    let mut ours = filled(11, 5000);
    let (follower, mut link) = {
        let redis = Redis::start();
        let link = redis.connect();
        (redis, link)
    };
    follow(&mut link, &ours.log);
    let want = link.ask(&[b"DEBUG", b"DIGEST"]);

    let file = dump(&mut ours.keyspace);
    let loader = Redis::start_with(Some(&file));
    assert_eq!(loader.connect().ask(&[b"DEBUG", b"DIGEST"]), want, "Redis sees other data in our file");

    assert_eq!(link.ask(&[b"SAVE"]), b"+OK\r\n");
    let theirs = std::fs::read(follower.dir.join("dump.rdb")).expect("Redis's file");
    for chunk in [1, 7, 1000, usize::MAX] {
        let loaded = load(&theirs, chunk).expect("their file");
        assert_eq!(loaded.keyspace.digest(), ours.keyspace.digest(), "chunks of {chunk}");
    }
}

#[test]
fn a_file_of_ours_brings_back_the_data_and_what_it_says_about_itself() {
    let mut ours = filled(12, 3000);
    let file = dump(&mut ours.keyspace);
    for chunk in [1, 13, 4096, usize::MAX] {
        let loaded = load(&file, chunk).expect("our file");
        assert_eq!(loaded.keyspace.digest(), ours.keyspace.digest());
        let meta = meta();
        assert_eq!(loaded.repl, Some((meta.repl_id, meta.position.offset)));
        assert_eq!((loaded.epoch, loaded.opseq), (meta.position.epoch.0, meta.position.opseq));
        assert_eq!(loaded.lineage.as_deref(), Some(meta.lineage.as_bytes()));
        assert_eq!(loaded.stream_db, meta.stream_db);
    }
}

#[test]
fn a_snapshot_holds_the_data_as_they_were_when_it_began() {
    for seed in 0..30 {
        let mut rng = Rng::from_u64(seed);
        let mut engine = filled(seed, 500);
        let want = engine.keyspace.digest();
        let mut snapshot = Snapshot::begin(&mut engine.keyspace, meta());
        let mut file = Vec::new();
        // From many small steps with few writes to few steps with many.
        let (writes, budget) =
            (usize::try_from(1 + seed * 3).unwrap(), usize::try_from(100 + seed * 1000).unwrap());
        while !snapshot.next_slice(&mut engine.keyspace, &mut file, budget) {
            random_commands(&mut engine, &mut rng, writes);
            if rng.chance(1, 20) {
                engine.keyspace.db_mut(0).expire_some(now_ms() + 2 * FURTHEST, 100, |_| {});
            }
            if rng.chance(1, 50) {
                engine.ask(&[b"SPOP", b"many:members", b"100"], now_ms());
                engine.ask(&[b"RENAME", b"many:fields", b"moved"], now_ms());
            }
            if seed % 7 == 6 && rng.chance(1, 10) {
                engine.ask(&[b"FLUSHALL"], now_ms());
            }
        }
        let loaded = load(&file, 5000).expect("our file");
        assert_eq!(loaded.keyspace.digest(), want, "seed {seed}");
    }
}

#[test]
fn a_new_snapshot_follows_one_that_was_given_up() {
    let mut engine = filled(1, 100);
    let mut part = Vec::new();
    let mut first = Snapshot::begin(&mut engine.keyspace, meta());
    first.next_slice(&mut engine.keyspace, &mut part, 500);
    first.abort(&mut engine.keyspace);
    engine.ask(&[b"SET", b"after", b"1"], now_ms());
    let want = engine.keyspace.digest();
    let file = dump(&mut engine.keyspace);
    assert_eq!(load(&file, 1000).expect("our file").keyspace.digest(), want);
}

#[test]
fn a_replica_reads_but_does_not_expire() {
    let mut primary = Engine::new(1);
    primary.ask(&[b"SET", b"k", b"v", b"PXAT", b"1000"], 500);
    let mut replica = Engine::new(2);
    replica.mode = Mode::Apply;
    replica.run(&primary.log, 5000, &mut Vec::new());
    replica.mode = Mode::ReplicaRead;
    assert_eq!(replica.ask(&[b"GET", b"k"], 1000), b"$1\r\nv\r\n");
    assert_eq!(replica.ask(&[b"GET", b"k"], 1001), b"$-1\r\n");
    assert_eq!(replica.keyspace.len(), 1);
    assert!(replica.log.is_empty() || replica.log == primary.log);

    primary.log.clear();
    assert_eq!(primary.ask(&[b"GET", b"k"], 1001), b"$-1\r\n");
    assert_eq!(primary.log, frame(&[b"DEL", b"k"]));
    replica.mode = Mode::Apply;
    replica.run(&primary.log, 1001, &mut Vec::new());
    assert_eq!(replica.keyspace.digest(), primary.keyspace.digest());
}

#[test]
fn a_damaged_file_of_redis_never_upsets_the_loader() {
    let redis = Redis::start();
    let mut link = redis.connect();
    for i in 0..40i32 {
        let n = ((i - 20) << (i % 27)).to_string();
        let text = vec![b't'; usize::try_from(i * 5).expect("positive")];
        link.ask(&[b"RPUSH", b"list", n.as_bytes(), &text]);
        link.ask(&[b"HSET", b"hash", n.as_bytes(), b"value", b"long", &text[..text.len().min(60)]]);
        link.ask(&[b"SADD", b"ints", n.as_bytes()]);
        link.ask(&[b"SET", n.as_bytes(), &text, b"EX", b"1000"]);
    }
    assert_eq!(link.ask(&[b"SAVE"]), b"+OK\r\n");
    let file = std::fs::read(redis.dir.join("dump.rdb")).expect("Redis's file");
    let body = file.len() - 8;
    let rounds = std::env::var("PRIMACY_ORACLE_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000);
    let mut rng = Rng::from_u64(8);
    for _ in 0..rounds {
        let mut damaged = file.clone();
        // Without a checksum, so that the damage is read.
        damaged[body..].fill(0);
        for _ in 0..1 + rng.below(4) {
            let at = usize::try_from(rng.below(body as u64)).expect("small");
            let [byte] = rng.bytes();
            damaged[at] = if rng.chance(1, 2) { byte } else { damaged[at] ^ 1 << (byte % 8) };
        }
        let _loaded = load(&damaged, 1 + usize::try_from(rng.below(5000)).expect("small"));
    }
}
