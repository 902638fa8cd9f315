//! The five steps of a failover, each with its time.

use primacy_port::Figure;

use super::facts::{self, Facts, Failover};
use super::format::{awaited, difference, figure, precise, time, total, whole_ms};
use super::setup::group;
use super::{Does, Further, Lesson, Predict, Task};
use crate::scenario::{Profile, Scenario};

pub(super) const LESSON: Lesson = Lesson {
    number: 6,
    slug: "failover",
    title: "A failover, step by step",
    quotes: &[
        "Let’s say your primary node has a catastrophic failure—maybe the underlying hardware fries, or you accidentally rebooted it during peak traffic (we’ve all been there).",
        "ElastiCache detects the primary is down.",
        "It promotes that replica to be the new primary.",
        "It then spins up a new node to replace the failed one and adds it as a new read replica.",
        "The entire process can take 2-3 minutes.",
    ],
    setup,
    warm_ms: 20_000,
    speed: 10_000,
    twin: None,
    predict: Predict {
        question: "The primary’s machine hangs. Which of the five steps takes longest?",
        choices: &["Detecting that it is gone", "Promoting a replica", "Replacing the lost node"],
        right: 2,
        explain: "A new node has to be started and filled. By then the group has long been writing again.",
    },
    tasks: &[
        Task {
            text: "Let the primary’s machine hang. It answers nobody any more, and nobody is told.",
            hint: "Ctrl-K, then pause primary",
            does: Does::Command("pause primary"),
            done: |facts| newest(facts).is_some() || facts.run.faults().next().is_some(),
        },
        Task {
            text: "Go from milestone to milestone until another node serves and the names point to it.",
            hint: "n",
            does: Does::Wait,
            done: |facts| newest(facts).is_some_and(|failover| failover.moved.is_some()),
        },
        Task {
            text: "Wait for the replacement.",
            hint: "n, or ] to play faster",
            does: Does::Wait,
            done: |facts| newest(facts).is_some_and(|failover| failover.replaced.is_some()),
        },
    ],
    further: &[
        Further {
            text: "Kill the process instead. Its host sees it end, and nobody has to wait for the lease.",
            command: "kill primary",
        },
        Further {
            text: "Wake the old primary up before it is replaced: it follows as a replica.",
            command: "pause primary",
        },
    ],
    figures,
};

fn setup() -> Scenario {
    let apps = [
        "via=configuration every=200ms keys=20 timeout=2s retry=jitter:200ms..2s",
        "via=reader does=get every=200ms timeout=2s retry=jitter:200ms..2s",
    ];
    Scenario { timing: Profile::Aws, ..group(106, &apps) }
}

fn newest(facts: &Facts<'_>) -> Option<Failover> {
    facts::failovers(facts.run).into_iter().find(|failover| failover.from.0 == 1)
}

fn figures(facts: &Facts<'_>) -> Vec<Figure> {
    const STEPS: [&str; 5] = ["1 detect", "2 select the best", "3 promote", "4 move the names", "5 replace"];
    let ends = newest(facts).map_or([None; 5], |f| {
        let ends = [Some(f.detected), f.elected.map(|e| e.0), f.serving, f.moved, f.replaced];
        ends.map(|end| end.map(|end| whole_ms(end.saturating_sub(f.began))))
    });
    let mut figures = vec![awaited("the whole failover", "the sum of the five steps")];
    let mut lengths = Vec::new();
    let mut before = Some(0);
    for (name, end) in STEPS.iter().zip(ends) {
        figures.push(match (before, end) {
            (Some(from), Some(to)) => {
                let (length, terms) = difference(to, from);
                lengths.push(length);
                let shown = if length == 0 { "< 1 ms".to_owned() } else { time(length) };
                figure(name, shown, format!("since the failure: {terms}"))
            }
            _ => awaited(name, "end of this step − end of the step before"),
        });
        before = end;
    }
    if lengths.len() == STEPS.len() {
        let (all, terms) = total(&lengths);
        figures[0] =
            figure("the whole failover", time(all), format!("{} = {}", terms.join(" + "), precise(all)));
    }
    figures
}
