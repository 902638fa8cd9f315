//! I3: these never decrease: the store's epoch, what a life has promised, the endpoint's epoch, the lease's number
//! within an epoch.
//!
//! Each is a fence somewhere in the protocol: one that moves back reopens what was closed.

use primacy_core::group::record::Registers;
use primacy_core::id::{Epoch, NodeId};

use super::Checks;

pub(crate) fn store(before: &Registers, after: &Registers) -> Result<(), String> {
    let epoch = |r: &Registers| r.shard.as_ref().map_or(Epoch(0), |s| s.epoch);
    if epoch(after) < epoch(before) {
        return Err(format!("the store's epoch went from {} to {}", epoch(before).0, epoch(after).0));
    }
    if let (Some(old), Some(new)) = (&before.lease, &after.lease)
        && (new.epoch, new.seq) < (old.epoch, old.seq)
    {
        return Err(format!(
            "the lease went from epoch {} number {} to epoch {} number {}",
            old.epoch.0, old.seq, new.epoch.0, new.seq
        ));
    }
    Ok(())
}

impl Checks {
    pub(crate) fn promised(&mut self, node: NodeId, promised: Epoch) {
        let Some(seen) = self.seen.get_mut(&node) else { return };
        let before = std::mem::replace(&mut seen.promised, promised);
        if promised < before {
            self.broken(3, format!("node {node} promised {} and now says {}", before.0, promised.0));
        }
    }
}
