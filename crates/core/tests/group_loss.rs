//! Loss reports (`failover.md` §2.9, I7): exact where the old primary comes back, a lower bound where it does not.

mod group_harness;

use group_harness::{Bench, at, n};
use primacy_core::control::{FromNode, LossReport};
use primacy_core::group::record::{EpochStart, Phase};
use primacy_core::id::{Epoch, Incarnation, Position};

fn vote(epoch: u64, position: Position) -> FromNode {
    FromNode::Report { epoch: Epoch(epoch), position, repl_id: Default::default(), electable: true }
}

fn lost(ops: u64) -> LossReport {
    LossReport {
        epoch: Epoch(1),
        node: n(1),
        incarnation: Incarnation(1),
        fork: at(1, 50),
        end: at(1, 50 + ops * 10),
        ops,
        bytes: ops * 10,
        exact: true,
        window_ms: 0,
    }
}

#[test]
fn an_inexact_loss_is_made_exact_by_the_old_primary_itself() {
    let mut b = Bench::started(2);
    b.write(30, &[1]);
    b.hang(1, true);
    b.run(1300);
    assert_eq!(b.losses(), [(0, false)], "{:#?}", b.log);
    b.report(1, FromNode::Lost(lost(3)));
    assert_eq!(b.losses(), [(0, false), (3, true)]);
    assert_eq!(b.why("Lost")[..3], ["Lost", "Lost", "FailoverCompleted"]);
    b.report(1, FromNode::Lost(lost(3)));
    b.report(2, FromNode::Lost(lost(9)));
    assert_eq!(b.losses().len(), 2, "told once, and only its own word counts");
}

#[test]
fn a_late_exact_report_counts_only_what_its_own_failover_lost() {
    let mut b = Bench::started(2);
    b.run(300);
    b.hang(1, true);
    b.run(1300);
    assert_eq!(b.epoch(), 2);
    // 002 serves 100 bytes that nobody gets, and hangs; 003 is elected from where epoch 2 began.
    b.write(100, &[2]);
    b.run(300);
    b.hang(2, true);
    b.run(2000);
    assert_eq!((b.primary(), b.epoch()), (3, 3), "{:#?}", b.log);
    let mut said = lost(3);
    said.fork = at(0, 0);
    said.ops = 99;
    b.report_as(1, 1, FromNode::Lost(said));
    assert_eq!(b.losses().last(), Some(&(3, true)), "{:#?}", b.losses());
}

#[test]
fn a_count_is_not_exact_when_another_coordinator_knows_which_epoch_served_next() {
    let mut b = Bench::started(2);
    let shard = b.store.shard.as_mut().unwrap();
    // Epoch 2 left the old primary's history at 80 and died alone; epoch 3 went on from 50. Which of them served first,
    // and told the loss, this coordinator does not know.
    for (epoch, offset) in [(2, 80), (3, 50)] {
        let repl_id = Default::default();
        shard.history.push(EpochStart { epoch: Epoch(epoch), repl_id, start: at(1, offset) });
    }
    shard.epoch = Epoch(3);
    shard.phase = Phase::Stable { primary: n(3), incarnation: Incarnation(1) };
    b.silent_puppets = true;
    b.restart_coordinator();
    b.take();
    let mut said = lost(9);
    said.fork = at(1, 50);
    b.report(1, FromNode::Lost(said.clone()));
    assert!(b.losses().last().is_none_or(|(_, exact)| !exact), "{:#?}", b.losses());
    // Both left at one place: then it does not matter.
    let mut b = Bench::started(2);
    let shard = b.store.shard.as_mut().unwrap();
    for epoch in [2, 3] {
        let (repl_id, start) = (Default::default(), at(1, 80));
        shard.history.push(EpochStart { epoch: Epoch(epoch), repl_id, start });
    }
    shard.epoch = Epoch(3);
    shard.phase = Phase::Stable { primary: n(3), incarnation: Incarnation(1) };
    b.silent_puppets = true;
    b.restart_coordinator();
    b.report(1, FromNode::Lost(said));
    assert_eq!(b.losses().last(), Some(&(6, true)), "{:#?}", b.losses());
}

#[test]
fn an_old_primary_that_goes_on_partially_has_said_nothing_about_its_loss() {
    let mut b = Bench::started(2);
    b.hang(1, true);
    b.run(1300);
    b.hang(1, false);
    b.run(500);
    assert_eq!(b.losses(), [(0, false)], "it may have had a snapshot before: {:#?}", b.log);
    b.take();
    b.report(1, FromNode::Lost(lost(0)));
    assert_eq!(b.losses(), [(0, false), (0, true)]);
    assert!(b.saw("001/1 loss 1 noted"), "{:#?}", b.log);
}

#[test]
fn a_lower_bound_comes_from_the_last_lease() {
    let mut b = Bench::started(2);
    b.write(200, &[1]);
    b.run(300);
    b.silent_puppets = true;
    b.exited(1, 1);
    b.report(2, vote(2, at(1, 50)));
    b.report(3, vote(2, at(1, 50)));
    let lease = FromNode::Renew {
        epoch: Epoch(2),
        seq: 1,
        asked: b.now.mono,
        position: at(2, 100),
        acked: vec![],
        members_seen: 0,
        synced: vec![],
    };
    b.report(2, lease);
    assert!(b.saw("Lost 20 ops, exact false"), "{:#?}", b.log);
}
