//! However it ends, nothing stays behind.

mod common;

use std::net::{TcpListener, TcpStream, UdpSocket};

use common::{Up, addr, alive, eventually, nodes, pid_of, primary};
use rustix::process::Signal;

#[test]
fn ctrl_c_leaves_no_process_and_no_port() {
    for signal in [Signal::INT, Signal::TERM] {
        let mut up = Up::start(&[]);
        let view = up.available();
        // A stopped process must go too.
        up.signal(&primary(&view), Signal::STOP);
        assert_eq!(up.end(signal), Some(0));
        for node in nodes(&view) {
            assert!(!alive(pid_of(&node)), "node {} is left", node["name"]);
            TcpListener::bind(addr(&node)).expect("its address is free");
        }
        for port in [up.api, up.primary, up.reader, up.dns] {
            assert!(TcpStream::connect(port).is_err(), "{port} still listens");
        }
        UdpSocket::bind(up.dns).expect("the DNS port is free");
    }
}

#[test]
fn nodes_follow_a_parent_that_was_killed() {
    let mut up = Up::start(&[]);
    let view = up.available();
    let stopped = nodes(&view).into_iter().find(|node| node["is_primary"] == false).expect("a replica");
    up.signal(&stopped, Signal::STOP);
    up.end(Signal::KILL);
    for node in nodes(&view) {
        eventually("the end of an orphan", || gone(pid_of(&node)).then_some(()));
    }
}

/// An orphan's parent is init, which may take its time to reap it.
fn gone(pid: rustix::process::Pid) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    let zombie = state
        .is_ok_and(|stat| stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')));
    zombie || !alive(pid)
}

#[test]
fn two_groups_run_side_by_side() {
    let (one, other) = (Up::start(&[]), Up::start(&[]));
    let addresses = |up: &Up| nodes(&up.available()).iter().map(addr).collect::<Vec<_>>();
    let (ones, others) = (addresses(&one), addresses(&other));
    assert!(ones.iter().all(|addr| !others.contains(addr)), "{ones:?} {others:?}");
}
