//! The rehearsal that the service offers.

use primacy_aws::events::{AwsEvent, aws_events};
use primacy_core::group::event::EventKind;
use primacy_port::Figure;

use super::facts::{self, Facts};
use super::format::{awaited, figure, many, time};
use super::setup::group;
use super::{Does, Further, Lesson, Predict, Task};
use crate::scenario::Scenario;
use crate::world::World;

const ALLOWED: usize = 15;

pub(super) const LESSON: Lesson = Lesson {
    number: 12,
    slug: "test-failover",
    title: "Rehearse it: TestFailover",
    quotes: &[
        "Failover Testing: You have no idea if your failover process actually works until you test it.",
        "The ElastiCache API even has a TestFailover command specifically for this. Use it.",
        "aws elasticache test-failover \\\n    --replication-group-id my-replication-group \\\n    --node-group-id 0001 # The ID of the shard you want to test",
    ],
    setup,
    warm_ms: 8_000,
    speed: 1_000,
    twin: None,
    predict: Predict {
        question: "TestFailover is only a test. Does your application see errors?",
        choices: &["No, it is a simulation", "Yes: the primary’s process really ends"],
        right: 1,
        explain: "The service ends the primary and lets the failover run. That is the point: your application is what is tested.",
    },
    tasks: &[
        Task {
            text: "Type the command into the terminal.",
            hint: "t; f is the short way",
            does: Does::Line(
                "aws elasticache test-failover --replication-group-id my-replication-group --node-group-id 0001",
            ),
            done: |facts| calls(facts.run) > 0,
        },
        Task {
            text: "Follow the events, in AWS’s words, to the last one.",
            hint: "n",
            does: Does::Wait,
            done: |facts| since_call(facts.run).iter().any(|e| e.message.starts_with("Finished recovery")),
        },
        Task {
            text: "Make sure that both applications work again.",
            hint: "",
            does: Does::Wait,
            done: |facts| {
                calls(facts.run) > 0
                    && [0, 1].iter().all(|c| facts::outages(facts.run, *c).iter().all(|o| o.to.is_some()))
            },
        },
    ],
    further: &[
        Further { text: "Call it again at once: the group is busy, and says so.", command: "test-failover" },
        Further { text: "Give c1 a hardcoded address and test again.", command: "client c1 via=001" },
    ],
    figures,
};

fn setup() -> Scenario {
    group(
        112,
        &[
            "via=configuration every=50ms keys=20 timeout=1s retry=jitter:50ms..1s",
            "via=reader does=get every=50ms timeout=1s retry=jitter:50ms..1s",
        ],
    )
}

fn calls(world: &World) -> usize {
    facts::events(world).filter(|(_, kind)| matches!(kind, EventKind::TestFailoverCalled)).count()
}

/// Entries of `describe-events` from the newest call on.
fn since_call(world: &World) -> Vec<AwsEvent> {
    let Some(view) = world.group_view() else { return Vec::new() };
    let mut all = aws_events(&view);
    let call = all.iter().rposition(|event| event.message.starts_with("Test Failover API called"));
    call.map_or_else(Vec::new, |at| all.split_off(at))
}

fn figures(facts: &Facts<'_>) -> Vec<Figure> {
    let n = calls(facts.run);
    if n == 0 {
        return vec![
            awaited("failed writes of c1", "errors of c1 from the call on"),
            figure("calls of TestFailover", format!("0 of {ALLOWED} in 24 h"), "the service’s own limit"),
        ];
    }
    let failed: u64 = facts::outages(facts.run, 0).iter().map(|outage| u64::from(outage.failed)).sum();
    let down: u64 = facts::outages(facts.run, 0).iter().map(|outage| facts::length(facts.run, outage)).sum();
    let reads: u64 = facts::outages(facts.run, 1).iter().map(|outage| u64::from(outage.failed)).sum();
    let order: Vec<String> = since_call(facts.run).into_iter().map(|event| event.message).collect();
    vec![
        figure(
            "failed writes of c1",
            many(failed, "write"),
            format!(
                "{} failed within {}; reads of c2 that failed: {reads}",
                many(failed, "attempt"),
                time(down)
            ),
        ),
        figure(
            "calls of TestFailover",
            format!("{n} of {ALLOWED} in 24 h"),
            "the service’s own limit; the sixteenth is refused",
        ),
        figure("events", many(order.len() as u64, "event"), order.join(" → ")),
    ]
}
