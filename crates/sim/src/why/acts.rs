//! Which action is behind something, and how it is told.

use primacy_core::id::NodeId;
use primacy_port::Cause;

use super::record::Act;
use crate::fault::{FaultKind, Operation};
use crate::net::Host;
use crate::world::World;

const S: u64 = 1_000_000_000;
/// An action that has no end explains what comes at most this much later.
const ECHO_NS: u64 = 10 * S;
/// A request to the coordinator and a storm take a while to end a process.
const DELIVERY_NS: u64 = 2 * S;

/// The action that ended a member's process at `at`.
pub(super) fn killer(world: &World, node: NodeId, at: u64) -> Option<&Act> {
    let ends = |act: &&Act| match act.kind {
        FaultKind::Crash { .. } | FaultKind::ZoneLoss(_) => act.at == at,
        FaultKind::Storm { .. } | FaultKind::Operator(Operation::TestFailover | Operation::Reboot(_)) => {
            at - act.at <= DELIVERY_NS
        }
        _ => false,
    };
    let mut acts = world.why.acts.iter().rev().filter(|act| act.at <= at && act.touches(Host::Node(node)));
    acts.find(ends)
}

/// The action that keeps two hosts from hearing each other at `at`; `slack`: it may have ended so long before.
pub(super) fn silencer(world: &World, node: NodeId, other: Host, (at, slack): (u64, u64)) -> Option<&Act> {
    let runs = |act: &&Act| act.at <= at && act.ended.is_none_or(|ended| ended + slack >= at);
    let host = Host::Node(node);
    let silences = |act: &&Act| match &act.kind {
        FaultKind::Pause(_)
        | FaultKind::Freeze(_)
        | FaultKind::Slow { .. }
        | FaultKind::ZoneLoss(_)
        | FaultKind::Drift { .. } => act.touches(host),
        FaultKind::Cut(_)
        | FaultKind::Flap { .. }
        | FaultKind::Delay { .. }
        | FaultKind::Jitter { .. }
        | FaultKind::Loss { .. }
        | FaultKind::Narrow { .. } => act.joins(host, other),
        FaultKind::Crash { .. }
        | FaultKind::HalfOpen(_)
        | FaultKind::Reset(_)
        | FaultKind::Corrupt { .. } => act.touches(host) && at - act.at <= ECHO_NS,
        FaultKind::CoordinatorDown(_) | FaultKind::CoordinatorPause | FaultKind::StoreSilent => {
            other == Host::Coordinator
        }
        _ => false,
    };
    world.why.acts.iter().rev().filter(runs).find(silences)
}

/// The newest action of a kind that runs at `at`, or was done shortly before.
pub(super) fn newest(world: &World, at: u64, is: impl Fn(&FaultKind) -> bool) -> Option<&Act> {
    let near =
        |act: &&Act| act.at <= at && (at - act.at <= ECHO_NS || act.ended.is_none_or(|ended| ended >= at));
    world.why.acts.iter().rev().filter(near).find(|act| is(&act.kind))
}

impl Act {
    /// It hits this host.
    pub(super) fn touches(&self, host: Host) -> bool {
        self.sides.iter().any(|side| side.contains(&host))
    }

    /// It is about the link between the two.
    fn joins(&self, a: Host, b: Host) -> bool {
        let [one, two] = &self.sides;
        (one.contains(&a) && two.contains(&b)) || (one.contains(&b) && two.contains(&a))
    }

    /// The last link of a chain.
    pub(super) fn cause(&self) -> Cause {
        let who = if self.planned { "the scenario" } else { "you" };
        Cause { at_ns: self.at, text: format!("{who} {}", self.deed()), event: None }
    }

    fn deed(&self) -> String {
        let [one, two] = &self.sides;
        let (a, b) = (names(one), names(two));
        match &self.kind {
            FaultKind::Crash { .. } => format!("killed {a}"),
            FaultKind::Storm { .. } => "let all processes die and start again".to_owned(),
            FaultKind::Pause(_) => format!("froze {a}"),
            FaultKind::Freeze(_) => format!("suspended the machine of {a} with its clock"),
            FaultKind::Slow { factor, .. } => format!("made {a} {factor} times slower"),
            FaultKind::Drift { ppm, .. } => format!("made the clock of {a} run wrong by {ppm} ppm"),
            FaultKind::WallJump { seconds, .. } => format!("moved the wall clock of {a} by {seconds} s"),
            FaultKind::Cut(_) => format!("cut {a} off from {b}"),
            FaultKind::Flap { .. } => format!("cut {a} off from {b} again and again"),
            FaultKind::Delay { us, .. } => format!("delayed the links of {a} to {b} by {}", time(*us)),
            FaultKind::Jitter { us, .. } => {
                format!("made the links of {a} to {b} vary by up to {}", time(*us))
            }
            FaultKind::Loss { percent, .. } => {
                format!("let {percent} % of the packets between {a} and {b} be lost")
            }
            FaultKind::Narrow { kib_s, .. } => {
                format!("narrowed the links of {a} to {b} to {kib_s} KiB/s")
            }
            FaultKind::Reset(_) => format!("reset the connections of {a}"),
            FaultKind::HalfOpen(_) => format!("let the open connections of {a} carry nothing any more"),
            FaultKind::Corrupt { .. } => format!("flipped bits in the control messages of {a}"),
            FaultKind::Forge(_) => format!("let somebody without the secret talk to {a}"),
            FaultKind::ZoneLoss(zone) => {
                format!("took the power of zone {} away", char::from(b'a' + (*zone).min(25)))
            }
            FaultKind::CoordinatorDown(_) => "ended the coordinator".to_owned(),
            FaultKind::CoordinatorPause => "froze the coordinator".to_owned(),
            FaultKind::CoordinatorStall(_) => "stopped the coordinator at the worst moment".to_owned(),
            FaultKind::SecondCoordinator => "started a second coordinator".to_owned(),
            FaultKind::CoordinatorDrift { ppm } => {
                format!("made the coordinator's clock run wrong by {ppm} ppm")
            }
            FaultKind::CoordinatorJump { ms } => {
                format!("moved the coordinator's monotonic clock by {} s", seconds(u64::from(*ms)))
            }
            FaultKind::MonoJump { ms, .. } => {
                format!("moved the monotonic clock of {a} by {} s", seconds(u64::from(*ms)))
            }
            FaultKind::Doubled { .. } => "let messages between connections come twice".to_owned(),
            FaultKind::CutPipeline { .. } => format!("cut what {a} was sending"),
            FaultKind::Flood { .. } => format!("let {a} send without waiting for answers"),
            FaultKind::Memory { kib } => format!("limited every node's memory to {kib} KiB"),
            FaultKind::StoreCut => "cut the newest coordinator off from its store".to_owned(),
            FaultKind::StoreSilent => "silenced the coordinator's store".to_owned(),
            FaultKind::StoreUnknown { .. } => "let changes of the store end unknown".to_owned(),
            FaultKind::DnsStale => "froze the name server's answers".to_owned(),
            FaultKind::DnsFail => "let the name server fail".to_owned(),
            FaultKind::DnsDelay { ms } => {
                format!("delayed changes of the names by {} s", seconds(u64::from(*ms)))
            }
            FaultKind::DeafClient(_) => format!("made {a} deaf"),
            FaultKind::Operator(operation) => match operation {
                Operation::TestFailover => "called TestFailover".to_owned(),
                Operation::Failover(_) => "asked for a planned failover".to_owned(),
                Operation::Reboot(_) => format!("rebooted {a}"),
                Operation::Replicas(count) => format!("asked for {count} replicas"),
                Operation::AddReplica => "asked for one more replica".to_owned(),
                Operation::RemoveReplica(None) => "asked for one replica less".to_owned(),
                Operation::RemoveReplica(Some(_)) | Operation::RemoveReplicas(_) => format!("removed {a}"),
                Operation::AutomaticFailover(true) => "turned automatic failover on".to_owned(),
                Operation::AutomaticFailover(false) => "turned automatic failover off".to_owned(),
            },
        }
    }
}

/// `1.9` for 1900 milliseconds.
pub(super) fn seconds(ms: u64) -> String {
    if ms < 100 {
        format!("{}.{:03}", ms / 1000, ms % 1000)
    } else {
        format!("{}.{}", ms / 1000, ms % 1000 / 100)
    }
}

/// A span of nanoseconds for a person.
pub(super) fn span(ns: u64) -> String {
    match ns {
        0..1_000_000 => format!("{}.{} ms", ns / 1_000_000, ns % 1_000_000 / 100_000),
        1_000_000..1_000_000_000 => format!("{} ms", ns / 1_000_000),
        _ => format!("{} s", seconds(ns / 1_000_000)),
    }
}

fn time(us: u32) -> String {
    if us.is_multiple_of(1000) { format!("{} ms", us / 1000) } else { format!("{us} µs") }
}

fn names(hosts: &[Host]) -> String {
    let nodes = hosts.iter().filter(|host| matches!(host, Host::Node(_))).count();
    match hosts {
        [] => "nobody".to_owned(),
        [one] => name(*one),
        [one, two] => format!("{} and {}", name(*one), name(*two)),
        _ if nodes == hosts.len() => {
            let all: Vec<String> = hosts.iter().map(|host| name(*host)).collect();
            all.join(", ")
        }
        _ => "everybody else".to_owned(),
    }
}

/// A host in a sentence.
pub(super) fn name(host: Host) -> String {
    match host {
        Host::Coordinator => "the coordinator".to_owned(),
        Host::Store => "the store".to_owned(),
        Host::Dns => "the name server".to_owned(),
        Host::Node(node) => node.to_string(),
        Host::Client(index) => crate::command_text::client_name(usize::from(index)),
        Host::Terminal(_) => "the terminal".to_owned(),
        Host::Attacker => "the attacker".to_owned(),
    }
}
