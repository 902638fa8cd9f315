//! I8 and I10: within one life the position goes back only by the swap of a full sync, which closes the clients'
//! connections, and data are dropped only for the history of an epoch that the store committed, not an older one.
//!
//! Rules R11 and R18. Redis wipes its replicas when an empty primary comes back; this is the check against that.

use primacy_core::id::{NodeId, Position};

use super::Checks;

impl Checks {
    /// A node's content was replaced instead of continued.
    pub(crate) fn swapped(&mut self, node: NodeId, before: Position, after: Position) {
        if before.offset > 0 && after.epoch < before.epoch {
            let facts = format!("node {node} dropped {before:?} for the older {after:?}");
            return self.broken(10, facts);
        }
        if after.offset > 0 && self.histories.branch(after.epoch).is_none() {
            return self
                .broken(10, format!("node {node} took {after:?} of an epoch that was never committed"));
        }
        if let Some(seen) = self.seen.get_mut(&node) {
            seen.swapped_from = (before.offset > 0).then_some(before);
        }
    }

    /// The round that swapped is over: a full sync must have explained it.
    pub(crate) fn swap_explained(&mut self, node: NodeId, full_sync: bool, clients_left: usize) {
        let Some(from) = self.seen.get_mut(&node).and_then(|seen| seen.swapped_from.take()) else { return };
        if !full_sync {
            self.broken(8, format!("node {node} went from {from:?} to other content without a full sync"));
        } else if clients_left > 0 {
            self.broken(8, format!("node {node} swapped its data and kept {clients_left} clients"));
        }
    }
}
