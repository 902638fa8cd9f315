//! Ten bad minutes.

use primacy_port::Figure;

use super::facts::{self, Facts};
use super::format::{figure, many, precise, time, total};
use super::setup::{fault, group};
use super::{Does, Further, Lesson, Predict, Task};
use crate::scenario::Scenario;

const S: u64 = 1_000_000_000;
/// The last fault is long over, and the score is final.
const END_NS: u64 = 600 * S;
const CART: u8 = 0;
const STOCK: u8 = 1;
const SHOP: u8 = 2;

pub(super) const LESSON: Lesson = Lesson {
    number: 13,
    slug: "tuesday",
    title: "Survive Tuesday",
    quotes: &[
        "In a pre-production environment, go nuts. Reboot the primary node. Simulate failure. See how your application behaves. It’s better to find the cracks now.",
        "You are not them.",
    ],
    setup,
    warm_ms: 5_000,
    speed: 1_000,
    twin: None,
    predict: Predict {
        question: "Three applications as you found them: one with a hardcoded address, one that never looks the name up again, one that reads its own writes from a replica. How many are healthy after ten minutes if you touch nothing?",
        choices: &["All three: the group heals itself", "One", "None"],
        right: 1,
        explain: "The group heals itself every time. Two of the three applications keep talking to the wrong node; the third works, and has read old data.",
    },
    tasks: &[
        Task {
            text: "Before 1:00, mend c1: it has the primary’s address written in.",
            hint: "Ctrl-K, then client c1 via=configuration",
            does: Does::Command("client c1 via=configuration"),
            done: |facts| follows_name(facts, CART),
        },
        Task {
            text: "Mend c2: it looked the name up once, when it started.",
            hint: "Ctrl-K, then client c2 ttl=honours",
            does: Does::Command("client c2 ttl=honours"),
            done: |facts| follows_name(facts, STOCK),
        },
        Task {
            text: "Mend c3: it reads its own writes from a replica.",
            hint: "Ctrl-K, then client c3 read-back=primary",
            does: Does::Command("client c3 read-back=primary@0ms"),
            done: |facts| reads_own(facts),
        },
        Task {
            text: "Let ten minutes pass.",
            hint: "] plays faster",
            does: Does::Wait,
            done: |facts| facts.run.now_ns() >= END_NS,
        },
        Task {
            text: "End with all three applications at work, and less than a minute of outage each.",
            hint: "",
            does: Does::Wait,
            done: |facts| {
                facts.run.now_ns() >= END_NS && [CART, STOCK, SHOP].iter().all(|c| survived(facts, *c))
            },
        },
    ],
    further: &[
        Further {
            text: "Lose no acknowledged write at all: let every write WAIT for a replica.",
            command: "client all does=wait wait-for=1",
        },
        Further { text: "Share the link to your Tuesday: everything that you did is in it.", command: "" },
    ],
    figures,
};

fn setup() -> Scenario {
    let rest = "every=100ms keys=40 timeout=1s retry=jitter:100ms..1s";
    let plan = [
        (60_000, 90_000, "delay primary replicas 300ms"),
        (120_000, 120_000, "kill primary"),
        (180_000, 210_000, "pause primary"),
        (270_000, 330_000, "lose b"),
        (360_000, 375_000, "coordinator pause"),
        (400_000, 400_000, "test-failover"),
        (440_000, 455_000, "delay primary replicas 300ms"),
        (450_000, 465_000, "dns stale"),
        (452_000, 452_000, "kill primary"),
        (520_000, 530_000, "cut primary replicas"),
        (560_000, 560_000, "failover"),
    ];
    let faults = plan.iter().map(|(at, until, words)| fault(*at, *until, words)).collect();
    let apps = [
        format!("via=001 zone=a {rest}"),
        format!("via=configuration zone=b ttl=forever {rest}"),
        format!("via=configuration zone=c read-back=reader@5ms {rest}"),
    ];
    Scenario { faults, ..group(113, &[&apps[0], &apps[1], &apps[2]]) }
}

fn follows_name(facts: &Facts<'_>, client: u8) -> bool {
    use crate::scenario::{Caching, Via};
    let spec = facts.run.clients.get(usize::from(client)).map(|c| &c.spec);
    spec.is_some_and(|s| matches!(s.via, Via::Configuration | Via::Primary) && s.cache != Caching::Forever)
}

fn reads_own(facts: &Facts<'_>) -> bool {
    use crate::scenario::Via;
    let spec = facts.run.clients.get(usize::from(SHOP)).map(|c| &c.spec);
    spec.is_some_and(|s| s.read_back.is_none_or(|back| matches!(back.via, Via::Configuration | Via::Primary)))
}

/// Nanoseconds without a success.
fn outage(facts: &Facts<'_>, client: u8) -> u64 {
    facts::outages(facts.run, client).iter().map(|outage| facts::length(facts.run, outage)).sum()
}

fn survived(facts: &Facts<'_>, client: u8) -> bool {
    let works = facts::outages(facts.run, client).last().is_none_or(|outage| outage.to.is_some());
    works && outage(facts, client) < 60 * S
}

fn figures(facts: &Facts<'_>) -> Vec<Figure> {
    let run = facts.run;
    let losses: Vec<u64> =
        facts::failovers(run).iter().filter_map(|f| facts::lost(run, f)).map(|l| l.acked).collect();
    let stale: u32 = run.clients.iter().map(|client| client.stats.stale_reads).sum();
    let reads: u32 = run.clients.iter().map(|client| client.stats.reads).sum();
    let (all, terms) = total(&[CART, STOCK, SHOP].map(|client| outage(facts, client)));
    let nodes = u64::from(run.scenario().replicas) + 1;
    let hundredths = nodes * run.now_ns().min(END_NS) / (36 * S);
    let sum = |parts: &[u64]| parts.iter().map(u64::to_string).collect::<Vec<_>>().join(" + ");
    vec![
        figure(
            "acknowledged writes lost",
            many(facts::acked_lost(run), "write"),
            format!(
                "lost = {}, failover by failover",
                if losses.is_empty() { "0".to_owned() } else { sum(&losses) }
            ),
        ),
        figure(
            "stale reads",
            format!("{stale} of {reads}"),
            "reads that returned less than had been acknowledged before",
        ),
        figure(
            "outage",
            time(all),
            format!("c1 {} + c2 {} + c3 {} = {}", terms[0], terms[1], terms[2], precise(all)),
        ),
        figure(
            "cost",
            format!("{}.{:02} node-hours", hundredths / 100, hundredths % 100),
            format!("{nodes} nodes × {} ÷ 1 h", time(run.now_ns().min(END_NS))),
        ),
    ]
}
