//! I21: a member that the record marks as synced has everything up to the beginning of the epoch that marked it, and
//! so every confirmed write before it.
//!
//! Rules R9 and R12: the mark belongs to a life. A restarted process under an old mark would vote with nothing.

use primacy_core::group::record::{Phase, Registers};

use crate::world::World;

pub(crate) fn check(world: &World, before: &Registers) -> Result<(), String> {
    let Some(shard) = &world.store.registers.shard else { return Ok(()) };
    let Phase::Stable { primary, .. } = shard.phase else { return Ok(()) };
    for (id, member) in &shard.members {
        let old = before.shard.as_ref().and_then(|s| s.members.get(id)).and_then(|m| m.synced);
        let Some(life) = member.synced.filter(|life| Some(*life) != old) else { continue };
        let Some(process) = world.machines.get(id).and_then(|m| m.process.as_deref()) else { continue };
        if process.incarnation != life || *id == primary {
            continue;
        }
        let Some(branch) = world.checks.histories.branch(shard.epoch) else { continue };
        let position = process.node.position();
        let start = (branch.parent.epoch, branch.parent.offset);
        if !world.checks.histories.contains((position.epoch, position.offset), start) {
            return Err(format!("node {id} is marked as synced at {position:?} in epoch {}", shard.epoch.0));
        }
    }
    Ok(())
}
