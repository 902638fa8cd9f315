//! Who may acknowledge, and until when: R1, R2, R11, R14, R16, R17.

mod common;

use common::World;
use primacy_core::control::{FromNode, NodeRole, ToNode};
use primacy_core::id::Epoch;
use primacy_core::node::{Event, LeaseEnd, Notice};

fn lost(w: &World, i: usize) -> Vec<LeaseEnd> {
    let notices = w.hosts[i].notices.iter();
    notices
        .filter_map(|e| match e {
            Event::Notice(Notice::LeaseLost { reason, .. }) => Some(*reason),
            _ => None,
        })
        .collect()
}

fn pair() -> World {
    let mut w = World::new(2);
    w.elect(1, &[0, 1]);
    w
}

#[test]
fn no_lease_no_acknowledgement() {
    let mut w = pair();
    let c = w.client(0);
    assert_eq!(w.call(0, c, "SET a 1"), "+OK\r\n");
    w.unrenewed.insert(0);
    w.pass(1100);
    assert_eq!(w.hosts[0].node.role(), NodeRole::PrimaryNoLease);
    assert_eq!(lost(&w, 0), [LeaseEnd::RanOut]);
    assert_eq!(w.call(0, c, "GET a"), "$1\r\n1\r\n", "reads go on");
    w.send(0, c, b"SET a 2\r\n");
    w.settle();
    assert_eq!(w.got(0, c), "closed");
    let c = w.client(0);
    assert_eq!(w.call(0, c, "GET a"), "$1\r\n1\r\n");
    w.unrenewed.clear();
    w.pass(300);
    assert_eq!(w.call(0, c, "SET a 3"), "+OK\r\n");
}

#[test]
fn the_lease_runs_from_the_send_time() {
    let mut w = pair();
    w.unrenewed.insert(0);
    let deadline = w.hosts[0].node.lease_deadline().expect("a lease");
    w.pass(500);
    let (epoch, seq, asked) = w.hosts[0]
        .said
        .iter()
        .rev()
        .find_map(|m| {
            if let FromNode::Renew { epoch, seq, asked, .. } = m {
                Some((*epoch, *seq, *asked))
            } else {
                None
            }
        })
        .expect("renewals");
    w.pass(200);
    let members = w.members.clone();
    // An answer that echoes another send time than ours is void.
    w.tell(0, ToNode::Renewed { epoch, seq, asked: w.now.mono, members: members.clone() });
    assert_eq!(w.hosts[0].node.lease_deadline(), Some(deadline));
    w.tell(0, ToNode::Renewed { epoch, seq, asked, members });
    let lease = w.hosts[0].node.config().timing.lease;
    assert_eq!(w.hosts[0].node.lease_deadline(), Some(asked + lease), "R1: not from the receipt");
    assert_eq!(w.hosts[0].node.last_renewed(), Some(asked));
}

#[test]
fn a_woken_primary_acknowledges_nothing() {
    let mut w = pair();
    let c = w.client(0);
    // The write is executed and its reply lies ready when the process is stopped.
    w.send(0, c, b"SET a 1\r\n");
    let now = w.now;
    let host = &mut w.hosts[0];
    let end = host.ends.get_mut(&c).expect("open");
    host.node.handle_input(&mut end.session, &std::mem::take(&mut end.input), &mut end.out, now);
    w.stopped.insert(0);
    w.pass(2000);
    w.elect(2, &[1]);
    w.stopped.clear();
    let now = w.now;
    let host = &mut w.hosts[0];
    let end = host.ends.get_mut(&c).expect("open");
    assert!(end.out.unsent() == b"+OK\r\n" && !host.node.may_send(&mut end.session, &mut end.out, now), "R2");
    let late = w.client(0);
    w.send(0, late, b"SET b 1\r\n");
    w.settle();
    assert_eq!(w.got(0, c), "closed", "R2: the reply may not leave");
    assert_eq!(w.got(0, late), "closed");
    w.follow(0, 2, 1);
    w.pass(2000);
    let r = w.client(0);
    assert_eq!(w.call(0, r, "MGET a b"), "*2\r\n$-1\r\n$-1\r\n");
}

#[test]
fn a_stall_shorter_than_the_lease_drops_it_until_renewed() {
    let mut w = pair();
    let c = w.client(0);
    w.stopped.insert(0);
    w.pass(600);
    w.stopped.clear();
    w.send(0, c, b"SET a 1\r\n");
    w.settle();
    assert_eq!(w.got(0, c), "closed");
    assert_eq!(lost(&w, 0), [LeaseEnd::Stalled]);
    w.pass(300);
    let c = w.client(0);
    assert_eq!(w.call(0, c, "SET a 1"), "+OK\r\n");
}

#[test]
fn a_jump_between_the_clocks_drops_the_lease() {
    let mut w = pair();
    w.now.unix_ms += 3_600_000;
    w.pass(300);
    assert_eq!(lost(&w, 0), [LeaseEnd::ClockJumped]);
    w.pass(300);
    assert_eq!(w.hosts[0].node.role(), NodeRole::PrimaryServing, "and the next renewal brings it back");
}

#[test]
fn what_was_asked_before_a_jump_founds_no_lease_afterwards() {
    let mut w = pair();
    w.unrenewed.insert(0);
    w.pass(1_100);
    assert_eq!(lost(&w, 0), [LeaseEnd::RanOut]);
    let asked = w.hosts[0].said.iter().rev().find_map(|m| match m {
        FromNode::Renew { epoch, seq, asked, .. } => Some((*epoch, *seq, *asked)),
        _ => None,
    });
    let (epoch, seq, asked) = asked.expect("renewals");
    // The machine stood still after it had asked: the answer's send time proves nothing.
    w.now.unix_ms += 5_000;
    let members = w.members.clone();
    w.tell(0, ToNode::Renewed { epoch, seq, asked, members });
    assert_eq!(w.hosts[0].node.role(), NodeRole::PrimaryNoLease);
    assert_eq!(w.hosts[0].node.lease_deadline(), None);
    w.unrenewed.clear();
    w.pass(300);
    assert_eq!(w.hosts[0].node.role(), NodeRole::PrimaryServing, "one that is sent from now on does");
}

#[test]
fn what_was_granted_for_a_round_before_a_jump_founds_no_lease_afterwards() {
    let mut w = World::with(2, |config| config.failsafe = true);
    w.elect(1, &[0, 1]);
    w.unrenewed.insert(0);
    w.pass(900);
    // The member's grants come late, and with them the lease runs out.
    w.stopped.insert(1);
    w.pass(1_600);
    assert_eq!(w.hosts[0].node.role(), NodeRole::PrimaryNoLease);
    w.now.unix_ms += 5_000;
    w.stopped.clear();
    w.round(1);
    w.round(0);
    assert_eq!(w.hosts[0].node.role(), NodeRole::PrimaryNoLease, "of a round before the jump");
    w.pass(600);
    assert_eq!(w.hosts[0].node.role(), NodeRole::PrimaryServing, "and the next round counts");
}

#[test]
fn a_denied_primary_steps_down_for_good() {
    let mut w = pair();
    let c = w.client(0);
    w.tell(0, ToNode::Denied { epoch: Epoch(2) });
    w.settle();
    assert_eq!(w.hosts[0].node.role(), NodeRole::Detached);
    assert_eq!(w.got(0, c), "closed");
    w.pass(2000);
    assert_eq!(w.hosts[0].node.role(), NodeRole::Detached);
}

#[test]
fn a_member_with_a_higher_promise_deposes_and_a_forger_does_not() {
    let mut w = World::new(3);
    w.elect(1, &[0, 1, 2]);
    // A stranger knows every field but not the secret.
    let c = w.client(0);
    let challenge = w.call(0, c, &format!("REPLCONF primacy-nonce {}", "ab".repeat(16)));
    assert!(challenge.starts_with("+PRIMACY "), "{challenge}");
    w.send(0, c, format!("REPLCONF primacy g 2 1 9 {}\r\n", "00".repeat(32)).as_bytes());
    w.settle();
    assert_eq!(w.got(0, c), "closed");
    assert_eq!(w.hosts[0].node.role(), NodeRole::PrimaryServing, "S5: a forged attach deposes nobody");
    // Node 2 has promised epoch 2 and is sent to the old primary by a late message of its own epoch.
    w.tell(2, ToNode::Freeze { epoch: Epoch(2) });
    w.settle();
    w.history.push(primacy_core::group::record::EpochStart {
        epoch: Epoch(2),
        repl_id: primacy_core::id::ReplId([2; 20]),
        start: w.position(2),
    });
    w.follow(2, 2, 0);
    w.settle();
    assert_eq!(w.hosts[2].node.role(), NodeRole::Detached, "R11: not fed by a primary below its promise");
    assert_eq!(w.hosts[0].node.role(), NodeRole::Detached, "R17: and that primary knows now");
}

#[test]
fn failsafe_serves_on_the_grants_of_all_and_of_no_fewer() {
    let mut w = World::with(3, |config| config.failsafe = true);
    w.elect(1, &[0, 1, 2]);
    let c = w.client(0);
    w.unrenewed.insert(0);
    w.pass(3000);
    assert_eq!(w.call(0, c, "SET a 1"), "+OK\r\n", "R14: the store is silent and all members grant");
    assert!(w.hosts[0].node.failsafe());
    assert_eq!(w.hosts[0].node.last_renewed(), None);
    // A member with a running grant refuses an election.
    w.tell(1, ToNode::Freeze { epoch: Epoch(2) });
    w.settle();
    assert!(w.hosts[1].said.contains(&FromNode::GrantRunning { epoch: Epoch(2) }));
    assert_eq!(w.hosts[1].node.role(), NodeRole::Following);
    // One member is gone: nobody serves without it.
    w.stopped.insert(2);
    w.pass(1300);
    assert_eq!(w.hosts[0].node.role(), NodeRole::PrimaryNoLease);
    w.pass(1000);
    w.tell(1, ToNode::Freeze { epoch: Epoch(2) });
    w.settle();
    assert_eq!(w.hosts[1].node.role(), NodeRole::Following, "node 1 still grants what cannot be used");
}

#[test]
fn a_restarted_member_stays_out_of_elections_for_a_lease() {
    let mut w = World::with(2, |config| config.failsafe = true);
    w.elect(1, &[0, 1]);
    let mut config = common::config(1, 2);
    config.failsafe = true;
    w.restart_with(1, config);
    w.tell(1, ToNode::Freeze { epoch: Epoch(2) });
    w.settle();
    assert!(w.hosts[1].said.contains(&FromNode::GrantRunning { epoch: Epoch(2) }), "R16");
    w.pass(1150);
    w.tell(1, ToNode::Freeze { epoch: Epoch(2) });
    w.settle();
    assert_eq!(w.hosts[1].node.role(), NodeRole::Frozen);
}

#[test]
fn an_empty_new_life_frozen_in_an_election_wipes_nobody() {
    let mut w = World::new(3);
    w.elect(1, &[0, 1, 2]);
    let c = w.client(0);
    w.call(0, c, "SET a 1");
    let (position, digest) = (w.position(1), w.digest(1));
    // The primary's new life is empty and frozen at epoch 2 while node 1 still looks for the primary of epoch 1 there.
    w.restart(0, 2);
    w.tell(0, ToNode::Freeze { epoch: Epoch(2) });
    w.pass(3000);
    assert_eq!(w.hosts[0].node.role(), NodeRole::Frozen);
    assert_eq!((w.position(1), w.digest(1)), (position, digest), "I10");
    // Nor when the earlier life is the one that won.
    w.history.push(primacy_core::group::record::EpochStart {
        epoch: Epoch(2),
        repl_id: primacy_core::id::ReplId([2; 20]),
        start: position,
    });
    w.follow(1, 2, 0);
    w.pass(3000);
    assert_eq!((w.position(1), w.digest(1)), (position, digest), "I10");
    assert_eq!(w.hosts[0].node.stats().sync_full, 0);
}

#[test]
fn a_coordinator_that_answers_no_sign_of_life_is_left() {
    let left = |w: &World| w.hosts[1].notices.iter().filter(|e| **e == Event::LeaveCoordinator).count();
    let mut w = pair();
    w.hosts[1].node.coordinator_found();
    for _ in 0..20 {
        w.pass(300);
        w.tell(1, ToNode::Heard);
    }
    assert_eq!(left(&w), 0, "one that says anything is kept");
    w.pass(1_300);
    assert_eq!(left(&w), 0);
    w.pass(300);
    assert_eq!(left(&w), 1);
    // A process that stood still has waited for nothing.
    w.hosts[1].node.coordinator_found();
    w.stopped.insert(1);
    w.pass(5_000);
    w.stopped.clear();
    w.pass(1_000);
    assert_eq!(left(&w), 1);
}
