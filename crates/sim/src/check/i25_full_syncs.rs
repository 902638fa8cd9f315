//! I25: a full sync has a reason: the replica is new, has diverged, or fell behind the backlog.
//!
//! A needless one costs the primary a snapshot and the replica its data for a while, just when a failover has made
//! both scarce (`failover.md` §2.5).

use primacy_core::id::NodeId;

use crate::world::World;

pub(crate) fn check(world: &World, primary: NodeId, replica: NodeId) -> Result<(), String> {
    let Some(source) = world.machines.get(&primary).and_then(|m| m.process.as_deref()) else { return Ok(()) };
    let Some(target) = world.machines.get(&replica).and_then(|m| m.process.as_deref()) else { return Ok(()) };
    let (from, to) = (target.node.position(), source.node.position());
    let point = (from.epoch, from.offset);
    let whole = world.checks.histories.contains((to.epoch, to.offset), point);
    if from.offset > 0 && whole && source.node.backlog_start() <= from.offset {
        return Err(format!(
            "{replica} at {from:?} is sent a snapshot by {primary}, which holds the log from {}",
            source.node.backlog_start()
        ));
    }
    Ok(())
}
