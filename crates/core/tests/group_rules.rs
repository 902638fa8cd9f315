//! One test for each rule of `failover.md` §2.4 that the coordinator keeps, beside those of the sequences.

mod group_harness;

use group_harness::{Bench, addr, at, config, n};
use primacy_core::control::{FromNode, NodeRole, ToNode};
use primacy_core::group::Action;
use primacy_core::id::{Epoch, Incarnation, Position};

fn vote(epoch: u64, position: Position) -> FromNode {
    FromNode::Report { epoch: Epoch(epoch), position, repl_id: Default::default(), electable: true }
}

fn beat(role: NodeRole, promised: u64, position: Position) -> FromNode {
    FromNode::Heartbeat {
        role,
        promised: Epoch(promised),
        position,
        acked: vec![],
        link_up: role == NodeRole::Following,
        keys: 0,
    }
}

/// A group whose nodes are played by the test from here on.
fn by_hand(replicas: u8) -> Bench {
    let mut b = Bench::started(replicas);
    b.silent_puppets = true;
    b
}

#[test]
fn r1_a_renewal_is_answered_with_the_primarys_own_send_time() {
    let mut b = by_hand(2);
    let mut message = b.renewal(n(1));
    let sent = primacy_core::time::Instant::from_nanos(77);
    if let FromNode::Renew { asked, .. } = &mut message {
        *asked = sent;
    }
    let envelope = primacy_core::control::Envelope {
        group: group_harness::GROUP.into(),
        from: n(1),
        incarnation: Incarnation(1),
        message,
    };
    b.group.handle_report(envelope, b.now);
    let Some(Action::Store { ticket, change }) = b.group.poll_action() else { panic!() };
    assert!(b.group.poll_action().is_none(), "no answer before it is stored");
    b.answer(group_harness::Asked::Store(ticket, change));
    let Some(Action::Send(_, _, ToNode::Renewed { asked, .. })) = b.group.poll_action() else { panic!() };
    assert_eq!(asked, sent);
}

#[test]
fn r4_an_election_collects_until_all_who_live_have_promised() {
    let mut b = by_hand(2);
    b.exited(1, 1);
    b.report(3, vote(2, at(1, 80)));
    assert!(!b.saw("Elected"), "002 lives and may have more");
    b.report(2, vote(2, at(1, 90)));
    assert!(b.saw("Elected 002 2: 002 at 1:90 is 10 bytes ahead of 003"), "{:#?}", b.log);
}

#[test]
fn t_collect_ends_the_wait_for_one_who_does_not_answer() {
    let mut b = by_hand(2);
    b.exited(1, 1);
    b.report(3, vote(2, at(1, 80)));
    b.run(140);
    assert!(!b.saw("Elected"));
    b.run(20);
    assert!(b.saw("Elected 003"), "{:#?}", b.log);
}

#[test]
fn t_straggler_waits_for_one_whom_the_lease_shows_further_ahead() {
    let mut b = Bench::started(2);
    b.write(100, &[1, 2]);
    b.run(300);
    b.silent_puppets = true;
    b.exited(1, 1);
    b.report(3, vote(2, at(1, 50)));
    b.run(900);
    assert!(!b.saw("Elected"), "002 had acknowledged 1:150: {:#?}", b.log);
    b.report(2, vote(2, at(1, 150)));
    assert!(b.saw("Elected 002"), "the wait paid: {:#?}", b.log);
    let mut b = Bench::started(2);
    b.write(100, &[1, 2]);
    b.run(300);
    b.silent_puppets = true;
    b.exited(1, 1);
    b.report(3, vote(2, at(1, 50)));
    for _ in 0..11 {
        b.run(100);
        b.report(3, vote(2, at(1, 50)));
    }
    assert!(b.saw("Elected 003"), "it ends: {:#?}", b.log);
}

#[test]
fn the_dead_are_not_waited_for() {
    let mut b = by_hand(2);
    b.exited(2, 1);
    b.exited(1, 1);
    b.report(3, vote(2, at(1, 40)));
    assert!(b.saw("Elected 003"), "{:#?}", b.log);
}

#[test]
fn a_promise_of_a_process_that_has_ended_does_not_count() {
    let mut b = by_hand(2);
    b.exited(1, 1);
    b.report(2, vote(2, at(1, 90)));
    b.exited(2, 1);
    b.report(3, vote(2, at(1, 80)));
    assert!(b.saw("Elected 003"), "{:#?}", b.log);
}

#[test]
fn a_freeze_that_is_not_answered_is_sent_again_r14() {
    let mut b = by_hand(2);
    b.exited(1, 1);
    b.report(2, FromNode::GrantRunning { epoch: Epoch(2) });
    b.run(450);
    assert_eq!(b.count("002/1 freeze 2"), 3, "{:#?}", b.log);
}

#[test]
fn a_winner_that_dies_before_its_lease_is_succeeded_at_once() {
    let mut b = by_hand(2);
    b.exited(1, 1);
    b.report(2, vote(2, at(1, 90)));
    b.report(3, vote(2, at(1, 80)));
    b.take();
    b.exited(2, 1);
    b.report(3, vote(3, at(1, 80)));
    assert!(b.saw("Suspected 002 3 Exited") && b.saw("003/1 promote 3 at 1:80"), "{:#?}", b.log);
    let lease = FromNode::Renew {
        epoch: Epoch(3),
        seq: 1,
        asked: b.now.mono,
        position: at(3, 130),
        acked: vec![],
        members_seen: 0,
        synced: vec![],
    };
    b.report(3, lease);
    assert!(b.saw("FailoverCompleted 001 -> 003 3"), "002 never served: {:#?}", b.log);
    assert_eq!(b.count("event Lost"), 1);
}

#[test]
fn a_winner_that_does_not_take_its_lease_is_told_again_and_then_given_up() {
    let mut b = by_hand(2);
    b.exited(1, 1);
    b.report(2, vote(2, at(1, 90)));
    b.report(3, vote(2, at(1, 80)));
    for _ in 0..13 {
        b.run(100);
        // Both live, 002 just does not get to it.
        for node in [2, 3] {
            b.report(node, beat(NodeRole::Frozen, 2, at(1, 80)));
        }
    }
    assert!(b.count("002/1 promote 2") >= 5, "{:#?}", b.log);
    assert!(b.saw("Suspected 002 3 Stalled"), "{:#?}", b.log);
}

#[test]
fn r9_synced_marks_are_of_one_life() {
    let mut b = Bench::started(2);
    b.run(500);
    let synced = |b: &Bench, node| b.store.shard.as_ref().unwrap().members[&n(node)].synced;
    assert_eq!(synced(&b, 2), Some(Incarnation(1)));
    b.kill(2);
    b.run(3000);
    assert_eq!(synced(&b, 2), Some(Incarnation(2)));
}

/// A renewal of 001, and the release that follows it.
fn renewal_and_release(b: &mut Bench) -> (FromNode, FromNode) {
    let renewal = b.renewal(n(1));
    let FromNode::Renew { seq, position, .. } = renewal else { panic!("{renewal:?}") };
    (renewal, FromNode::Release { epoch: Epoch(1), seq, position })
}

#[test]
fn r13_a_release_that_arrives_after_a_later_renewal_is_void() {
    let mut b = by_hand(2);
    let (_, release) = renewal_and_release(&mut b);
    let resumed = b.renewal(n(1));
    b.report(1, resumed);
    b.report(1, release);
    assert!(!b.saw("Suspected"), "its lease runs: {:#?}", b.log);
}

#[test]
fn r13_an_earlier_renewal_does_not_take_a_release_back() {
    let mut b = by_hand(2);
    b.hold_store = true;
    let (earlier, _) = renewal_and_release(&mut b);
    let (last, release) = renewal_and_release(&mut b);
    b.report(1, last);
    b.report(1, release);
    b.report(1, earlier);
    b.answer_next();
    b.answer_next();
    assert!(b.saw("Suspected 001 2 Released"), "{:#?}", b.log);
}

#[test]
fn r15_a_new_life_is_electable_once_the_primary_has_confirmed_the_list() {
    let mut b = by_hand(2);
    let electable = |b: &Bench| b.store.shard.as_ref().unwrap().members[&n(3)].electable;
    b.report_as(3, 2, FromNode::Join { addr: addr(n(3)), position: at(0, 0) });
    assert!(!electable(&b));
    let version = b.store.shard.as_ref().unwrap().members_version;
    let mut renew = |seen, seq| {
        let message = FromNode::Renew {
            epoch: Epoch(1),
            seq,
            asked: b.now.mono,
            position: at(1, 50),
            acked: vec![],
            members_seen: seen,
            synced: vec![],
        };
        b.report(1, message);
    };
    renew(version - 1, 1001);
    renew(version, 1002);
    assert!(electable(&b));
}

#[test]
fn r15_a_member_the_primary_may_not_know_does_not_win_while_that_primary_may_live() {
    let mut b = by_hand(2);
    b.report_as(3, 2, FromNode::Join { addr: addr(n(3)), position: at(0, 0) });
    b.exited(2, 1);
    for _ in 0..14 {
        b.run(100);
        b.report(3, beat(NodeRole::Following, 1, at(1, 50)));
    }
    b.report(3, vote(2, at(1, 50)));
    b.run(1000);
    b.report(3, vote(2, at(1, 50)));
    assert!(!b.saw("Elected") && b.saw("ElectionWaits"), "{:#?}", b.log);
    b.exited(1, 1);
    assert!(b.saw("Elected 003"), "nobody is left to serve on grants: {:#?}", b.log);
}

#[test]
fn r15_once_all_have_promised_nobody_serves_on_grants() {
    let mut b = by_hand(1);
    b.report_as(2, 2, FromNode::Join { addr: addr(n(2)), position: at(0, 0) });
    for _ in 0..14 {
        b.run(100);
        b.report(2, beat(NodeRole::Following, 1, at(1, 50)));
    }
    b.report(2, vote(2, at(1, 60)));
    assert!(!b.saw("Elected"));
    b.report(1, vote(2, at(1, 50)));
    assert!(b.saw("Elected 002"), "{:#?}", b.log);
}

#[test]
fn r19_a_promise_with_data_forbids_a_start_from_nothing_though_its_node_went_silent() {
    let mut b = Bench::started(2);
    b.write(100, &[1, 2]);
    b.run(300);
    b.silent_puppets = true;
    b.exited(1, 1);
    // 002 had more and is waited for; meanwhile 003, which has promised, goes silent too.
    b.report(3, vote(2, at(1, 50)));
    b.run(1100);
    b.exited(2, 1);
    for node in [1, 2] {
        b.report_as(node, 2, FromNode::Join { addr: addr(n(node)), position: at(0, 0) });
        b.report(node, vote(2, at(0, 0)));
    }
    b.run(300);
    assert!(!b.saw("DataLost") && !b.saw("Elected"), "{:#?}", b.log);
    b.report(3, vote(2, at(1, 50)));
    assert!(b.saw("Elected 003"), "{:#?}", b.log);
}

#[test]
fn r19_an_empty_process_that_never_followed_is_known_to_have_nothing() {
    let mut b = by_hand(2);
    b.puppets.clear();
    for node in [3, 2, 1] {
        b.exited(node, 1);
    }
    for node in [1, 2, 3] {
        b.report_as(node, 2, FromNode::Join { addr: addr(n(node)), position: at(0, 0) });
    }
    b.run(800);
    // 003 is never heard again, but what it joined with is known.
    for node in [1, 2] {
        b.report(node, vote(2, at(0, 0)));
    }
    b.run(100);
    assert!(b.saw("DataLost") && b.saw("Elected 001"), "{:#?}", b.log);
}

#[test]
fn r17_a_deposed_primary_that_renews_is_denied() {
    let mut b = Bench::started(2);
    let old = b.renewal(n(1));
    b.hang(1, true);
    b.run(1300);
    b.take();
    b.report(1, old);
    assert!(b.saw("001/1 denied 2"), "{:#?}", b.log);
}

#[test]
fn r17_an_earlier_life_that_renews_is_denied() {
    let mut b = Bench::started(2);
    let old = b.renewal(n(1));
    b.kill(1);
    b.run(3000);
    b.take();
    b.report_as(1, 1, old);
    assert!(b.saw("001/1 denied 2"), "{:#?}", b.log);
}

#[test]
fn r19_empty_members_do_not_win_while_one_with_data_may_return() {
    let mut b = by_hand(2);
    b.exited(1, 1);
    b.exited(2, 1);
    b.report_as(2, 2, FromNode::Join { addr: addr(n(2)), position: at(0, 0) });
    b.report(2, vote(2, at(0, 0)));
    b.run(1500);
    assert!(!b.saw("Elected"), "003 is silent, not dead: {:#?}", b.log);
    assert!(b.saw("ElectionWaits"));
    assert!(!b.saw("kill 003"), "and is not killed by its silence");
    b.report(3, vote(2, at(1, 50)));
    b.run(200);
    assert!(b.saw("Elected 003"), "{:#?}", b.log);
    assert!(!b.saw("DataLost"));
}

#[test]
fn r19_the_wait_for_lost_members_ends() {
    let mut b = by_hand(1);
    // 002 is gone too, and nobody is left to say so.
    b.puppets.clear();
    b.exited(1, 1);
    b.report_as(1, 2, FromNode::Join { addr: addr(n(1)), position: at(0, 0) });
    b.no_capacity = true;
    for _ in 0..601 {
        b.run(1000);
        let life = b.life(1);
        b.report_as(1, life, vote(2, at(0, 0)));
    }
    assert!(b.saw("DataLost") && b.saw("Elected 001"), "{:#?}", b.log);
}

#[test]
fn all_nodes_lost_is_a_confirmed_start_from_nothing() {
    let mut b = Bench::started(2);
    b.write(100, &[1, 2, 3]);
    b.run(500);
    for node in [1, 2, 3] {
        b.kill(node);
    }
    b.run(10_000);
    assert!(b.saw("DataLost"), "{:#?}", b.log);
    assert_eq!(b.store.shard.as_ref().unwrap().genesis, 1);
    assert_eq!(b.losses(), [(0, false), (0, false), (10, false)], "each of the three had its failover");
    assert_eq!(b.count("event RecoveryFinished"), 3, "{:#?}", b.log);
}

#[test]
fn all_replicas_lost_the_primary_goes_on() {
    let mut b = Bench::started(2);
    b.kill(2);
    b.kill(3);
    assert!(b.saw("publish 1 001 readers []"));
    b.run(5000);
    assert_eq!((b.primary(), b.epoch()), (1, 1));
    assert_eq!(b.count("event RecoveryFinished"), 2);
}

#[test]
fn a_zone_lost_prefers_a_winner_in_a_healthy_one_and_waits_for_capacity() {
    let mut config = config(3);
    config.zones = ["a", "b"].map(String::from).to_vec();
    let mut b = Bench::started_with(config);
    let zones: Vec<_> = b.group.view(b.now).nodes.into_iter().map(|v| v.zone).collect();
    assert_eq!(zones, ["a", "b", "b", "a"]);
    b.no_capacity = true;
    b.hang(1, true);
    b.hang(4, true);
    b.run(10_000);
    assert_eq!(b.primary(), 2);
    b.no_capacity = false;
    b.run(20_000);
    assert!(b.saw("RecoveryFinished 001") && b.saw("RecoveryFinished 004"), "{:#?}", b.log);
    let zones: Vec<_> = b.group.view(b.now).nodes.into_iter().map(|v| v.zone).collect();
    assert_eq!(zones, ["a", "b", "b", "a"], "a replacement keeps its zone");
}

#[test]
fn a_coordinator_cut_off_from_everybody_kills_nobody() {
    let mut b = Bench::started(2);
    b.cut = vec![n(1), n(2), n(3)];
    b.run(30_000);
    assert!(!b.saw("kill") && !b.saw("provision"), "{:#?}", b.log);
    b.cut.clear();
    b.run(5000);
    assert_eq!(b.store.shard.as_ref().unwrap().genesis, 0);
    assert!(b.saw("Serving"), "{:#?}", b.log);
    assert_eq!(b.losses(), [(0, true)], "the old primary promised too, and won");
}

#[test]
fn a_replica_that_its_primary_still_feeds_is_not_killed_for_being_silent() {
    let mut b = Bench::started(2);
    b.cut = vec![n(3)];
    b.run(10_000);
    assert!(b.saw("NodeSilent 003") && !b.saw("kill 003"), "{:#?}", b.log);
    assert!(b.saw("publish 1 001 readers [002]"), "but nobody is sent there");
}

#[test]
fn readers_follow_this_epoch_and_lag_little() {
    let mut b = Bench::started(2);
    b.write(9 << 20, &[1, 2]);
    b.run(200);
    assert!(!b.saw("publish"), "twice the limit before one is dropped");
    b.write(9 << 20, &[1, 2]);
    b.run(200);
    assert!(b.saw("publish 1 001 readers [002]"), "{:#?}", b.log);
    b.write(18 << 20, &[3]);
    b.run(200);
    assert!(b.saw("publish 1 001 readers [002 003]"), "{:#?}", b.log);
}

#[test]
fn another_groups_message_is_void() {
    let mut b = by_hand(2);
    let envelope = primacy_core::control::Envelope {
        group: "other".into(),
        from: n(1),
        incarnation: Incarnation(9),
        message: FromNode::Join { addr: addr(n(1)), position: at(0, 0) },
    };
    b.group.handle_report(envelope, b.now);
    b.drain();
    assert!(b.take().is_empty());
}

#[test]
fn equal_runs_give_equal_actions() {
    let run = || {
        let mut b = Bench::started(2);
        b.write(100, &[1, 2, 3]);
        b.kill(1);
        b.run(5000);
        (b.log, b.store)
    };
    assert_eq!(run(), run());
}
