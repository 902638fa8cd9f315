//! What can go wrong (`failover.md` §4.1), as data: drawn first, applied at its time, taken back at its end.

use primacy_core::id::{MAX_REPLICAS, NodeId};
use serde::{Deserialize, Serialize};

/// Rate error that the protocol's margins allow for.
const MOST_DRIFT_PPM: i32 = 10_000;

/// One fault of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Begins this many milliseconds after the run's beginning.
    pub at_ms: u32,
    /// Lasts this many milliseconds; of no meaning for what happens at once.
    pub for_ms: u32,
    /// What.
    pub kind: FaultKind,
}

/// Whom a fault hits; resolved when it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Who {
    /// This member.
    Node(NodeId),
    /// The one that the record names primary; member 1 when it names none.
    Primary,
    /// The n-th member, by id, that is not the primary.
    Replica(u8),
}

/// One side of a cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// One member.
    One(Who),
    /// All members.
    Nodes,
    /// All but the primary.
    Replicas,
    /// The coordinator.
    Coordinator,
    /// All application clients.
    Clients,
    /// Everything in a zone, by index.
    Zone(u8),
    /// Everybody.
    All,
    /// One application client, by index.
    Client(u8),
}

/// Links between two sides that carry nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// One side.
    pub a: Side,
    /// The other; hosts on both sides keep their links to themselves.
    pub b: Side,
    /// Only messages from `a` to `b` are lost.
    pub one_way: bool,
    /// Open connections are reset at once; otherwise they hang.
    pub reset: bool,
}

/// When a coordinator dies: at once, or at a moment that hurts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Moment {
    /// At once.
    Now,
    /// After the store took its next change of the shard's register, before it hears of it.
    Stored,
    /// Before its next change of the shard's register reaches the store.
    Asked,
    /// After its next `Freeze`.
    Frozen,
    /// Before its next `Promote`.
    Promoting,
}

/// What an operator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// `TestFailover`.
    TestFailover,
    /// A planned failover, to the given member or to the best.
    Failover(Option<Who>),
    /// `RebootCacheCluster`.
    Reboot(Who),
    /// `ModifyReplicationGroup` with `AutomaticFailoverEnabled`.
    AutomaticFailover(bool),
    /// `IncreaseReplicaCount` or `DecreaseReplicaCount`, to so many.
    Replicas(u8),
    /// `IncreaseReplicaCount` by one.
    AddReplica,
    /// `DecreaseReplicaCount` by one: the given member, or whoever is chosen.
    RemoveReplica(Option<Who>),
    /// `DecreaseReplicaCount` by several that are named.
    RemoveReplicas(Named),
}

/// Several members by their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named(u8);

impl Named {
    /// These; `None` when a number is none that a member can have.
    pub fn of(nodes: impl IntoIterator<Item = NodeId>) -> Option<Self> {
        let known = 1..=u16::from(MAX_REPLICAS) + 1;
        nodes
            .into_iter()
            .map(|node| known.contains(&node.0).then(|| 1 << (node.0 - 1)))
            .try_fold(0, |set, bit: Option<u8>| Some(set | bit?))
            .map(Self)
    }

    /// In the order of their numbers.
    pub fn nodes(self) -> impl Iterator<Item = NodeId> {
        (1..=u16::from(MAX_REPLICAS) + 1).filter(move |n| self.0 & 1 << (n - 1) != 0).map(NodeId)
    }
}

impl Operation {
    const fn name(self) -> &'static str {
        match self {
            Self::TestFailover => "operator: TestFailover",
            Self::Failover(_) => "operator: planned failover",
            Self::Reboot(_) => "operator: reboot",
            Self::AutomaticFailover(_) => "operator: automatic failover on or off",
            Self::Replicas(_) | Self::AddReplica => "operator: more or fewer replicas",
            Self::RemoveReplica(_) | Self::RemoveReplicas(_) => "operator: a replica removed",
        }
    }
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FaultKind {
    /// A process dies with its memory. `seen`: its host reports the death (waitpid).
    Crash {
        /// Which.
        who: Who,
        /// The host reports it.
        seen: bool,
    },
    /// All processes die within this many milliseconds and are started again.
    Storm {
        /// Spread.
        within_ms: u16,
    },
    /// SIGSTOP; SIGCONT at the end. Clocks run.
    Pause(Who),
    /// Everything takes `factor` times as long.
    Slow {
        /// Which.
        who: Who,
        /// 2 to 1000.
        factor: u16,
    },
    /// The clock runs wrong by this many parts per million.
    Drift {
        /// Which.
        who: Who,
        /// Up to 10,000 is within the protocol's assumption.
        ppm: i32,
    },
    /// The wall clock jumps.
    WallJump {
        /// Which.
        who: Who,
        /// Seconds.
        seconds: i32,
    },
    /// Links carry nothing.
    Cut(Cut),
    /// The same, on and off.
    Flap {
        /// Which links.
        cut: Cut,
        /// Milliseconds of each phase.
        period_ms: u16,
    },
    /// One-way delay added between two sides, both ways, in microseconds.
    Delay {
        /// One side.
        a: Side,
        /// The other.
        b: Side,
        /// Added.
        us: u32,
    },
    /// Bytes a second between two sides.
    Narrow {
        /// One side.
        a: Side,
        /// The other.
        b: Side,
        /// KiB per second.
        kib_s: u16,
    },
    /// All connections of a member are reset.
    Reset(Who),
    /// Its open connections carry nothing any more; new ones work.
    HalfOpen(Who),
    /// One in `one_in` control frames to and from a member has a bit flipped.
    Corrupt {
        /// Which.
        who: Who,
        /// 1: every frame.
        one_in: u16,
    },
    /// An attacker without the secret sends control messages to a member and to the coordinator.
    Forge(Who),
    /// All machines of a zone are without power.
    ZoneLoss(u8),
    /// The coordinator dies; a new one starts at the end.
    CoordinatorDown(Moment),
    /// The coordinator stands still.
    CoordinatorPause,
    /// The store does not answer.
    StoreSilent,
    /// One in `one_in` changes ends unknown, half of them applied.
    StoreUnknown {
        /// 1: every change.
        one_in: u16,
    },
    /// Resolvers get the records as they were when the fault began.
    DnsStale,
    /// Resolvers get SERVFAIL.
    DnsFail,
    /// A client reads nothing from its connection.
    DeafClient(u8),
    /// An operator's request.
    Operator(Operation),
    /// A random delay for every message between two sides, both ways.
    Jitter {
        /// One side.
        a: Side,
        /// The other.
        b: Side,
        /// Up to this many microseconds.
        us: u32,
    },
    /// Packets between two sides are lost, both ways; TCP sends them again.
    Loss {
        /// One side.
        a: Side,
        /// The other.
        b: Side,
        /// How many of a hundred.
        percent: u8,
    },
    /// The name server learns of changes this much later.
    DnsDelay {
        /// Milliseconds.
        ms: u32,
    },
    /// The whole machine stands still, its monotonic clock too, as a suspended guest does; its wall clock is right again
    /// at the end.
    Freeze(Who),
    /// Another coordinator is started beside the one that runs; one of the two ends with the fault.
    SecondCoordinator,
    /// The coordinator comes to stand still at a moment that hurts: between its decision and what it does about it.
    CoordinatorStall(Moment),
    /// The coordinator's clock runs wrong by this many parts per million.
    CoordinatorDrift {
        /// Up to 10,000 is within the protocol's assumption.
        ppm: i32,
    },
    /// A member's monotonic clock jumps forward.
    MonoJump {
        /// Which.
        who: Who,
        /// Milliseconds.
        ms: u32,
    },
    /// The coordinator's monotonic clock jumps forward.
    CoordinatorJump {
        /// Milliseconds.
        ms: u32,
    },
    /// One in `one_in` messages outside of connections comes twice, the second time up to half a second later: what
    /// hosts report, what they are told, answers of the store, changes of names.
    Doubled {
        /// 1: every message.
        one_in: u16,
    },
    /// A client loses its connection in the middle of sending one in `one_in` of its operations.
    CutPipeline {
        /// Its index.
        client: u8,
        /// 1: every operation.
        one_in: u16,
    },
    /// A client sends so many reads more with each of its operations, without waiting for an answer between them.
    Flood {
        /// Its index.
        client: u8,
        /// How many.
        reads: u16,
    },
    /// Commands that add data are refused above so much memory, at every member (`maxmemory`).
    Memory {
        /// KiB.
        kib: u32,
    },
    /// The coordinator that was started last cannot reach the store.
    StoreCut,
}

impl FaultKind {
    /// Its name, for coverage and for a person.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Crash { .. } => "crash",
            Self::Storm { .. } => "storm",
            Self::Pause(_) => "pause",
            Self::Slow { .. } => "slow",
            Self::Drift { .. } => "drift",
            Self::WallJump { .. } => "wall-jump",
            Self::Cut(_) => "cut",
            Self::Flap { .. } => "flap",
            Self::Delay { .. } => "delay",
            Self::Narrow { .. } => "narrow",
            Self::Reset(_) => "reset",
            Self::HalfOpen(_) => "half-open",
            Self::Corrupt { .. } => "corrupt",
            Self::Forge(_) => "forge",
            Self::ZoneLoss(_) => "zone-loss",
            Self::CoordinatorDown(_) => "coordinator-down",
            Self::CoordinatorPause => "coordinator-pause",
            Self::StoreSilent => "store-silent",
            Self::StoreUnknown { .. } => "store-unknown",
            Self::DnsStale => "dns-stale",
            Self::DnsFail => "dns-fail",
            Self::DeafClient(_) => "deaf-client",
            Self::Operator(_) => "operator",
            Self::Jitter { .. } => "jitter",
            Self::Loss { .. } => "loss",
            Self::DnsDelay { .. } => "dns-delay",
            Self::Freeze(_) => "freeze",
            Self::SecondCoordinator => "second-coordinator",
            Self::CoordinatorStall(_) => "coordinator-stall",
            Self::CoordinatorDrift { .. } => "coordinator-drift",
            Self::MonoJump { .. } => "mono-jump",
            Self::CoordinatorJump { .. } => "coordinator-jump",
            Self::Doubled { .. } => "doubled",
            Self::CutPipeline { .. } => "cut-pipeline",
            Self::Flood { .. } => "flood",
            Self::Memory { .. } => "memory",
            Self::StoreCut => "store-cut",
        }
    }

    /// The part of its row in `failover.md` §4.1 that its name does not tell: a generator that draws the kind may still
    /// miss it.
    pub const fn shade(&self) -> Option<&'static str> {
        Some(match self {
            Self::Crash { seen: false, .. } => "crash that nobody sees",
            Self::Slow { factor: 100.., .. } => "slow a hundredfold or more",
            Self::Drift { .. } | Self::CoordinatorDrift { .. } if self.strays() => {
                "clock rate beyond the assumption"
            }
            Self::Cut(Cut { one_way: true, .. }) => "cut one way",
            Self::Cut(Cut { a: Side::One(_), b: Side::One(_), .. }) => "cut of a pair",
            Self::Cut(Cut { a: Side::One(_), b: Side::Coordinator, .. }) => {
                "cut of a member from the coordinator"
            }
            Self::Cut(Cut { a: Side::Replicas, b: Side::Coordinator, .. }) => "cut of the replicas",
            Self::Cut(Cut { a: Side::One(_), b: Side::Replicas, .. }) => {
                "cut of the primary from the replicas"
            }
            Self::Cut(Cut { a: Side::One(_), b: Side::All, .. }) => "cut of one from all",
            Self::Cut(Cut { a: Side::Zone(_), .. }) => "cut of a zone",
            Self::Flap { period_ms: ..=60, .. } => "flap of 60 ms or less",
            Self::Operator(operation) => operation.name(),
            _ => return None,
        })
    }

    /// Whether clocks stray further than the protocol assumes (`failover.md` §2.6): what rests on leases is not required
    /// then.
    pub const fn strays(&self) -> bool {
        match self {
            Self::Drift { ppm, .. } | Self::CoordinatorDrift { ppm } => ppm.abs() > MOST_DRIFT_PPM,
            _ => false,
        }
    }
}
