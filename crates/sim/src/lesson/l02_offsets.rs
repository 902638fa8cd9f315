//! Every change is a stretch of one stream, and every replica stands somewhere in it.

use primacy_port::Figure;

use super::facts::{self, Facts};
use super::format::{awaited, figure, many, precise, time};
use super::setup::group;
use super::{Does, Further, Lesson, Predict, Task};
use crate::fault::FaultKind;
use crate::scenario::Scenario;

const MS: u64 = 1_000_000;

pub(super) const LESSON: Lesson = Lesson {
    number: 2,
    slug: "offsets",
    title: "Every single change, in order",
    quotes: &[
        "The primary’s sole job, besides serving writes, is to asynchronously stream every single change to its replicas.",
        "The magic happens via the Redis engine itself, using its built-in replication protocol.",
    ],
    setup,
    warm_ms: 5_000,
    speed: 100,
    twin: None,
    predict: Predict {
        question: "The link to replica 002 becomes 200 ms slower. How far behind is 002 after a minute?",
        choices: &[
            "About 200 ms, as after a second",
            "Further and further: it never catches up",
            "It is thrown out of the group",
        ],
        right: 0,
        explain: "A slow link delays the stream, it does not make it narrower. Each change arrives 200 ms late, and none is missing.",
    },
    tasks: &[
        Task {
            text: "Make the link between 001 and 002 slower by 200 ms.",
            hint: "Ctrl-K, then delay 001 002 200ms",
            does: Does::Command("delay 001 002 200ms"),
            done: |facts| facts::began(facts.run, is_delay),
        },
        Task {
            text: "Watch 20 changes arrive late at 002, and on time at 003.",
            hint: "the bars under the names",
            does: Does::Wait,
            done: |facts| late(facts).count() >= 20,
        },
        Task {
            text: "Mend the link.",
            hint: "Ctrl-K, then heal",
            does: Does::Command("undelay 001 002 200ms"),
            done: |facts| facts::began(facts.run, is_delay) && facts::links_whole_since(facts.run).is_some(),
        },
        Task {
            text: "See 002 return to where it was: 20 changes on time.",
            hint: "",
            does: Does::Wait,
            done: |facts| late(facts).count() >= 20 && healed(facts).count() >= 20,
        },
    ],
    further: &[
        Further {
            text: "Cut the link for a while instead: the stream waits, and nothing is missing afterwards.",
            command: "cut 001 002",
        },
        Further {
            text: "Let so many bytes through that the stream does not fit: now the lag grows.",
            command: "narrow 001 002 1KiB/s",
        },
    ],
    figures,
};

fn setup() -> Scenario {
    group(102, &["via=configuration zone=a every=50ms keys=20 padding=30"])
}

fn is_delay(kind: &FaultKind) -> bool {
    matches!(kind, FaultKind::Delay { a, b, .. } if facts::between(*a, *b, 1, 2))
}

fn lags<'a>(facts: &Facts<'a>, replica: u16) -> impl Iterator<Item = (u64, u64)> {
    facts::acked(facts.run, 0).filter_map(move |write| Some((write.asked, facts::lag(write, 1, replica)?)))
}

/// Delays of the changes that came late at 002.
fn late<'a>(facts: &Facts<'a>) -> impl Iterator<Item = u64> {
    lags(facts, 2).map(|(_, lag)| lag).filter(|lag| *lag > 100 * MS)
}

/// Delays of the changes at 002 since the link is as it was.
fn healed<'a>(facts: &Facts<'a>) -> impl Iterator<Item = u64> {
    let since = facts::links_whole_since(facts.run).unwrap_or(u64::MAX);
    lags(facts, 2).filter(move |(asked, _)| *asked > since).map(|(_, lag)| lag)
}

fn figures(facts: &Facts<'_>) -> Vec<Figure> {
    let nodes = facts.run.observe(u64::MAX).nodes;
    let usual = facts::median(lags(facts, 3).map(|(_, lag)| lag));
    let slow = match (facts::median(late(facts)), usual) {
        (Some(lag), Some(usual)) => figure(
            "lag of 002 behind the slow link",
            time(lag),
            format!(
                "lag = the link's 200 ms + {} that every change takes = {} (003: {}); middle of {}",
                precise(lag.saturating_sub(200 * MS)),
                precise(lag),
                precise(usual),
                many(late(facts).count() as u64, "change"),
            ),
        ),
        _ => awaited("lag of 002 behind the slow link", "lag = arrived at 002 − written at 001"),
    };
    let at = |n: usize| nodes.get(n).map_or(0, |node| node.offset);
    let bytes = figure(
        "bytes that 002 has not got yet",
        format!("{} B", at(0).saturating_sub(at(1))),
        format!("{} B at 001 − {} B at 002, now", at(0), at(1)),
    );
    let after = match facts::median(healed(facts)) {
        Some(lag) => figure(
            "lag after the link was mended",
            time(lag),
            format!("middle of {}", many(healed(facts).count() as u64, "change")),
        ),
        None => awaited("lag after the link was mended", "the same, for the changes written since then"),
    };
    vec![slow, bytes, after]
}
