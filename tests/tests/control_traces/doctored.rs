//! A recording of the real core with one step changed is refused, by the rule that the change breaks.

use primacy_core::control::NodeRole;
use primacy_core::group::record::Phase;
use primacy_core::id::{Epoch, NodeId};
use primacy_model::Rule;
use primacy_sim::script::Runner;
use primacy_sim::world::ControlFact as Fact;
use primacy_sim::{Scenario, World};

use super::judge;

/// A group under a client that waits for replicas; then its primary loses the coordinator and serves on grants; then
/// it dies and another one takes over.
const STORY: &[&str] = &[
    "group replicas=2 zones=3",
    "client via=configuration every=20ms does=set+wait wait-for=2",
    "run 2s",
    "coordinator down",
    "run 3s",
    "coordinator up",
    "run 3s",
    "kill primary unseen",
    "wait another 20s",
    "run 3s",
];

type Facts = Vec<(u64, Fact)>;

fn recording() -> (Scenario, Facts) {
    let mut runner = Runner::default();
    runner.keep_control();
    for command in STORY {
        runner.execute(command).unwrap();
    }
    let world: &World = runner.world().unwrap();
    (world.scenario().clone(), world.control().to_vec())
}

/// Where the last fact stands that `which` accepts.
fn last(facts: &Facts, which: impl Fn(&Fact) -> bool) -> usize {
    facts.iter().rposition(|(_, fact)| which(fact)).expect("the story has such a step")
}

/// Moves a fact to an earlier place, at the time of what stands there.
fn earlier(facts: &mut Facts, from: usize, to: usize) {
    let (_, fact) = facts.remove(from);
    let at = facts[to].0;
    facts.insert(to, (at, fact));
}

fn commits(fact: &Fact) -> bool {
    let phase = |r: &primacy_core::group::record::Registers| r.shard.as_ref().map(|s| s.phase);
    let Fact::Stored { before, after, .. } = fact else { return false };
    phase(before) == Some(Phase::Electing) && matches!(phase(after), Some(Phase::Stable { .. }))
}

fn suspects(fact: &Fact) -> bool {
    let epoch = |r: &primacy_core::group::record::Registers| r.shard.as_ref().map(|s| s.epoch);
    matches!(fact, Fact::Stored { before, after, .. } if epoch(before) < epoch(after))
}

#[track_caller]
fn refused(rule: Rule, doctor: impl Fn(&mut Facts)) {
    let (scenario, mut facts) = recording();
    doctor(&mut facts);
    match judge::facts(&scenario, &facts) {
        Err(why) => assert_eq!(why.rule, rule, "{}", why.story),
        Ok(steps) => panic!("{rule:?}: {steps} steps were allowed"),
    }
}

#[test]
fn as_it_was_the_story_is_allowed() {
    let (scenario, facts) = recording();
    let steps = judge::facts(&scenario, &facts).map_err(|why| why.story).unwrap();
    assert!(steps > 500, "{steps}");
}

#[test]
fn r1_a_renewal_from_the_future() {
    refused(Rule::R1, |facts| {
        let at = last(facts, |fact| matches!(fact, Fact::Asked { .. }));
        if let Fact::Asked { sent_ns, .. } = &mut facts[at].1 {
            *sent_ns += 1_000_000_000;
        }
    });
}

#[test]
fn r2_an_answer_after_the_lease() {
    refused(Rule::R2, |facts| {
        // The old primary answers once more, right before it dies, but long after its last renewal.
        let waited =
            last(facts, |fact| matches!(fact, Fact::Replied { epoch: Epoch(1), waited: Some(_), .. }));
        let (_, answer) = facts[waited].clone();
        let renewed =
            facts[..waited].iter().rposition(|(_, fact)| matches!(fact, Fact::Asked { .. })).unwrap();
        let late = facts[renewed].0 + 10_000_000_000;
        facts.truncate(waited + 1);
        facts.push((late, answer));
    });
}

#[test]
fn r3_an_election_opened_while_the_lease_runs() {
    refused(Rule::R3, |facts| {
        let (opened, died) = (last(facts, suspects), last(facts, |fact| matches!(fact, Fact::Ended(_))));
        earlier(facts, opened, died);
    });
}

#[test]
fn r4_a_report_without_a_promise() {
    refused(Rule::R4, |facts| {
        let froze = |fact: &Fact| matches!(fact, Fact::Moved { is, .. } if is.role == NodeRole::Frozen);
        let at = last(facts, froze);
        facts.remove(at);
    });
}

#[test]
fn r5_a_lease_before_the_epoch_record() {
    refused(Rule::R5, |facts| {
        let leads = |fact: &Fact| matches!(fact, Fact::Moved { was, is, .. } if !was.role.is_primary() && is.role.is_primary());
        let at = last(facts, leads);
        facts.remove(at);
    });
}

#[test]
fn r6_a_winner_that_has_not_reported() {
    refused(Rule::R6, |facts| {
        let commit = last(facts, commits);
        let Fact::Stored { after, .. } = &facts[commit].1 else { unreachable!() };
        let Some(Phase::Stable { primary, .. }) = after.shard.as_ref().map(|s| s.phase) else {
            unreachable!()
        };
        facts.retain(
            |(_, fact)| !matches!(fact, Fact::Reported { life, epoch: Epoch(2), .. } if life.0 == primary),
        );
    });
}

#[test]
fn r7_a_wait_answered_for_more_than_have_acknowledged() {
    refused(Rule::R7, |facts| {
        facts.retain(|(_, fact)| !matches!(fact, Fact::Acked { replica: (NodeId(3), _), .. }));
    });
}

#[test]
fn r9_a_promotion_of_another_life() {
    refused(Rule::R9, |facts| {
        let leads = |fact: &Fact| matches!(fact, Fact::Moved { was, is, .. } if !was.role.is_primary() && is.role.is_primary());
        let (at, winner) = (last(facts, leads), last(facts, commits));
        let Fact::Stored { after, .. } = &mut facts[winner].1 else { unreachable!() };
        if let Some(Phase::Stable { primary, .. }) = after.shard.as_mut().map(|s| &mut s.phase) {
            *primary = NodeId(5 - primary.0);
        }
        assert!(at > winner);
    });
}

#[test]
fn r14_serving_without_a_grant() {
    refused(Rule::R14, |facts| {
        facts.retain(|(_, fact)| !matches!(fact, Fact::Granted { life: (NodeId(3), _), .. }));
    });
}

#[test]
fn r18_a_position_that_goes_back() {
    refused(Rule::R18, |facts| {
        let moves = |fact: &Fact| {
            matches!(fact, Fact::Moved { was, is, .. }
                if is.role == NodeRole::Following && was.role == is.role && is.position > was.position)
        };
        let at = last(facts, moves);
        if let Fact::Moved { is, .. } = &mut facts[at].1 {
            is.position.offset -= 100;
        }
    });
}

#[test]
fn r20_names_that_move_before_the_lease() {
    refused(Rule::R20, |facts| {
        let published = last(facts, |fact| matches!(fact, Fact::Published { epoch: Epoch(2), .. }));
        let first = facts.iter().position(|(_, f)| matches!(f, Fact::Published { epoch: Epoch(2), .. }));
        let commit = last(facts, commits);
        earlier(facts, first.unwrap_or(published), commit + 1);
    });
}
