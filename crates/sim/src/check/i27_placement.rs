//! I27: a group has 1 to 6 members, spread so that zones differ by one at most, and over two zones when it can.
//!
//! The seed: "Multi-AZ is not optional". Checked at the end, when replacements have been placed.

use primacy_core::map::Map;

use crate::command::Command;
use crate::fault::{FaultKind, Operation};
use crate::world::World;

pub(crate) fn check(world: &World) -> Result<(), String> {
    let Some(shard) = &world.store.registers.shard else { return Ok(()) };
    let members = shard.members.len();
    if members != usize::from(shard.replicas) + 1 {
        return Err(format!("{members} members instead of {}", shard.replicas + 1));
    }
    // Whoever says which one is to go answers for what is left.
    let named = |kind: &FaultKind| {
        let FaultKind::Operator(operation) = kind else { return false };
        matches!(operation, Operation::RemoveReplica(Some(_)) | Operation::RemoveReplicas(_))
    };
    let by_hand = world.scenario.commands.iter().any(|(_, c)| matches!(c, Command::Begin(k) if named(k)));
    if by_hand || world.scenario.faults.iter().any(|fault| named(&fault.kind)) {
        return Ok(());
    }
    let mut counts: Map<&str, usize> = world.zone_names.iter().map(|zone| (zone.as_str(), 0)).collect();
    for member in shard.members.values() {
        *counts.entry(member.zone.as_str()).or_default() += 1;
    }
    let (most, least) = (counts.values().max().copied(), counts.values().min().copied());
    if most.unwrap_or(0) > least.unwrap_or(0) + 1 {
        return Err(format!("members by zone: {counts:?}"));
    }
    Ok(())
}
