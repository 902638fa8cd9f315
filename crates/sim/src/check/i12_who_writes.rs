//! I12: only a serving primary with a running lease applies a client's write; a paused, released, frozen or
//! lease-less node applies none.
//!
//! Rules R2, R4 and R13, looked at right after each thing that a node did.

use primacy_core::control::NodeRole;
use primacy_core::id::NodeId;
use primacy_core::node::Node;
use primacy_core::time::Now;

pub(crate) fn check(id: NodeId, node: &Node, clock: Now, writes: u64) -> Result<(), String> {
    if writes == 0 || !node.role().is_primary() {
        return Ok(());
    }
    let leased = node.lease_deadline().is_some_and(|deadline| clock.mono < deadline);
    if node.role() == NodeRole::PrimaryServing && leased {
        return Ok(());
    }
    Err(format!("node {id} took {writes} writes as {:?}, lease running: {leased}", node.role()))
}
