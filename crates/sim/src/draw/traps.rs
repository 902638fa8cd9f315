//! Faults that belong to each other and that chance hardly ever puts together. Drawn apart from the rest of the plan.

use primacy_core::rng::Rng;

use super::Style;
use crate::fault::{Cut, Fault, FaultKind, Moment, Operation, Side, Who};
use crate::scenario::{Scenario, Via};

/// The first seeds keep the plans that the first golden traces were made of.
pub(super) const PLAIN: u64 = 10;
pub(super) const FIRST_MS: u32 = 4_000;
pub(super) const LAST_MS: u32 = 24_000;
/// A primary that stands still for longer has lost its lease.
const LEASE_MS: u64 = 1_150;
const MOMENTS: [Moment; 4] = [Moment::Stored, Moment::Asked, Moment::Frozen, Moment::Promoting];

/// Draws a trap: when it begins, and of what it consists.
pub(super) type Trap = fn(&mut Rng, u32, &mut Scenario) -> Vec<Fault>;

const TRAPS: [Trap; 17] = [
    broken_snapshot,
    late_reply,
    late_reply,
    dying_coordinator,
    two_coordinators,
    two_coordinators,
    woken_coordinator,
    stalled_coordinator,
    stalled_coordinator,
    clocks_apart,
    clocks_astray,
    clocks_forward,
    twice,
    torn_pipelines,
    store,
    names,
    operator,
];

/// Adds none to three of them.
pub(super) fn add(scenario: &mut Scenario, style: Style) {
    if scenario.seed < PLAIN {
        return;
    }
    let swarm = if style == Style::Swarm { 0x5157_4d00 } else { 0 };
    let mut rng = Rng::from_u64(scenario.seed ^ 0x0074_7261_7073 ^ swarm);
    for _ in 0..[0, 1, 1, 1, 2, 3][rng.below(6) as usize] {
        let trap = TRAPS[rng.below(TRAPS.len() as u64) as usize];
        let at = FIRST_MS + rng.below(u64::from(LAST_MS - FIRST_MS)) as u32;
        let faults = trap(&mut rng, at, scenario);
        scenario.faults.extend(faults);
    }
    in_order(scenario);
}

/// Ends every fault with the time of faults, and sorts the plan.
pub(super) fn in_order(scenario: &mut Scenario) {
    let until = scenario.faults_until_ms;
    for fault in &mut scenario.faults {
        fault.for_ms = fault.for_ms.min(until.saturating_sub(fault.at_ms));
    }
    scenario.faults.sort_by_key(|fault| fault.at_ms);
}

pub(super) const fn fault(at_ms: u32, for_ms: u64, kind: FaultKind) -> Fault {
    Fault { at_ms, for_ms: for_ms as u32, kind }
}

pub(super) fn after(rng: &mut Rng, at: u32, within: u64) -> u32 {
    at + rng.below(within) as u32
}

pub(super) fn replica(rng: &mut Rng, scenario: &Scenario) -> Who {
    Who::Replica(rng.below(u64::from(scenario.replicas)) as u8)
}

/// Something that ends the primary's rule.
pub(super) fn deposes(rng: &mut Rng, at: u32) -> Fault {
    let cut = |a, b| FaultKind::Cut(Cut { a, b, one_way: false, reset: false });
    match rng.below(5) {
        0 => fault(at, 0, FaultKind::Crash { who: Who::Primary, seen: true }),
        1 => fault(at, 0, FaultKind::Crash { who: Who::Primary, seen: false }),
        2 => fault(at, LEASE_MS + rng.below(3_000), FaultKind::Pause(Who::Primary)),
        3 => fault(at, LEASE_MS + rng.below(4_000), cut(Side::One(Who::Primary), Side::Coordinator)),
        _ => fault(at, LEASE_MS + rng.below(4_000), cut(Side::One(Who::Primary), Side::All)),
    }
}

/// A replica fetches a snapshot over a narrow link, and the primary is lost in the middle of it.
fn broken_snapshot(rng: &mut Rng, at: u32, scenario: &mut Scenario) -> Vec<Fault> {
    if let Some(first) = scenario.clients.first_mut() {
        (first.via, first.keys, first.padding, first.think_us) = (Via::Configuration, 60, 2_000, 10_000);
    }
    let who = replica(rng, scenario);
    let narrow = FaultKind::Narrow { a: Side::One(who), b: Side::Nodes, kib_s: 24 + rng.below(40) as u16 };
    let lost = after(rng, at + 1_500, 3_000);
    vec![
        fault(at, 9_000, narrow),
        fault(at + 20, 0, FaultKind::Crash { who, seen: true }),
        fault(lost, 0, FaultKind::Crash { who: Who::Primary, seen: rng.chance(2, 3) }),
    ]
}

/// The primary is stopped between running a command and sending its reply, for longer than its lease.
fn late_reply(rng: &mut Rng, at: u32, scenario: &mut Scenario) -> Vec<Fault> {
    for client in scenario.clients.iter_mut().take(2) {
        (client.via, client.mix.set, client.think_us) = (Via::Primary, 8, 10_000);
    }
    let pause = after(rng, at + 50, 400);
    vec![
        fault(at, 500, FaultKind::Slow { who: Who::Primary, factor: 1_000 }),
        fault(pause, LEASE_MS + rng.below(2_000), FaultKind::Pause(Who::Primary)),
    ]
}

/// Two coordinators work while the primary is deposed.
fn two_coordinators(rng: &mut Rng, at: u32, _: &mut Scenario) -> Vec<Fault> {
    let mut faults = vec![fault(at, 2_000 + rng.below(10_000), FaultKind::SecondCoordinator)];
    // Links are made anew, so that each has some of the members.
    for _ in 0..rng.below(3) {
        let who = [Who::Primary, Who::Replica(0), Who::Replica(1)][rng.below(3) as usize];
        faults.push(fault(after(rng, at, 3_000), 0, FaultKind::Reset(who)));
    }
    for _ in 0..=rng.below(2) {
        let when = after(rng, at, 5_000);
        faults.push(deposes(rng, when));
    }
    if rng.chance(1, 4) {
        faults.push(fault(after(rng, at, 4_000), 0, FaultKind::Operator(Operation::Failover(None))));
    }
    faults
}

/// A coordinator stands still and is replaced; it goes on while the other works, with what it knew.
fn woken_coordinator(rng: &mut Rng, at: u32, _: &mut Scenario) -> Vec<Fault> {
    let second = after(rng, at + 300, 2_500);
    let mut faults = vec![
        fault(at, 2_000 + rng.below(6_000), FaultKind::CoordinatorPause),
        fault(second, 3_000 + rng.below(9_000), FaultKind::SecondCoordinator),
    ];
    let when = after(rng, at, 4_000);
    faults.push(deposes(rng, when));
    faults
}

/// A coordinator stands still between its decision and the store, or its word to the winner; at times another one is
/// started meanwhile.
fn stalled_coordinator(rng: &mut Rng, at: u32, _: &mut Scenario) -> Vec<Fault> {
    let moment = MOMENTS[rng.below(4) as usize];
    let mut faults =
        vec![fault(at, 500 + rng.below(7_000), FaultKind::CoordinatorStall(moment)), deposes(rng, at + 50)];
    if rng.chance(2, 3) {
        let second = after(rng, at + 500, 3_000);
        faults.push(fault(second, 3_000 + rng.below(8_000), FaultKind::SecondCoordinator));
    }
    faults
}

/// A coordinator dies at a moment of a failover.
fn dying_coordinator(rng: &mut Rng, at: u32, _: &mut Scenario) -> Vec<Fault> {
    let moment = MOMENTS[rng.below(4) as usize];
    vec![fault(at, 300 + rng.below(4_000), FaultKind::CoordinatorDown(moment)), deposes(rng, at + 50)]
}

/// All clocks run as wrong as the protocol allows, each its own way.
fn clocks_apart(rng: &mut Rng, at: u32, scenario: &mut Scenario) -> Vec<Fault> {
    let mut faults = drifts(rng, at, scenario, 10_000);
    let when = after(rng, at, 8_000);
    faults.push(deposes(rng, when));
    faults
}

/// The same beyond what it allows: only what rests on no clock must hold.
fn clocks_astray(rng: &mut Rng, at: u32, scenario: &mut Scenario) -> Vec<Fault> {
    let mut faults = drifts(rng, at, scenario, 100_000);
    let when = after(rng, at, 8_000);
    faults.push(deposes(rng, when));
    faults
}

fn drifts(rng: &mut Rng, at: u32, scenario: &Scenario, most: i32) -> Vec<Fault> {
    let mut sign = || if rng.chance(1, 2) { most } else { -most };
    let mut faults = vec![fault(at, 14_000, FaultKind::CoordinatorDrift { ppm: sign() })];
    for n in 1..=u16::from(scenario.replicas) + 1 {
        let who = Who::Node(primacy_core::id::NodeId(n));
        faults.push(fault(at, 14_000, FaultKind::Drift { who, ppm: sign() }));
    }
    faults
}

/// Monotonic clocks jump forward, at times while the primary lives on grants.
fn clocks_forward(rng: &mut Rng, at: u32, scenario: &mut Scenario) -> Vec<Fault> {
    let mut faults = Vec::new();
    if rng.chance(1, 2) {
        faults.push(fault(at, 9_000, FaultKind::CoordinatorDown(Moment::Now)));
    }
    for _ in 0..=rng.below(3) {
        let ms = [30, 300, 1_500, 5_000, 60_000][rng.below(5) as usize];
        let who = if rng.chance(1, 2) { Who::Primary } else { replica(rng, scenario) };
        let kind = if rng.chance(1, 4) {
            FaultKind::CoordinatorJump { ms }
        } else {
            FaultKind::MonoJump { who, ms }
        };
        faults.push(fault(after(rng, at, 9_500), 0, kind));
    }
    if rng.chance(1, 2) {
        let when = after(rng, at, 9_000);
        faults.push(deposes(rng, when));
    }
    faults
}

/// What hosts, the store and the name server are told and say comes twice, and late.
fn twice(rng: &mut Rng, at: u32, scenario: &mut Scenario) -> Vec<Fault> {
    let who = replica(rng, scenario);
    let mut faults = vec![
        fault(at, 8_000, FaultKind::Doubled { one_in: 1 + rng.below(3) as u16 }),
        fault(after(rng, at, 6_000), 0, FaultKind::Crash { who, seen: rng.chance(1, 2) }),
    ];
    let when = after(rng, at, 6_000);
    faults.push(deposes(rng, when));
    faults
}

/// Connections of applications end in the middle of a pipeline: before the WAIT, before the EXEC.
fn torn_pipelines(rng: &mut Rng, at: u32, scenario: &mut Scenario) -> Vec<Fault> {
    for client in &mut scenario.clients {
        if !matches!(client.via, Via::Reader) {
            (client.mix.wait, client.mix.multi) = (client.mix.wait.max(1), client.mix.multi.max(1));
        }
    }
    let clients = scenario.clients.len() as u8;
    let cut = |client| fault(at, 9_000, FaultKind::CutPipeline { client, one_in: 1 + u16::from(client) * 3 });
    let mut faults: Vec<Fault> = (0..clients).map(cut).collect();
    let when = after(rng, at, 8_000);
    faults.push(deposes(rng, when));
    faults
}

/// The store changes its leader, or does not say what has become of a change, while a failover needs it.
fn store(rng: &mut Rng, at: u32, _: &mut Scenario) -> Vec<Fault> {
    let begun = after(rng, at, 1_500);
    let mut faults = vec![deposes(rng, at)];
    if rng.chance(2, 3) {
        faults.push(fault(begun, 1_500, FaultKind::StoreSilent));
    }
    if rng.chance(2, 3) {
        faults.push(fault(at, 6_000, FaultKind::StoreUnknown { one_in: 1 + rng.below(3) as u16 }));
    }
    faults
}

/// Names are old, late or not to be had while they should change.
fn names(rng: &mut Rng, at: u32, scenario: &mut Scenario) -> Vec<Fault> {
    let ttl = u64::from(scenario.timing.timing().dns_ttl) * 1_000;
    let kind = match rng.below(3) {
        0 => FaultKind::DnsStale,
        1 => FaultKind::DnsFail,
        _ => FaultKind::DnsDelay { ms: 1 + rng.below(5_000) as u32 },
    };
    let mut faults = vec![fault(at, (1 + rng.below(10)) * ttl, kind)];
    let when = after(rng, at, 1_000);
    faults.push(deposes(rng, when));
    faults
}

/// An operator acts at the worst time: in the middle of a failover, or twice, or with the failover switched off.
fn operator(rng: &mut Rng, at: u32, scenario: &mut Scenario) -> Vec<Fault> {
    let mut faults = vec![deposes(rng, at)];
    for _ in 0..=rng.below(3) {
        let who = replica(rng, scenario);
        let operation = match rng.below(6) {
            0 => Operation::TestFailover,
            1 => Operation::Failover(None),
            2 => Operation::Failover(Some(who)),
            3 => Operation::Reboot(Who::Primary),
            4 => Operation::Reboot(who),
            _ => Operation::AutomaticFailover(false),
        };
        faults.push(fault(after(rng, at, 2_500), 0, FaultKind::Operator(operation)));
    }
    if scenario.automatic_failover {
        let on = Operation::AutomaticFailover(true);
        faults.push(fault(after(rng, at + 3_000, 6_000), 0, FaultKind::Operator(on)));
    }
    if rng.chance(1, 3) {
        let flap =
            Cut { a: Side::One(Who::Primary), b: Side::Coordinator, one_way: rng.chance(1, 2), reset: false };
        faults.push(fault(at, 5_000, FaultKind::Flap { cut: flap, period_ms: 50 }));
    }
    faults
}
