//! I11: when WAIT answers n, at least n replicas had applied the write, past the current primary's epoch record.
//!
//! Rules R7 and R8: acknowledgements of an old connection, an old life or an old epoch must not count. `reached` is
//! what the world itself saw each replica hold.

use std::collections::BTreeSet;

use primacy_core::id::{Incarnation, NodeId};

use super::{Checks, Waited, WriteId};

impl Checks {
    /// A client's `WAIT` was answered.
    pub(crate) fn waited(&mut self, id: WriteId, peer: (NodeId, Incarnation), n: u32) {
        let now = self.now;
        let Some(write) = self.writes.get_mut(id) else { return };
        write.tell(|story| story.waited = Some((now, n)));
        let Some(at) = write.at() else { return };
        let epoch = self.histories.branch(at.0).map(|b| b.primary);
        let others = self.reached.iter().filter(|((node, _), _)| *node != peer.0);
        // A replica that comes back late takes the end of one epoch and the beginning of the next in one step.
        let holders = others.filter(|((_, e), offset)| self.histories.contains((*e, **offset), at));
        let held = holders.map(|((node, _), _)| node).collect::<BTreeSet<_>>().len();
        if n as usize > held {
            let facts =
                format!("WAIT said {n} for {at:?}, and {held} replicas have had it (primary {epoch:?})");
            self.broken(11, facts);
        }
        if n >= 1 {
            self.tally.waits_met += 1;
            self.waited.push(Waited { id, at });
        }
    }
}
