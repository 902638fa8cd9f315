//! Who is promoted, and what is lost all the same.

use primacy_core::group::event::EventKind;
use primacy_core::id::NodeId;
use primacy_port::Figure;

use super::facts::{self, Facts, Failover};
use super::format::{awaited, figure, many};
use super::setup::{fault, group};
use super::{Does, Further, Lesson, Predict, Task};
use crate::scenario::Scenario;

pub(super) const LESSON: Lesson = Lesson {
    number: 7,
    slug: "best-replica",
    title: "The most caught up wins",
    quotes: &[
        "If you have Automatic Failover enabled (you did enable it, right?), it selects the “best” read replica. This is usually the one most caught up with the original primary’s data.",
        "I say “asynchronously” with emphasis because it’s the most important and most dangerous word in that sentence.",
    ],
    setup,
    warm_ms: 8_000,
    speed: 100,
    twin: None,
    predict: Predict {
        question: "002 is 400 ms behind the primary, 003 is 50 ms behind. The primary dies. Who takes over, and is anything lost?",
        choices: &[
            "002, the lower number; nothing is lost",
            "003; nothing is lost",
            "003; its last 50 ms of writes are lost",
        ],
        right: 2,
        explain: "The one that has most is promoted. What the primary had confirmed and not yet delivered dies with it.",
    },
    tasks: &[
        Task {
            text: "Kill the primary.",
            hint: "k",
            does: Does::Command("kill 001"),
            done: |facts| first(facts).is_some(),
        },
        Task {
            text: "See who is promoted.",
            hint: "n",
            does: Does::Wait,
            done: |facts| facts::another_serves(facts.run, 1),
        },
        Task {
            text: "See the other one continue from where the new primary is.",
            hint: "n",
            does: Does::Wait,
            done: |facts| first(facts).is_some_and(|failover| other_follows(facts, &failover)),
        },
    ],
    further: &[
        Further {
            text: "A planned failover pauses writes until the target has everything, and loses nothing.",
            command: "failover",
        },
        Further {
            text: "Cut both replicas off first: now every write since then is lost.",
            command: "cut primary replicas",
        },
    ],
    figures,
};

fn setup() -> Scenario {
    let faults =
        vec![fault(3_000, u32::MAX, "delay 001 002 400ms"), fault(3_000, u32::MAX, "delay 001 003 50ms")];
    Scenario { faults, ..group(107, &["via=configuration zone=a every=5ms keys=100"]) }
}

fn first(facts: &Facts<'_>) -> Option<Failover> {
    facts::failovers(facts.run).into_iter().next()
}

fn other_follows(facts: &Facts<'_>, failover: &Failover) -> bool {
    let Some((at, winner, _)) = failover.elected else { return false };
    let other = |node: NodeId| node != winner && node != failover.from;
    facts::events(facts.run)
        .any(|(t, kind)| t > at && matches!(kind, EventKind::NodeAttached { node, .. } if other(*node)))
}

fn figures(facts: &Facts<'_>) -> Vec<Figure> {
    let failover = first(facts);
    let Some((failover, lost)) = failover.as_ref().and_then(|f| Some((f, facts::lost(facts.run, f)?))) else {
        return vec![
            awaited(
                "acknowledged writes lost",
                "lost = end of the primary’s stream − start of the new primary’s",
            ),
            awaited("promoted", "the replica with the largest offset"),
        ];
    };
    let loss = figure(
        "acknowledged writes lost",
        many(lost.acked, "write"),
        format!(
            "lost = {} − {} = {} bytes, {}, of which {} had been acknowledged",
            lost.end,
            lost.start,
            lost.end.saturating_sub(lost.start),
            many(lost.writes, "write"),
            lost.acked,
        ),
    );
    let winner = failover.elected.map_or_else(String::new, |(_, node, _)| node.to_string());
    let report =
        |(node, position): &(NodeId, primacy_core::id::Position)| format!("{node} at {}", position.offset);
    let reports: Vec<String> = failover.reports.iter().map(report).collect();
    vec![loss, figure("promoted", winner, format!("largest of: {}", reports.join(", ")))]
}
