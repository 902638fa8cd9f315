//! Write here, read there, at once.

use primacy_core::id::NodeId;
use primacy_port::Figure;

use super::facts::{self, Facts};
use super::format::{figure, percent, time};
use super::setup::{fault, group};
use super::{Does, Further, Lesson, Predict, Task};
use crate::check::{Reread, Write};
use crate::scenario::Scenario;

const MS: u64 = 1_000_000;
const ENOUGH: usize = 100;

pub(super) const LESSON: Lesson = Lesson {
    number: 3,
    slug: "stale-reads",
    title: "The stale read trap",
    quotes: &[
        "The Stale Read Trap: Remember that “asynchronous” part? An application that writes to the primary and immediately tries to read that data from a replica might not see it.",
        "It’s a trade-off, not a bug. Just don’t act surprised later.",
    ],
    setup,
    warm_ms: 5_000,
    speed: 1_000,
    twin: None,
    predict: Predict {
        question: "Replica 002 is 200 ms behind. Application c1 writes to the primary and reads the same key from 002 at once. How often does it get the old value?",
        choices: &["Now and then", "About half of the time", "Every time"],
        right: 2,
        explain: "A read is stale whenever the copy takes longer than the pause before the read. Without a pause that is every time here.",
    },
    tasks: &[
        Task {
            text: "Let c1, c2 and c3 write and read back 100 times each. They pause for 0, 100 and 300 ms in between.",
            hint: "] plays faster",
            does: Does::Wait,
            done: |facts| (0..3).all(|client| at_replica(facts, client).count() >= ENOUGH),
        },
        Task {
            text: "Let c1 read from the primary, 100 times.",
            hint: "Ctrl-K, then client c1 read-back=primary",
            does: Does::Command("client c1 read-back=primary@0ms"),
            done: |facts| at_primary(facts).count() >= ENOUGH,
        },
        Task {
            text: "Mend the link: 002 is less than a millisecond behind again.",
            hint: "Ctrl-K, then heal",
            does: Does::Command("undelay 001 002 200ms"),
            done: |facts| facts::links_whole_since(facts.run).is_some(),
        },
    ],
    further: &[
        Further {
            text: "How stale is a healthy replica? Let c1 read from it at once.",
            command: "client c1 read-back=002@0ms",
        },
        Further {
            text: "Read through the reader endpoint, as most applications do.",
            command: "client all read-back=reader@0ms",
        },
    ],
    figures,
};

fn setup() -> Scenario {
    let app =
        |after: &str| format!("via=configuration zone=a every=20ms keys=10 timeout=1s read-back=002@{after}");
    let apps = ["0ms", "100ms", "300ms"].map(app);
    let faults = vec![fault(3_000, u32::MAX, "delay 001 002 200ms")];
    Scenario { faults, ..group(103, &[&apps[0], &apps[1], &apps[2]]) }
}

/// The pause before the read, in nanoseconds.
const fn pause(client: u8) -> u64 {
    [0, 100 * MS, 300 * MS][client as usize % 3]
}

/// Reads of a client's own writes from 002, while its link was slow.
fn at_replica<'a>(facts: &Facts<'a>, client: u8) -> impl Iterator<Item = (&'a Write, Reread)> {
    let slow = |write: &Write| facts::lag(write, 1, 2).is_some_and(|lag| lag > 150 * MS);
    reread(facts, client).filter(move |(write, read)| read.node == NodeId(2) && slow(write))
}

fn at_primary<'a>(facts: &Facts<'a>) -> impl Iterator<Item = (&'a Write, Reread)> {
    (0..3).flat_map(|client| reread(facts, client)).filter(|(_, read)| read.node == NodeId(1))
}

fn reread<'a>(facts: &Facts<'a>, client: u8) -> impl Iterator<Item = (&'a Write, Reread)> {
    facts::acked(facts.run, client).filter_map(|write| Some((write, write.story().reread?)))
}

fn figures(facts: &Facts<'_>) -> Vec<Figure> {
    let stale = |reads: &[(&Write, Reread)]| reads.iter().filter(|(_, read)| read.stale).count() as u64;
    let of = |client: u8| {
        let reads: Vec<_> = at_replica(facts, client).collect();
        let slower =
            |(write, _): &&(&Write, Reread)| facts::lag(write, 1, 2).is_some_and(|lag| lag > pause(client));
        let (slower, all) = (reads.iter().filter(slower).count(), reads.len());
        figure(
            &format!("stale reads of c{}, which pauses {}", client + 1, time(pause(client))),
            format!("{} of {all} ({})", stale(&reads), percent(stale(&reads), all as u64)),
            format!("writes whose copy took longer than the pause: {slower} of {all}"),
        )
    };
    let primary: Vec<_> = at_primary(facts).collect();
    let own = figure(
        "stale reads from the primary",
        format!("{} of {}", stale(&primary), primary.len()),
        "the primary reads its own memory, where the write already is".to_owned(),
    );
    vec![of(0), of(1), of(2), own]
}
