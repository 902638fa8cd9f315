//! I1: at any moment at most one life of one node is primary with a running lease.
//!
//! The heart of `failover.md` §2: rules R1 to R3 are there for it. Deadlines live on the nodes' own clocks and are
//! mapped to global time here, as only a simulator can. A stopped process counts: its lease runs while it sleeps;
//! a machine whose clock stands still does not.

use primacy_core::id::NodeId;

use crate::world::World;

pub(crate) fn check(world: &World) -> Result<(), String> {
    let mut server: Option<NodeId> = None;
    for machine in world.machines.values() {
        let Some(process) = machine.process.as_ref().filter(|p| p.node.role().is_primary()) else { continue };
        let Some(deadline) = process.node.lease_deadline().filter(|_| !machine.in_doubt()) else { continue };
        if machine.clock.now(world.now_ns()).mono >= deadline {
            continue;
        }
        if let Some(other) = server {
            return Err(format!("nodes {other} and {} both hold a running lease", machine.id));
        }
        server = Some(machine.id);
    }
    Ok(())
}
