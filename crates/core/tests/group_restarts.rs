//! Several coordinators, coordinators that come and go, and stores that do not answer: safety rests on the
//! compare-and-set alone (R3), so every one of them goes on from the store's phase.

mod group_harness;

use group_harness::{Asked, Bench, at, config, n};
use primacy_core::control::{FromNode, NodeRole, ToNode};
use primacy_core::group::record::Phase;
use primacy_core::group::{Action, Group, Request, Stored};
use primacy_core::id::{Epoch, Incarnation};
use std::time::Duration;

#[test]
fn a_restarted_coordinator_observes_the_lease_from_zero_r3() {
    let mut b = Bench::started(2);
    b.hang(1, true);
    b.run(1000);
    b.restart_coordinator();
    b.run(1100);
    assert!(!b.saw("Suspected"), "{:#?}", b.log);
    b.run(200);
    assert!(b.saw("Suspected 001 2 LeaseRanOut"), "{:#?}", b.log);
}

#[test]
fn a_restarted_coordinator_of_a_healthy_group_disturbs_nothing() {
    let mut b = Bench::started(2);
    b.restart_coordinator();
    b.run(5000);
    assert_eq!((b.primary(), b.epoch()), (1, 1));
    assert!(b.saw("publish 1 001"), "names are told again: a new DNS server knows none");
    assert!(!b.saw("event") && !b.saw("kill") && !b.saw("provision"), "{:#?}", b.log);
}

/// Kills the primary with a store that waits, answers `answered` questions, replaces the coordinator (the store has
/// carried the last question out or not), and lets the new one finish.
fn restart_after(answered: usize, carried_out: bool) -> Bench {
    let mut b = Bench::started(2);
    b.hold_store = true;
    b.kill(1);
    for _ in 0..answered {
        b.answer_next();
    }
    if carried_out && let Some(asked) = b.asked.front().cloned() {
        b.carry_out(&asked);
    }
    b.hold_store = false;
    b.restart_coordinator();
    b.run(5000);
    b
}

#[test]
fn a_coordinator_lost_in_any_phase_is_continued_by_the_next() {
    for answered in 0..4 {
        for carried_out in [false, true] {
            let b = restart_after(answered, carried_out);
            let at = format!("after {answered} answers, carried out: {carried_out}: {:#?}", b.log);
            assert_ne!(b.primary(), 1, "{at}");
            assert!(b.epoch() >= 2, "{at}");
            assert!(b.saw(&format!("publish {} 00{}", b.epoch(), b.primary())), "{at}");
            assert!(b.log.iter().any(|l| l.contains("follow")), "{at}");
        }
    }
}

#[test]
fn a_restarted_coordinator_finishes_a_planned_failover() {
    let mut b = Bench::started(2);
    b.hold_store = true;
    assert_eq!(b.group.handle_request(Request::Failover { target: Some(n(3)) }, b.now), Ok(()));
    b.drain();
    let asked = b.asked.front().cloned().expect("the release is being stored");
    b.carry_out(&asked);
    b.hold_store = false;
    b.restart_coordinator();
    b.run(1000);
    assert_eq!((b.primary(), b.epoch()), (3, 2), "target and release are in the record");
    assert_eq!(b.losses(), [(0, true)]);
}

#[test]
fn two_coordinators_race_and_one_election_is_committed() {
    let mut b = Bench::started(2);
    let mut other = Group::new(config(2), b.store.clone(), [8; 32], b.now);
    while other.poll_action().is_some() {}
    b.hold_store = true;
    b.kill(1);
    other.handle_exited(n(1), Incarnation(1), b.now);
    let rival = first_store(&mut other).expect("the other one wants the same");
    let mine = b.asked.front().cloned().unwrap();
    // The other coordinator's change is written first.
    let won = b.carry_out(&rival).unwrap();
    assert!(matches!(won.1, Stored::Ok { .. }));
    other.handle_stored(won.0, won.1, b.now);
    b.answer_next();
    assert_eq!(b.log.last().map(String::as_str), Some("load"), "{mine:?} met a conflict");
    b.answer_next();
    assert!(
        b.log.iter().filter(|l| l.contains("freeze 2")).count() == 2,
        "it joins the election: {:#?}",
        b.log
    );
    assert!(!b.saw("Suspected"), "it was not its own");
    // Both have the votes and both try to commit: one repl id is drawn.
    let commit = b.asked.pop_front().unwrap();
    for node in [2, 3] {
        let vote = FromNode::Report {
            epoch: Epoch(2),
            position: at(1, 50),
            repl_id: Default::default(),
            electable: true,
        };
        let envelope = primacy_core::control::Envelope {
            group: group_harness::GROUP.into(),
            from: n(node),
            incarnation: Incarnation(1),
            message: vote,
        };
        other.handle_report(envelope, b.now);
    }
    let rival = first_store(&mut other).expect("the other one commits too");
    let won = b.carry_out(&rival).unwrap();
    assert!(matches!(won.1, Stored::Ok { .. }));
    b.asked.push_front(commit);
    b.hold_store = false;
    b.answer_next();
    b.run(2000);
    let history = &b.store.shard.as_ref().unwrap().history;
    assert_eq!(history.iter().filter(|e| e.epoch == Epoch(2)).count(), 1);
    assert_eq!((b.primary(), b.epoch()), (2, 2));
    assert!(b.saw("002/1 promote 2"), "whoever sees the commit promotes: {:#?}", b.log);
}

fn first_store(group: &mut Group) -> Option<Asked> {
    std::iter::from_fn(|| group.poll_action()).find_map(|a| match a {
        Action::Store { ticket, change } => Some(Asked::Store(ticket, change)),
        _ => None,
    })
}

#[test]
fn a_renewal_names_both_revisions_so_a_take_over_and_it_cannot_both_be_written_r3() {
    let mut b = Bench::started(2);
    b.hold_store = true;
    let message = b.renewal(n(1));
    b.report(1, message);
    let Some(Asked::Store(_, change)) = b.asked.front().cloned() else { panic!() };
    assert!(change.expect_shard.is_some() && change.expect_lease.is_some() && change.lease.is_some());
    // Another coordinator takes over meanwhile.
    let shard = b.store.shard.as_mut().unwrap();
    shard.phase = Phase::Electing;
    shard.epoch = Epoch(2);
    b.store.shard_revision.0 += 1;
    b.log.clear();
    b.answer_next();
    b.answer_next();
    assert_eq!(b.count("001/1 denied 2"), 1, "{:#?}", b.log);
    assert_eq!(b.count("001/1 renewed"), 0);
}

#[test]
fn a_coordinator_whose_election_another_one_has_ended_reads_when_the_winner_speaks() {
    let b = Bench::started(2);
    let mut registers = b.store.clone();
    let shard = registers.shard.as_mut().unwrap();
    shard.phase = Phase::Electing;
    shard.epoch = Epoch(2);
    let mut stale = Group::new(config(2), registers, [8; 32], b.now);
    while stale.poll_action().is_some() {}
    // Its last word is of the epoch that is being elected here: nobody has that but by having been elected.
    let message = FromNode::Heartbeat {
        role: NodeRole::Detached,
        promised: Epoch(2),
        position: at(2, 60),
        acked: vec![],
        link_up: false,
        keys: 0,
    };
    let group = group_harness::GROUP.into();
    let envelope =
        primacy_core::control::Envelope { group, from: n(2), incarnation: Incarnation(1), message };
    stale.handle_report(envelope, b.now);
    let actions: Vec<_> = std::iter::from_fn(|| stale.poll_action()).collect();
    assert!(actions.iter().any(|a| matches!(a, Action::Load { .. })), "{actions:?}");
}

#[test]
fn a_life_that_another_coordinator_has_let_in_is_read_of_and_not_unheard() {
    let b = Bench::started(2);
    let mut stale = Group::new(config(2), b.store.clone(), [8; 32], b.now);
    while stale.poll_action().is_some() {}
    let message = FromNode::Heartbeat {
        role: NodeRole::Following,
        promised: Epoch(1),
        position: at(1, 50),
        acked: vec![],
        link_up: true,
        keys: 0,
    };
    let group = group_harness::GROUP.into();
    let envelope =
        primacy_core::control::Envelope { group, from: n(3), incarnation: Incarnation(2), message };
    stale.handle_report(envelope, b.now);
    let actions: Vec<_> = std::iter::from_fn(|| stale.poll_action()).collect();
    assert!(actions.iter().any(|a| matches!(a, Action::Load { .. })), "{actions:?}");
}

#[test]
fn signs_of_life_are_answered_when_there_is_nothing_else_to_say() {
    let mut b = Bench::started(2);
    b.run(1_000);
    assert!((2..=3).contains(&b.count("003/1 heard")), "every fourth of ten: {:#?}", b.log);
    assert_eq!(b.count("001/1 heard"), 0, "the primary's renewals are answered anyway");
}

#[test]
fn a_revision_of_the_lease_is_not_known_without_its_value() {
    let mut b = Bench::started(2);
    let mut stale = Group::new(config(2), b.store.clone(), [8; 32], b.now);
    while stale.poll_action().is_some() {}
    let known = b.store.lease_revision;
    // Another coordinator stores a renewal; then this one lets a new life in, which names no lease.
    b.run(500);
    assert!(b.store.lease_revision > known);
    let message = FromNode::Join { addr: group_harness::addr(n(3)), position: Default::default() };
    let group = group_harness::GROUP.into();
    let envelope =
        primacy_core::control::Envelope { group, from: n(3), incarnation: Incarnation(2), message };
    stale.handle_report(envelope, b.now);
    let join = first_store(&mut stale).expect("the life is let in");
    let (ticket, stored) = b.carry_out(&join).unwrap();
    assert!(matches!(stored, Stored::Ok { .. }), "{stored:?}");
    stale.handle_stored(ticket, stored, b.now);
    assert_eq!(stale.registers().lease_revision, known);
    let actions: Vec<_> = std::iter::from_fn(|| stale.poll_action()).collect();
    assert!(actions.iter().any(|a| matches!(a, Action::Load { .. })), "{actions:?}");
}

#[test]
fn a_life_that_waits_here_and_was_let_in_by_another_coordinator_is_told_whom_to_follow() {
    let mut b = Bench::started(2);
    let mut stale = Group::new(config(2), b.store.clone(), [8; 32], b.now);
    while stale.poll_action().is_some() {}
    let said = |message| {
        let (group, from) = (group_harness::GROUP.into(), n(3));
        primacy_core::control::Envelope { group, from, incarnation: Incarnation(2), message }
    };
    let addr = group_harness::addr(n(3));
    stale.handle_report(said(FromNode::Join { addr, position: Default::default() }), b.now);
    let join = first_store(&mut stale).expect("the life is let in");
    let (ticket, _) = b.carry_out(&join).expect("by the other one, which was first");
    stale.handle_stored(ticket, Stored::Conflict, b.now);
    stale.handle_registers(b.store.clone(), b.now);
    let message = FromNode::Heartbeat {
        role: NodeRole::Detached,
        promised: Epoch(1),
        position: Default::default(),
        acked: vec![],
        link_up: false,
        keys: 0,
    };
    stale.handle_report(said(message), b.now);
    let actions: Vec<_> = std::iter::from_fn(|| stale.poll_action()).collect();
    let told = |a: &Action| matches!(a, Action::Send(_, Incarnation(2), ToNode::Follow { .. }));
    assert!(actions.iter().any(told), "{actions:?}");
}

#[test]
fn a_coordinator_whose_store_is_silent_answers_no_sign_of_life() {
    let mut b = Bench::started(2);
    b.run(1_000);
    b.hold_store = true;
    b.take();
    let message = b.renewal(n(1));
    b.report(1, message);
    for _ in 0..2 {
        let Some(Asked::Store(ticket, _) | Asked::Load(ticket)) = b.asked.pop_front() else { panic!() };
        b.group.handle_stored(ticket, Stored::Unknown, b.now);
        b.drain();
    }
    b.run(1_000);
    let heard = |b: &Bench| b.log.iter().any(|line| line.ends_with(" heard"));
    assert!(!heard(&b), "its members had better look for another one: {:#?}", b.log);
    let Some(Asked::Load(_)) = b.asked.front() else { panic!("{:?}", b.asked) };
    b.hold_store = false;
    b.answer_next();
    b.run(1_000);
    assert!(heard(&b), "{:#?}", b.log);
}

#[test]
fn a_stale_coordinator_reads_before_it_denies() {
    let mut b = Bench::started(2);
    let mut stale = Group::new(config(2), b.store.clone(), [8; 32], b.now);
    while stale.poll_action().is_some() {}
    b.kill(1);
    assert_eq!(b.epoch(), 2);
    let message = b.renewal(n(2));
    let envelope = primacy_core::control::Envelope {
        group: group_harness::GROUP.into(),
        from: n(2),
        incarnation: Incarnation(1),
        message,
    };
    stale.handle_report(envelope, b.now);
    let actions: Vec<_> = std::iter::from_fn(|| stale.poll_action()).collect();
    assert!(matches!(actions[..], [Action::Load { .. }]), "{actions:?}");
    stale.handle_registers(b.store.clone(), b.now);
    let actions: Vec<_> = std::iter::from_fn(|| stale.poll_action()).collect();
    assert!(
        actions.iter().any(|a| matches!(a, Action::Store { change, .. } if change.lease.is_some())),
        "{actions:?}"
    );
    assert!(!actions.iter().any(|a| matches!(a, Action::Send(_, _, ToNode::Denied { .. }))));
}

#[test]
fn an_unknown_outcome_is_settled_by_reading() {
    for written in [false, true] {
        let mut b = Bench::started(2);
        b.hold_store = true;
        b.kill(1);
        let asked = b.asked.pop_front().unwrap();
        let Asked::Store(ticket, _) = asked else { panic!() };
        if written {
            b.carry_out(&asked);
        }
        b.log.clear();
        b.group.handle_stored(ticket, Stored::Unknown, b.now);
        b.drain();
        assert_eq!(b.take(), ["load"], "nothing is shown before it is known");
        b.hold_store = false;
        b.answer_next();
        b.run(100);
        assert_eq!((b.primary(), b.epoch()), (2, 2), "written: {written}: {:#?}", b.log);
        assert!(b.saw("Suspected 001 2 Exited"), "its own, and told once: {:#?}", b.log);
        assert_eq!(b.count("event Suspected"), 1);
    }
}

#[test]
fn a_renewal_whose_outcome_is_unknown_is_answered_when_it_was_written() {
    let mut b = Bench::started(2);
    b.hold_store = true;
    let message = b.renewal(n(1));
    b.report(1, message);
    let asked = b.asked.pop_front().unwrap();
    let Asked::Store(ticket, _) = asked else { panic!() };
    b.carry_out(&asked);
    b.group.handle_stored(ticket, Stored::Unknown, b.now);
    b.drain();
    b.answer_next();
    assert_eq!(b.log.iter().filter(|l| l.starts_with("001/1 renewed 1/")).count(), 1, "{:#?}", b.log);
}

#[test]
fn an_unreachable_store_is_asked_again_and_nobody_is_deposed_for_it() {
    let mut b = Bench::started(2);
    b.hold_store = true;
    for _ in 0..40 {
        b.run(100);
        while let Some(asked) = b.asked.pop_front() {
            let (Asked::Store(ticket, _) | Asked::Load(ticket)) = asked;
            b.group.handle_stored(ticket, Stored::Unknown, b.now);
            b.drain();
        }
    }
    b.hold_store = false;
    b.run(3000);
    assert_eq!((b.primary(), b.epoch()), (1, 1), "{:#?}", b.log.iter().rev().take(20).collect::<Vec<_>>());
}

#[test]
fn a_coordinator_that_slept_does_not_take_its_own_silence_for_theirs() {
    let mut b = Bench::started(2);
    b.run(500);
    b.advance_to(b.now.mono + Duration::from_secs(30));
    b.group.handle_timeout(b.now);
    b.drain();
    b.run(3000);
    assert_eq!((b.primary(), b.epoch()), (1, 1));
    assert!(!b.saw("NodeSilent") && !b.saw("Suspected"), "{:#?}", b.log);
}

#[test]
fn a_life_is_stored_before_its_process_is_started_r9() {
    let mut b = Bench::started(2);
    b.kill(3);
    b.hold_store = true;
    b.run(600);
    // One store at a time: first the renewal under way, then the new life.
    while !b.asked.iter().any(|a| matches!(a, Asked::Store(_, c) if c.shard.is_some())) {
        assert!(!b.saw("provision"));
        b.answer_next();
    }
    let assigned = |b: &Bench| b.store.shard.as_ref().unwrap().members[&n(3)].assigned;
    assert_eq!((b.count("provision"), assigned(&b)), (0, Incarnation(1)));
    b.answer_next();
    assert_eq!((b.count("provision 003/2"), assigned(&b)), (1, Incarnation(2)));
    b.hold_store = false;
    b.restart_coordinator();
    b.no_capacity = true;
    b.run(20_000);
    assert!(
        !b.saw("provision 003/2 ") || b.count("provision 003/2") == 1,
        "no life is given out twice: {:#?}",
        b.log
    );
}
