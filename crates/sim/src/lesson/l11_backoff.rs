//! Two hundred applications lose their connection at the same moment.

use primacy_port::Figure;

use super::facts::{self, Facts, Failover};
use super::format::{awaited, figure, ratio, time};
use super::setup::{app, fault, group};
use super::{Does, Further, Lesson, Predict, Task};
use crate::scenario::Scenario;
use crate::world::World;

const S: u64 = 1_000_000_000;
const CROWD: usize = 200;
/// Hundredths of a second in a second, which is how attempts are counted.
const PER_SECOND: u64 = 100;

pub(super) const LESSON: Lesson = Lesson {
    number: 11,
    slug: "backoff",
    title: "Back off, and try again",
    quotes: &[
        "DNS can take a few seconds to propagate",
        "your application needs to implement a retry logic for connection errors during a failover. Your app will get a brief connection refusal; it should back off and try again.",
    ],
    setup,
    warm_ms: 9_000,
    speed: 1_000,
    twin: Some("client all retry=jitter:100ms..5s"),
    predict: Predict {
        question: "200 applications lose the primary at once. In run A each tries again every 100 ms. In run B each doubles its pause and waits a random part of it. How often does B’s crowd knock in all?",
        choices: &["About as often as A’s: all must come back", "About half as often", "Several times less"],
        right: 2,
        explain: "In A nobody ever slows down, and all knock in the same instant. In B the crowd thins out and spreads.",
    },
    tasks: &[
        Task {
            text: "Kill the primary, in both runs.",
            hint: "k",
            does: Does::Command("kill 001"),
            done: |facts| first(facts.run).is_some(),
        },
        Task {
            text: "Wait until all 200 write again in run A.",
            hint: "] plays faster",
            does: Does::Wait,
            done: |facts| first(facts.run).is_some() && waiting(facts.run) == 0,
        },
        Task {
            text: "Wait until all 200 write again in run B.",
            hint: "",
            does: Does::Wait,
            done: |facts| facts.twin.is_some_and(|twin| first(twin).is_some() && waiting(twin) == 0),
        },
    ],
    further: &[
        Further { text: "Try again at once, without any pause.", command: "client all retry=immediate" },
        Further {
            text: "Double the pause, but without chance: they still come in step.",
            command: "client all retry=backoff:100ms..5s",
        },
        Further { text: "Do not retry at all: each error is a user’s.", command: "client all retry=none" },
    ],
    figures,
};

fn setup() -> Scenario {
    let one = app("via=configuration every=2s keys=2 timeout=1s retry=fixed:100ms");
    // Whenever the primary is killed: whose answer has run out would else find the new one at once, and nobody would knock.
    let faults = vec![fault(6_000, u32::MAX, "dns delay 4s")];
    Scenario { clients: vec![one; CROWD], faults, ..group(111, &[]) }
}

fn first(world: &World) -> Option<Failover> {
    facts::failovers(world).into_iter().next()
}

/// Applications that have not had a success since they failed.
fn waiting(world: &World) -> usize {
    world
        .clients
        .iter()
        .filter(|client| client.stats.outages.last().is_some_and(|outage| outage.to.is_none()))
        .count()
}

/// Most attempts in one hundredth of a second and in one whole second, and all of them, since a time.
fn attempts(world: &World, since: u64) -> (u64, u64, u64) {
    let from = since / (S / PER_SECOND);
    let after: Vec<_> = world.ledger.attempts.iter().filter(|(at, _)| *at >= from).collect();
    let most = after.iter().map(|(_, n)| u64::from(*n)).max().unwrap_or(0);
    let in_second_from = |start: u64| {
        let within = after.iter().filter(|(at, _)| (start..start + PER_SECOND).contains(at));
        within.map(|(_, n)| u64::from(*n)).sum::<u64>()
    };
    let second = after.iter().map(|(at, _)| in_second_from(*at)).max().unwrap_or(0);
    (most, second, after.iter().map(|(_, n)| u64::from(*n)).sum())
}

fn errors(world: &World) -> u64 {
    world.clients.iter().map(|client| u64::from(client.stats.errors)).sum()
}

fn figures(facts: &Facts<'_>) -> Vec<Figure> {
    let Some(failover) = first(facts.run) else {
        return vec![awaited("attempts in all, A against B", "connection attempts of A’s crowd ÷ of B’s")];
    };
    let a = attempts(facts.run, failover.began);
    let b = facts.twin.map(|twin| attempts(twin, failover.began));
    let mut figures = Vec::new();
    if let Some(b) = b {
        let against = |a: u64, b: u64| format!("× {}", ratio(a, b));
        figures.push(figure(
            "attempts in all, A against B",
            against(a.2, b.2),
            format!("{} ÷ {} connection attempts since the failure", a.2, b.2),
        ));
        figures.push(figure(
            "worst second, A against B",
            against(a.1, b.1),
            format!("{} ÷ {} connection attempts in one second", a.1, b.1),
        ));
    }
    let side = |name: &str, world: &World, (most, second, all): (u64, u64, u64)| {
        let last = world.clients.iter().filter_map(|c| c.stats.outages.last()?.to).max().unwrap_or(0);
        let back = time(last.saturating_sub(failover.began));
        vec![
            figure(
                &format!("{name}: busiest hundredth of a second"),
                format!("{most} attempts"),
                format!("{second} in the busiest second, {all} in all"),
            ),
            figure(
                &format!("{name}: errors"),
                format!("{}", errors(world)),
                format!("summed over {CROWD} applications; the last was back after {back}"),
            ),
        ]
    };
    figures.extend(side("A, every 100 ms", facts.run, a));
    if let (Some(twin), Some(b)) = (facts.twin, b) {
        figures.extend(side("B, doubling and random", twin, b));
    }
    figures
}
