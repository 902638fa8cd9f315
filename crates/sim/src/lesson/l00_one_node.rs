//! One node alone.

use primacy_core::group::event::EventKind;
use primacy_core::id::NodeId;
use primacy_port::Figure;

use super::facts::{self, Facts};
use super::format::{awaited, difference, figure, time};
use super::setup::group;
use super::{Does, Further, Lesson, Predict, Task};
use crate::scenario::Scenario;
use crate::world::ledger::Death;

pub(super) const LESSON: Lesson = Lesson {
    number: 0,
    slug: "one-node",
    title: "One node alone",
    quotes: &[
        "Right, so you’ve decided you need more than just a single cache node. Good call.",
        "Welcome to Replication Groups, the feature that takes your ElastiCache deployment from a “point of failure” to a “highly available, scalable distributed system”",
    ],
    setup,
    warm_ms: 8_000,
    speed: 1_000,
    twin: None,
    predict: Predict {
        question: "The only node is about to die. AWS will start a new one in its place. What does your application find in it?",
        choices: &["Everything, as before", "Everything but the last second", "Nothing"],
        right: 2,
        explain: "The data were in the memory of one process, and nowhere else. The new process starts empty.",
    },
    tasks: &[
        Task {
            text: "Let the two applications write for a moment: 150 acknowledged writes.",
            hint: "Space plays and pauses",
            does: Does::Wait,
            done: |facts| facts::acked(facts.run, 0).count() + facts::acked(facts.run, 1).count() >= 150,
        },
        Task {
            text: "Kill the only node.",
            hint: "k",
            does: Does::Command("kill 001"),
            done: |facts| death(facts).is_some(),
        },
        Task {
            text: "Wait until a new one has taken its place and the first application works again.",
            hint: "] plays faster",
            does: Does::Wait,
            done: |facts| back(facts).is_some() && outage(facts).is_some_and(|(_, to)| to.is_some()),
        },
    ],
    further: &[
        Further {
            text: "Reboot it instead. RebootCacheCluster of a single node empties it too.",
            command: "reboot 001",
        },
        Further {
            text: "Only hang it for three seconds: nothing is lost, because the memory stays.",
            command: "pause 001",
        },
    ],
    figures,
};

fn setup() -> Scenario {
    let writer = "via=configuration every=100ms keys=40 timeout=1s retry=jitter:100ms..1s";
    Scenario { replicas: 0, ..group(100, &[writer, writer]) }
}

fn death<'a>(facts: &Facts<'a>) -> Option<&'a Death> {
    facts::deaths(facts.run).iter().find(|death| death.node == NodeId(1) && death.keys > 0)
}

/// When the replacement began, with nothing.
fn back(facts: &Facts<'_>) -> Option<u64> {
    let death = death(facts)?;
    let mut events = facts::events(facts.run);
    events.find(|(at, kind)| *at > death.at && matches!(kind, EventKind::DataLost)).map(|(at, _)| at)
}

fn outage(facts: &Facts<'_>) -> Option<(u64, Option<u64>)> {
    let death = death(facts)?;
    let after = |to: Option<u64>| to.is_none_or(|to| to > death.at);
    facts::outages(facts.run, 0).iter().find(|outage| after(outage.to)).map(|outage| (death.at, outage.to))
}

fn figures(facts: &Facts<'_>) -> Vec<Figure> {
    let keys = match (death(facts), back(facts)) {
        (Some(death), Some(_)) => figure(
            "keys lost",
            format!("{} of {}", death.keys, death.keys),
            format!("lost = {} keys in memory when it died − 0 keys in the new process", death.keys),
        ),
        _ => awaited("keys lost", "lost = keys in memory when the node dies − keys in the new process"),
    };
    let down = match outage(facts) {
        Some((from, to)) => {
            let until = to.unwrap_or_else(|| facts.run.now_ns());
            let goes_on = if to.is_some() { "" } else { " and counting" };
            let (down, terms) = difference(until, from);
            figure(
                "downtime of the application",
                format!("{}{goes_on}", time(down)),
                format!("downtime = {terms}"),
            )
        }
        None => {
            awaited("downtime of the application", "downtime = first success after the death − the death")
        }
    };
    vec![keys, down]
}
