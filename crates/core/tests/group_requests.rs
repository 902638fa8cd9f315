//! What users ask of the coordinator: test failover, planned failover, reboot, automatic failover off, deletion.

mod group_harness;

use group_harness::{Bench, at, config, n, name};
use primacy_core::group::event::EventKind;
use primacy_core::group::view::{GroupStatus, NodeStatus};
use primacy_core::group::{Request, RequestError};
use primacy_core::id::NodeId;

fn test_failover(b: &mut Bench) -> Result<(), RequestError> {
    let asked = b.group.handle_request(Request::TestFailover { node_group: "0001".into() }, b.now);
    b.drain();
    asked
}

fn failover(b: &mut Bench, target: Option<NodeId>) -> Result<(), RequestError> {
    let asked = b.group.handle_request(Request::Failover { target }, b.now);
    b.drain();
    asked
}

fn reboot(b: &mut Bench, node: u16) -> Result<(), RequestError> {
    let asked = b.group.handle_request(Request::Reboot { node: n(node) }, b.now);
    b.drain();
    asked
}

/// AWS's five messages (`elasticache.md` §2.7), derived from the events.
fn as_aws_tells_it(b: &Bench) -> Vec<String> {
    let mut told = Vec::new();
    for event in &b.events {
        match &event.kind {
            EventKind::TestFailoverCalled => told.push("Test Failover API called for node group 0001".into()),
            EventKind::FailoverCompleted { from, to, .. } => {
                let text = format!("Failover from primary node {from} to replica node {to} completed");
                told.extend([format!("{from}: {text}"), text]);
            }
            EventKind::RecoveryStarted { node } => told.push(format!("{node}: Recovering cache nodes 0001")),
            EventKind::RecoveryFinished { node } => {
                told.push(format!("{node}: Finished recovery for cache nodes 0001"));
            }
            _ => {}
        }
    }
    told
}

#[test]
fn test_failover_tells_the_five_events_of_aws() {
    let mut b = Bench::started(2);
    assert_eq!(test_failover(&mut b), Ok(()));
    assert_eq!(b.group.view(b.now).status, GroupStatus::Available, "as AWS's, throughout");
    b.run(3000);
    assert_eq!(
        as_aws_tells_it(&b),
        [
            "Test Failover API called for node group 0001",
            "001: Failover from primary node 001 to replica node 002 completed",
            "Failover from primary node 001 to replica node 002 completed",
            "001: Recovering cache nodes 0001",
            "001: Finished recovery for cache nodes 0001",
        ]
    );
    let why = b.why("FailoverCompleted");
    assert_eq!(
        why,
        ["FailoverCompleted", "Serving", "Elected", "Suspected", "NodeExited", "TestFailoverCalled"]
    );
    assert_eq!(b.why("RecoveryFinished").last().map(String::as_str), Some("TestFailoverCalled"));
}

#[test]
fn one_test_failover_at_a_time_until_recovery_has_finished() {
    let mut b = Bench::started(2);
    assert_eq!(test_failover(&mut b), Ok(()));
    assert_eq!(b.primary(), 2, "the failover is over");
    assert_eq!(test_failover(&mut b), Err(RequestError::Busy), "the recovery is not");
    assert_eq!(b.group.view(b.now).nodes[0].status, NodeStatus::Available);
    b.run(3000);
    assert_eq!(test_failover(&mut b), Ok(()));
    assert_eq!(b.primary(), 1);
}

#[test]
fn fifteen_test_failovers_in_a_rolling_day() {
    let mut b = Bench::started(1);
    for _ in 0..15 {
        assert_eq!(test_failover(&mut b), Ok(()));
        b.run(3000);
    }
    assert_eq!(test_failover(&mut b), Err(RequestError::QuotaExceeded));
    let day = std::time::Duration::from_secs(24 * 3600);
    b.advance_to(b.now.mono + day);
    b.group.handle_timeout(b.now);
    b.run(5000);
    assert_eq!(test_failover(&mut b), Ok(()));
}

#[test]
fn test_failover_needs_a_replica_and_automatic_failover() {
    let mut b = Bench::started(0);
    assert_eq!(test_failover(&mut b), Err(RequestError::NoReplica));
    let mut off = config(2);
    off.spec.automatic_failover = false;
    let mut b = Bench::started_with(off);
    assert_eq!(test_failover(&mut b), Err(RequestError::AutomaticFailoverOff));
    let wrong = Request::TestFailover { node_group: "0002".into() };
    assert_eq!(b.group.handle_request(wrong, b.now), Err(RequestError::NodeGroupNotFound));
}

#[test]
fn a_planned_failover_is_a_chain_of_messages_without_a_timer_r13() {
    let mut b = Bench::started(2);
    b.write(100, &[1, 2, 3]);
    let before = b.now;
    assert_eq!(failover(&mut b, Some(n(3))), Ok(()));
    assert_eq!(b.now, before);
    assert_eq!(
        b.take(),
        [
            "event PlannedFailoverCalled 003",
            "001/1 handover 1 to 003",
            "store Electing(2) if both",
            "event Suspected 001 2 Released",
            "001/1 freeze 2",
            "002/1 freeze 2",
            "003/1 freeze 2",
            "event Reported 001 1:150",
            "event Reported 002 1:150",
            "event Reported 003 1:150",
            "store Stable(2, 003/1)",
            "event Elected 003 2: 003 and 001 are level at 1:150; it is the target of the planned failover",
            "003/1 promote 2 at 1:150",
            "store lease 2/1 if both",
            "003/1 renewed 2/1",
            "event Serving 003 2",
            "001/1 follow 003 2",
            "002/1 follow 003 2",
            "publish 2 003 readers []",
            "event EndpointMoved 003 2",
            "event FailoverCompleted 001 -> 003 2",
            "event Lost 0 ops, exact true",
            "event NodeAttached 001 full false",
            "publish 2 003 readers [001]",
            "event NodeAttached 002 full false",
            "publish 2 003 readers [001 002]",
        ]
    );
    b.run(3000);
    assert!(!b.saw("RecoveryStarted"), "nobody failed: {:#?}", b.log);
}

#[test]
fn a_planned_failover_does_not_wait_for_a_hung_sibling() {
    let mut b = Bench::started(2);
    b.hang(3, true);
    let before = b.now;
    assert_eq!(failover(&mut b, Some(n(2))), Ok(()));
    assert_eq!((b.primary(), b.now), (2, before), "{:#?}", b.log);
    assert!(b.saw("FailoverCompleted"));
}

#[test]
fn a_planned_failover_chooses_the_best_replica_when_none_is_named() {
    let mut b = Bench::started(2);
    b.write(100, &[1, 2, 3]);
    b.write(50, &[1, 3]);
    b.run(200);
    assert_eq!(failover(&mut b, None), Ok(()));
    assert!(b.saw("PlannedFailoverCalled 003"));
}

#[test]
fn a_target_that_lacks_something_lets_the_old_primary_win_again() {
    let mut b = Bench::started(2);
    b.run(200);
    b.write(100, &[1, 3]);
    assert_eq!(failover(&mut b, Some(n(2))), Ok(()));
    assert_eq!((b.primary(), b.epoch()), (1, 2), "either the target has everything or nothing happened");
    assert!(b.saw("PlannedFailoverAborted 002") && !b.saw("FailoverCompleted"), "{:#?}", b.log);
    assert_eq!(b.losses(), [(0, true)]);
}

#[test]
fn a_handover_that_is_called_off_changes_nothing() {
    let mut b = Bench::started(2);
    b.puppets.get_mut(&n(1)).unwrap().refuses_handover = true;
    assert_eq!(failover(&mut b, Some(n(2))), Ok(()));
    assert!(b.saw("PlannedFailoverAborted 002"));
    assert_eq!(b.why("PlannedFailoverAborted"), ["PlannedFailoverAborted", "PlannedFailoverCalled"]);
    b.run(3000);
    assert_eq!((b.primary(), b.epoch()), (1, 1));
}

#[test]
fn a_handover_that_nobody_answers_is_called_off_by_its_timer() {
    let mut b = Bench::started(2);
    b.cut = vec![n(1)];
    assert_eq!(failover(&mut b, Some(n(2))), Ok(()));
    b.cut.clear();
    assert_eq!(failover(&mut b, Some(n(2))), Err(RequestError::Busy));
    b.run(5000);
    assert!(b.saw("PlannedFailoverAborted 002"), "{:#?}", b.log);
    assert_eq!((b.primary(), b.epoch()), (1, 1));
}

#[test]
fn a_primary_that_dies_during_its_handover_is_an_unplanned_failover() {
    let mut b = Bench::started(2);
    b.cut = vec![n(1)];
    assert_eq!(failover(&mut b, Some(n(3))), Ok(()));
    b.cut.clear();
    b.kill(1);
    assert_eq!(b.primary(), 2, "no release: the target has no preference");
    assert!(b.saw("PlannedFailoverAborted 003"), "{:#?}", b.log);
}

#[test]
fn bad_targets_are_refused() {
    let mut b = Bench::started(2);
    assert_eq!(failover(&mut b, Some(n(1))), Err(RequestError::BadTarget(n(1))));
    assert_eq!(failover(&mut b, Some(n(7))), Err(RequestError::NodeNotFound(n(7))));
    b.hang(2, true);
    b.run(800);
    assert_eq!(failover(&mut b, Some(n(2))), Err(RequestError::BadTarget(n(2))));
    assert_eq!(failover(&mut Bench::started(0), None), Err(RequestError::NoReplica));
}

#[test]
fn a_reboot_of_the_primary_does_not_fail_over_and_empties_the_group() {
    let mut b = Bench::started(2);
    b.write(100, &[1, 2, 3]);
    b.run(500);
    b.take();
    assert_eq!(reboot(&mut b, 1), Ok(()));
    assert_eq!(
        b.take(),
        [
            "event RebootCalled 001",
            "store Stable(1, 001/1)",
            "kill 001/1",
            "event NodeExited 001",
            "store Electing(2) if both",
            "event Suspected 001 2 Exited",
            "provision 001/2 us-east-1a",
            "event ElectionWaits 001 must return: the election is restricted to it",
            "002/1 freeze 2",
            "003/1 freeze 2",
            "event NodeProvisioned 001",
            "store Electing(2)",
            "event NodeJoined 001",
            "001/2 joined 1",
            "001/2 freeze 2",
            "event Reported 002 1:150",
            "event Reported 003 1:150",
            "event Reported 001 0:0",
            "store Stable(2, 001/2)",
            "event Elected 001 2: 001 is rebooted: the group starts from nothing",
            "event DataLost",
            "001/2 promote 2 at 0:0",
            "store lease 2/1 if both",
            "001/2 renewed 2/1",
            "event Serving 001 2",
            "002/1 follow 001 2",
            "003/1 follow 001 2",
            "publish 2 001 readers []",
            "event Lost 10 ops, exact false",
            "event NodeAttached 002 full false",
            "publish 2 001 readers [002]",
            "event NodeAttached 003 full false",
            "publish 2 001 readers [002 003]",
        ]
    );
    assert_eq!(b.store.shard.as_ref().unwrap().genesis, 1);
    assert_eq!(b.store.shard.as_ref().unwrap().reboot, None);
    let names: Vec<_> = b.events.iter().map(|e| name(&e.kind)).collect();
    assert!(!names.iter().any(|n| n == "FailoverCompleted" || n == "RecoveryStarted"), "{names:?}");
    assert_eq!(b.why("DataLost").last().map(String::as_str), Some("RebootCalled"));
}

#[test]
fn a_reboot_of_a_replica_costs_no_election() {
    let mut b = Bench::started(2);
    assert_eq!(reboot(&mut b, 2), Ok(()));
    assert_eq!((b.primary(), b.epoch()), (1, 1));
    assert!(b.saw("provision 002/2") && b.saw("NodeAttached 002 full true"), "{:#?}", b.log);
    assert!(!b.saw("RecoveryStarted"));
    assert_eq!(b.store.shard.as_ref().unwrap().reboot, None);
    assert_eq!(b.group.view(b.now).nodes[1].status, NodeStatus::Available);
    assert_eq!(reboot(&mut b, 9), Err(RequestError::NodeNotFound(n(9))));
}

#[test]
fn a_reboot_survives_the_coordinator() {
    let mut b = Bench::started(2);
    b.hold_store = true;
    assert_eq!(reboot(&mut b, 1), Ok(()));
    // The mark is stored; the coordinator dies before the process does.
    let Some(group_harness::Asked::Store(_, change)) = b.asked.pop_front() else { panic!() };
    assert!(b.store.apply(change));
    b.hold_store = false;
    b.restart_coordinator();
    b.run(3000);
    assert_eq!((b.primary(), b.epoch(), b.life(1)), (1, 2, 2), "{:#?}", b.log);
    assert_eq!(b.store.shard.as_ref().unwrap().genesis, 1);
}

#[test]
fn a_rebooted_primary_that_never_returns_is_failed_over_after_all() {
    let mut b = Bench::started(2);
    b.no_capacity = true;
    assert_eq!(reboot(&mut b, 1), Ok(()));
    b.run(20_000);
    assert_eq!(b.primary(), 2, "{:#?}", b.log);
    assert_eq!(b.store.shard.as_ref().unwrap().genesis, 0);
}

fn without_automatic_failover(replicas: u8) -> Bench {
    let mut config = config(replicas);
    config.spec.automatic_failover = false;
    Bench::started_with(config)
}

#[test]
fn automatic_failover_off_restores_the_primary_from_the_best_replica() {
    let mut b = without_automatic_failover(2);
    b.write(100, &[1, 2, 3]);
    b.write(50, &[1, 3]);
    b.kill(1);
    assert!(!b.saw("Suspected"), "{:#?}", b.log);
    b.run(3000);
    assert_eq!((b.primary(), b.epoch(), b.life(1)), (1, 2, 2), "roles do not change");
    assert!(b.saw("001/2 catch-up 2 from 003 to 1:200"), "{:#?}", b.log);
    assert!(b.saw("001/2 promote 2 at 1:200") && b.saw("RecoveryFinished 001"), "{:#?}", b.log);
    assert!(!b.saw("FailoverCompleted") && !b.saw("DataLost"));
}

#[test]
fn automatic_failover_off_never_elects_by_suspicion() {
    let mut b = without_automatic_failover(2);
    b.hang(1, true);
    b.run(1100);
    assert!(!b.saw("Suspected") && !b.saw("kill"), "{:#?}", b.log);
    b.hang(1, false);
    b.run(3000);
    assert_eq!((b.primary(), b.epoch(), b.life(1)), (1, 1, 1), "it woke and went on");
    b.hang(1, true);
    b.run(6000);
    assert_eq!((b.primary(), b.epoch(), b.life(1)), (1, 2, 2), "replaced, not failed over: {:#?}", b.log);
}

#[test]
fn automatic_failover_off_the_operator_may_open_an_election() {
    let mut b = without_automatic_failover(2);
    b.kill(1);
    assert_eq!(failover(&mut b, None), Ok(()));
    assert_eq!(b.primary(), 2);
    assert_eq!(b.why("Suspected"), ["Suspected", "PlannedFailoverCalled"]);
}

#[test]
fn automatic_failover_off_without_a_replica_loses_the_data_and_says_so() {
    let mut b = Bench::started(0);
    b.write(100, &[1]);
    b.run(500);
    b.kill(1);
    b.run(3000);
    assert_eq!((b.primary(), b.epoch(), b.life(1)), (1, 2, 2), "{:#?}", b.log);
    assert!(b.saw("DataLost"));
    assert_eq!(b.losses(), [(10, false)]);
}

#[test]
fn automatic_failover_can_be_switched() {
    let mut b = without_automatic_failover(1);
    let on = Request::SetAutomaticFailover { enabled: true };
    assert_eq!(b.group.handle_request(on.clone(), b.now), Ok(()));
    b.kill(1);
    assert_eq!(b.primary(), 2);
    let mut alone = Bench::started(0);
    assert_eq!(alone.group.handle_request(on, alone.now), Err(RequestError::NoReplica));
}

#[test]
fn a_deleted_group_ends_every_process_and_starts_none() {
    let mut b = Bench::started(2);
    assert_eq!(b.group.handle_request(Request::Delete, b.now), Ok(()));
    b.drain();
    b.run(5000);
    assert_eq!((b.count("kill"), b.count("provision")), (3, 0), "{:#?}", b.log);
    assert!(b.saw("GroupDeleting") && b.saw("GroupDeleted"));
    assert_eq!(b.group.view(b.now).status, GroupStatus::Deleting);
    assert_eq!(test_failover(&mut b), Err(RequestError::NotAvailable));
}

#[test]
fn requests_wait_for_the_group() {
    let mut b = Bench::with(config(2), Default::default());
    assert_eq!(test_failover(&mut b), Err(RequestError::NotAvailable));
    let _ = at(0, 0);
}
