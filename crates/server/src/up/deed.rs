//! What a person can do to the running group, by the command line or by the page.

use std::rc::Rc;

use primacy_core::group::{Request, RequestError};
use primacy_core::id::NodeId;
use rustix::process::Signal;

use crate::cli::node_id;
use crate::up::Shared;

/// The first words of [`Deed::parse`].
pub(crate) const WORDS: &[&str] = &[
    "kill",
    "pause",
    "resume",
    "heal",
    "end",
    "test-failover",
    "failover",
    "reboot",
    "add-replica",
    "remove-replica",
    "replicas",
];

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Kill the process (SIGKILL).
    Kill(NodeId),
    /// Stop it (SIGSTOP).
    Pause(NodeId),
    /// Let it go on (SIGCONT).
    Resume(NodeId),
    /// Let all go on.
    Heal,
    /// AWS's RebootCacheCluster.
    Reboot(NodeId),
    /// AWS's TestFailover.
    TestFailover,
    /// A planned failover, to that node or to the best.
    Failover(Option<NodeId>),
    /// AWS's IncreaseReplicaCount, by one.
    AddReplica,
    /// AWS's DecreaseReplicaCount: these nodes, or by one that is chosen.
    RemoveReplicas(Vec<NodeId>),
    /// Either of them, to so many.
    Replicas(u8),
}

/// Why nothing was done.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// What was named does not exist.
    pub(crate) unknown: bool,
    /// A sentence.
    pub(crate) why: String,
}

impl Deed {
    /// Reads the words of the scripts: `kill 002`, `kill primary`, `test-failover`, `failover 002`.
    pub(crate) fn parse(text: &str, primary: Option<NodeId>) -> Result<Self, String> {
        // A fault's end is said in the words that began it.
        if let Some(fault) = text.strip_prefix("end ") {
            return match Self::parse(fault, primary)? {
                Self::Pause(node) => Ok(Self::Resume(node)),
                _ => Err(format!("`{fault}` has no end: what was killed is started again by itself")),
            };
        }
        let mut words = text.split_whitespace();
        let name = words.next().unwrap_or_default();
        if !WORDS.contains(&name) {
            return Err(format!(
                "`{text}` cannot be done to a real group from here; there are {}",
                WORDS.join(", ")
            ));
        }
        let node = |word: &str| match word {
            "primary" => primary.ok_or_else(|| "the group has no primary now".to_owned()),
            word => node_id(word),
        };
        if name == "remove-replica" {
            return Ok(Self::RemoveReplicas(words.map(node).collect::<Result<_, _>>()?));
        }
        let target = words.next();
        if let Some(extra) = words.next() {
            return Err(format!("`{extra}` is too much for a real group: `{name} NODE`"));
        }
        let named = || target.ok_or_else(|| format!("name a node: `{name} 002`")).and_then(node);
        Ok(match name {
            "kill" => Self::Kill(named()?),
            "pause" => Self::Pause(named()?),
            "resume" => Self::Resume(named()?),
            "reboot" => Self::Reboot(named()?),
            "failover" => Self::Failover(target.map(node).transpose()?),
            "replicas" => match target.map(str::parse) {
                Some(Ok(count)) => Self::Replicas(count),
                _ => return Err("say how many: `replicas 3`".to_owned()),
            },
            _ => match (name, target) {
                ("end", _) => return Err("name what ends: `end pause 002`".to_owned()),
                ("heal", None) => Self::Heal,
                ("test-failover", None) => Self::TestFailover,
                ("add-replica", None) => Self::AddReplica,
                _ => return Err(format!("`{text}`? `{name}` takes no node")),
            },
        })
    }

    /// Does it.
    pub(crate) fn carry_out(self, shared: &Rc<Shared>) -> Result<(), Refusal> {
        let ask = |request| shared.coordinator.request(request).map_err(Refusal::of);
        match self {
            Self::Kill(node) => signal(node, Signal::KILL, shared),
            Self::Pause(node) => signal(node, Signal::STOP, shared),
            Self::Resume(node) => signal(node, Signal::CONT, shared),
            Self::Heal => {
                let view = shared.coordinator.view();
                let nodes = view.iter().flat_map(|view| view.nodes.iter().map(|node| node.id));
                // Whoever has no process needs no waking.
                nodes.for_each(|node| drop(signal(node, Signal::CONT, shared)));
                Ok(())
            }
            Self::Reboot(node) => ask(Request::Reboot { node }),
            Self::TestFailover => {
                ask(Request::TestFailover { node_group: primacy_aws::names::NODE_GROUP.into() })
            }
            Self::Failover(target) => ask(Request::Failover { target }),
            Self::AddReplica => ask(Request::IncreaseReplicas { count: None }),
            Self::RemoveReplicas(remove) => ask(Request::DecreaseReplicas { count: None, remove }),
            Self::Replicas(count) => ask(Request::SetReplicas { count }),
        }
    }
}

fn signal(node: NodeId, signal: Signal, shared: &Rc<Shared>) -> Result<(), Refusal> {
    let coordinator = &shared.coordinator;
    if coordinator.supervisor().signal(node, signal) {
        coordinator.show();
        return Ok(());
    }
    Err(Refusal { unknown: false, why: format!("node {node} has no process now") })
}

impl Refusal {
    fn of(refused: RequestError) -> Self {
        let why = match &refused {
            RequestError::NodeGroupNotFound => "there is no such node group".to_owned(),
            RequestError::NodeNotFound(node) => format!("there is no node {node}"),
            RequestError::NotAvailable => "the group is not available now".into(),
            RequestError::NoReplica => "the group has no replica to fail over to".into(),
            RequestError::AutomaticFailoverOff => "automatic failover is off".into(),
            RequestError::Busy => {
                "a failover, a reboot, a recovery or a change of replicas is under way; wait for it".into()
            }
            RequestError::TooManyReplicas
            | RequestError::NotMore(_)
            | RequestError::NotFewer(_)
            | RequestError::LastReplica
            | RequestError::IsPrimary(_) => refused.to_string(),
            RequestError::QuotaExceeded => "15 test failovers in 24 hours are the most, as on AWS".into(),
            RequestError::BadTarget(node) => {
                format!("node {node} cannot take over: it is the primary, silent or not following")
            }
        };
        let unknown = matches!(refused, RequestError::NodeNotFound(_) | RequestError::NodeGroupNotFound);
        Self { unknown, why }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_scripts_are_read() {
        let read = |text| Deed::parse(text, Some(NodeId(1)));
        assert_eq!(read("kill 002"), Ok(Deed::Kill(NodeId(2))));
        assert_eq!(read("pause primary"), Ok(Deed::Pause(NodeId(1))));
        assert_eq!(read("failover"), Ok(Deed::Failover(None)));
        assert_eq!(read("failover 3"), Ok(Deed::Failover(Some(NodeId(3)))));
        assert_eq!(read("test-failover"), Ok(Deed::TestFailover));
        assert_eq!(read("heal"), Ok(Deed::Heal));
        assert_eq!(read("add-replica"), Ok(Deed::AddReplica));
        assert_eq!(read("remove-replica"), Ok(Deed::RemoveReplicas(Vec::new())));
        assert_eq!(read("remove-replica 3 002"), Ok(Deed::RemoveReplicas(vec![NodeId(3), NodeId(2)])));
        assert!(read("remove-replica 3 x").is_err());
        assert_eq!(read("replicas 5"), Ok(Deed::Replicas(5)));
        assert_eq!(read("end pause 002"), Ok(Deed::Resume(NodeId(2))));
        for wrong in [
            "",
            "kill",
            "kill x",
            "kill 001 002",
            "cut 001 all",
            "heal 001",
            "end kill 001",
            "end",
            "replicas",
            "replicas x",
            "add-replica 3",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(Deed::parse("kill primary", None).is_err());
    }
}
