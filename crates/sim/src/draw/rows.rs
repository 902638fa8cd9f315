//! Rows of `failover.md` §4.1 that the plan and the traps leave out. Drawn apart from both.

use primacy_core::rng::Rng;

use super::traps::{after, deposes, fault, replica};
use super::{Style, traps};
use crate::check::i23_elections::harmless;
use crate::fault::{Fault, FaultKind, Operation, Who};
use crate::scenario::{Caching, Scenario, Via};

const ROWS: [traps::Trap; 8] = [flood, memory, storeless, storeless, no_store, kept_address, amid, scaling];

/// Adds one of them to every third plan; of every sixteenth only what must depose nobody (I23) is left.
pub(super) fn add(scenario: &mut Scenario, style: Style) {
    if scenario.seed < traps::PLAIN {
        return;
    }
    let swarm = if style == Style::Swarm { 0x5157_4d00 } else { 0 };
    let mut rng = Rng::from_u64(scenario.seed ^ 0x0072_6f77_7300 ^ swarm);
    let calm = rng.chance(1, 16);
    if calm || rng.chance(1, 3) {
        let at = traps::FIRST_MS + rng.below(u64::from(traps::LAST_MS - traps::FIRST_MS)) as u32;
        let row = ROWS[rng.below(ROWS.len() as u64) as usize];
        let faults = row(&mut rng, at, scenario);
        scenario.faults.extend(faults);
    }
    if calm {
        slow(&mut rng, scenario);
        scenario.faults.retain(|fault| harmless(&fault.kind));
    }
    traps::in_order(scenario);
}

/// Somebody is slow while nothing else is wrong.
fn slow(rng: &mut Rng, scenario: &mut Scenario) {
    let who = if rng.chance(1, 2) { Who::Primary } else { replica(rng, scenario) };
    let factor = [10, 100, 1_000][rng.below(3) as usize];
    let at = traps::FIRST_MS + rng.below(10_000) as u32;
    scenario.faults.push(fault(at, 1_000 + rng.below(12_000), FaultKind::Slow { who, factor }));
}

/// An application sends without waiting for answers, and at times reads none.
fn flood(rng: &mut Rng, at: u32, scenario: &mut Scenario) -> Vec<Fault> {
    let client = rng.below(scenario.clients.len() as u64) as u8;
    if let Some(flooding) = scenario.clients.get_mut(usize::from(client)) {
        flooding.padding = flooding.padding.max(2_000);
        flooding.keys = flooding.keys.min(4);
    }
    let reads = 50 + rng.below(400) as u16;
    let mut faults = vec![fault(at, 3_000, FaultKind::Flood { client, reads })];
    if rng.chance(1, 2) {
        scenario.backlog_kib = 64;
        faults.push(fault(after(rng, at, 2_000), 2_000 + rng.below(3_000), FaultKind::DeafClient(client)));
    }
    if rng.chance(1, 2) {
        let when = after(rng, at, 3_000);
        faults.push(deposes(rng, when));
    }
    faults
}

/// Members are full, of large values too, and one of them needs a snapshot meanwhile.
fn memory(rng: &mut Rng, at: u32, scenario: &mut Scenario) -> Vec<Fault> {
    if let Some(first) = scenario.clients.first_mut() {
        (first.via, first.keys) = (Via::Configuration, 60);
        first.padding = [2_000, 4_000, 40_000][rng.below(3) as usize];
        // The checks read what was appended from the backlog: two such values must fit into it.
        scenario.backlog_kib = 1024;
    }
    let who = replica(rng, scenario);
    let mut faults = vec![
        fault(at, 6_000 + rng.below(9_000), FaultKind::Memory { kib: 32 << rng.below(4) }),
        fault(after(rng, at + 500, 5_000), 0, FaultKind::Crash { who, seen: rng.chance(1, 2) }),
    ];
    if rng.chance(1, 2) {
        let when = after(rng, at + 1_000, 6_000);
        faults.push(deposes(rng, when));
    }
    faults
}

/// One of two coordinators cannot reach the store, and members are linked to it.
fn storeless(rng: &mut Rng, at: u32, scenario: &mut Scenario) -> Vec<Fault> {
    let lasts = 5_000 + rng.below(9_000);
    let mut faults = vec![
        fault(at, lasts, FaultKind::SecondCoordinator),
        fault(after(rng, at + 200, 1_500), lasts, FaultKind::StoreCut),
    ];
    for _ in 0..=rng.below(3) {
        let who = if rng.chance(1, 2) { Who::Primary } else { replica(rng, scenario) };
        faults.push(fault(after(rng, at, 2_500), 0, FaultKind::Reset(who)));
    }
    if rng.chance(1, 2) {
        let when = after(rng, at + 500, 6_000);
        faults.push(deposes(rng, when));
    }
    faults
}

/// The store is gone for as long as a run can bear, and the group goes on without it or stops.
fn no_store(rng: &mut Rng, at: u32, scenario: &mut Scenario) -> Vec<Fault> {
    let mut faults = vec![fault(at.min(8_000), 30_000, FaultKind::StoreSilent)];
    if rng.chance(1, 2) {
        let who = replica(rng, scenario);
        faults.push(fault(after(rng, at, 9_000), 0, FaultKind::Crash { who, seen: rng.chance(1, 2) }));
    }
    if rng.chance(1, 3) {
        let when = after(rng, at, 9_000);
        faults.push(deposes(rng, when));
    }
    faults
}

/// An application never asks for the name again.
fn kept_address(rng: &mut Rng, at: u32, scenario: &mut Scenario) -> Vec<Fault> {
    if let Some(first) = scenario.clients.first_mut() {
        (first.via, first.cache) = (Via::Primary, Caching::Forever);
    }
    vec![deposes(rng, at)]
}

/// An operator asks while a member is being elected.
fn amid(rng: &mut Rng, at: u32, scenario: &mut Scenario) -> Vec<Fault> {
    let mut faults = vec![deposes(rng, at)];
    for n in 0..4 {
        let operation = match rng.below(3) {
            0 => Operation::TestFailover,
            1 => Operation::Failover(Some(replica(rng, scenario))),
            _ => Operation::Reboot(Who::Primary),
        };
        faults.push(fault(at + 40 + n * 350 + rng.below(300) as u32, 0, FaultKind::Operator(operation)));
    }
    faults
}

/// An operator wants more and fewer replicas while a member is being elected, or somebody fails in the middle of it.
fn scaling(rng: &mut Rng, at: u32, scenario: &mut Scenario) -> Vec<Fault> {
    let mut faults = Vec::new();
    for n in 0..3 + rng.below(3) as u32 {
        let operation = match rng.below(4) {
            0 => Operation::AddReplica,
            1 => Operation::RemoveReplica(None),
            2 => Operation::RemoveReplica(Some(replica(rng, scenario))),
            _ => Operation::Replicas(1 + rng.below(5) as u8),
        };
        faults.push(fault(at + n * 700 + rng.below(900) as u32, 0, FaultKind::Operator(operation)));
    }
    if rng.chance(2, 3) {
        let when = after(rng, at, 3_000);
        faults.push(deposes(rng, when));
    }
    faults
}
