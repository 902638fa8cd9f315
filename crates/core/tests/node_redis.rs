//! Real redis-server as a node's replica, and as its primary.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "the peer is a real process behind a real socket"
)]

#[path = "common/tcp.rs"]
#[expect(unreachable_pub, reason = "shared with other test files")]
mod tcp;

use tcp::{Part, Redis, Server, cli, until};

/// One of each type, in two databases, one key with an expiry.
fn fill(port: u16) {
    for line in [
        "SET text hello",
        "SET number 12345",
        "SET volatile x PX 3600000",
        "HSET hash a 1 b 2 c three",
        "RPUSH list x y 3 z",
        "SADD ints 1 2 3 400",
        "SADD words one two three",
        "APPEND text !",
    ] {
        assert!(!cli(port, &line.split(' ').collect::<Vec<_>>()).starts_with("ERR"), "{line}");
    }
    cli(port, &["SET", "long", &"abc".repeat(20_000)]);
    cli(port, &["-n", "3", "SET", "elsewhere", "1"]);
    let many: Vec<String> = (0..500).map(|i| format!("member-{i:04}-{}", "x".repeat(20))).collect();
    for command in [["SADD", "big-set"], ["RPUSH", "big-list"]] {
        let args: Vec<&str> = command.into_iter().chain(many.iter().map(String::as_str)).collect();
        cli(port, &args);
    }
}

/// Everything readable, sorted where Redis has no order.
fn state(port: u16) -> Vec<String> {
    let mut all = Vec::new();
    for db in ["0", "3"] {
        let mut keys: Vec<String> = cli(port, &["-n", db, "KEYS", "*"]).lines().map(Into::into).collect();
        keys.sort();
        for key in keys {
            let kind = cli(port, &["-n", db, "TYPE", &key]);
            let read: &[&str] = match kind.as_str() {
                "string" => &["GET", &key],
                "list" => &["LRANGE", &key, "0", "-1"],
                "hash" => &["HGETALL", &key],
                _ => &["SORT", &key, "ALPHA"],
            };
            let mut lines: Vec<String> = if kind == "set" {
                cli(port, &["-n", db, "SMEMBERS", &key]).lines().map(Into::into).collect()
            } else {
                cli(port, &[&["-n", db], read].concat()).lines().map(Into::into).collect()
            };
            if kind == "set" {
                lines.sort();
            }
            if kind == "hash" {
                let mut pairs: Vec<String> = lines.chunks(2).map(|p| p.join("=")).collect();
                pairs.sort();
                lines = pairs;
            }
            all.push(format!("{db} {key} {kind} {}", lines.join(",")));
        }
    }
    all
}

fn offset(port: u16) -> String {
    let info = cli(port, &["INFO", "replication"]);
    info.lines().find_map(|l| l.strip_prefix("master_repl_offset:")).unwrap_or_default().trim().into()
}

#[test]
fn redis_attaches_by_psync_and_holds_equal_data() {
    let node = Server::start(Part::Primary);
    fill(node.port);
    let redis = Redis::start(&["--replicaof", "127.0.0.1", &node.port.to_string()]);
    let up = |port| cli(port, &["INFO", "replication"]).contains("master_link_status:up");
    until("the link comes up", || up(redis.port));
    // The stream: writes, a transaction, rewritten commands.
    for line in [
        "INCR number",
        "LPOP list",
        "SPOP ints",
        "EXPIRE text 3600",
        "HINCRBYFLOAT hash f 1.5",
        "GETDEL words",
    ] {
        cli(node.port, &line.split(' ').collect::<Vec<_>>());
    }
    cli(node.port, &["-n", "3", "INCR", "elsewhere"]);
    assert_eq!(cli(node.port, &["WAIT", "1", "50"]), "0", "a foreign replica never counts");
    until("redis has everything", || offset(redis.port) == offset(node.port));
    assert_eq!(state(redis.port), state(node.port));
    assert!(state(node.port).len() >= 9, "{:?}", state(node.port).len());
    let ttl: i64 = cli(redis.port, &["TTL", "text"]).parse().expect("a number");
    assert!((3500..=3600).contains(&ttl), "{ttl}");
    let full = |port| cli(port, &["INFO", "stats"]).contains("sync_full:1");
    assert!(full(node.port));
    // A cut link needs no second snapshot.
    cli(node.port, &["CLIENT", "KILL", "TYPE", "replica"]);
    cli(node.port, &["SET", "after", "1"]);
    until("redis is back", || up(redis.port) && offset(redis.port) == offset(node.port));
    assert_eq!(cli(redis.port, &["GET", "after"]), "1");
    assert!(full(node.port) && cli(node.port, &["INFO", "stats"]).contains("sync_partial_ok:1"));
}

#[test]
fn redis_loads_the_snapshot_straight_from_the_socket() {
    let node = Server::start(Part::Primary);
    fill(node.port);
    let redis =
        Redis::start(&["--repl-diskless-load", "swapdb", "--replicaof", "127.0.0.1", &node.port.to_string()]);
    until("the link comes up", || {
        cli(redis.port, &["INFO", "replication"]).contains("master_link_status:up")
    });
    until("redis has everything", || offset(redis.port) == offset(node.port));
    assert_eq!(state(redis.port), state(node.port));
}

#[test]
fn a_node_follows_redis() {
    let redis = Redis::start(&["--repl-diskless-sync-delay", "0"]);
    fill(redis.port);
    let node = Server::start(Part::ReplicaOf(std::net::SocketAddr::from(([127, 0, 0, 1], redis.port))));
    let up = |port| cli(port, &["INFO", "replication"]).contains("master_link_status:up");
    until("the link comes up", || up(node.port));
    for line in ["INCR number", "LPOP list", "SPOP ints", "EXPIRE text 3600", "DEL words"] {
        cli(redis.port, &line.split(' ').collect::<Vec<_>>());
    }
    assert_eq!(cli(redis.port, &["WAIT", "1", "2000"]), "1", "it acknowledges to Redis");
    until("the node has everything", || offset(redis.port) == offset(node.port));
    assert_eq!(state(redis.port), state(node.port));
    assert!(cli(node.port, &["SET", "x", "1"]).starts_with("READONLY"));
    cli(redis.port, &["CLIENT", "KILL", "TYPE", "replica"]);
    cli(redis.port, &["SET", "after", "1"]);
    until("the node is back", || up(node.port) && cli(node.port, &["GET", "after"]) == "1");
    assert!(cli(redis.port, &["INFO", "stats"]).contains("sync_partial_ok:1"));
}

/// What redis-py does on connecting and for the replies whose shape depends on the protocol.
const CLIENT: &str = r#"
import redis, sys
for protocol in (2, 3):
    r = redis.Redis(port=int(sys.argv[1]), protocol=protocol, decode_responses=True)
    r.flushall()
    assert r.set("a", 1) and r.get("a") == "1" and r.get("none") is None
    assert r.hset("h", mapping={"x": 1, "y": 2}) == 2 and r.hgetall("h") == {"x": "1", "y": "2"}
    r.sadd("s", 1, 2); assert r.smembers("s") == {"1", "2"}
    r.rpush("l", 1, 2); assert r.lrange("l", 0, -1) == ["1", "2"]
    assert r.mget("a", "none") == ["1", None]
    assert r.config_get("maxclients") == {"maxclients": "10000"}
    assert r.info("replication")["role"] == "master"
    assert r.client_setname("app") and r.client_getname() == "app"
    assert any(c["name"] == "app" for c in r.client_list())
    p = r.pipeline(); p.incr("a"); p.hgetall("h"); assert p.execute() == [2, {"x": "1", "y": "2"}]
    assert r.expire("a", 100) and 0 < r.ttl("a") <= 100
    assert r.wait(0, 10) == 0 and r.role()[0] == "master" and len(r.time()) == 2
    assert r.command_count() > 100 and sorted(r.scan_iter()) == ["a", "h", "l", "s"]
    try:
        r.lpush("a", 1); assert False
    except redis.ResponseError as e:
        assert "WRONGTYPE" in str(e)
print("ok")
"#;

#[test]
fn redis_py_is_at_home_with_both_protocols() {
    let node = Server::start(Part::Primary);
    let run = std::process::Command::new("python3").args(["-c", CLIENT, &node.port.to_string()]).output();
    let run = run.expect("python3 is installed");
    let (out, err) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    if err.contains("No module named 'redis'") {
        return;
    }
    assert_eq!(out.trim(), "ok", "{err}");
}
