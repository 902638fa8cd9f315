//! I14 and I15: the endpoint names only nodes that the store committed as primary, after they held their lease, with
//! epochs that never go back; and it names the winner soon after.
//!
//! Rule R20: earlier only moves errors, later only costs time, and neither may name a node that was never primary.

use primacy_core::endpoint::Endpoints;

use super::Checks;
use crate::world::World;

/// After the primary's first lease of an epoch the name must follow within this long, once no fault runs.
const FOLLOWS_NS: u64 = 2_000_000_000;
/// What a fault left behind must be over after this long.
const SETTLES_NS: u64 = 10_000_000_000;

impl Checks {
    /// The name server was told something.
    pub(crate) fn saw_publication(&mut self, endpoints: &Endpoints) {
        let Some((node, _)) = endpoints.primary else { return };
        let committed = self.histories.branch(endpoints.epoch).map(|b| b.primary.0);
        if committed != Some(node) {
            let facts =
                format!("the name moves to {node} in epoch {}, committed: {committed:?}", endpoints.epoch.0);
            return self.broken(14, facts);
        }
        if !self.leased_at.contains_key(&endpoints.epoch) {
            return self.broken(14, format!("the name moves to {node} before its first lease"));
        }
        // A late message of a dead coordinator may name an older epoch; the zone must not take it (looked at there).
        if endpoints.epoch > self.published {
            self.published = endpoints.epoch;
        }
    }
}

/// I15: in quiet times the name follows the primary.
pub(crate) fn follows(world: &World) -> Result<(), String> {
    let now = world.now_ns();
    if !world.active.is_empty() || now < world.disturbed_ns + SETTLES_NS {
        return Ok(());
    }
    let Some((epoch, at)) = world.checks.leased_at.last_key_value() else { return Ok(()) };
    if now > at + FOLLOWS_NS && world.dns.endpoints.epoch != *epoch {
        return Err(format!(
            "epoch {} is served, the name stands at {}",
            epoch.0, world.dns.endpoints.epoch.0
        ));
    }
    Ok(())
}

/// The zone itself never goes back.
pub(crate) fn zone(before: &Endpoints, after: &Endpoints) -> Result<(), String> {
    if after.epoch < before.epoch {
        return Err(format!("the zone went from epoch {} to {}", before.epoch.0, after.epoch.0));
    }
    Ok(())
}
