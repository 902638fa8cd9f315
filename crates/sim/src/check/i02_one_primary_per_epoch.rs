//! I2 and I4: whoever acknowledges a write of an epoch is the one life that the store committed as that epoch's
//! primary, before.
//!
//! Raft's election safety, carried to acknowledgements: rules R5 and R9. A write's epoch is where its bytes stand in
//! the tree of histories; an acknowledgement of bytes that stand nowhere breaks it too.

use primacy_core::id::{Incarnation, NodeId};

use super::{Checks, WriteId};

impl Checks {
    /// A client got its acknowledgement.
    pub(crate) fn acked(&mut self, now: u64, id: WriteId, peer: (NodeId, Incarnation)) {
        self.tally.acks += 1;
        let Some(write) = self.writes.get_mut(id) else { return };
        write.answered(now);
        let Some(at) = write.at() else {
            let facts = format!(
                "write {}.{} was acknowledged by {} and is logged nowhere",
                id.client, id.number, peer.0
            );
            return self.broken(4, facts);
        };
        let key = write.key;
        self.told_of(at);
        match self.histories.branch(at.0).map(|b| b.primary) {
            Some(primary) if primary == peer => {}
            primary => {
                let facts = format!(
                    "node {} (life {}) acknowledged a write of epoch {}, whose primary is {primary:?}",
                    peer.0, peer.1.0, at.0.0
                );
                self.broken(2, facts);
            }
        }
        match self.newest.get_mut(&key) {
            Some(newest) if self.histories.contains(at, newest.0) || at.0 > newest.0.0 => *newest = (at, now),
            Some(_) => {}
            None => drop(self.newest.insert(key, (at, now))),
        }
    }
}
