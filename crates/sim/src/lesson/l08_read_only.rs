//! The time in which writes fail and reads do not.

use primacy_port::Figure;

use super::facts::{self, Facts, Failover};
use super::format::{awaited, difference, figure, many, percent, quotient, time};
use super::setup::group;
use super::{Does, Further, Lesson, Predict, Task};
use crate::scenario::{Profile, Scenario};

const WRITER: u8 = 0;
const READER: u8 = 1;
const WARM_NS: u64 = 20_000_000_000;

pub(super) const LESSON: Lesson = Lesson {
    number: 8,
    slug: "read-only",
    title: "Read-only for a while",
    quotes: &["During that time, your cluster is read-only. Writes will fail. Plan for this."],
    setup,
    warm_ms: 20_000,
    speed: 10_000,
    twin: None,
    predict: Predict {
        question: "A failover takes two and a half minutes from the failure to the replacement. For how long do writes fail?",
        choices: &[
            "The whole time",
            "Until the names point to the new primary",
            "They do not fail: they are queued",
        ],
        right: 1,
        explain: "Writes work again as soon as a new primary serves and the applications find it. The replacement is nobody’s concern but the group’s.",
    },
    tasks: &[
        Task {
            text: "Let the primary’s machine hang.",
            hint: "Ctrl-K, then pause primary",
            does: Does::Command("pause primary"),
            done: |facts| outage(facts).is_some(),
        },
        Task {
            text: "Watch c1 (writes) fail while c2 (reads from replicas) goes on, until c1 works again.",
            hint: "n, or ] to play faster",
            does: Does::Wait,
            done: |facts| outage(facts).is_some_and(|(_, to, _)| to.is_some()),
        },
        Task {
            text: "Wait for the end of the whole failover.",
            hint: "n",
            does: Does::Wait,
            done: |facts| first(facts).is_some_and(|failover| failover.replaced.is_some()),
        },
    ],
    further: &[
        Further { text: "Kill the process instead: the window shrinks to seconds.", command: "kill primary" },
        Further {
            text: "Let the reader use the configuration endpoint, and it fails too.",
            command: "client c2 via=configuration",
        },
    ],
    figures,
};

fn setup() -> Scenario {
    let apps = [
        "via=configuration zone=a every=200ms keys=20 timeout=1s retry=jitter:200ms..1s",
        "via=reader zone=b does=get every=200ms timeout=1s retry=jitter:200ms..1s",
    ];
    Scenario { timing: Profile::Aws, ..group(108, &apps) }
}

fn first(facts: &Facts<'_>) -> Option<Failover> {
    facts::failovers(facts.run).into_iter().next()
}

/// The writer's outage: from, to, and how many of its operations failed.
fn outage(facts: &Facts<'_>) -> Option<(u64, Option<u64>, u64)> {
    let outage = facts::longest(facts.run, WRITER, WARM_NS)?;
    Some((outage.from, outage.to, u64::from(outage.failed)))
}

fn figures(facts: &Facts<'_>) -> Vec<Figure> {
    let now = facts.run.now_ns();
    let Some((from, to, failed)) = outage(facts) else {
        return vec![
            awaited("writes failed for", "first write that works again − first write that failed"),
            awaited("reads from replicas meanwhile", "reads that worked ÷ all reads of that time"),
        ];
    };
    let until = to.unwrap_or(now);
    let whole = first(facts).map(|f| (f.began, f.replaced.unwrap_or(now), f.replaced.is_some()));
    let event = match whole {
        Some((began, end, true)) => format!(" of a {} event", time(end.saturating_sub(began))),
        _ => String::new(),
    };
    let counting = if to.is_some() { "" } else { " and counting" };
    let (window, terms) = difference(until, from);
    let writes = figure(
        "writes failed for",
        format!("{}{event}{counting}", time(window)),
        format!("{terms}; {} failed in it", many(failed, "attempt")),
    );
    let (ok, bad) = facts::results(facts.run, READER, from, until);
    let reads = figure(
        "reads from replicas meanwhile",
        format!("{} worked", percent(ok, ok + bad)),
        format!("{ok} worked, {bad} failed, while {} failed", many(failed, "write")),
    );
    let honest = whole.filter(|w| w.2).map(|(began, end, _)| {
        let (window, all, terms) = quotient(window, end.saturating_sub(began));
        figure(
            "the text says read-only the whole time",
            format!("{} of it", percent(window, all)),
            format!("{terms}: the rest of the event is the replacement, and writes work through it"),
        )
    });
    [Some(writes), Some(reads), honest].into_iter().flatten().collect()
}
