//! More and fewer replicas in a running group (`failover.md` §2.11).

mod group_harness;

use group_harness::{Bench, config, n};
use primacy_core::control::FromNode;
use primacy_core::group::view::{GroupStatus, NodeStatus};
use primacy_core::group::{Request, RequestError};
use primacy_core::id::{Incarnation, Position};

fn increase(b: &mut Bench, count: u8) -> Result<(), RequestError> {
    let asked = b.group.handle_request(Request::IncreaseReplicas { count: Some(count) }, b.now);
    b.drain();
    asked
}

fn decrease(b: &mut Bench, count: Option<u8>, remove: &[u16]) -> Result<(), RequestError> {
    let remove = remove.iter().map(|id| n(*id)).collect();
    let asked = b.group.handle_request(Request::DecreaseReplicas { count, remove }, b.now);
    b.drain();
    asked
}

fn members(b: &Bench) -> Vec<(u16, String)> {
    let rec = b.store.shard.as_ref().unwrap();
    rec.members.iter().map(|(id, m)| (id.0, m.zone.clone())).collect()
}

fn ids(b: &Bench) -> Vec<u16> {
    members(b).into_iter().map(|(id, _)| id).collect()
}

fn events(b: &Bench) -> Vec<&str> {
    b.log.iter().filter_map(|line| line.strip_prefix("event ")).collect()
}

#[test]
fn a_replica_is_added_and_tells_why_it_came() {
    let mut b = Bench::started(1);
    assert_eq!(increase(&mut b, 2), Ok(()));
    b.run(1000);
    let expected = [
        "ReplicasAsked 1 -> 2",
        "NodeAdded 003",
        "NodeProvisioned 003",
        "NodeJoined 003",
        "NodeAttached 003 full true",
        "ReplicasChanged 1 -> 2",
    ];
    assert_eq!(events(&b), expected);
    assert_eq!(b.why("NodeAttached").last().map(String::as_str), Some("ReplicasAsked"));
    let view = b.group.view(b.now);
    assert_eq!((view.status, view.spec.replicas), (GroupStatus::Available, 2));
    assert!(view.nodes.iter().all(|node| node.status == NodeStatus::Available));
    assert!(b.saw("publish 1 001 readers [002 003]"), "{:#?}", b.log);
    assert!(b.store.shard.as_ref().unwrap().members.values().all(|m| m.electable), "confirmed (R15)");
}

#[test]
fn a_new_member_cannot_win_before_the_primary_knows_it_r15() {
    let mut b = Bench::started(1);
    b.silent_puppets = true;
    assert_eq!(increase(&mut b, 2), Ok(()));
    b.report_as(3, 1, FromNode::Join { addr: group_harness::addr(n(3)), position: Position::default() });
    let rec = b.store.shard.as_ref().unwrap();
    assert_eq!(rec.members[&n(3)].incarnation, Incarnation(1), "let in");
    assert!(!rec.members[&n(3)].electable, "but the primary has not renewed since");
}

#[test]
fn new_members_go_to_the_emptiest_zone_one_after_the_other() {
    let mut b = Bench::started(1);
    assert_eq!(increase(&mut b, 5), Ok(()));
    b.run(3000);
    let zones: String = members(&b).into_iter().map(|(_, zone)| zone.chars().last().unwrap()).collect();
    assert_eq!(zones, "abcbca");
    let added = b.log.iter().filter(|line| line.starts_with("event NodeAdded")).count();
    assert_eq!(added, 4);
    let renewals = b.log.iter().position(|l| l.contains("NodeAdded 004")).unwrap();
    assert!(b.log[..renewals].iter().any(|l| l.contains("renewed")), "the list was confirmed in between");
}

#[test]
fn whoever_is_furthest_behind_in_the_fullest_zone_leaves_first() {
    let mut b = Bench::started(3);
    assert_eq!(members(&b).last().map(|(_, z)| z.chars().last().unwrap()), Some('b'));
    b.write(100, &[1, 4, 3]);
    b.run(500);
    assert_eq!(decrease(&mut b, Some(2), &[]), Ok(()));
    b.run(500);
    assert_eq!(ids(&b), [1, 3, 4], "002 and 004 share a zone, and 002 is behind");
    assert!(b.saw("kill 002/1") && !b.puppets[&n(2)].alive);
    assert!(b.saw("publish 1 001 readers [003 004]"), "{:#?}", b.log);
    assert!(b.saw("event ReplicasChanged 3 -> 2"), "{:#?}", b.log);
}

#[test]
fn whoever_is_named_leaves_and_the_primary_never() {
    let mut b = Bench::started(3);
    assert_eq!(decrease(&mut b, None, &[1]), Err(RequestError::IsPrimary(n(1))));
    assert_eq!(decrease(&mut b, None, &[3, 2, 3]), Ok(()));
    b.run(1500);
    assert_eq!(ids(&b), [1, 4]);
    assert_eq!(b.primary(), 1);
}

#[test]
fn whoever_was_named_before_leaves_too() {
    let mut b = Bench::started(4);
    b.hold_store = true;
    assert_eq!(decrease(&mut b, None, &[3]), Ok(()));
    assert_eq!(decrease(&mut b, None, &[3]), Err(RequestError::NotFewer(3)), "it is leaving already");
    assert_eq!(decrease(&mut b, None, &[4]), Ok(()));
    b.hold_store = false;
    while !b.asked.is_empty() {
        b.answer_next();
    }
    b.run(2000);
    assert_eq!(ids(&b), [1, 2, 5]);
}

#[test]
fn nobody_comes_before_whoever_was_named_has_left() {
    let mut b = Bench::started(3);
    b.hold_store = true;
    assert_eq!(decrease(&mut b, None, &[3]), Ok(()));
    assert_eq!(increase(&mut b, 3), Err(RequestError::Busy));
    b.hold_store = false;
    while !b.asked.is_empty() {
        b.answer_next();
    }
    b.run(2000);
    assert_eq!(ids(&b), [1, 2, 4]);
    assert_eq!(increase(&mut b, 3), Ok(()));
    b.run(2000);
    assert_eq!(ids(&b), [1, 2, 3, 4]);
}

#[test]
fn limits_and_mistakes_change_nothing() {
    let mut b = Bench::started(2);
    assert_eq!(increase(&mut b, 6), Err(RequestError::TooManyReplicas));
    assert_eq!(increase(&mut b, 2), Err(RequestError::NotMore(2)));
    assert_eq!(decrease(&mut b, Some(2), &[]), Err(RequestError::NotFewer(2)));
    assert_eq!(decrease(&mut b, Some(0), &[]), Err(RequestError::LastReplica));
    assert_eq!(decrease(&mut b, None, &[2, 3]), Err(RequestError::LastReplica));
    assert_eq!(decrease(&mut b, None, &[9]), Err(RequestError::NodeNotFound(n(9))));
    assert!(!b.saw("store Stable"), "{:#?}", b.log);
    assert_eq!(increase(&mut b, 5), Ok(()), "the edge");
    assert_eq!(increase(&mut b, 5), Err(RequestError::NotMore(5)), "asked for already");
    b.run(3000);
    assert_eq!(ids(&b), [1, 2, 3, 4, 5, 6]);
    let off = Request::SetAutomaticFailover { enabled: false };
    assert_eq!(b.group.handle_request(off, b.now), Ok(()));
    assert_eq!(decrease(&mut b, Some(0), &[]), Ok(()), "without automatic failover");
    b.run(3000);
    assert_eq!(ids(&b), [1]);
    let on = Request::SetAutomaticFailover { enabled: true };
    assert_eq!(b.group.handle_request(on, b.now), Err(RequestError::NoReplica));
}

#[test]
fn one_more_one_less_and_so_many() {
    let mut b = Bench::started(2);
    let mut ask = |request| {
        let asked = b.group.handle_request(request, b.now);
        b.drain();
        b.run(2000);
        asked.map(|()| ids(&b).len() - 1)
    };
    assert_eq!(ask(Request::IncreaseReplicas { count: None }), Ok(3));
    assert_eq!(ask(Request::DecreaseReplicas { count: None, remove: Vec::new() }), Ok(2));
    assert_eq!(ask(Request::SetReplicas { count: 5 }), Ok(5));
    assert_eq!(ask(Request::SetReplicas { count: 5 }), Err(RequestError::NotMore(5)));
    assert_eq!(ask(Request::IncreaseReplicas { count: None }), Err(RequestError::TooManyReplicas));
    assert_eq!(ask(Request::SetReplicas { count: 1 }), Ok(1));
    assert_eq!(ask(Request::SetReplicas { count: 0 }), Err(RequestError::LastReplica));
}

#[test]
fn a_number_that_is_used_again_goes_on_counting_its_lives_r9() {
    let mut b = Bench::started(2);
    assert_eq!(decrease(&mut b, None, &[3]), Ok(()));
    b.run(500);
    assert_eq!(increase(&mut b, 2), Ok(()));
    b.run(1000);
    assert_eq!((ids(&b), b.life(3)), (vec![1, 2, 3], 2));
    assert!(b.saw("provision 003/2"), "{:#?}", b.log);
    assert!(!b.saw("event RecoveryStarted"), "{:#?}", b.log);
}

#[test]
fn another_coordinator_goes_on_with_what_was_begun() {
    let mut b = Bench::started(1);
    assert_eq!(increase(&mut b, 4), Ok(()));
    b.restart_coordinator();
    b.run(3000);
    assert_eq!(ids(&b), [1, 2, 3, 4, 5]);
    assert_eq!(b.group.view(b.now).status, GroupStatus::Available);
    assert_eq!(decrease(&mut b, Some(1), &[2]), Ok(()));
    b.restart_coordinator();
    b.run(3000);
    assert!(ids(&b).len() == 2 && !ids(&b).contains(&2), "{:?}", ids(&b));
    let alive: Vec<_> = b.puppets.iter().filter(|(_, p)| p.alive).map(|(id, _)| id.0).collect();
    assert_eq!(alive, ids(&b), "nobody is left behind");
}

#[test]
fn a_failover_comes_before_the_next_step() {
    let mut b = Bench::started(2);
    b.no_capacity = true;
    assert_eq!(increase(&mut b, 3), Ok(()));
    b.kill(1);
    b.run(500);
    assert_ne!(b.primary(), 1);
    b.no_capacity = false;
    b.run(20_000);
    assert_eq!(ids(&b), [1, 2, 3, 4]);
    let view = b.group.view(b.now);
    assert_eq!(view.status, GroupStatus::Available);
    assert!(view.nodes.iter().all(|node| node.heard && (node.link_up || node.is_primary)), "{view:#?}");
}

#[test]
fn nothing_else_is_asked_of_a_group_that_changes() {
    let mut b = Bench::started(1);
    b.no_capacity = true;
    assert_eq!(increase(&mut b, 2), Ok(()));
    b.run(500);
    let test = Request::TestFailover { node_group: "0001".into() };
    assert_eq!(b.group.handle_request(test, b.now), Err(RequestError::Busy));
    let view = b.group.view(b.now);
    assert_eq!((view.status, view.nodes[2].status), (GroupStatus::Modifying, NodeStatus::Creating));
    assert_eq!(decrease(&mut b, None, &[3]), Ok(()), "but it can be taken back");
    b.run(500);
    assert_eq!(ids(&b), [1, 2]);
    assert_eq!(b.group.view(b.now).status, GroupStatus::Available);
}

#[test]
fn a_former_member_that_lives_after_all_is_ended_again() {
    let mut b = Bench::started_with(config(2));
    assert_eq!(decrease(&mut b, None, &[3]), Ok(()));
    b.run(500);
    b.log.clear();
    b.report_as(3, 1, FromNode::Join { addr: group_harness::addr(n(3)), position: Position::default() });
    b.run(30_000);
    assert_eq!(b.count("kill 003/1"), 1, "{:#?}", b.log);
    assert_eq!(ids(&b), [1, 2]);
}
