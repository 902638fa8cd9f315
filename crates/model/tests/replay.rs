//! The judge on its own, with six nodes and large numbers: what the small model cannot say.

use primacy_model::Rule;
use primacy_model::replay::{ControlEvent as E, NodeId, Pos, Replay, ReplayConfig};

const EPOCH: u64 = 1 << 40;
const START: u64 = 1 << 50;

/// Six members, node 0 leads [`EPOCH`], its epoch record ends at [`START`]; the others follow it.
fn group(cfg: ReplayConfig) -> Replay {
    let members = (0..6).map(|id| (id, 10 + u64::from(id))).collect();
    let mut replay = Replay::new(ReplayConfig { members, primary: Some((EPOCH, 0, START)), ..cfg });
    for replica in 1..6 {
        let pos = Pos { epoch: EPOCH, offset: START };
        let inc = inc(replica);
        allow(&mut replay, E::Attached { replica, inc, primary: 0, epoch: EPOCH, pos, full: false });
    }
    replay
}

fn inc(node: NodeId) -> u64 {
    10 + u64::from(node)
}

#[track_caller]
fn allow(replay: &mut Replay, event: E) {
    if let Err(refusal) = replay.step(&event) {
        panic!("{event:?} refused: {refusal}");
    }
}

#[track_caller]
fn deny(replay: &mut Replay, rule: Rule, event: E) {
    let before = format!("{replay:?}");
    match replay.step(&event) {
        Err(refusal) => assert_eq!(refusal.rule, rule, "{event:?}: {refusal}"),
        Ok(()) => panic!("{event:?} was allowed"),
    }
    assert_eq!(before, format!("{replay:?}"), "a refused step changed something");
}

fn renewed(epoch: u64, node: NodeId, seq: u64, sent: u64) -> E {
    E::Renewed { node, inc: inc(node), epoch, seq, sent, members_seen: 0 }
}

fn acked(replica: NodeId, epoch: u64, offset: u64) -> E {
    E::Acked { replica, inc: inc(replica), primary: 0, epoch, offset }
}

fn report(replay: &mut Replay, epoch: u64, node: NodeId, pos: Pos, electable: bool) {
    allow(replay, E::Frozen { node, inc: inc(node), epoch, pos });
    allow(replay, E::Reported { node, inc: inc(node), epoch, pos, electable });
}

fn committed(epoch: u64, winner: NodeId, start: Pos) -> E {
    E::Committed { epoch, winner, inc: inc(winner), start, counted: 0 }
}

fn at(epoch: u64, offset: u64) -> Pos {
    Pos { epoch, offset }
}

#[test]
fn r20_the_endpoint_follows_the_lease() {
    let mut replay = group(ReplayConfig::default());
    let pos = at(EPOCH, START);
    allow(&mut replay, E::Suspect { epoch: EPOCH + 1 });
    report(&mut replay, EPOCH + 1, 3, pos, true);
    allow(&mut replay, committed(EPOCH + 1, 3, pos));
    deny(&mut replay, Rule::R20, E::Published { epoch: EPOCH + 1, node: 3 });
    deny(&mut replay, Rule::R5, renewed(EPOCH + 1, 3, 1, 0));
    let promoted = |record| E::Promoted { node: 3, inc: inc(3), epoch: EPOCH + 1, record };
    deny(&mut replay, Rule::R5, promoted(START));
    allow(&mut replay, promoted(START + 40));
    deny(&mut replay, Rule::R3, promoted(START + 40));
    allow(&mut replay, renewed(EPOCH + 1, 3, 1, 0));
    deny(&mut replay, Rule::R20, E::Published { epoch: EPOCH + 1, node: 2 });
    allow(&mut replay, E::Published { epoch: EPOCH + 1, node: 3 });
    deny(&mut replay, Rule::R20, E::Published { epoch: EPOCH, node: 0 });
    assert_eq!((replay.epoch(), replay.primary()), (EPOCH + 1, Some((3, inc(3)))));
}

#[test]
fn r3_one_commit_and_one_step_at_a_time() {
    let mut replay = group(ReplayConfig::default());
    let pos = at(EPOCH, START);
    deny(&mut replay, Rule::R3, E::Suspect { epoch: EPOCH + 2 });
    deny(&mut replay, Rule::R3, committed(EPOCH + 1, 1, pos));
    allow(&mut replay, E::Suspect { epoch: EPOCH + 1 });
    deny(&mut replay, Rule::R17, renewed(EPOCH, 0, 1, 0));
    report(&mut replay, EPOCH + 1, 1, pos, true);
    deny(&mut replay, Rule::R6, committed(EPOCH + 1, 2, pos));
    allow(&mut replay, committed(EPOCH + 1, 1, pos));
    deny(&mut replay, Rule::R3, committed(EPOCH + 1, 1, pos));
}

#[test]
fn r6_the_best_wins_or_is_caught_up_with() {
    let mut replay = group(ReplayConfig::default());
    let (low, high) = (at(EPOCH, START), at(EPOCH, START + 500));
    allow(&mut replay, E::Suspect { epoch: EPOCH + 1 });
    report(&mut replay, EPOCH + 1, 1, low, true);
    report(&mut replay, EPOCH + 1, 2, high, false);
    deny(&mut replay, Rule::R6, committed(EPOCH + 1, 1, low));
    deny(&mut replay, Rule::R6, committed(EPOCH + 1, 2, high));
    let caught_up = |pos| E::CaughtUp { node: 1, inc: inc(1), epoch: EPOCH + 1, from: 2, pos };
    deny(&mut replay, Rule::R4, caught_up(at(EPOCH, START + 501)));
    allow(&mut replay, caught_up(high));
    deny(&mut replay, Rule::R4, committed(EPOCH + 1, 1, low));
    allow(&mut replay, committed(EPOCH + 1, 1, high));
}

#[test]
fn r4_r11_a_report_is_a_promise() {
    let mut replay = group(ReplayConfig::default());
    let pos = at(EPOCH, START + 10);
    let applied = |offset| E::Applied { replica: 1, inc: inc(1), epoch: EPOCH, pos: at(EPOCH, offset) };
    allow(&mut replay, applied(START + 10));
    allow(&mut replay, E::Suspect { epoch: EPOCH + 1 });
    report(&mut replay, EPOCH + 1, 1, pos, true);
    deny(&mut replay, Rule::R4, applied(START + 20));
    allow(&mut replay, acked(1, EPOCH, START + 10));
    deny(&mut replay, Rule::R4, acked(1, EPOCH, START + 20));
    let back = E::Attached { replica: 1, inc: inc(1), primary: 0, epoch: EPOCH, pos, full: false };
    deny(&mut replay, Rule::R11, back);
    deny(&mut replay, Rule::R4, E::Frozen { node: 1, inc: inc(1), epoch: EPOCH, pos });
}

#[test]
fn r2_r7_r8_what_wait_may_say() {
    let mut replay = group(ReplayConfig::default());
    let wait = |epoch, offset, k| E::WaitAnswered { node: 0, inc: inc(0), epoch, offset, k };
    allow(&mut replay, acked(1, EPOCH, START + 10));
    deny(&mut replay, Rule::R2, wait(EPOCH, START + 10, 1));
    allow(&mut replay, renewed(EPOCH, 0, 1, 0));
    deny(&mut replay, Rule::R1, renewed(EPOCH, 0, 1, 0));
    allow(&mut replay, wait(EPOCH, START + 10, 1));
    deny(&mut replay, Rule::R7, wait(EPOCH, START + 10, 2));
    deny(&mut replay, Rule::R7, acked(1, EPOCH - 1, START + 10));
    // An old write, acknowledged by a replica that has not reached the epoch record.
    allow(&mut replay, acked(2, EPOCH, START - 5));
    deny(&mut replay, Rule::R8, wait(EPOCH, START - 5, 2));
    allow(&mut replay, wait(EPOCH, START - 5, 1));
    // A lagging winner would lose the write that node 1 holds and reports (I6).
    allow(&mut replay, E::Suspect { epoch: EPOCH + 1 });
    allow(&mut replay, E::Frozen { node: 1, inc: inc(1), epoch: EPOCH + 1, pos: at(EPOCH, START) });
    let lost = at(EPOCH, START);
    allow(&mut replay, E::Reported { node: 1, inc: inc(1), epoch: EPOCH + 1, pos: lost, electable: true });
    deny(&mut replay, Rule::R6, committed(EPOCH + 1, 1, lost));
}

#[test]
fn r13_r17_a_release_and_a_no_are_final() {
    let mut replay = group(ReplayConfig { lease: Some((1000, 100)), ..ReplayConfig::default() });
    let wait = E::WaitAnswered { node: 0, inc: inc(0), epoch: EPOCH, offset: START, k: 0 };
    replay.advance(10);
    allow(&mut replay, renewed(EPOCH, 0, 1, 10));
    allow(&mut replay, wait);
    replay.advance(30);
    deny(&mut replay, Rule::R3, E::Suspect { epoch: EPOCH + 1 });
    allow(&mut replay, E::Released { node: 0, inc: inc(0), epoch: EPOCH, pos: at(EPOCH, START) });
    deny(&mut replay, Rule::R13, wait);
    deny(&mut replay, Rule::R13, renewed(EPOCH, 0, 2, 20));
    allow(&mut replay, renewed(EPOCH, 0, 2, 30));
    allow(&mut replay, wait);
    allow(&mut replay, E::Denied { node: 0, inc: inc(0), epoch: EPOCH });
    deny(&mut replay, Rule::R17, wait);
    deny(&mut replay, Rule::R17, renewed(EPOCH, 0, 3, 30));
}

#[test]
fn r1_r2_r3_in_time() {
    let mut replay = group(ReplayConfig { lease: Some((1000, 100)), ..ReplayConfig::default() });
    let wait = E::WaitAnswered { node: 0, inc: inc(0), epoch: EPOCH, offset: START, k: 0 };
    replay.advance(500);
    deny(&mut replay, Rule::R1, renewed(EPOCH, 0, 1, 501));
    allow(&mut replay, renewed(EPOCH, 0, 1, 400));
    replay.advance(1499);
    deny(&mut replay, Rule::R3, E::Suspect { epoch: EPOCH + 1 });
    allow(&mut replay, wait);
    replay.advance(1500);
    deny(&mut replay, Rule::R2, wait);
    allow(&mut replay, E::Suspect { epoch: EPOCH + 1 });
}

#[test]
fn r9_r10_r18_restarts() {
    let mut replay = group(ReplayConfig::default());
    allow(&mut replay, renewed(EPOCH, 0, 1, 0));
    allow(&mut replay, E::Exited { node: 0, inc: inc(0) });
    deny(&mut replay, Rule::R9, E::WaitAnswered { node: 0, inc: inc(0), epoch: EPOCH, offset: START, k: 0 });
    let attached =
        |inc, full| E::Attached { replica: 0, inc, primary: 1, epoch: EPOCH + 1, pos: Pos::default(), full };
    allow(&mut replay, E::Suspect { epoch: EPOCH + 1 });
    report(&mut replay, EPOCH + 1, 1, at(EPOCH, START), true);
    allow(&mut replay, committed(EPOCH + 1, 1, at(EPOCH, START)));
    allow(&mut replay, E::Promoted { node: 1, inc: inc(1), epoch: EPOCH + 1, record: START + 40 });
    deny(&mut replay, Rule::R10, attached(99, true));
    deny(&mut replay, Rule::R9, E::Joined { node: 0, inc: inc(0), epoch: EPOCH + 1 });
    allow(&mut replay, E::Joined { node: 0, inc: 99, epoch: EPOCH + 1 });
    allow(&mut replay, attached(99, true));
    let swapped = |offset| E::Swapped { replica: 0, inc: 99, pos: at(EPOCH + 1, offset) };
    let applied = E::Applied { replica: 0, inc: 99, epoch: EPOCH + 1, pos: at(EPOCH + 1, START + 50) };
    deny(&mut replay, Rule::R18, applied);
    deny(&mut replay, Rule::R5, swapped(START));
    allow(&mut replay, swapped(START + 40));
    deny(&mut replay, Rule::R18, swapped(START + 60));
    allow(&mut replay, applied);
    let back = E::Applied { replica: 0, inc: 99, epoch: EPOCH + 1, pos: at(EPOCH + 1, START + 45) };
    deny(&mut replay, Rule::R18, back);
}

#[test]
fn r5_a_diverged_replica_may_not_continue() {
    let mut replay = group(ReplayConfig::default());
    allow(&mut replay, E::Suspect { epoch: EPOCH + 1 });
    report(&mut replay, EPOCH + 1, 1, at(EPOCH, START + 100), true);
    allow(&mut replay, committed(EPOCH + 1, 1, at(EPOCH, START + 100)));
    allow(&mut replay, E::Promoted { node: 1, inc: inc(1), epoch: EPOCH + 1, record: START + 140 });
    let attached = |offset, full| E::Attached {
        replica: 2,
        inc: inc(2),
        primary: 1,
        epoch: EPOCH + 1,
        pos: at(EPOCH, offset),
        full,
    };
    deny(&mut replay, Rule::R5, attached(START + 101, false));
    allow(&mut replay, attached(START + 100, false));
    deny(
        &mut replay,
        Rule::R11,
        E::Attached {
            replica: 3,
            inc: inc(3),
            primary: 4,
            epoch: EPOCH + 1,
            pos: at(EPOCH, START),
            full: true,
        },
    );
}

#[test]
fn r19_an_empty_winner_needs_everybody() {
    let mut replay = group(ReplayConfig::default());
    allow(&mut replay, E::Suspect { epoch: EPOCH + 1 });
    for node in 0..6 {
        allow(&mut replay, E::Exited { node, inc: inc(node) });
        allow(&mut replay, E::Joined { node, inc: 50, epoch: EPOCH + 1 });
    }
    let pos = Pos::default();
    let empty = E::Committed { epoch: EPOCH + 1, winner: 0, inc: 50, start: pos, counted: 0 };
    for node in 0..5 {
        allow(&mut replay, E::Frozen { node, inc: 50, epoch: EPOCH + 1, pos });
        allow(&mut replay, E::Reported { node, inc: 50, epoch: EPOCH + 1, pos, electable: true });
    }
    deny(&mut replay, Rule::R19, empty);
    let mut confirmed = replay.clone();
    allow(&mut confirmed, E::GenesisConfirmed);
    allow(&mut confirmed, empty);
    allow(&mut replay, E::Frozen { node: 5, inc: 50, epoch: EPOCH + 1, pos });
    allow(&mut replay, E::Reported { node: 5, inc: 50, epoch: EPOCH + 1, pos, electable: true });
    allow(&mut replay, empty);
}

#[test]
fn r19_a_process_that_was_let_in_empty_during_the_election_is_not_waited_for() {
    let mut replay = group(ReplayConfig::default());
    let admitted = |node, inc| E::Admitted { node, inc, empty: true };
    let pos = Pos::default();
    allow(&mut replay, E::Exited { node: 5, inc: inc(5) });
    allow(&mut replay, admitted(5, 50));
    allow(&mut replay, E::Suspect { epoch: EPOCH + 1 });
    for node in 0..5 {
        allow(&mut replay, E::Exited { node, inc: inc(node) });
        allow(&mut replay, admitted(node, 50));
    }
    allow(&mut replay, E::Joined { node: 0, inc: 50, epoch: EPOCH });
    let vote = |replay: &mut Replay, node| {
        allow(replay, E::Frozen { node, inc: 50, epoch: EPOCH + 1, pos });
        allow(replay, E::Reported { node, inc: 50, epoch: EPOCH + 1, pos, electable: true });
    };
    vote(&mut replay, 0);
    // Node 5 came before the election: the primary of the old epoch may have fed it since.
    deny(
        &mut replay,
        Rule::R19,
        E::Committed { epoch: EPOCH + 1, winner: 0, inc: 50, start: pos, counted: 0 },
    );
    deny(&mut replay, Rule::R9, admitted(0, 50));
    allow(&mut replay, E::Joined { node: 5, inc: 50, epoch: EPOCH });
    vote(&mut replay, 5);
    allow(&mut replay, E::Committed { epoch: EPOCH + 1, winner: 0, inc: 50, start: pos, counted: 0 });
}

#[test]
fn r19_a_confirmed_start_from_nothing_gives_up_what_others_have() {
    let mut replay = group(ReplayConfig::default());
    allow(&mut replay, renewed(EPOCH, 0, 1, 0));
    allow(&mut replay, acked(1, EPOCH, START + 9));
    allow(&mut replay, E::WaitAnswered { node: 0, inc: inc(0), epoch: EPOCH, offset: START + 9, k: 1 });
    allow(&mut replay, E::Exited { node: 0, inc: inc(0) });
    allow(&mut replay, E::Joined { node: 0, inc: 50, epoch: EPOCH });
    allow(&mut replay, E::Suspect { epoch: EPOCH + 1 });
    allow(&mut replay, E::Frozen { node: 1, inc: inc(1), epoch: EPOCH + 1, pos: at(EPOCH, START + 9) });
    let reported = |node, inc, pos| E::Reported { node, inc, epoch: EPOCH + 1, pos, electable: true };
    allow(&mut replay, reported(1, inc(1), at(EPOCH, START + 9)));
    allow(&mut replay, E::Frozen { node: 0, inc: 50, epoch: EPOCH + 1, pos: Pos::default() });
    allow(&mut replay, reported(0, 50, Pos::default()));
    let empty = E::Committed { epoch: EPOCH + 1, winner: 0, inc: 50, start: Pos::default(), counted: 0 };
    deny(&mut replay, Rule::R6, empty);
    allow(&mut replay, E::GenesisConfirmed);
    allow(&mut replay, empty);
}

#[test]
fn r16_nobody_can_have_forgotten_a_grant_before_the_first_primary() {
    let members = (0..3).map(|id| (id, 0)).collect();
    let lease = Some((1000, 100));
    let mut replay = Replay::new(ReplayConfig { members, lease, failsafe: true, ..ReplayConfig::default() });
    allow(&mut replay, E::Joined { node: 0, inc: 1, epoch: 0 });
    allow(&mut replay, E::Exited { node: 0, inc: 1 });
    allow(&mut replay, E::Joined { node: 0, inc: 2, epoch: 0 });
    allow(&mut replay, E::Suspect { epoch: 1 });
    allow(&mut replay, E::Frozen { node: 0, inc: 2, epoch: 1, pos: Pos::default() });
}

#[test]
fn r12_r15_who_may_vote_and_win() {
    let mut replay = group(ReplayConfig { strict: Some(2), ..ReplayConfig::default() });
    let pos = at(EPOCH, START);
    allow(&mut replay, E::MemberAdded { node: 6, version: 1 });
    allow(&mut replay, E::Joined { node: 6, inc: 16, epoch: EPOCH });
    allow(&mut replay, E::Suspect { epoch: EPOCH + 1 });
    for node in [1, 2, 3, 4] {
        report(&mut replay, EPOCH + 1, node, pos, true);
    }
    deny(&mut replay, Rule::R12, committed(EPOCH + 1, 1, pos));
    report(&mut replay, EPOCH + 1, 5, pos, true);
    report(&mut replay, EPOCH + 1, 6, pos, true);
    deny(&mut replay, Rule::R15, committed(EPOCH + 1, 6, pos));
    allow(&mut replay, committed(EPOCH + 1, 1, pos));
}

#[test]
fn r14_r16_failsafe() {
    let mut replay =
        group(ReplayConfig { lease: Some((1000, 100)), failsafe: true, ..ReplayConfig::default() });
    let grant = |member, inc| E::FailsafeGranted { member, inc, primary: 0, epoch: EPOCH, round: 7 };
    let serving = E::FailsafeServing { node: 0, inc: inc(0), epoch: EPOCH, round: 7, started: 0 };
    for member in 1..5 {
        allow(&mut replay, grant(member, inc(member)));
    }
    deny(&mut replay, Rule::R14, serving);
    allow(&mut replay, E::Exited { node: 5, inc: inc(5) });
    allow(&mut replay, E::Joined { node: 5, inc: 99, epoch: EPOCH });
    deny(&mut replay, Rule::R16, grant(5, 99));
    replay.advance(999);
    allow(&mut replay, E::Suspect { epoch: EPOCH + 1 });
    let frozen = |node, inc| E::Frozen { node, inc, epoch: EPOCH + 1, pos: at(EPOCH, START) };
    deny(&mut replay, Rule::R14, frozen(1, inc(1)));
    deny(&mut replay, Rule::R16, frozen(5, 99));
    replay.advance(1000);
    allow(&mut replay, frozen(1, inc(1)));
    deny(&mut replay, Rule::R14, grant(1, inc(1)));
}
