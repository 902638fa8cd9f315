//! Sessions: transactions, connections, limits, and what clients ask about the node.

mod common;

use common::World;
use primacy_core::id::ConnId;
use primacy_core::node::{Event, Notice, Secret};

fn one() -> (World, ConnId) {
    let mut w = World::new(1);
    w.elect(1, &[0]);
    let c = w.client(0);
    (w, c)
}

/// Sends lines and expects replies, in turn.
fn dialogue(w: &mut World, c: ConnId, lines: &[(&str, &str)]) {
    for (line, reply) in lines {
        assert_eq!(w.call(0, c, line), *reply, "{line}");
    }
}

#[test]
fn transactions_run_whole_and_complain_as_redis_does() {
    let (mut w, c) = one();
    dialogue(
        &mut w,
        c,
        &[
            ("EXEC", "-ERR EXEC without MULTI\r\n"),
            ("DISCARD", "-ERR DISCARD without MULTI\r\n"),
            ("MULTI", "+OK\r\n"),
            ("MULTI", "-ERR MULTI calls can not be nested\r\n"),
            ("WATCH a", "-ERR WATCH inside MULTI is not allowed\r\n"),
            ("SET a 1", "+QUEUED\r\n"),
            ("LPUSH a x", "+QUEUED\r\n"),
            ("INCR a", "+QUEUED\r\n"),
            (
                "EXEC",
                "*3\r\n+OK\r\n-WRONGTYPE Operation against a key holding the wrong kind of value\r\n:2\r\n",
            ),
            ("MULTI", "+OK\r\n"),
            ("SET a", "-ERR wrong number of arguments for 'set' command\r\n"),
            ("SET a 9", "+QUEUED\r\n"),
            ("EXEC", "-EXECABORT Transaction discarded because of previous errors.\r\n"),
            ("MULTI", "+OK\r\n"),
            ("NOSUCH", "-ERR unknown command 'NOSUCH', with args beginning with: \r\n"),
            ("DISCARD", "+OK\r\n"),
            ("MULTI", "+OK\r\n"),
            ("EXEC", "*0\r\n"),
            ("GET a", "$1\r\n2\r\n"),
        ],
    );
}

#[test]
fn a_watched_key_that_changes_fails_the_transaction() {
    let (mut w, c) = one();
    let other = w.client(0);
    dialogue(&mut w, c, &[("WATCH a b", "+OK\r\n")]);
    w.call(0, other, "SET b 1");
    dialogue(&mut w, c, &[("MULTI", "+OK\r\n"), ("SET a 1", "+QUEUED\r\n"), ("EXEC", "*-1\r\n")]);
    dialogue(&mut w, c, &[("WATCH a", "+OK\r\n"), ("UNWATCH", "+OK\r\n")]);
    w.call(0, other, "SET a 5");
    dialogue(&mut w, c, &[("MULTI", "+OK\r\n"), ("GET a", "+QUEUED\r\n"), ("EXEC", "*1\r\n$1\r\n5\r\n")]);
    dialogue(&mut w, c, &[("WATCH a", "+OK\r\n")]);
    w.call(0, other, "FLUSHALL");
    dialogue(&mut w, c, &[("MULTI", "+OK\r\n"), ("EXEC", "*-1\r\n")]);
    dialogue(&mut w, c, &[("SET v 1 PX 50", "+OK\r\n"), ("WATCH v", "+OK\r\n")]);
    w.pass(200);
    dialogue(&mut w, c, &[("MULTI", "+OK\r\n"), ("EXEC", "*-1\r\n")]);
}

#[test]
fn what_is_logged_is_what_changed() {
    let (mut w, c) = one();
    let start = w.position(0);
    for line in [
        "GET a",
        "SET a 1 NX",
        "SET a 2 NX",
        "DEL none",
        "MULTI",
        "GET a",
        "EXEC",
        "INCRBYFLOAT f 0.5",
        "SPOP none",
    ] {
        w.call(0, c, line);
    }
    let [a, b] = w.hosts[0].node.log_tail(start.offset).expect("held");
    let log = String::from_utf8([a, b].concat()).unwrap();
    assert_eq!(w.position(0).opseq, start.opseq + 2);
    assert!(
        log.starts_with(
            "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*4\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n$2\r\nNX\r\n"
        ),
        "{log}"
    );
    assert!(log.contains("$3\r\nSET\r\n$1\r\nf\r\n$3\r\n0.5\r\n"), "{log}");
    assert!(!log.contains("MULTI") && !log.contains("GET\r\n"), "{log}");
}

#[test]
fn connections_introduce_themselves() {
    let (mut w, c) = one();
    let id = format!(":{}\r\n", c.0);
    dialogue(
        &mut w,
        c,
        &[
            ("CLIENT ID", id.as_str()),
            ("CLIENT GETNAME", "$-1\r\n"),
            ("CLIENT SETNAME app", "+OK\r\n"),
            ("CLIENT GETNAME", "$3\r\napp\r\n"),
            (
                "CLIENT SETNAME \"a b\"",
                "-ERR Client names cannot contain spaces, newlines or special characters.\r\n",
            ),
            ("CLIENT SETINFO lib-name redis-py", "+OK\r\n"),
            ("CLIENT NO-EVICT ON", "+OK\r\n"),
            ("CLIENT NOSUCH", "-ERR unknown subcommand 'NOSUCH'. Try CLIENT HELP.\r\n"),
            ("HELLO 4", "-NOPROTO unsupported protocol version\r\n"),
            ("SELECT 16", "-ERR DB index is out of range\r\n"),
            ("SELECT x", "-ERR invalid DB index\r\n"),
            ("ECHO hi", "$2\r\nhi\r\n"),
            ("PING", "+PONG\r\n"),
            ("PING hi", "$2\r\nhi\r\n"),
            ("PUBLISH __primacy:epoch x", "-NOPERM channels that begin with __primacy: are reserved\r\n"),
            ("PUBLISH news x", ":0\r\n"),
            ("CLIENT REPLY SKIP", ""),
            ("PING", ""),
            ("PING", "+PONG\r\n"),
            ("CLIENT REPLY OFF", ""),
            ("PING", ""),
            ("CLIENT REPLY ON", "+OK\r\n"),
        ],
    );
    assert!(w.call(0, c, "HELLO 2").starts_with("*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n"));
    let list = w.call(0, c, "CLIENT LIST");
    assert!(list.contains("name=app") && list.contains("cmd=client"), "{list}");
    let other = w.client(0);
    assert_eq!(w.call(0, c, &format!("CLIENT KILL ID {}", other.0)), ":1\r\n");
    assert_eq!(w.got(0, other), "closed");
    assert_eq!(w.call(0, c, "QUIT"), "closed");
}

#[test]
fn clients_can_read_the_table() {
    let (mut w, c) = one();
    let count: usize =
        w.call(0, c, "COMMAND COUNT").trim_start_matches(':').trim().parse().expect("a number");
    assert!(count > 100, "{count}");
    assert!(w.call(0, c, "COMMAND").starts_with(&format!("*{count}\r\n*10\r\n")));
    assert!(w.call(0, c, "COMMAND INFO get nosuch").starts_with("*2\r\n*10\r\n$3\r\nget\r\n:2\r\n"));
    assert!(w.call(0, c, "COMMAND DOCS get").contains("$7\r\nsummary\r\n"));
    dialogue(&mut w, c, &[("COMMAND GETKEYS MSET a 1 b 2", "*2\r\n$1\r\na\r\n$1\r\nb\r\n")]);
    assert_eq!(w.call(0, c, "CONFIG GET maxclients"), "*2\r\n$10\r\nmaxclients\r\n$5\r\n10000\r\n");
    assert!(w.call(0, c, "CONFIG GET *").starts_with("*38\r\n"));
    assert!(w.call(0, c, "CONFIG SET maxmemory 1").starts_with("-ERR"));
    for command in
        ["REPLICAOF NO ONE", "SLAVEOF a 1", "FAILOVER", "SHUTDOWN", "DEBUG SLEEP 1", "SYNC", "MONITOR"]
    {
        assert!(w.call(0, c, command).starts_with("-ERR"), "S10: {command}");
    }
    let info = w.call(0, c, "INFO");
    for field in ["redis_version:7.0.15", "role:master", "connected_slaves:0", "connected_clients:1"] {
        assert!(info.contains(field), "{field} in {info}");
    }
    assert!(w.call(0, c, "ROLE").starts_with("*3\r\n$6\r\nmaster\r\n"));
}

#[test]
fn a_password_is_asked_for_first() {
    let mut w = World::with(1, |config| config.password = Some(Secret(b"pw".to_vec())));
    w.elect(1, &[0]);
    let c = w.client(0);
    dialogue(
        &mut w,
        c,
        &[
            ("GET a", "-NOAUTH Authentication required.\r\n"),
            ("PSYNC ? -1", "-NOAUTH Authentication required.\r\n"),
            ("AUTH wrong", "-WRONGPASS invalid username-password pair or user is disabled.\r\n"),
            ("AUTH p", "-WRONGPASS invalid username-password pair or user is disabled.\r\n"),
            ("AUTH pw", "+OK\r\n"),
            ("GET a", "$-1\r\n"),
            ("RESET", "+RESET\r\n"),
            ("GET a", "-NOAUTH Authentication required.\r\n"),
            ("HELLO 2 AUTH default pw", "*14"),
        ][..8],
    );
    assert!(w.call(0, c, "HELLO 2 AUTH default pw").starts_with("*14"));
    let stranger = w.client(0);
    w.send(0, stranger, b"*11\r\n");
    w.settle();
    assert_eq!(w.got(0, stranger), "closed", "the tight limits hold before AUTH");
}

#[test]
fn a_browser_gets_nothing_done() {
    for request in [
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nSET a 1\r\n",
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nSET a 1\r\n",
        "PUT /x HTTP/1.1\r\n\r\nSET a 1\r\n",
        "PING\r\nHost: evil\r\nSET a 1\r\n",
    ] {
        let (mut w, c) = one();
        w.send(0, c, request.as_bytes());
        w.settle();
        assert_eq!(w.got(0, c), "closed", "{request}");
        assert!(w.hosts[0].notices.iter().any(|e| matches!(e, Event::Notice(Notice::HttpRefused { .. }))));
        let c = w.client(0);
        assert_eq!(w.call(0, c, "GET a"), "$-1\r\n", "S15: nothing ran");
    }
}

#[test]
fn limits_hold_at_their_edges() {
    let mut w = World::with(1, |config| {
        config.limits.query_buffer = 1000;
        config.limits.output_normal = 1000;
        config.limits.max_clients = 3;
    });
    w.elect(1, &[0]);
    let c = w.client(0);
    let head = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$5000\r\n";
    w.send(0, c, format!("{head}{}", "x".repeat(1000 - head.len())).as_bytes());
    w.settle();
    assert_eq!(w.got(0, c), "", "a buffer at its limit waits on");
    w.send(0, c, b"x");
    w.settle();
    assert_eq!(w.got(0, c), "closed", "one byte more does not");
    let (full, over) = (w.client(0), w.client(0));
    let set = |n: usize| format!("*3\r\n$3\r\nSET\r\n$1\r\na\r\n${n}\r\n{}\r\n", "y".repeat(n));
    // A reply of `$992`, 992 bytes and two line ends is 1000 bytes long.
    w.send(0, full, set(992).as_bytes());
    w.settle();
    assert_eq!(w.call(0, full, "GET a").len(), 5 + 1000, "as much unsent as is allowed");
    w.send(0, full, set(993).as_bytes());
    w.settle();
    assert_eq!(w.call(0, over, "GET a"), "closed");
    w.close(0, full);
    let _kept = [w.client(0), w.client(0)];
    let c3 = w.client(0);
    let peer = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    let refused = w.hosts[0].node.accept(ConnId(99), peer, w.now).expect_err("three are there");
    assert_eq!(refused.0, b"-ERR max number of clients reached\r\n");
    w.close(0, c3);
    assert!(w.hosts[0].node.accept(ConnId(99), peer, w.now).is_ok());
}

#[test]
fn a_hostile_stream_gets_redis_words_and_is_closed() {
    let (mut w, c) = one();
    let now = w.now;
    let mut out = primacy_core::node::Outbox::new();
    let host = &mut w.hosts[0];
    let end = host.ends.get_mut(&c).expect("open");
    let progress = host.node.handle_input(&mut end.session, b"PING\r\n*1\r\n:5\r\n", &mut out, now);
    assert_eq!(progress.flow, primacy_core::node::Flow::Close);
    assert_eq!(out.unsent(), b"+PONG\r\n-ERR Protocol error: expected '$', got ':'\r\n");
}

#[test]
fn a_long_command_in_many_pieces_is_read_once() {
    let (mut w, c) = one();
    let value = "v".repeat(300_000);
    let command = format!("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$300000\r\n{value}\r\nSTRLEN a\r\n");
    for piece in command.as_bytes().chunks(7001) {
        w.send(0, c, piece);
        w.settle();
    }
    assert_eq!(w.got(0, c), "+OK\r\n:300000\r\n");
    let members: String = (0..20_000).map(|i| format!("$6\r\nm{i:05}\r\n")).collect();
    let command = format!("*20002\r\n$4\r\nSADD\r\n$1\r\ns\r\n{members}");
    for piece in command.as_bytes().chunks(10_007) {
        w.send(0, c, piece);
        w.settle();
    }
    assert_eq!(w.got(0, c), ":20000\r\n");
}

#[test]
fn memory_limit_refuses_what_adds_and_lets_the_rest_run() {
    let mut w = World::with(1, |config| config.limits.max_memory = 1);
    w.elect(1, &[0]);
    let c = w.client(0);
    w.call(0, c, "SET a 1");
    dialogue(
        &mut w,
        c,
        &[
            ("SET b 1", "-OOM command not allowed when used memory > 'maxmemory'.\r\n"),
            ("GET a", "$1\r\n1\r\n"),
            ("DEL a", ":1\r\n"),
        ],
    );
}

#[test]
fn a_node_that_has_not_joined_serves_nobody() {
    let mut w = World::new(1);
    let now = w.now;
    let mut node = primacy_core::node::Node::new(common::config(0, 5), [9; 32], now);
    let peer = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    let mut session = node.accept(ConnId(1), peer, now).expect("a place");
    let mut out = primacy_core::node::Outbox::new();
    node.handle_input(&mut session, b"GET a\r\nSET a 1\r\nINFO replication\r\n", &mut out, now);
    let text = String::from_utf8_lossy(out.unsent());
    assert!(text.starts_with("-LOADING Redis is loading the dataset in memory\r\n-READONLY"), "{text}");
    assert!(text.contains("primacy_role:Joining"));
    w.settle();
}

#[test]
fn a_replica_without_end_marks_gets_the_length_first() {
    let (mut w, c) = one();
    w.call(0, c, "SET a 1");
    let r = w.client(0);
    w.call(0, r, "REPLCONF listening-port 7 capa psync2");
    let got = w.call(0, r, "PSYNC ? -1");
    let (line, rest) = got.split_once("\r\n").expect("a line");
    assert!(line.starts_with(&format!("+FULLRESYNC {} ", w.hosts[0].node.repl_id())), "{line}");
    let (length, rdb) = rest.split_once("\r\n").expect("a length");
    assert!(length.starts_with('$') && rdb.starts_with("REDIS00"), "{length}");
    // Not a member: fed, and never counted.
    let end = w.position(0).offset;
    w.call(0, r, &format!("REPLCONF ACK {end} EPOCH 1"));
    w.call(0, c, "SET a 2");
    assert_eq!(w.got(0, r), "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n2\r\n");
    w.call(0, r, &format!("REPLCONF ACK {} EPOCH 1", w.position(0).offset));
    assert_eq!(w.call(0, c, "WAIT 0 0"), ":0\r\n");
}

#[test]
fn hello_3_changes_the_types_of_replies_until_hello_2() {
    let (mut w, c) = one();
    w.call(0, c, "HSET h a 1");
    assert!(w.call(0, c, "HELLO 3").starts_with("%7\r\n$6\r\nserver\r\n"));
    dialogue(
        &mut w,
        c,
        &[
            ("HGETALL h", "%1\r\n$1\r\na\r\n$1\r\n1\r\n"),
            ("GET none", "_\r\n"),
            ("CONFIG GET port", "%1\r\n$4\r\nport\r\n$4\r\n7000\r\n"),
            ("SET a 1", "+OK\r\n"),
            ("WATCH a", "+OK\r\n"),
            ("MULTI", "+OK\r\n"),
            ("HGETALL h", "+QUEUED\r\n"),
            ("GET none", "+QUEUED\r\n"),
            ("EXEC", "*2\r\n%1\r\n$1\r\na\r\n$1\r\n1\r\n_\r\n"),
            ("WATCH a", "+OK\r\n"),
            ("SET a 2", "+OK\r\n"),
            ("MULTI", "+OK\r\n"),
            ("EXEC", "_\r\n"),
        ],
    );
    assert!(w.call(0, c, "HELLO 2").starts_with("*14\r\n"));
    dialogue(&mut w, c, &[("GET none", "$-1\r\n")]);
}
