//! The coordinator's unplanned failovers, step by step, action by action.

mod group_harness;

use group_harness::{Bench, at, n};
use primacy_core::control::FromNode;

#[test]
fn a_new_group_is_placed_started_and_elected() {
    let mut b = Bench::with(group_harness::config(2), Default::default());
    b.silent_puppets = true;
    b.drain();
    assert_eq!(
        b.take(),
        [
            "store Empty",
            "event GroupCreated",
            "provision 001/1 us-east-1a",
            "provision 002/1 us-east-1b",
            "provision 003/1 us-east-1c",
            "event NodeProvisioned 001",
            "event NodeProvisioned 002",
            "event NodeProvisioned 003",
        ]
    );
    for node in 1..=3 {
        let join = FromNode::Join { addr: group_harness::addr(n(node)), position: at(0, 0) };
        b.report_as(node, 1, join);
    }
    let log = b.take();
    assert_eq!(log[..3], ["store Empty", "event NodeJoined 001", "001/1 joined 0"]);
    assert_eq!(
        log[6..],
        [
            "store Electing(1) if both",
            "event NodeJoined 003",
            "003/1 joined 0",
            "event Suspected  1 Genesis",
            "001/1 freeze 1",
            "002/1 freeze 1",
            "003/1 freeze 1",
        ]
    );
}

#[test]
fn the_first_primary_is_001_and_everybody_follows() {
    let b = Bench::with(group_harness::config(2), Default::default());
    let mut b = b;
    b.run(1000);
    assert_eq!((b.primary(), b.epoch()), (1, 1));
    assert!(b.saw("publish 1 001 readers [002 003]"), "{:#?}", b.log);
    assert_eq!(
        b.why("GroupAvailable"),
        ["GroupAvailable", "Serving", "Elected", "Suspected", "GroupCreated"]
    );
    assert!(b.losses().is_empty(), "the first election is no failover");
}

#[test]
fn a_confirmed_death_is_a_chain_of_messages_without_a_timer() {
    let mut b = Bench::started(2);
    b.write(100, &[1, 2, 3]);
    let before = b.now;
    b.kill(1);
    assert_eq!(b.now, before);
    assert_eq!(
        b.take(),
        [
            "event NodeExited 001",
            "store Electing(2) if both",
            "event Suspected 001 2 Exited",
            "002/1 freeze 2",
            "003/1 freeze 2",
            "event Reported 002 1:150",
            "event Reported 003 1:150",
            "store Stable(2, 002/1)",
            "event Elected 002 2: 002 and 003 are level at 1:150; its number is lower",
            "002/1 promote 2 at 1:150",
            "store lease 2/1 if both",
            "002/1 renewed 2/1",
            "event Serving 002 2",
            "003/1 follow 002 2",
            "publish 2 002 readers []",
            "event EndpointMoved 002 2",
            "event FailoverCompleted 001 -> 002 2",
            "event Lost 0 ops, exact false",
            "event NodeAttached 003 full false",
            "publish 2 002 readers [003]",
        ]
    );
}

#[test]
fn the_dead_node_returns_under_its_name_as_a_replica() {
    let mut b = Bench::started(2);
    b.kill(1);
    b.take();
    b.run(2000);
    let log: Vec<_> = b
        .take()
        .into_iter()
        .filter(|l| !["lease", "renewed", "heard"].iter().any(|w| l.contains(w)))
        .collect();
    assert_eq!(
        log,
        [
            "store Stable(2, 002/1)",
            "event RecoveryStarted 001",
            "provision 001/2 us-east-1a",
            "event NodeProvisioned 001",
            "store Stable(2, 002/1)",
            "event NodeJoined 001",
            "001/2 joined 2",
            "001/2 follow 002 2",
            "event NodeAttached 001 full true",
            "event RecoveryFinished 001",
            "publish 2 002 readers [001 003]",
        ]
    );
    assert_eq!(
        b.why("RecoveryFinished"),
        [
            "RecoveryFinished",
            "NodeAttached",
            "NodeJoined",
            "NodeProvisioned",
            "RecoveryStarted",
            "NodeExited"
        ]
    );
}

#[test]
fn a_hung_primary_is_given_up_only_after_its_lease_r3() {
    let mut b = Bench::started(2);
    b.hang(1, true);
    b.run(1100);
    assert!(!b.saw("Suspected"), "{:#?}", b.log);
    b.run(200);
    assert!(b.saw("Suspected 001 2 LeaseRanOut"), "{:#?}", b.log);
    assert_eq!(b.primary(), 2);
    assert_eq!(b.why("FailoverCompleted")[3..], ["Suspected", "NodeSilent"]);
}

#[test]
fn an_old_primary_that_wakes_is_denied_and_follows_r17() {
    let mut b = Bench::started(2);
    b.hang(1, true);
    b.run(1300);
    assert_eq!(b.primary(), 2);
    b.take();
    b.hang(1, false);
    b.run(100);
    assert!(b.saw("001/1 denied 2"), "{:#?}", b.log);
    assert!(b.saw("001/1 follow 002 2"), "{:#?}", b.log);
    b.run(2000);
    assert!(!b.saw("kill 001") && !b.saw("RecoveryStarted"), "it woke in time: {:#?}", b.log);
}

#[test]
fn a_hung_old_primary_is_killed_and_replaced_later() {
    let mut config = group_harness::config(2);
    config.timing.hung_after = std::time::Duration::from_secs(30);
    let mut b = Bench::started_with(config);
    b.hang(1, true);
    b.run(20_000);
    assert!(!b.saw("kill 001"), "it may still wake up: {:#?}", b.log);
    b.run(15_000);
    let (killed, provisioned) = (
        b.log.iter().position(|l| l == "kill 001/1"),
        b.log.iter().position(|l| l.starts_with("provision 001/2")),
    );
    assert!(killed.is_some() && killed < provisioned, "{:#?}", b.log);
    assert!(b.saw("RecoveryFinished 001"));
}

#[test]
fn a_hung_process_is_left_alone_for_longer_than_one_that_has_ended() {
    let mut config = group_harness::config(2);
    config.timing.hung_after = std::time::Duration::from_secs(30);
    let mut b = Bench::started_with(config);
    b.hang(1, true);
    b.run(25_000);
    assert!(b.saw("FailoverCompleted") && !b.saw("kill"), "{:#?}", b.log);
    b.hang(1, false);
    b.run(1000);
    assert!(b.saw("001/1 follow 002 2") && !b.saw("RecoveryStarted"), "{:#?}", b.log);
    b.hang(3, true);
    b.run(35_000);
    assert!(b.saw("kill 003/1"), "{:#?}", b.log);
}

#[test]
fn a_replica_that_lags_is_chosen_only_when_it_is_the_best_r6() {
    let mut b = Bench::started(2);
    b.write(100, &[1, 2, 3]);
    b.write(70, &[1, 3]);
    b.kill(1);
    assert_eq!(b.primary(), 3);
    assert!(b.saw("Elected 003 2: 003 at 1:220 is 70 bytes ahead of 002"), "{:#?}", b.log);
    let mut b = Bench::started(2);
    b.write(100, &[1, 2, 3]);
    b.write(70, &[1, 3]);
    b.kill(3);
    b.kill(1);
    assert_eq!(b.primary(), 2, "the one that lags is all there is");
}

#[test]
fn a_replica_with_priority_0_gives_what_it_has_and_does_not_win() {
    let mut b = Bench::started(2);
    b.write(100, &[1, 2, 3]);
    b.write(70, &[1, 3]);
    b.store.shard.as_mut().unwrap().members.get_mut(&n(3)).unwrap().priority = 0;
    b.store.shard_revision.0 += 1;
    b.group.handle_registers(b.store.clone(), b.now);
    b.kill(1);
    assert!(b.saw("002/1 catch-up 2 from 003 to 1:220"), "{:#?}", b.log);
    assert!(b.saw("002/1 promote 2 at 1:220"), "{:#?}", b.log);
}

#[test]
fn losing_a_replica_costs_no_election_and_it_is_replaced() {
    let mut b = Bench::started(2);
    b.kill(3);
    assert_eq!(b.take(), ["event NodeExited 003", "publish 1 001 readers [002]"]);
    b.run(2000);
    assert_eq!((b.primary(), b.epoch()), (1, 1));
    assert!(b.saw("RecoveryFinished 003"), "{:#?}", b.log);
}

#[test]
fn a_primary_that_restarts_by_itself_proves_its_old_life_dead_r10() {
    let mut b = Bench::started(2);
    b.write(100, &[1, 2, 3]);
    b.silent_puppets = true;
    let join = FromNode::Join { addr: group_harness::addr(n(1)), position: at(0, 0) };
    b.report_as(1, 2, join);
    assert_eq!(
        b.take(),
        [
            "store Electing(2) if both",
            "event NodeJoined 001",
            "event RecoveryStarted 001",
            "001/2 joined 1",
            "event Suspected 001 2 Restarted",
            "001/2 freeze 2",
            "002/1 freeze 2",
            "003/1 freeze 2",
        ]
    );
}

#[test]
fn a_message_of_an_earlier_life_is_void_r9() {
    let mut b = Bench::started(2);
    b.kill(3);
    b.run(2000);
    b.take();
    let stale = FromNode::Report {
        epoch: primacy_core::id::Epoch(9),
        position: at(8, 999),
        repl_id: Default::default(),
        electable: true,
    };
    b.report_as(3, 1, stale);
    assert_eq!(b.take(), Vec::<String>::new());
}

#[test]
fn no_fault_no_election_i23() {
    let mut b = Bench::started(2);
    b.run(60_000);
    assert_eq!(b.epoch(), 1);
    assert!(
        !b.saw("event"),
        "{:#?}",
        b.take().into_iter().filter(|l| l.starts_with("event")).collect::<Vec<_>>()
    );
}
