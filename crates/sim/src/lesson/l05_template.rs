//! The group as a declaration.

use primacy_port::Figure;

use super::facts::Facts;
use super::format::{awaited, figure, rule};
use super::setup::group;
use super::{Does, Further, Lesson, Predict, Task};
use crate::scenario::Scenario;

const FOUR: &str = include_str!("four-replicas.yaml");
const SIX: &str = include_str!("six-replicas.yaml");
const NONE: &str = include_str!("no-replica.yaml");

pub(super) const LESSON: Lesson = Lesson {
    number: 5,
    slug: "template",
    title: "The group as a template",
    quotes: &[
        "When you create a replication group, you’re not creating individual nodes; you’re creating a logical cluster.",
        "The AWS console is fine for a quick test, but you and I are going to do this properly with Infrastructure-as-Code.",
        "This template creates a cluster with one shard (a primary and its replicas). The AutomaticFailoverEnabled: true property is what tells ElastiCache to monitor the nodes and promote a replica to primary if the original one dies.",
    ],
    setup,
    warm_ms: 3_000,
    speed: 1_000,
    twin: None,
    predict: Predict {
        question: "The template says ReplicasPerNodeGroup: 4. How many nodes are created?",
        choices: &["4", "5", "8"],
        right: 1,
        explain: "The property counts replicas. The primary comes on top: 1 + 4.",
    },
    tasks: &[
        Task {
            text: "Change ReplicasPerNodeGroup from 2 to 4 and apply the template.",
            hint: "e opens the template",
            does: Does::Template(FOUR),
            done: |facts| facts.run.scenario().replicas == 4,
        },
        Task {
            text: "Try 6.",
            hint: "e",
            does: Does::Template(SIX),
            done: |facts| refused(facts, "five replicas").is_some(),
        },
        Task {
            text: "Try no replica with AutomaticFailoverEnabled: true.",
            hint: "e",
            does: Does::Template(NONE),
            done: |facts| refused(facts, "failover").is_some(),
        },
    ],
    further: &[
        Further {
            text: "Switch automatic failover off, kill the primary, and wait for somebody to be promoted.",
            command: "automatic-failover off",
        },
        Further { text: "Copy any state of the sandbox back as a template.", command: "" },
    ],
    figures,
};

fn setup() -> Scenario {
    group(105, &["via=configuration every=100ms keys=20"])
}

fn refused<'a>(facts: &Facts<'a>, what: &str) -> Option<&'a String> {
    let what = what.to_ascii_lowercase();
    facts.refused.iter().find(|text| text.to_ascii_lowercase().contains(&what))
}

fn figures(facts: &Facts<'_>) -> Vec<Figure> {
    let replicas = facts.run.scenario().replicas;
    let nodes = facts.run.observe(u64::MAX).nodes;
    let count = figure(
        "nodes",
        format!("{}", nodes.len()),
        format!("nodes = 1 primary + {replicas} replicas (was 1 + 2 = 3)"),
    );
    let zone = |node: &crate::world::NodeSight| format!("{} in {}", node.id, node.zone);
    let placed = figure(
        "where they are",
        format!("{} zones", facts.run.scenario().zones),
        nodes.iter().map(zone).collect::<Vec<_>>().join(", "),
    );
    let six = match refused(facts, "five replicas") {
        Some(why) => figure("six replicas", "refused", rule(why)),
        None => awaited("six replicas", "the template is checked before anything is created"),
    };
    let none = match refused(facts, "failover") {
        Some(why) => figure("failover without a replica", "refused", rule(why)),
        None => awaited("failover without a replica", "the template is checked before anything is created"),
    };
    vec![count, placed, six, none]
}
