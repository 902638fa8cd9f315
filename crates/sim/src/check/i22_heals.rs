//! I22: after the last fault the group comes back by itself: exactly one serving primary, the endpoint on it, every
//! member following without lag once writes have stopped.
//!
//! The healing phase of the run. Without it a protocol that stops for ever would pass every safety check.

use primacy_core::control::NodeRole;
use primacy_core::id::NodeId;

use crate::world::World;

/// Bytes that are always under way on an idle link: a PING, a question for acknowledgements.
const UNDER_WAY: u64 = 200;

pub(crate) fn check(world: &World) -> Result<(), String> {
    let mut primary: Option<NodeId> = None;
    for machine in world.machines.values() {
        let Some(process) = machine.process.as_deref() else {
            return Err(format!("node {} has no process", machine.id));
        };
        match process.node.role() {
            NodeRole::PrimaryServing if primary.is_none() => primary = Some(machine.id),
            NodeRole::PrimaryServing => return Err(format!("a second primary: {}", machine.id)),
            NodeRole::Following if process.node.link_up() => {}
            role => return Err(format!("node {} is {role:?}", machine.id)),
        }
    }
    let Some(primary) = primary else { return Err("no primary serves".to_owned()) };
    let named = world.dns.endpoints.primary.map(|(node, _)| node);
    if named != Some(primary) {
        return Err(format!("{primary} serves, and the name says {named:?}"));
    }
    let end = world.position_of(primary).unwrap_or_default();
    for machine in world.machines.values() {
        let position = world.position_of(machine.id).unwrap_or_default();
        let close = position.offset + UNDER_WAY >= end.offset && position.opseq == end.opseq;
        if position.epoch != end.epoch || !close {
            return Err(format!("node {} stands at {position:?}, the primary at {end:?}", machine.id));
        }
    }
    Ok(())
}
