//! Two and three nodes: resyncs, promotions, what a failover loses.

mod common;

use common::World;
use primacy_core::control::{FromNode, LossReport, NodeRole, ToNode};
use primacy_core::id::{Epoch, NodeId, Position};

fn losses(w: &World, i: usize) -> Vec<LossReport> {
    let said = w.hosts[i].said.iter();
    said.filter_map(|m| if let FromNode::Lost(report) = m { Some(report.clone()) } else { None }).collect()
}

fn trio() -> World {
    let mut w = World::new(3);
    w.elect(1, &[0, 1, 2]);
    w
}

#[test]
fn a_replica_gets_a_snapshot_and_then_the_stream() {
    let mut w = World::new(2);
    assert_eq!(w.elect(1, &[0]), 0);
    let c = w.client(0);
    assert_eq!(w.call(0, c, "SET a 1"), "+OK\r\n");
    w.follow(1, 1, 0);
    w.settle();
    assert_eq!(w.hosts[1].node.role(), NodeRole::Following);
    assert_eq!(w.call(0, c, "SET b 2"), "+OK\r\n");
    let r = w.client(1);
    assert_eq!(w.call(1, r, "GET a"), "$1\r\n1\r\n");
    assert_eq!(w.call(1, r, "GET b"), "$1\r\n2\r\n");
    assert_eq!(w.position(0), w.position(1));
    assert_eq!(w.position(0).opseq, 2);
    assert!(w.call(1, r, "SET x 1").starts_with("-READONLY You can't write against a read only replica."));
    assert_eq!(w.hosts[0].node.stats().sync_full, 1);
}

#[test]
fn a_short_interruption_needs_only_the_stream() {
    let mut w = trio();
    let c = w.client(0);
    w.call(0, c, "SET a 1");
    w.apart.insert((0, 1));
    w.pass(5000);
    assert_eq!(w.hosts[1].node.role(), NodeRole::Detached, "silent links are cut on both sides");
    w.call(0, c, "SET b 2");
    w.apart.clear();
    w.pass(3000);
    assert_eq!(w.position(1), w.position(0));
    assert_eq!(w.hosts[0].node.stats().sync_partial_ok, 1);
    assert_eq!(w.hosts[0].node.stats().sync_full, 2, "only the first two attachments");
}

#[test]
fn siblings_and_those_who_missed_promotions_resync_partially() {
    let mut w = trio();
    let c = w.client(0);
    w.call(0, c, "SET a 1");
    w.settle();
    // Node 2 misses epochs 2 and 3.
    w.stopped.insert(2);
    w.stopped.insert(0);
    assert_eq!(w.elect(2, &[1]), 1);
    let c = w.client(1);
    w.call(1, c, "SET b 2");
    assert_eq!(w.elect(3, &[1]), 1);
    let c = w.client(1);
    w.call(1, c, "SET c 3");
    w.stopped.clear();
    w.follow(2, 3, 1);
    w.follow(0, 3, 1);
    w.pass(3000);
    for i in [0, 2] {
        assert_eq!(w.position(i), w.position(1));
        assert_eq!(w.hosts[i].node.repl_id(), w.hosts[1].node.repl_id());
        let r = w.client(i);
        assert_eq!(w.call(i, r, "MGET a b c"), "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n");
    }
    assert_eq!(w.hosts[1].node.stats().sync_full, 0);
    assert_eq!(w.hosts[1].node.stats().sync_partial_ok, 2);
    let info = w.call(1, c, "INFO replication");
    assert!(info.contains(&format!("master_replid:{}", "03".repeat(20))), "{info}");
    assert!(info.contains(&format!("master_replid2:{}", "02".repeat(20))), "{info}");
}

#[test]
fn a_diverged_primary_reports_exactly_what_it_loses_and_starts_over() {
    let mut w = trio();
    let c = w.client(0);
    w.call(0, c, "SET shared 1");
    let fork = w.position(0);
    w.apart.insert((0, 1));
    w.apart.insert((0, 2));
    // Three write commands, one of them in a transaction, that no replica gets.
    w.call(0, c, "SET lost 1");
    w.call(0, c, "MULTI");
    w.call(0, c, "SET lost 2");
    w.call(0, c, "INCR lost");
    assert_eq!(w.call(0, c, "EXEC"), "*2\r\n+OK\r\n:3\r\n");
    let end = w.position(0);
    assert_eq!(end.opseq, fork.opseq + 3);
    w.stopped.insert(0);
    w.elect(2, &[1, 2]);
    let n = w.client(1);
    w.call(1, n, "SET kept 1");
    w.apart.clear();
    w.stopped.clear();
    w.follow(0, 2, 1);
    w.pass(3000);
    let reports = losses(&w, 0);
    assert!(reports.len() > 1 && reports.iter().all(|report| *report == reports[0]), "{reports:?}");
    assert_eq!((reports[0].fork, reports[0].end), (fork, end));
    assert_eq!((reports[0].ops, reports[0].bytes, reports[0].exact), (3, end.offset - fork.offset, true));
    assert_eq!((reports[0].epoch, reports[0].node), (Epoch(1), NodeId(1)));
    assert_eq!(w.position(0), w.position(1));
    let r = w.client(0);
    assert_eq!(w.call(0, r, "MGET shared lost kept"), "*3\r\n$1\r\n1\r\n$-1\r\n$1\r\n1\r\n");
    assert_eq!(w.got(0, c), "closed", "clients of a deposed primary have to look for the new one");
}

#[test]
fn an_old_primary_that_lost_nothing_says_so() {
    let mut w = trio();
    let c = w.client(0);
    w.call(0, c, "SET a 1");
    w.stopped.insert(0);
    w.elect(2, &[1, 2]);
    w.stopped.clear();
    w.follow(0, 2, 1);
    w.settle();
    let reports = losses(&w, 0);
    assert_eq!(reports.iter().map(|r| r.ops).collect::<Vec<_>>(), [0]);
    w.tell(0, ToNode::LossNoted { epoch: Epoch(1) });
    w.pass(1000);
    assert_eq!(losses(&w, 0), reports, "it was heard, and is not repeated");
    assert_eq!(w.hosts[1].node.stats().sync_full, 0, "it continues from its own log");
    assert_eq!(w.position(0), w.position(1));
}

#[test]
fn a_restarted_primary_comes_back_empty_and_wipes_nobody() {
    let mut w = trio();
    let c = w.client(0);
    w.call(0, c, "SET a 1");
    w.restart(0, 2);
    assert_eq!(w.hosts[0].node.role(), NodeRole::Detached);
    // R9: a promotion for the life that is gone.
    let message = ToNode::Promote {
        epoch: Epoch(1),
        incarnation: primacy_core::id::Incarnation(1),
        start: Position::default(),
        repl_id: primacy_core::id::ReplId([1; 20]),
        history: w.history.clone(),
        members: w.members.clone(),
    };
    w.tell(0, message);
    w.settle();
    assert_eq!(w.hosts[0].node.role(), NodeRole::Detached);
    assert_eq!(w.elect(2, &[0, 1, 2]), 1);
    w.pass(1000);
    let r = w.client(0);
    assert_eq!(w.call(0, r, "GET a"), "$1\r\n1\r\n");
    assert!(losses(&w, 0).is_empty(), "an empty life has nothing to lose");
}

#[test]
fn a_promotion_is_bound_to_the_life_that_won() {
    let mut w = World::new(1);
    w.tell(0, ToNode::Freeze { epoch: Epoch(1) });
    w.restart(0, 2);
    w.tell(0, ToNode::Freeze { epoch: Epoch(1) });
    let promote = |life, w: &World| ToNode::Promote {
        epoch: Epoch(1),
        incarnation: primacy_core::id::Incarnation(life),
        start: Position::default(),
        repl_id: primacy_core::id::ReplId([1; 20]),
        history: vec![],
        members: w.members.clone(),
    };
    w.tell(0, promote(1, &w));
    assert_eq!(w.hosts[0].node.role(), NodeRole::Frozen, "R9");
    w.tell(0, promote(2, &w));
    assert_eq!(w.hosts[0].node.role(), NodeRole::PrimaryNoLease);
}

#[test]
fn a_report_is_a_promise() {
    let mut w = trio();
    let c = w.client(0);
    w.call(0, c, "SET a 1");
    w.tell(1, ToNode::Freeze { epoch: Epoch(2) });
    w.settle();
    assert_eq!(w.hosts[1].node.role(), NodeRole::Frozen);
    let before = w.position(1);
    w.call(0, c, "SET b 2");
    w.pass(500);
    assert_eq!(w.position(1), before, "R4: no record below the promise");
    w.follow(1, 1, 0);
    w.pass(500);
    assert_eq!(w.hosts[1].node.role(), NodeRole::Frozen, "R11");
    assert!(w.hosts[1].said.contains(&FromNode::Stale { promised: Epoch(2) }));
    // R5: a promotion elsewhere than at the reported position is void.
    let start = Position { offset: before.offset + 1, ..before };
    let message = ToNode::Promote {
        epoch: Epoch(2),
        incarnation: primacy_core::id::Incarnation(1),
        start,
        repl_id: primacy_core::id::ReplId([2; 20]),
        history: w.history.clone(),
        members: w.members.clone(),
    };
    w.tell(1, message);
    assert_eq!(w.hosts[1].node.role(), NodeRole::Frozen);
}

#[test]
fn a_winner_fetches_what_only_a_member_that_cannot_win_has() {
    let mut w = trio();
    let c = w.client(0);
    w.apart.insert((0, 2));
    w.call(0, c, "SET a 1");
    let ahead = w.position(1);
    assert!(w.position(2) < ahead);
    w.stopped.insert(0);
    for i in [1, 2] {
        w.tell(i, ToNode::Freeze { epoch: Epoch(2) });
    }
    w.settle();
    let message = ToNode::CatchUp { epoch: Epoch(2), from: NodeId(2), addr: common::addr(1), until: ahead };
    w.tell(2, message);
    w.pass(100);
    assert_eq!(w.position(2), ahead);
    assert_eq!(w.hosts[2].node.role(), NodeRole::Frozen);
    let mut reports = w.hosts[2].said.iter().filter_map(|m| match m {
        FromNode::Report { position, .. } => Some(*position),
        _ => None,
    });
    assert_eq!(reports.next_back(), Some(ahead), "it reports again");
}

#[test]
fn a_transaction_is_applied_whole_or_not_at_all() {
    let mut w = trio();
    let c = w.client(0);
    for line in ["MULTI", "SET a 1", "SET b 2"] {
        w.call(0, c, line);
    }
    let before = w.position(1);
    assert_eq!(w.call(0, c, "EXEC"), "*2\r\n+OK\r\n+OK\r\n");
    assert_eq!(w.position(1), w.position(0));
    assert_eq!(w.position(1).opseq, before.opseq + 2);
    let [log, rest] = w.hosts[1].node.log_tail(before.offset).expect("held");
    let log = String::from_utf8([log, rest].concat()).unwrap();
    assert!(log.contains("MULTI") && log.ends_with("*1\r\n$4\r\nEXEC\r\n"), "{log}");
}

#[test]
fn databases_are_selected_in_the_stream_even_across_a_promotion() {
    let mut w = trio();
    let c = w.client(0);
    w.call(0, c, "SELECT 3");
    w.call(0, c, "SET a 3");
    w.elect(2, &[1, 2]);
    let n = w.client(1);
    w.call(1, n, "SET a 0");
    let r = w.client(2);
    assert_eq!(w.call(2, r, "GET a"), "$1\r\n0\r\n");
    w.call(2, r, "SELECT 3");
    assert_eq!(w.call(2, r, "GET a"), "$1\r\n3\r\n");
}

#[test]
fn expired_keys_are_deleted_by_the_primary_alone_and_by_name() {
    let mut w = trio();
    let c = w.client(0);
    w.call(0, c, "SET a 1 PX 200");
    w.stopped.insert(0);
    w.pass(400);
    let r = w.client(1);
    assert_eq!(w.call(1, r, "GET a"), "$-1\r\n", "past its time it looks absent");
    assert_eq!(w.call(1, r, "DBSIZE"), ":1\r\n", "and it stays");
    w.stopped.clear();
    w.pass(1500);
    assert_eq!(w.call(1, r, "DBSIZE"), ":0\r\n");
    assert_eq!(w.position(0), w.position(1));
}

#[test]
fn a_slow_replica_is_cut_at_the_output_limit_and_the_backlog_stays() {
    let mut w = World::with(2, |config| {
        config.limits.backlog = 128 << 10;
        config.limits.output_replica = 512 << 10;
    });
    w.elect(1, &[0, 1]);
    let c = w.client(0);
    w.apart.insert((0, 1));
    let value = "x".repeat(60_000);
    for _ in 0..8 {
        w.call(0, c, &format!("SET a {value}"));
    }
    assert_eq!(w.hosts[0].node.feeds().len(), 1, "the log grows for it");
    assert!(w.hosts[0].node.backlog_bytes() > 400_000);
    for _ in 0..4 {
        w.call(0, c, &format!("SET a {value}"));
    }
    assert_eq!(w.hosts[0].node.feeds().len(), 0);
    for _ in 0..4 {
        w.call(0, c, &format!("SET a {value}"));
    }
    let held = w.hosts[0].node.backlog_bytes();
    assert!((128 << 10..400_000).contains(&held), "{held}");
    w.apart.clear();
    w.pass(3000);
    assert_eq!(w.position(0), w.position(1));
    assert_eq!(w.hosts[0].node.stats().sync_partial_err, 1);
}

#[test]
fn half_a_record_that_is_shown_again_keeps_no_dead_link_alive() {
    let mut w = trio();
    let link = w.hosts[1].ends.iter().find(|(_, end)| end.peer.is_some()).map(|(conn, _)| *conn).unwrap();
    w.stopped.insert(0);
    w.send(1, link, b"*3\r\n$3\r\nSET\r\n$1\r\n");
    // Every acknowledgement that is due has the link's input looked at again.
    w.pass(2_500);
    assert_eq!(w.hosts[1].node.role(), NodeRole::Following);
    w.pass(2_000);
    assert_eq!(
        w.hosts[1].node.role(),
        NodeRole::Detached,
        "the primary has been silent for longer than a link may"
    );
}

#[test]
fn a_late_freeze_does_not_stop_who_got_the_epochs_snapshot_r4() {
    let mut w = World::new(3);
    w.elect(1, &[0, 1]);
    w.apart.insert((0, 2));
    w.follow(2, 1, 0);
    w.elect(2, &[0, 1]);
    w.apart.clear();
    // It was told of epoch 1's primary, and finds it as that of epoch 2.
    w.pass(2_000);
    assert_eq!(w.hosts[2].node.role(), NodeRole::Following);
    assert_eq!(w.position(2).epoch, Epoch(2));
    w.tell(2, ToNode::Freeze { epoch: Epoch(2) });
    w.settle();
    assert_eq!(w.hosts[2].node.role(), NodeRole::Following);
    assert!(w.hosts[2].said.contains(&FromNode::Stale { promised: Epoch(2) }));
}

#[test]
fn a_members_snapshot_is_loaded_although_its_last_write_passed_the_memory_limit() {
    let mut w = World::with(2, |config| config.limits.max_memory = 20_000);
    w.elect(1, &[0]);
    let c = w.client(0);
    assert_eq!(w.call(0, c, &format!("SET a {}", "x".repeat(30_000))), "+OK\r\n");
    assert!(w.call(0, c, "SET b 1").starts_with("-OOM"));
    w.follow(1, 1, 0);
    w.pass(500);
    assert_eq!(w.hosts[1].node.role(), NodeRole::Following);
    assert_eq!(w.digest(0), w.digest(1));
}
