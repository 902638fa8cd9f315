//! Three ways to find the primary, and what a TTL is worth.

use primacy_core::control::NodeRole;
use primacy_port::Figure;

use super::facts::{self, Facts, Failover};
use super::format::{awaited, figure, time};
use super::setup::group;
use super::{Does, Further, Lesson, Predict, Task};
use crate::command::Command;
use crate::scenario::Scenario;
use crate::world::World;
use crate::world::ledger::Outage;

const NAMED: u8 = 0;
const HARDCODED: u8 = 1;
const FOREVER: u8 = 2;

pub(super) const LESSON: Lesson = Lesson {
    number: 10,
    slug: "endpoint",
    title: "The endpoint, and its TTL",
    quotes: &[
        "Here’s the kicker: you don’t connect your application directly to the primary’s endpoint. That would be a rookie mistake. You connect to the Configuration Endpoint.",
        "The Configuration Endpoint is Your Friend: I’ve seen apps hardcode the primary’s endpoint. Then a failover happens, and the app is still trying to write to a dead node. Hours of downtime later, they learn this lesson the hard way.",
        "DNS can take a few seconds to propagate",
    ],
    setup,
    warm_ms: 9_000,
    speed: 1_000,
    twin: Some("set ttl 60s"),
    predict: Predict {
        question: "c1 uses the configuration endpoint, c2 has the primary’s address written in, c3 looked the name up once when it started. The primary dies and comes back as a replica. Who writes again?",
        choices: &["All three: the old primary is back", "c1 and c3, which use the name", "Only c1"],
        right: 2,
        explain: "The old node answers again, but as a replica: READONLY. c2 and c3 talk to it for ever. A name helps only those who ask again.",
    },
    tasks: &[
        Task {
            text: "Kill the primary, in both runs.",
            hint: "k",
            does: Does::Command("kill 001"),
            done: |facts| first(facts.run).is_some(),
        },
        Task {
            text: "Wait until c1 writes again in run A, where the name may be remembered for 5 s.",
            hint: "the ring at c1 is what is left of its TTL",
            does: Does::Wait,
            done: |facts| recovered(facts.run, NAMED),
        },
        Task {
            text: "Wait until the old primary is back as a replica and answers c2 with READONLY.",
            hint: "n",
            does: Does::Wait,
            done: |facts| readonly(facts.run, HARDCODED) && readonly(facts.run, FOREVER),
        },
        Task {
            text: "Wait until c1 writes again in run B, where the TTL is 60 s.",
            hint: "] plays faster",
            does: Does::Wait,
            done: |facts| facts.twin.is_some_and(|twin| recovered(twin, NAMED)),
        },
        Task {
            text: "Give c2 the endpoint, and see it recover.",
            hint: "Ctrl-K, then client c2 via=configuration",
            does: Does::Command("client c2 via=configuration"),
            done: |facts| {
                recovered(facts.run, HARDCODED)
                    && facts::acts(facts.run).any(|(_, c)| matches!(c, Command::ChangeClient { .. }))
            },
        },
    ],
    further: &[
        Further {
            text: "Let the name server itself be late, then kill the primary.",
            command: "dns delay 20s",
        },
        Further {
            text: "Let c1 keep every answer for 30 s, as some JVMs do, then kill the primary.",
            command: "client c1 ttl=30s",
        },
    ],
    figures,
};

fn setup() -> Scenario {
    // Who asks before there is a primary keeps the no for a TTL: a minute, in run B.
    let rest = "start-after=5s every=100ms keys=20 timeout=1s retry=jitter:100ms..500ms";
    group(
        110,
        &[
            &format!("via=configuration {rest}"),
            &format!("via=001 {rest}"),
            &format!("via=configuration ttl=forever {rest}"),
        ],
    )
}

fn first(world: &World) -> Option<Failover> {
    facts::failovers(world).into_iter().next()
}

fn outage_of(world: &World, client: u8) -> Option<&Outage> {
    facts::longest(world, client, first(world)?.began)
}

fn recovered(world: &World, client: u8) -> bool {
    outage_of(world, client).is_some_and(|outage| outage.to.is_some())
}

/// The old primary follows, and this application still talks to it.
fn readonly(world: &World, client: u8) -> bool {
    let follows =
        world.observe(u64::MAX).nodes.iter().any(|n| n.id.0 == 1 && n.role == Some(NodeRole::Following));
    let told = |outage: &Outage| outage.last_error.starts_with("READONLY") || outage.to.is_some();
    follows && outage_of(world, client).is_some_and(told)
}

fn figures(facts: &Facts<'_>) -> Vec<Figure> {
    let outage = |name: &str, world: &World, client: u8, why: &str| match outage_of(world, client) {
        None => awaited(name, why),
        Some(outage) => {
            let length = time(facts::length(world, outage));
            let value = match outage.to {
                Some(_) => length,
                None if outage.last_error.starts_with("READONLY") => format!("∞ ({length} so far)"),
                None => format!("{length} and counting"),
            };
            let moved = first(world).and_then(|f| Some(f.moved?.saturating_sub(f.began)));
            let moved = moved.map_or_else(String::new, |ns| format!("the names moved after {}; ", time(ns)));
            let error = format!("{} failed, the last with: {}", outage.failed, outage.last_error);
            figure(name, value, format!("{moved}{why}; {error}"))
        }
    };
    let within =
        |world: &World| format!("outage ≤ that + TTL {} s + one pause of the retry", facts::ttl_s(world));
    let mut figures = vec![outage("c1, endpoint, TTL 5 s: outage", facts.run, NAMED, &within(facts.run))];
    if let Some(twin) = facts.twin {
        figures.push(outage("c1, endpoint, TTL 60 s (run B): outage", twin, NAMED, &within(twin)));
    }
    figures.push(outage("c2, hardcoded address: outage", facts.run, HARDCODED, "nothing moves an address"));
    figures.push(outage("c3, looked up once: outage", facts.run, FOREVER, "nobody asks the name again"));
    figures
}
