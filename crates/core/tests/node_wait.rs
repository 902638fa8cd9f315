//! WAIT, PRIMACY TOKEN and PRIMACY WAIT: R2, R7, R8.

mod common;

use common::World;
use primacy_core::control::{FromNode, NodeRole, ToNode};
use primacy_core::id::{Epoch, NodeId};

fn trio() -> World {
    let mut w = World::new(3);
    w.elect(1, &[0, 1, 2]);
    w
}

#[test]
fn wait_counts_members_that_have_the_connections_writes() {
    let mut w = trio();
    let c = w.client(0);
    assert_eq!(
        w.call(0, c, "WAIT 0 0"),
        ":2\r\n",
        "nothing written: everybody past the epoch's record has it"
    );
    w.call(0, c, "SET a 1");
    assert_eq!(w.call(0, c, "WAIT 2 0"), ":2\r\n");
    w.apart.insert((0, 2));
    w.call(0, c, "SET a 2");
    assert_eq!(w.call(0, c, "WAIT 1 0"), ":1\r\n");
    assert_eq!(w.call(0, c, "WAIT 2 300"), "", "blocks");
    assert_eq!(w.hosts[0].node.blocked(), 1);
    w.pass(295);
    assert_eq!(w.got(0, c), "");
    w.pass(10);
    assert_eq!(w.got(0, c), ":1\r\n", "and tells how many there are");
    assert_eq!(w.call(0, c, "WAIT 2 -1"), "-ERR timeout is negative\r\n");
    assert_eq!(w.call(0, c, "WAIT x 1"), "-ERR value is not an integer or out of range\r\n");
}

#[test]
fn commands_behind_a_blocked_wait_run_after_it() {
    let mut w = trio();
    let c = w.client(0);
    w.send(0, c, b"SET a 1\r\nWAIT 2 0\r\nGET a\r\n");
    w.settle();
    assert_eq!(w.got(0, c), "+OK\r\n:2\r\n$1\r\n1\r\n");
}

#[test]
fn within_exec_wait_does_not_block() {
    let mut w = trio();
    w.apart.insert((0, 1));
    w.apart.insert((0, 2));
    let c = w.client(0);
    w.call(0, c, "SET a 1");
    w.call(0, c, "MULTI");
    w.call(0, c, "WAIT 1 0");
    assert_eq!(w.call(0, c, "EXEC"), "*1\r\n:0\r\n");
}

#[test]
fn a_wait_is_answered_under_the_lease_or_not_at_all() {
    let mut w = trio();
    w.apart.insert((0, 1));
    w.apart.insert((0, 2));
    let c = w.client(0);
    w.call(0, c, "SET a 1");
    assert_eq!(w.call(0, c, "WAIT 1 0"), "");
    w.unrenewed.insert(0);
    w.pass(1200);
    assert_eq!(w.hosts[0].node.role(), NodeRole::PrimaryNoLease);
    // CE-1: the ack comes now, after an election may have been held without its holder.
    w.apart.clear();
    w.dozing.insert(0);
    w.pass(3000);
    assert_eq!(w.hosts[0].woken, [c]);
    let now = w.now;
    let host = &mut w.hosts[0];
    let end = host.ends.get_mut(&c).expect("open");
    let flow = host.node.handle_wake(&mut end.session, &mut end.out, now);
    assert_eq!(flow, primacy_core::node::Flow::Close);
    assert!(end.out.unsent().starts_with(b"-UNBLOCKED"), "{:?}", end.out);
}

#[test]
fn a_replica_counts_only_from_the_current_record_on() {
    let mut w = trio();
    let c = w.client(0);
    w.call(0, c, "SET a 1");
    w.elect(2, &[0]);
    // Both attach and acknowledge where they stand, which is below the record of epoch 2.
    w.starving.insert(0);
    w.follow(1, 2, 0);
    w.follow(2, 2, 0);
    w.pass(500);
    assert_eq!(w.hosts[0].node.feeds().len(), 2);
    assert_eq!((w.position(1).epoch, w.hosts[1].node.role()), (Epoch(1), NodeRole::Following));
    assert_eq!(w.call(0, c, "WAIT 0 0"), ":0\r\n", "R8, I11");
    w.starving.clear();
    w.settle();
    assert_eq!(w.call(0, c, "WAIT 0 0"), ":2\r\n");
}

#[test]
fn a_deposed_primary_unblocks_with_redis_words_and_closes() {
    let mut w = trio();
    w.apart.insert((0, 1));
    w.apart.insert((0, 2));
    let c = w.client(0);
    w.call(0, c, "SET a 1");
    w.call(0, c, "WAIT 2 0");
    w.elect(2, &[1, 2]);
    let now = w.now;
    w.tell(0, ToNode::Denied { epoch: Epoch(2) });
    let mut out = primacy_core::node::Outbox::new();
    let host = &mut w.hosts[0];
    while host.node.poll_event().is_some() {}
    let end = host.ends.get_mut(&c).expect("not hung up");
    host.node.handle_wake(&mut end.session, &mut out, now);
    assert_eq!(
        String::from_utf8_lossy(out.unsent()),
        "-UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)\r\n"
    );
}

#[test]
fn acks_below_the_current_record_do_not_count() {
    let mut w = trio();
    let c = w.client(0);
    w.call(0, c, "SET a 1");
    let token = w.call(0, c, "PRIMACY TOKEN");
    assert!(token.starts_with("+1 "), "{token}");
    // Epoch 2 begins on the same node, whose siblings have the write and not yet the record.
    w.apart.insert((0, 1));
    w.apart.insert((0, 2));
    w.elect(2, &[0]);
    assert_eq!(w.hosts[0].node.role(), NodeRole::PrimaryServing);
    let n = w.client(0);
    assert_eq!(w.call(0, n, "WAIT 1 50"), "");
    w.pass(100);
    assert_eq!(w.got(0, n), ":0\r\n", "R8: nobody has the record of epoch 2");
    w.apart.clear();
    w.pass(4000);
    assert_eq!(w.call(0, n, "WAIT 2 0"), ":2\r\n", "both have found back and applied it");
}

#[test]
fn acks_of_a_life_that_the_record_does_not_know_do_not_count() {
    let mut w = trio();
    let c = w.client(0);
    w.restart(1, 2);
    w.members.peers[1].incarnation = primacy_core::id::Incarnation(1);
    w.follow(1, 1, 0);
    w.pass(500);
    assert_eq!(w.hosts[1].node.role(), NodeRole::Following);
    w.call(0, c, "SET a 1");
    assert_eq!(w.call(0, c, "WAIT 2 100"), "");
    w.pass(105);
    assert_eq!(w.got(0, c), ":1\r\n", "R9");
    w.members.version += 1;
    w.members.peers[1].incarnation = primacy_core::id::Incarnation(2);
    w.pass(300);
    assert_eq!(w.call(0, c, "WAIT 2 0"), ":2\r\n");
}

#[test]
fn a_token_tells_on_any_later_primary_whether_the_write_was_kept() {
    let mut w = trio();
    let c = w.client(0);
    assert_eq!(w.call(0, c, "PRIMACY TOKEN"), "$-1\r\n");
    w.call(0, c, "SET a 1");
    let token = |text: String| text.trim_start_matches('+').trim_end().to_string();
    let kept = token(w.call(0, c, "PRIMACY TOKEN"));
    w.apart.insert((0, 1));
    w.apart.insert((0, 2));
    w.call(0, c, "SET b 1");
    let lost = token(w.call(0, c, "PRIMACY TOKEN"));
    w.elect(2, &[1, 2]);
    let n = w.client(1);
    assert_eq!(w.call(1, n, &format!("PRIMACY WAIT {kept} 1 0")), "+kept 1\r\n");
    assert_eq!(w.call(1, n, &format!("PRIMACY WAIT {lost} 1 0")), "+lost\r\n");
    assert_eq!(w.call(1, n, "PRIMACY WAIT 7 100 1 0"), "+lost\r\n", "an epoch that is not in this history");
    assert_eq!(w.call(1, n, &format!("PRIMACY WAIT {kept} 2 50")), "");
    w.pass(100);
    assert_eq!(w.got(1, n), "+timeout 1\r\n");
    let r = w.client(2);
    assert!(w.call(2, r, &format!("PRIMACY WAIT {kept} 1 0")).starts_with("-READONLY"));
}

#[test]
fn one_getack_serves_all_that_wait_and_plain_writes_cost_no_ack() {
    let mut w = trio();
    let clients: Vec<_> = (0..5).map(|_| w.client(0)).collect();
    let before = w.position(0);
    clients.iter().for_each(|&c| w.send(0, c, b"SET a 1\r\nWAIT 2 0\r\n"));
    w.settle();
    clients.iter().for_each(|&c| assert_eq!(w.got(0, c), "+OK\r\n:2\r\n"));
    let [a, b] = w.hosts[0].node.log_tail(before.offset).expect("held");
    let log = String::from_utf8([a, b].concat()).unwrap();
    assert_eq!(log.matches("GETACK").count(), 1, "{log}");
}

#[test]
fn a_planned_failover_loses_nothing_and_wakes_nobody_too_early() {
    let mut w = trio();
    let c = w.client(0);
    w.call(0, c, "SET a 1");
    w.tell(0, ToNode::Handover { epoch: Epoch(1), target: NodeId(2) });
    w.send(0, c, b"GET a\r\nSET a 2\r\nGET a\r\n");
    let now = w.now;
    let host = &mut w.hosts[0];
    let end = host.ends.get_mut(&c).expect("open");
    let input = std::mem::take(&mut end.input);
    let progress = host.node.handle_input(&mut end.session, &input, &mut end.out, now);
    assert_eq!(progress.consumed, 7, "reads in front of a write go on, the write stays");
    end.input = input[progress.consumed..].to_vec();
    end.parked = true;
    w.settle();
    assert_eq!(w.hosts[0].node.role(), NodeRole::PrimaryReleased);
    let position = w.position(0);
    let released =
        |m: &FromNode| matches!(m, FromNode::Release { epoch: Epoch(1), position: p, .. } if *p == position);
    assert!(w.hosts[0].said.iter().any(released));
    assert_eq!(w.position(1), position);
    assert_eq!(w.hosts[0].node.lease_deadline(), None);
    w.tell(0, ToNode::Freeze { epoch: Epoch(2) });
    w.settle();
    assert_eq!(w.got(0, c), "$1\r\n1\r\n", "still queued: nobody serves yet");
    w.stopped.insert(0);
    w.elect(2, &[1, 2]);
    w.stopped.clear();
    w.follow(0, 2, 1);
    w.settle();
    assert_eq!(w.got(0, c), "closed");
    assert_eq!(w.position(0), w.position(1));
    let lost = w.hosts[0].said.iter().any(|m| matches!(m, FromNode::Lost(r) if r.ops > 0));
    assert!(!lost);
}

#[test]
fn a_released_log_grows_no_more() {
    let mut w = trio();
    let c = w.client(0);
    w.call(0, c, "SET a 1");
    // Everything is acknowledged before the handover is asked for, so that it is released in the same breath.
    assert_eq!(w.call(0, c, "WAIT 2 0"), ":2\r\n");
    w.pass(250);
    w.tell(0, ToNode::Handover { epoch: Epoch(1), target: NodeId(2) });
    assert_eq!(w.hosts[0].node.role(), NodeRole::PrimaryReleased);
    let released = w.position(0);
    w.pass(900);
    assert_eq!(w.position(0), released);
    assert_eq!(w.position(1), released);
}

#[test]
fn an_old_primary_that_wins_goes_on_with_the_queued_writes() {
    let mut w = trio();
    let c = w.client(0);
    w.tell(0, ToNode::Handover { epoch: Epoch(1), target: NodeId(2) });
    w.settle();
    assert_eq!(w.hosts[0].node.role(), NodeRole::PrimaryReleased);
    w.send(0, c, b"SET a 2\r\n");
    w.settle();
    assert_eq!(w.hosts[0].node.parked().len(), 1);
    assert_eq!(w.elect(2, &[0, 1, 2]), 0);
    assert_eq!(w.got(0, c), "+OK\r\n");
}

#[test]
fn a_target_that_does_not_catch_up_calls_the_handover_off() {
    let mut w = trio();
    let c = w.client(0);
    w.apart.insert((0, 1));
    w.call(0, c, "SET a 1");
    w.tell(0, ToNode::Handover { epoch: Epoch(1), target: NodeId(2) });
    w.send(0, c, b"SET a 2\r\n");
    w.settle();
    assert_eq!(w.hosts[0].node.role(), NodeRole::PrimaryPaused);
    assert_eq!(w.got(0, c), "");
    w.pass(1005);
    assert_eq!(w.hosts[0].node.role(), NodeRole::PrimaryServing);
    assert_eq!(w.got(0, c), "+OK\r\n");
    let failed = FromNode::HandoverFailed { epoch: Epoch(1) };
    assert!(w.hosts[0].said.contains(&failed));
}

#[test]
fn after_a_release_without_an_election_only_a_new_renewal_resumes() {
    let mut w = trio();
    let c = w.client(0);
    w.tell(0, ToNode::Handover { epoch: Epoch(1), target: NodeId(2) });
    w.settle();
    w.send(0, c, b"SET a 2\r\n");
    w.pass(500);
    assert_eq!(w.hosts[0].node.role(), NodeRole::PrimaryReleased, "R13: no renewal while released");
    w.pass(2000);
    assert_eq!(w.hosts[0].node.role(), NodeRole::PrimaryServing);
    assert_eq!(w.got(0, c), "+OK\r\n");
}

#[test]
fn queued_writes_do_not_wait_for_ever_for_an_election() {
    let mut w = trio();
    let c = w.client(0);
    w.tell(0, ToNode::Handover { epoch: Epoch(1), target: NodeId(2) });
    w.settle();
    w.tell(0, ToNode::Freeze { epoch: Epoch(2) });
    w.send(0, c, b"SET a 2\r\n");
    w.pass(4900);
    assert_eq!(w.got(0, c), "");
    w.pass(200);
    assert_eq!(w.got(0, c), "closed");
}

#[test]
fn a_release_voids_renewals_on_their_way() {
    let mut w = trio();
    w.unrenewed.insert(0);
    w.pass(300);
    let renewal = w.hosts[0].said.iter().rev().find_map(|m| match m {
        FromNode::Renew { epoch, seq, asked, .. } => Some((*epoch, *seq, *asked)),
        _ => None,
    });
    let (epoch, seq, asked) = renewal.expect("one is on its way");
    w.tell(0, ToNode::Handover { epoch, target: NodeId(2) });
    w.settle();
    assert_eq!(w.hosts[0].node.role(), NodeRole::PrimaryReleased);
    let members = w.members.clone();
    w.tell(0, ToNode::Renewed { epoch, seq, asked, members });
    assert_eq!(w.hosts[0].node.lease_deadline(), None, "R13");
}
