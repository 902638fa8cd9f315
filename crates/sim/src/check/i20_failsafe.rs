//! I20: a primary that serves although its last renewal is older than its lease holds unexpired grants of every
//! other member of a confirmed list. Whoever is on none, or was not let in yet, is not elected (R15).
//!
//! Rule R14. A majority is not enough: the election needs only one member that was not asked. A life that started
//! after the grants keeps out of elections for L instead (R16).

use primacy_core::id::NodeId;

use crate::world::World;

pub(crate) fn check(world: &World, id: NodeId) -> Result<(), String> {
    let Some(machine) = world.machines.get(&id) else { return Ok(()) };
    let Some(process) = machine.process.as_deref().filter(|_| !machine.in_doubt()) else { return Ok(()) };
    let node = &process.node;
    let now = world.now_ns();
    let serving = node.lease_deadline().is_some_and(|deadline| machine.clock.now(now).mono < deadline);
    if !serving || !node.failsafe() || !node.role().is_primary() {
        return Ok(());
    }
    let timing = world.scenario.timing.timing();
    let memory = u64::try_from((timing.lease + timing.margin).as_nanos()).unwrap_or(u64::MAX);
    let record = world.store.registers.shard.as_ref();
    for other in world.machines.values().filter(|m| m.id != id) {
        let Some(peer) = other.process.as_deref() else { continue };
        let member = record.and_then(|shard| shard.members.get(&other.id));
        if member.is_none_or(|m| m.incarnation != peer.incarnation || !m.electable) {
            continue;
        }
        // It promises nothing while it stands still, and looks for a jump of its clock when it wakes.
        if other.clock.stands_still() {
            continue;
        }
        let young = world.checks.seen.get(&other.id).is_some_and(|seen| now < seen.since + memory);
        let granted = peer.node.grant_until().is_some_and(|until| other.clock.now(now).mono < until);
        if !granted && !young {
            return Err(format!("node {id} serves on grants, and {} has none running", other.id));
        }
    }
    Ok(())
}
