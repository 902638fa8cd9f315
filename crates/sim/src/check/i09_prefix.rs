//! I5 (its first half) and I9: a node's bytes between two positions are those of the tree of histories.
//!
//! Log matching, as Raft calls it. Compared byte for byte whenever a node's position has moved.

use primacy_core::id::{Epoch, Incarnation, NodeId, Offset, Position};
use primacy_core::node::Node;

use super::Checks;

impl Checks {
    /// A node's position moved: compare what it added. True when it went on from where it was.
    pub(crate) fn moved(
        &mut self,
        id: (NodeId, Incarnation),
        node: &Node,
        from: Position,
        to: Position,
    ) -> bool {
        // A small backlog may have dropped the older part of what came in one piece.
        let held = || node.backlog_start().clamp(from.offset, to.offset);
        if from.epoch == to.epoch && from.offset <= to.offset && self.histories.branch(to.epoch).is_some() {
            return self.moved_on(id, node, to.epoch, (held(), to.offset));
        }
        let way = self.histories.way((from.epoch, from.offset), (to.epoch, to.offset));
        let Some(pieces) = way else { return false };
        let held = held();
        let mut bytes = Vec::new();
        if !each_part(node, held, to.offset, |_, part| bytes.extend_from_slice(part)) {
            return false;
        }
        let mut rest = bytes.as_slice();
        let held = pieces.into_iter().map(|(epoch, lo, hi)| (epoch, lo.max(held), hi));
        for (epoch, lo, hi) in held.filter(|(_, lo, hi)| lo < hi) {
            let len = usize::try_from(hi - lo).unwrap_or(0).min(rest.len());
            let (here, after) = rest.split_at(len);
            rest = after;
            let known = self.histories.end(epoch);
            let outcome = self.histories.take(epoch, lo, here, id);
            self.require(9, outcome);
            self.added(id.0, epoch, known, (lo, hi));
        }
        true
    }

    /// Within one epoch, as nearly always, what was added is compared where it lies.
    fn moved_on(
        &mut self,
        id: (NodeId, Incarnation),
        node: &Node,
        epoch: Epoch,
        (from, to): (Offset, Offset),
    ) -> bool {
        let known = self.histories.end(epoch);
        let whole = each_part(node, from, to, |at, part| {
            let outcome = self.histories.take(epoch, at, part, id);
            self.require(9, outcome);
        });
        if whole && from < to {
            self.added(id.0, epoch, known, (from, to));
        }
        whole
    }

    /// A member holds a piece of a branch that was `known` so far before.
    fn added(&mut self, node: NodeId, epoch: Epoch, known: Offset, (from, to): (Offset, Offset)) {
        if to > known {
            self.place_writes(epoch, known);
        }
        self.holds(node, epoch, from, to);
    }
}

/// Shows a node's bytes between two offsets piece by piece. False: it does not have them all.
fn each_part(node: &Node, from: Offset, to: Offset, mut each: impl FnMut(Offset, &[u8])) -> bool {
    let mut at = from;
    while at < to {
        let Some(parts) = node.log_tail(at) else { return false };
        let before = at;
        for part in parts {
            let want = usize::try_from(to - at).unwrap_or(usize::MAX).min(part.len());
            each(at, &part[..want]);
            at += want as u64;
        }
        if at == before {
            return false;
        }
    }
    true
}
