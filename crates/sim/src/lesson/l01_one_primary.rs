//! One primary, five replicas, and a confirmation that does not wait for them.

use primacy_port::Figure;

use super::facts::{self, Facts};
use super::format::{awaited, difference, figure, rule, time};
use super::setup::group;
use super::{Does, Further, Lesson, Predict, Task};
use crate::check::Write;
use crate::command::Command;
use crate::scenario::Scenario;

/// The seed's template with one replica too many.
const SIX: &str = include_str!("six-replicas.yaml");

pub(super) const LESSON: Lesson = Lesson {
    number: 1,
    slug: "one-primary",
    title: "One primary, up to five replicas",
    quotes: &[
        "The core idea is beautifully simple: you have one Primary Node that handles all write operations (and reads, if you want), and you can attach up to five Read Replicas to it.",
        "Your primary node will confirm a write to your application the moment it’s in its own memory, before it’s fully propagated to the replicas.",
    ],
    setup,
    warm_ms: 5_000,
    speed: 1,
    twin: None,
    predict: Predict {
        question: "Your application gets OK for a SET. How many of the five replicas have the value at that moment?",
        choices: &["All five", "At least one", "Perhaps none"],
        right: 2,
        explain: "The primary answers as soon as the value is in its own memory. The copies are still on their way.",
    },
    tasks: &[
        Task {
            text: "Write something yourself, through the configuration endpoint.",
            hint: "t, then SET cart:7 3",
            does: Does::Line("SET cart:7 3"),
            done: |facts| facts::acts(facts.run).any(|(_, command)| is_set(command)),
        },
        Task {
            text: "Let 100 writes reach all five replicas.",
            hint: "] plays faster",
            does: Does::Wait,
            done: |facts| copied(facts).count() >= 100,
        },
        Task {
            text: "Ask for a sixth replica.",
            hint: "e, then ReplicasPerNodeGroup: 6",
            does: Does::Template(SIX),
            done: |facts| refusal(facts).is_some(),
        },
    ],
    further: &[
        Further {
            text: "Make every copy slower and see that the confirmation does not care.",
            command: "delay primary replicas 300ms",
        },
        Further { text: "Try to write to a replica.", command: "type 0 003 SET cart:7 4" },
        Further {
            text: "Take one out while the group runs: no write waits for it.",
            command: "remove-replica 006",
        },
    ],
    figures,
};

fn setup() -> Scenario {
    let writer = "via=configuration zone=a every=50ms keys=20";
    Scenario { replicas: 5, ..group(101, &[writer]) }
}

fn is_set(command: &Command) -> bool {
    matches!(command, Command::Type { words, .. } if words.first().is_some_and(|w| w.eq_ignore_ascii_case(b"SET")))
}

/// Acknowledged writes that all replicas have, each with the time from the question to the answer and to the last copy.
fn copied<'a>(facts: &Facts<'a>) -> impl Iterator<Item = (u64, u64)> {
    let replicas = u16::from(facts.run.scenario().replicas);
    facts::acked(facts.run, 0).filter_map(move |write| times(write, replicas))
}

fn times(write: &Write, replicas: u16) -> Option<(u64, u64)> {
    let held = |node: u16| write.story().held.get(usize::from(node) - 1).copied().filter(|at| *at > 0);
    let all = (1..=replicas + 1).map(held).collect::<Option<Vec<u64>>>()?;
    let last = all.into_iter().max()?;
    Some((write.acked()?.checked_sub(write.asked)?, last.checked_sub(write.asked)?))
}

fn refusal<'a>(facts: &Facts<'a>) -> Option<&'a String> {
    facts.refused.iter().find(|text| text.contains("five replicas") || text.contains("5 replicas"))
}

fn figures(facts: &Facts<'_>) -> Vec<Figure> {
    let all: Vec<(u64, u64)> = copied(facts).collect();
    let early = all.iter().filter(|(ack, copy)| ack < copy).count();
    let middle = facts::median(all.iter().map(|t| t.0)).zip(facts::median(all.iter().map(|t| t.1)));
    let Some((ack, copy)) = middle else {
        return vec![awaited(
            "head start of the confirmation",
            "head start = copied to all − confirmed (middle of all writes)",
        )];
    };
    let smallest = all.iter().map(|(ack, copy)| copy.saturating_sub(*ack)).min().unwrap_or(0);
    let (ahead, terms) = difference(copy, ack);
    let mut figures = vec![
        figure(
            "head start of the confirmation",
            time(ahead),
            format!(
                "head start = until all five have it − until OK = {terms} (middle of {} writes)",
                all.len()
            ),
        ),
        figure(
            "writes confirmed before all replicas had them",
            format!("{early} of {}", all.len()),
            format!("the smallest head start of all is {}, which is more than 0", time(smallest)),
        ),
    ];
    if let Some(why) = refusal(facts) {
        figures.push(figure("a sixth replica", "refused", rule(why)));
    }
    figures
}
