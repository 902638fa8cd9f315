//! Real processes die, hang and wake, and the group does what the issue says.

mod common;

use common::{Resp, Up, addr, eventually, nodes, pid_of, primary, replicas, write_until_acknowledged};
use rustix::process::Signal;
use serde_json::Value;

/// The node of `view` with `before`'s number.
fn same(view: &Value, before: &Value) -> Value {
    nodes(view).into_iter().find(|node| node["id"] == before["id"]).expect("a node keeps its id")
}

#[test]
fn the_group_serves_replicates_and_resolves() {
    let up = Up::start(&[]);
    let view = up.available();
    let (first, others) = (primary(&view), replicas(&view));
    let mut client = Resp::connect(up.primary).expect("the stable address listens");
    assert_eq!(client.call(&["SET", "greeting", "hello"]).as_deref(), Some("OK"));
    assert_eq!(client.call(&["WAIT", "2", "20000"]).as_deref(), Some("2"));
    for replica in &others {
        let mut reading = Resp::connect(addr(replica)).expect("a replica listens");
        assert_eq!(reading.call(&["GET", "greeting"]).as_deref(), Some("hello"));
        let refused = reading.call(&["SET", "greeting", "no"]).expect("a reply");
        assert!(refused.starts_with("-READONLY"), "{refused}");
    }
    let text = |key: &str| view[key].as_str().expect("a name").to_owned();
    for name in [text("primary_endpoint"), text("configuration_endpoint")] {
        assert_eq!(up.resolve(&name).first().map(|at| at.ip()), Some(addr(&first).ip()), "{name}");
    }
    let readers: Vec<_> = others.iter().map(|node| addr(node).ip()).collect();
    let reader = up.resolve(&text("reader_endpoint")).first().expect("a reader").ip();
    assert!(readers.contains(&reader), "{reader} is none of {readers:?}");
    let zones: std::collections::BTreeSet<_> =
        nodes(&view).iter().map(|node| node["zone"].to_string()).collect();
    assert_eq!(zones.len(), 3, "each node has a zone of its own");
}

#[test]
fn a_killed_primary_is_replaced_and_returns_as_a_replica() {
    let up = Up::start(&[]);
    let before = up.available();
    let old = primary(&before);
    let mut client = Resp::connect(up.primary).expect("listens");
    assert_eq!(client.call(&["SET", "kept", "yes"]).as_deref(), Some("OK"));
    assert_eq!(client.call(&["WAIT", "2", "20000"]).as_deref(), Some("2"));

    up.signal(&old, Signal::KILL);
    write_until_acknowledged(up.primary, "after", "kill");
    let after = eventually("the old primary as a replica", || {
        let view = up.available();
        (same(&view, &old)["is_primary"] == false).then_some(view)
    });

    let (returned, new) = (same(&after, &old), primary(&after));
    assert_ne!(new["id"], old["id"]);
    assert_eq!((&returned["name"], &returned["addr"]), (&old["name"], &old["addr"]), "name and address stay");
    assert_ne!(returned["pid"], old["pid"]);
    let mut new = Resp::connect(addr(&new)).expect("the new primary listens");
    assert_eq!(new.call(&["GET", "kept"]).as_deref(), Some("yes"), "a write that WAIT confirmed is kept");
    let name = after["primary_endpoint"].as_str().expect("a name");
    eventually("DNS on the new primary", || {
        (up.resolve(name).first()?.ip() == addr(&primary(&up.view())).ip()).then_some(())
    });
    assert_eq!(after["events"].as_array().map(|events| events.is_empty()), Some(false));
}

#[test]
fn a_stopped_primary_is_fenced_and_acknowledges_nothing_when_it_wakes() {
    // Given up late, so that it wakes before.
    let up = Up::start(&["--set", "hung-after=10m"]);
    let before = up.available();
    let old = primary(&before);
    let mut left = Resp::connect(addr(&old)).expect("listens");
    assert_eq!(left.call(&["SET", "left", "before"]).as_deref(), Some("OK"));
    assert_eq!(left.call(&["WAIT", "2", "20000"]).as_deref(), Some("2"));

    up.signal(&old, Signal::STOP);
    left.send(&["SET", "left", "while stopped"]).expect("its kernel still takes bytes");
    write_until_acknowledged(up.primary, "right", "after");
    up.signal(&old, Signal::CONT);
    // The write that waited in its socket, then one more.
    assert_ne!(left.reply().as_deref(), Some("OK"), "a deposed primary acknowledged a write");
    assert_ne!(left.call(&["SET", "left", "late"]).as_deref(), Some("OK"));

    let after = eventually("the old primary as a replica", || {
        let view = up.available();
        (same(&view, &old)["is_primary"] == false).then_some(view)
    });
    assert_eq!(same(&after, &old)["pid"], old["pid"], "the same process");
    let mut reading = Resp::connect(addr(&old)).expect("listens");
    eventually("the new history on the old primary", || {
        let both = (reading.call(&["GET", "left"])?, reading.call(&["GET", "right"])?);
        (both == ("before".to_owned(), "after".to_owned())).then_some(())
    });
}

#[test]
fn a_planned_failover_loses_nothing() {
    let up = Up::start(&[]);
    let old = primary(&up.available());
    let mut client = Resp::connect(up.primary).expect("listens");
    for number in 0..100 {
        assert_eq!(client.call(&["SET", &format!("key{number}"), "x"]).as_deref(), Some("OK"));
    }
    let target = replicas(&up.view())[1]["name"].as_str().expect("a name").to_owned();
    assert_eq!(up.post("failover", &format!("{{\"target\": \"{target}\"}}")), 200);
    let after = eventually("the target as primary", || {
        let view = up.available();
        (primary(&view)["name"] == target.as_str()).then_some(view)
    });
    assert_ne!(primary(&after)["id"], old["id"]);
    assert_eq!(pid_of(&same(&after, &old)), pid_of(&old), "nobody was killed");
    let mut client = Resp::connect(up.primary).expect("listens");
    assert_eq!(client.call(&["DBSIZE"]).as_deref(), Some("100"));
}

#[test]
fn a_delayed_link_shows_stale_reads() {
    let up = Up::start(&["--link-delay", "002=1500ms"]);
    let view = up.available();
    let slow = nodes(&view).into_iter().find(|node| node["id"] == 2).expect("node 002");
    if slow["is_primary"] == true {
        return;
    }
    let mut writer = Resp::connect(up.primary).expect("listens");
    let mut reader = Resp::connect(addr(&slow)).expect("listens");
    assert_eq!(writer.call(&["SET", "fresh", "1"]).as_deref(), Some("OK"));
    assert_eq!(writer.call(&["WAIT", "1", "20000"]).as_deref(), Some("1"), "the other replica has it");
    let stale = reader.call(&["GET", "fresh"]);
    eventually("the write on the slow replica", || (reader.call(&["GET", "fresh"])? == "1").then_some(()));
    // On a machine that stalled for the whole delay the read was not stale; then there is nothing to see.
    assert!(matches!(stale.as_deref(), Some("(nil)" | "1")));
}

#[test]
fn a_client_that_ends_its_side_gets_every_reply_and_then_the_end() {
    use std::io::{Read, Write};
    let up = Up::start(&[]);
    let mut stream = std::net::TcpStream::connect(addr(&primary(&up.available()))).expect("listens");
    stream.set_read_timeout(Some(common::PATIENCE)).expect("a time");
    stream.write_all(&b"PING\r\n".repeat(1000)).expect("it reads");
    stream.shutdown(std::net::Shutdown::Write).expect("it is open");
    let mut replies = Vec::new();
    stream.read_to_end(&mut replies).expect("the end, not a hang");
    assert_eq!(replies, b"+PONG\r\n".repeat(1000));
}
