//! Random sequences of commands.

use std::time::{Duration, Instant};

use primacy_core::command::Mode;
use primacy_core::rng::Rng;

use crate::compare::same;
use crate::engine::Engine;
use crate::generate::command;
use crate::redis::{Link, Redis, frame, now_ms};

/// How long the default run goes on; PRIMACY_ORACLE_SECONDS sets another.
const SECONDS: u64 = 4;
/// Commands sent at once.
const BATCH: usize = 200;
/// Keys in use over which the databases are emptied, so that they stay small.
const COMMANDS: usize = 20_000;

#[test]
fn random_commands_answer_and_log_as_redis() {
    let seconds =
        std::env::var("PRIMACY_ORACLE_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(SECONDS);
    let first = std::env::var("PRIMACY_ORACLE_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1);
    let (redis, replica) = (Redis::start(), Redis::start());
    let (mut link, mut follower) = (redis.connect(), replica.connect());
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut ran = 0;
    for seed in first.. {
        if Instant::now() >= end {
            break;
        }
        ran += sequence(seed, &mut link, &mut follower, end);
    }
    assert!(ran > 1000, "only {ran} commands ran");
    println!("{ran} commands");
}

/// What random commands met once in millions.
#[test]
fn rare_commands_answer_as_redis() {
    const LINES: &[&str] = &[
        "rpush list a a b a a",
        "lpos list a RANK -9223372036854775808",
        "lpos list a RANK -9223372036854775808 COUNT 1",
        "lpos list a RANK -9223372036854775808 COUNT 2 MAXLEN 3",
        "lpos list a RANK -9223372036854775807 COUNT 1",
        "lpos list a RANK 9223372036854775807 COUNT 1",
    ];
    let redis = Redis::start();
    let mut link = redis.connect();
    let mut ours = Engine::new(3);
    for line in LINES {
        let args: Vec<&[u8]> = line.split(' ').map(str::as_bytes).collect();
        let (ours, theirs) = (ours.ask(&args, now_ms()), link.ask(&args));
        assert_eq!(ours.escape_ascii().to_string(), theirs.escape_ascii().to_string(), "{line}");
    }
}

fn sequence(seed: u64, link: &mut Link, follower: &mut Link, end: Instant) -> usize {
    let mut rng = Rng::from_u64(seed);
    let mut ours = Engine::new(3);
    for link in [&mut *link, &mut *follower] {
        link.ask(&[b"FLUSHALL"]);
        link.ask(&[b"SELECT", b"0"]);
    }
    let mut ran = 0;
    while ran < COMMANDS && Instant::now() < end {
        batch(seed, &mut rng, &mut ours, link);
        ran += BATCH;
    }
    same_data(seed, &mut ours, link, follower);
    ran
}

fn batch(seed: u64, rng: &mut Rng, ours: &mut Engine, link: &mut Link) {
    let mut sent = Vec::new();
    let mut asked = Vec::new();
    for _ in 0..BATCH {
        let args = command(rng);
        let args: Vec<&[u8]> = args.iter().map(Vec::as_slice).collect();
        let reply = ours.ask(&args, now_ms());
        let name = args[0].to_ascii_lowercase();
        if name == b"spop" && reply.first() != Some(&b'-') {
            // Redis's dice fall otherwise: it gets what ours logged.
            let frames = ours.last_frames();
            if !frames.is_empty() {
                sent.extend(frames);
                asked.push(None);
            }
            continue;
        }
        let raw = frame(&args);
        sent.extend_from_slice(&raw);
        asked.push(Some((name, reply, raw)));
    }
    link.send(&sent);
    for ask in asked {
        let theirs = link.receive();
        let Some((name, reply, raw)) = ask else { continue };
        assert!(
            same(&name, &reply, &theirs),
            "seed {seed}: {}\nours:   {}\ntheirs: {}",
            raw.escape_ascii(),
            reply.escape_ascii(),
            theirs.escape_ascii()
        );
    }
}

/// The log gives another keyspace, and another Redis, the same data.
fn same_data(seed: u64, ours: &mut Engine, link: &mut Link, follower: &mut Link) {
    let mut replica = Engine::new(200);
    replica.mode = Mode::Apply;
    replica.run(&ours.log, now_ms(), &mut Vec::new());
    assert_eq!(replica.keyspace.digest(), ours.keyspace.digest(), "seed {seed}: the log lost something");
    assert_eq!(replica.keyspace.memory(), ours.keyspace.memory(), "seed {seed}: memory depends on the path");

    let mut log = std::mem::take(&mut ours.log);
    log.extend(frame(&[b"ECHO", b"end of log"]));
    follower.send(&log);
    while follower.receive() != b"$10\r\nend of log\r\n" {}
    assert_eq!(
        follower.ask(&[b"DEBUG", b"DIGEST"]),
        link.ask(&[b"DEBUG", b"DIGEST"]),
        "seed {seed}: a Redis that follows has other data"
    );
}
