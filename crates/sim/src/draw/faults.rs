//! The plan of faults.

use primacy_core::id::NodeId;
use primacy_core::rng::Rng;

use super::Style;
use crate::fault::{Cut, Fault, FaultKind, Moment, Operation, Side, Who};
use crate::scenario::Scenario;

const KINDS: u64 = 26;
/// Time for the group to form before the first fault.
const FIRST_MS: u64 = 2_000;

/// Draws the plan for a scenario whose other fields are settled.
pub(super) fn plan(rng: &mut Rng, style: Style, scenario: &Scenario) -> Vec<Fault> {
    let weights = weights(rng, style);
    let total: u64 = weights.iter().sum();
    let count = match style {
        Style::Uniform => rng.below(12),
        Style::Swarm => 1 + rng.below(20),
    };
    let until = u64::from(scenario.faults_until_ms);
    let mut faults: Vec<Fault> = Vec::new();
    for _ in 0..count {
        let kind = pick(rng, &weights, total);
        let mut at = FIRST_MS + rng.below(until - FIRST_MS);
        // Faults that fall together find more than faults that come alone.
        if let (Some(last), true) = (faults.last(), rng.chance(1, 2)) {
            at = (u64::from(last.at_ms) + rng.below(2_500)).min(until - 1);
        }
        let length = match rng.below(4) {
            0 => rng.below(300),
            1 => 300 + rng.below(1_500),
            2 => 1_000 + rng.below(4_000),
            _ => 3_000 + rng.below(12_000),
        };
        faults.push(Fault {
            at_ms: at as u32,
            for_ms: length.min(until - at) as u32,
            kind: fault(rng, kind, scenario),
        });
    }
    slow_sync(scenario, &mut faults);
    faults.sort_by_key(|fault| fault.at_ms);
    faults
}

/// Now and then a replica comes back over a narrow link, and the primary is lost in the middle of its snapshot: by chance
/// the three hardly ever meet. Drawn apart from the rest of the plan.
fn slow_sync(scenario: &Scenario, faults: &mut Vec<Fault>) {
    let mut rng = Rng::from_u64(scenario.seed ^ 0x0073_796e_6300);
    if !rng.chance(1, 8) || scenario.replicas < 2 {
        return;
    }
    let at = 8_000 + rng.below(20_000) as u32;
    let replica = Who::Replica(rng.below(u64::from(scenario.replicas)) as u8);
    let narrow = FaultKind::Narrow { a: Side::One(replica), b: Side::Nodes, kib_s: 1 + rng.below(24) as u16 };
    let lost = match rng.below(3) {
        0 => FaultKind::Pause(Who::Primary),
        n => FaultKind::Crash { who: Who::Primary, seen: n == 1 },
    };
    let later = at + 300 + rng.below(4_000) as u32;
    faults.extend([
        Fault { at_ms: at, for_ms: 8_000, kind: narrow },
        Fault { at_ms: at + 20, for_ms: 0, kind: FaultKind::Crash { who: replica, seen: true } },
        Fault { at_ms: later, for_ms: 3_000, kind: lost },
    ]);
}

fn weights(rng: &mut Rng, style: Style) -> [u64; KINDS as usize] {
    std::array::from_fn(|_| match style {
        Style::Uniform => 1,
        Style::Swarm => [0, 0, 0, 1, 4][rng.below(5) as usize],
    })
}

fn pick(rng: &mut Rng, weights: &[u64], total: u64) -> u64 {
    if total == 0 {
        return rng.below(KINDS);
    }
    let mut left = rng.below(total);
    for (kind, weight) in weights.iter().enumerate() {
        if left < *weight {
            return kind as u64;
        }
        left -= weight;
    }
    0
}

fn who(rng: &mut Rng, scenario: &Scenario) -> Who {
    match rng.below(5) {
        0 | 1 => Who::Primary,
        2 => Who::Replica(rng.below(u64::from(scenario.replicas.max(1))) as u8),
        _ => Who::Node(NodeId(1 + rng.below(u64::from(scenario.replicas) + 1) as u16)),
    }
}

fn zone(rng: &mut Rng, scenario: &Scenario) -> u8 {
    rng.below(u64::from(scenario.zones)) as u8
}

fn cut(rng: &mut Rng, scenario: &Scenario) -> Cut {
    let (a, b) = match rng.below(8) {
        0 | 1 => (Side::One(Who::Primary), Side::Coordinator),
        2 => (Side::One(Who::Primary), Side::Replicas),
        3 => (Side::One(who(rng, scenario)), Side::One(who(rng, scenario))),
        4 => (Side::One(who(rng, scenario)), Side::All),
        5 => (Side::One(who(rng, scenario)), Side::Coordinator),
        6 => (Side::Replicas, Side::Coordinator),
        _ => (Side::Zone(zone(rng, scenario)), Side::All),
    };
    Cut { a, b, one_way: rng.chance(1, 3), reset: rng.chance(1, 3) }
}

fn moment(rng: &mut Rng) -> Moment {
    [Moment::Now, Moment::Stored, Moment::Asked, Moment::Frozen, Moment::Promoting][rng.below(5) as usize]
}

fn fault(rng: &mut Rng, kind: u64, scenario: &Scenario) -> FaultKind {
    let who = who(rng, scenario);
    match kind {
        0 => FaultKind::Crash { who, seen: true },
        1 => FaultKind::Crash { who, seen: false },
        2 => FaultKind::Storm { within_ms: 1 + rng.below(1_000) as u16 },
        3 => FaultKind::Pause(who),
        4 => FaultKind::Slow { who, factor: [2, 10, 100, 1_000][rng.below(4) as usize] },
        5 => FaultKind::Drift { who, ppm: [-10_000, -5_000, 5_000, 10_000][rng.below(4) as usize] },
        6 => FaultKind::WallJump { who, seconds: rng.below(7_200) as i32 - 3_600 },
        7 => FaultKind::Cut(cut(rng, scenario)),
        8 => FaultKind::Flap { cut: cut(rng, scenario), period_ms: 20 + rng.below(200) as u16 },
        9 => FaultKind::Delay { a: Side::One(who), b: Side::Nodes, us: 1_000 << rng.below(9) },
        10 => FaultKind::Delay { a: Side::One(who), b: Side::Coordinator, us: 1_000 << rng.below(9) },
        11 => FaultKind::Narrow { a: Side::One(who), b: Side::Nodes, kib_s: 1 + rng.below(32) as u16 },
        12 => FaultKind::Reset(who),
        13 => FaultKind::HalfOpen(who),
        14 => FaultKind::Corrupt { who, one_in: 1 + rng.below(20) as u16 },
        15 => FaultKind::Forge(who),
        16 => FaultKind::ZoneLoss(zone(rng, scenario)),
        17 => FaultKind::CoordinatorDown(moment(rng)),
        18 => FaultKind::CoordinatorPause,
        19 => match rng.below(2) {
            0 => FaultKind::StoreSilent,
            _ => FaultKind::StoreUnknown { one_in: 1 + rng.below(5) as u16 },
        },
        20 => match rng.below(3) {
            0 => FaultKind::DnsStale,
            1 => FaultKind::DnsFail,
            _ => FaultKind::DeafClient(rng.below(scenario.clients.len() as u64) as u8),
        },
        21 => FaultKind::Operator(Operation::Failover(rng.chance(1, 2).then_some(who))),
        22 => FaultKind::Freeze(who),
        23 => FaultKind::Jitter { a: Side::One(who), b: Side::All, us: 1_000 << rng.below(8) },
        24 => FaultKind::Loss { a: Side::One(who), b: Side::All, percent: 1 + rng.below(50) as u8 },
        _ => FaultKind::Operator(match rng.below(4) {
            0 => Operation::Reboot(who),
            1 => Operation::TestFailover,
            _ => Operation::Failover(rng.chance(1, 2).then_some(who)),
        }),
    }
}
