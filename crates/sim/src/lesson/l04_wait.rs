//! WAIT: a confirmation that does wait, and what it costs.

use primacy_core::id::NodeId;
use primacy_port::Figure;

use super::facts::{self, Facts};
use super::format::{awaited, figure, many, quotient, ratio};
use super::setup::{fault, group};
use super::{Does, Further, Lesson, Predict, Task};
use crate::check::Write;
use crate::fault::FaultKind;
use crate::scenario::Scenario;

const ENOUGH: usize = 100;

pub(super) const LESSON: Lesson = Lesson {
    number: 4,
    slug: "wait",
    title: "WAIT, and what it costs",
    quotes: &[
        "The fix is either to read from the primary for consistency-critical data or use Redis’ WAIT command (though this sacrifices performance).",
        "Most apps just accept the minor lag.",
    ],
    setup,
    warm_ms: 5_000,
    speed: 1_000,
    twin: None,
    predict: Predict {
        question: "c2 writes, asks WAIT 1 (one replica has it), and reads from 002, the slower one. Can the read be stale?",
        choices: &["No: a replica has confirmed the write", "Yes: the one that confirmed may be 003"],
        right: 1,
        explain: "WAIT counts replicas, it does not name them. Only when all of them are counted is each of them safe to read.",
    },
    tasks: &[
        Task {
            text: "Let all three write and read back from 002, 100 times each: c1 without WAIT, c2 with WAIT 1, c3 with WAIT 2.",
            hint: "] plays faster",
            does: Does::Wait,
            done: |facts| (0..3).all(|client| settled(facts, client).count() >= ENOUGH),
        },
        Task {
            text: "Cut 002 off from the primary, and see what WAIT 2 answers now.",
            hint: "Ctrl-K, then cut 001 002",
            does: Does::Command("cut 001 002"),
            done: |facts| facts::began(facts.run, is_cut) && short(facts) > 0,
        },
        Task {
            text: "Mend it.",
            hint: "Ctrl-K, then heal",
            does: Does::Command("mend 001 002"),
            done: |facts| facts::began(facts.run, is_cut) && !facts.run.faults().any(is_cut),
        },
    ],
    further: &[
        Further {
            text: "WAIT is no transaction: kill the primary while 002 is cut off, and look for the last writes.",
            command: "cut 001 002",
        },
        Further {
            text: "Put the delay on both links and watch WAIT 1 become as slow as WAIT 2.",
            command: "delay 001 003 20ms",
        },
    ],
    figures,
};

fn setup() -> Scenario {
    let app = |does: &str| {
        format!("via=configuration zone=a every=30ms keys=10 timeout=2s {does} read-back=002@0ms")
    };
    let apps =
        ["does=set", "does=wait wait-for=1 wait-time=500ms", "does=wait wait-for=2 wait-time=500ms"].map(app);
    let faults = vec![fault(3_000, u32::MAX, "delay 001 002 20ms")];
    Scenario { faults, ..group(104, &[&apps[0], &apps[1], &apps[2]]) }
}

fn is_cut(kind: &FaultKind) -> bool {
    matches!(kind, FaultKind::Cut(cut) if facts::between(cut.a, cut.b, 1, 2))
}

/// When a write was all that its application wanted it to be; `None` when `WAIT` came back with too few.
fn settled_at(write: &Write, client: u8) -> Option<u64> {
    match client {
        0 => write.acked(),
        _ => write.story().waited.filter(|(_, n)| *n >= u32::from(client)).map(|(at, _)| at),
    }
}

/// An application's writes that were read back from 002 after having been confirmed as it wished.
fn settled<'a>(facts: &Facts<'a>, client: u8) -> impl Iterator<Item = (&'a Write, u64)> {
    facts::acked(facts.run, client)
        .filter(|write| write.story().reread.is_some_and(|read| read.node == NodeId(2)))
        .filter_map(move |write| Some((write, settled_at(write, client)?)))
}

/// Answers of WAIT 2 that named fewer than two.
fn short(facts: &Facts<'_>) -> u64 {
    facts::acked(facts.run, 2).filter(|write| write.story().waited.is_some_and(|(_, n)| n < 2)).count() as u64
}

fn figures(facts: &Facts<'_>) -> Vec<Figure> {
    let stale = |client: u8| {
        let all: Vec<_> = settled(facts, client).collect();
        let stale =
            all.iter().filter(|(write, _)| write.story().reread.is_some_and(|read| read.stale)).count();
        let how = ["without WAIT", "after WAIT 1", "after WAIT 2"][usize::from(client)];
        let why = [
            "the read overtakes the copy, which takes 20 ms",
            "003 has it and is counted; 002, which is read, has not",
            "two replicas are all that there are: the one that is read has it",
        ][usize::from(client)];
        figure(&format!("stale reads {how}"), format!("{stale} of {}", all.len()), why)
    };
    let middle =
        |client: u8| facts::median(settled(facts, client).map(|(write, at)| at.saturating_sub(write.asked)));
    let price = match (middle(0), middle(2)) {
        (Some(plain), Some(waited)) => {
            let (waited, plain, terms) = quotient(waited, plain);
            let price = ratio(waited, plain);
            figure(
                "price of WAIT 2",
                format!("× {price}"),
                format!("{terms} = {price}: the way to the slowest replica and back is added"),
            )
        }
        _ => awaited(
            "price of WAIT 2",
            "time of a write with WAIT 2 ÷ time of a write without (middle of all)",
        ),
    };
    let last = facts::acked(facts.run, 2).filter_map(|write| write.story().waited).last();
    let answer = last.map_or_else(String::new, |(_, n)| format!("the newest answer: (integer) {n}; "));
    let too_few = figure(
        "WAIT 2 answered with fewer than 2",
        many(short(facts), "time"),
        format!("{answer}the write stays, WAIT only counts"),
    );
    vec![stale(2), stale(1), stale(0), price, too_few]
}
