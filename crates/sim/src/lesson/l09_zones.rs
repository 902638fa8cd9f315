//! All nodes in one zone, beside the same group in three.

use primacy_port::Figure;

use super::facts::{self, Facts};
use super::format::{awaited, difference, figure, percent, time};
use super::setup::group;
use super::{Does, Further, Lesson, Predict, Task};
use crate::command::Command;
use crate::fault::FaultKind;
use crate::scenario::Scenario;
use crate::world::World;
use crate::world::ledger::Outage;

const S: u64 = 1_000_000_000;

pub(super) const LESSON: Lesson = Lesson {
    number: 9,
    slug: "zones",
    title: "Multi-AZ is not optional",
    quotes: &[
        "Multi-AZ is Not Optional: When you create replicas, always deploy them in different Availability Zones than the primary.",
        "Your entire replication group is useless if your primary and all its replicas are in the same AZ that goes down.",
        "AWS will do this by default if you have multiple AZs in your region. Don’t override it.",
    ],
    setup,
    warm_ms: 8_000,
    speed: 1_000,
    twin: Some("zones=3"),
    predict: Predict {
        question: "Run A has its three nodes in one zone, run B has one in each of three. Zone a loses its power. Which run can be written to half a minute later?",
        choices: &["Both: there are two replicas", "Only B", "Neither"],
        right: 1,
        explain: "Replicas help against the loss of a node. Against the loss of a zone only those help that are somewhere else.",
    },
    tasks: &[
        Task {
            text: "Take the power of zone a away, in both runs.",
            hint: "Ctrl-K, then lose a",
            does: Does::Command("lose a"),
            done: |facts| lost_at(facts.run).is_some(),
        },
        Task {
            text: "Give both 30 seconds.",
            hint: "] plays faster",
            does: Does::Wait,
            done: |facts| lost_at(facts.run).is_some_and(|at| facts.run.now_ns() >= at + 30 * S),
        },
        Task {
            text: "Give the power back, and wait until run A serves again.",
            hint: "Ctrl-K, then restore a",
            does: Does::Command("restore a"),
            done: |facts| {
                restored(facts.run) && outage_of(facts.run).is_some_and(|outage| outage.to.is_some())
            },
        },
    ],
    further: &[
        Further {
            text: "Lose zone b, which holds only a replica of run B: the application notices nothing.",
            command: "lose b",
        },
        Further {
            text: "Lose zone a, and then b too (Ctrl-K, lose b): one zone of three goes on.",
            command: "lose a",
        },
    ],
    figures,
};

fn setup() -> Scenario {
    // The application itself is in another zone: it survives to tell.
    Scenario {
        zones: 1,
        ..group(109, &["via=configuration zone=c every=100ms keys=40 timeout=1s retry=jitter:100ms..1s"])
    }
}

fn lost_at(world: &World) -> Option<u64> {
    let loses = |command: &Command| matches!(command, Command::Begin(FaultKind::ZoneLoss(0)));
    facts::acts(world).find(|(_, command)| loses(command)).map(|(at, _)| at)
}

fn outage_of(world: &World) -> Option<&Outage> {
    facts::longest(world, 0, lost_at(world)?)
}

fn restored(world: &World) -> bool {
    let ends = |command: &Command| matches!(command, Command::End(FaultKind::ZoneLoss(0)) | Command::Heal);
    lost_at(world).is_some_and(|lost| facts::acts(world).any(|(at, command)| at >= lost && ends(command)))
}

fn nodes_left(world: &World) -> (usize, usize) {
    let nodes = world.observe(u64::MAX).nodes;
    (nodes.iter().filter(|node| node.up).count(), nodes.len())
}

/// Operations since the zone was lost, while it was or for half a minute.
fn availability(world: &World, lost: u64) -> (u64, u64) {
    facts::results(world, 0, lost + S, world.now_ns().min(lost + 30 * S))
}

fn keys_lost(world: &World, lost: u64) -> u64 {
    let empty = facts::events(world)
        .any(|(at, kind)| at > lost && matches!(kind, primacy_core::group::event::EventKind::DataLost));
    let held = facts::deaths(world)
        .iter()
        .filter(|death| death.at >= lost && death.primary)
        .map(|death| death.keys)
        .max();
    if empty { held.unwrap_or(0) } else { 0 }
}

fn figures(facts: &Facts<'_>) -> Vec<Figure> {
    let Some(lost) = lost_at(facts.run) else {
        return vec![
            awaited("A, one zone: operations that worked", "worked ÷ all, in the 30 s after the loss"),
            awaited("B, three zones: outage", "first success after the loss − first failure"),
        ];
    };
    let side = |name: &str, world: &World| {
        let (ok, bad) = availability(world, lost);
        let (left, all) = nodes_left(world);
        let label = format!("{name}: operations that worked");
        figure(
            &label,
            percent(ok, ok + bad),
            format!("{ok} ÷ {} in the 30 s after the loss; nodes up now: {left} of {all}", ok + bad),
        )
    };
    let outage = |name: &str, world: &World| {
        let label = format!("{name}: outage");
        match outage_of(world) {
            None => awaited(&label, "first success after the loss − first failure"),
            Some(outage) => {
                let counting = if outage.to.is_some() { "" } else { " and counting" };
                let to = outage.to.unwrap_or_else(|| world.now_ns());
                let (length, terms) = difference(to, outage.from);
                figure(&label, format!("{}{counting}", time(length)), terms)
            }
        }
    };
    let keys = |name: &str, world: &World| {
        let n = keys_lost(world, lost);
        let why = "keys of the primary when the zone went − keys that came back; counted when the group serves again";
        figure(&format!("{name}: keys lost"), format!("{n}"), why)
    };
    let mut figures = vec![
        side("A, one zone", facts.run),
        outage("A, one zone", facts.run),
        keys("A, one zone", facts.run),
    ];
    if let Some(twin) = facts.twin {
        let other = "B, three zones";
        figures.extend([side(other, twin), outage(other, twin), keys(other, twin)]);
    }
    figures
}
