//! The tree of histories: what each epoch's primary appended, byte for byte.
//!
//! The store's record says where each epoch leaves its parent; the first node to hold a byte of an epoch must be
//! its primary; everybody else's bytes are compared with these. So "same position, same content" (I9) and "a
//! replica's history is a prefix of its primary's" (I5) are comparisons of bytes, not of hashes.

use std::ops::Range;

use primacy_core::group::record::EpochStart;
use primacy_core::id::{Epoch, Incarnation, NodeId, Offset, Position};
use primacy_core::map::Map;

use super::WriteId;
use crate::chunks::Chunks;

/// A point in the tree: an epoch and an offset within its branch.
pub(crate) type Point = (Epoch, Offset);

/// One command of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// A client's `SET`.
    Set(WriteId),
    /// Any other write.
    Other(Box<[u8]>),
}

/// One epoch's own part of the history.
#[derive(Clone)]
pub(crate) struct Branch {
    /// Where it leaves its parent.
    pub(crate) parent: Position,
    /// The committed primary.
    pub(crate) primary: (NodeId, Incarnation),
    bytes: Chunks<u8, { 16 << 10 }>,
    /// Bytes that have been read as commands, and those behind them.
    parsed: u64,
    unparsed: Vec<u8>,
    /// Where the words of a command lie; kept for its room.
    spans: Vec<Range<usize>>,
    /// Writes, with the offset at which each ends.
    pub(crate) ops: Chunks<(Offset, Op), 256>,
    /// The first op that does not fit the bytes before it; none in a sound stream.
    pub(crate) garbage: Option<Offset>,
}

/// All epochs that the store has committed.
#[derive(Clone, Default)]
pub(crate) struct Histories {
    branches: Map<Epoch, Branch>,
}

/// What a node got, piece by piece: epoch, from, to.
type Pieces = Vec<(Epoch, Offset, Offset)>;

impl Histories {
    /// The store committed an epoch.
    pub(crate) fn commit(&mut self, start: &EpochStart, primary: (NodeId, Incarnation)) {
        let branch = Branch {
            parent: start.start,
            primary,
            bytes: Chunks::default(),
            parsed: 0,
            unparsed: Vec::new(),
            spans: Vec::new(),
            ops: Chunks::default(),
            garbage: None,
        };
        self.branches.entry(start.epoch).or_insert(branch);
    }

    /// Bytes that a copy does not share, and bytes that it shares.
    pub(crate) fn weight(&self) -> (usize, usize) {
        let each = self.branches.values().flat_map(|b| [b.bytes.weight(), b.ops.weight()]);
        each.fold((0, 0), |sum, (own, shared)| (sum.0 + own, sum.1 + shared))
    }

    pub(crate) fn branch(&self, epoch: Epoch) -> Option<&Branch> {
        self.branches.get(&epoch)
    }

    pub(crate) fn epochs(&self) -> impl DoubleEndedIterator<Item = (Epoch, &Branch)> {
        self.branches.iter().map(|(epoch, branch)| (*epoch, branch))
    }

    /// Where a branch ends, as far as its primary has written.
    pub(crate) fn end(&self, epoch: Epoch) -> Offset {
        self.branches.get(&epoch).map_or(0, |b| b.parent.offset + b.bytes.len() as u64)
    }

    /// True when the history up to `tip` contains `point`.
    pub(crate) fn contains(&self, tip: Point, point: Point) -> bool {
        let (mut epoch, mut bound) = tip;
        loop {
            if epoch == point.0 {
                return point.1 <= bound;
            }
            if epoch < point.0 {
                return false;
            }
            let Some(branch) = self.branches.get(&epoch) else { return false };
            (epoch, bound) = (branch.parent.epoch, branch.parent.offset);
        }
    }

    /// How a node got from one position to the other; `None` when the first is not part of the second's history.
    pub(crate) fn way(&self, from: Point, to: Point) -> Option<Pieces> {
        let (mut pieces, mut at) = (Vec::new(), to);
        while at.0 > from.0 {
            let branch = self.branches.get(&at.0)?;
            pieces.push((at.0, branch.parent.offset, at.1));
            at = (branch.parent.epoch, branch.parent.offset);
        }
        if at.0 != from.0 || at.1 < from.1 {
            return None;
        }
        pieces.push((from.0, from.1, at.1));
        pieces.reverse();
        Some(pieces)
    }

    /// Compares a node's bytes `from` one offset of a branch with what is known, or adds them when the node is the
    /// branch's primary.
    ///
    /// # Errors
    /// What does not fit.
    pub(crate) fn take(
        &mut self,
        epoch: Epoch,
        from: Offset,
        bytes: &[u8],
        by: (NodeId, Incarnation),
    ) -> Result<(), String> {
        let Some(branch) = self.branches.get_mut(&epoch) else {
            return Err(format!(
                "node {} has {} bytes of epoch {}, never committed",
                by.0,
                bytes.len(),
                epoch.0
            ));
        };
        if from > branch.parent.offset + branch.bytes.len() as u64 {
            return Err(format!("node {} is past the end of epoch {} at {from}", by.0, epoch.0));
        }
        let skip = usize::try_from(from.saturating_sub(branch.parent.offset)).unwrap_or(usize::MAX);
        let known = branch.bytes.len().saturating_sub(skip).min(bytes.len());
        let same = branch.same(skip, &bytes[..known]);
        if same < known {
            return Err(format!(
                "node {} differs from epoch {}'s history at offset {}: {:?} instead of {:?}",
                by.0,
                epoch.0,
                from + same as u64,
                excerpt(&bytes[same..]),
                excerpt(&branch.bytes.after(skip + same).take(48).copied().collect::<Vec<_>>())
            ));
        }
        if known == bytes.len() {
            return Ok(());
        }
        if by != branch.primary {
            return Err(format!(
                "node {} (life {}) holds {} bytes of epoch {} that its primary {} never appended",
                by.0,
                by.1.0,
                bytes.len() - known,
                epoch.0,
                branch.primary.0
            ));
        }
        branch.append(&bytes[known..]);
        Ok(())
    }

    /// Every write of the history up to `tip`, oldest first.
    pub(crate) fn replay(&self, tip: Point) -> Vec<(Point, &Op)> {
        let Some(pieces) = self.way((Epoch(0), 0), tip) else { return Vec::new() };
        let mut ops = Vec::new();
        for (epoch, from, to) in pieces {
            let Some(branch) = self.branches.get(&epoch) else { continue };
            let here = branch.ops.iter().filter(|(end, _)| *end > from && *end <= to);
            ops.extend(here.map(|(end, op)| ((epoch, *end), op)));
        }
        ops
    }
}

fn excerpt(bytes: &[u8]) -> String {
    bytes[..bytes.len().min(48)].escape_ascii().to_string()
}

impl Branch {
    /// How many of these bytes are those of the branch from a place on.
    fn same(&self, skip: usize, bytes: &[u8]) -> usize {
        let mut same = 0;
        for known in self.bytes.slices(skip) {
            let rest = &bytes[same..];
            let here = known.len().min(rest.len());
            if known[..here] != rest[..here] {
                return same + known.iter().zip(rest).take_while(|(a, b)| a == b).count();
            }
            same += here;
            if same == bytes.len() {
                break;
            }
        }
        same
    }

    /// The primary has added these.
    fn append(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        if self.unparsed.is_empty() {
            let read = self.parse(bytes);
            self.unparsed.extend_from_slice(&bytes[read..]);
        } else {
            let mut unparsed = std::mem::take(&mut self.unparsed);
            unparsed.extend_from_slice(bytes);
            let read = self.parse(&unparsed);
            unparsed.drain(..read);
            self.unparsed = unparsed;
        }
    }

    /// Reads whole commands behind what has been read, and returns how long they are.
    fn parse(&mut self, bytes: &[u8]) -> usize {
        let mut read = 0;
        while let Some(len) = words(&bytes[read..], &mut self.spans) {
            let input = &bytes[read..];
            read += len;
            let end = self.parent.offset + self.parsed + read as u64;
            let word = |at: usize| self.spans.get(at).map(|span| &input[span.clone()]);
            let whole = || {
                let words: Vec<&[u8]> = self.spans.iter().map(|span| &input[span.clone()]).collect();
                Op::Other(words.join(&b' ').into())
            };
            let is = |name: &[u8]| word(0).is_some_and(|word| word.eq_ignore_ascii_case(name));
            if is(b"SET") {
                self.ops.push((end, word(2).and_then(WriteId::of).map_or_else(whole, Op::Set)));
            } else if word(0).is_none_or(<[u8]>::is_empty) {
                self.garbage = self.garbage.or(Some(end));
            } else if !NO_WRITES.iter().any(|name| is(name)) {
                self.ops.push((end, whole()));
            }
        }
        self.parsed += read as u64;
        read
    }
}

/// Commands of the stream that write nothing themselves.
const NO_WRITES: &[&[u8]] = &[b"SELECT", b"MULTI", b"EXEC", b"PING", b"PUBLISH", b"REPLCONF"];

/// The length of one multibulk command, and where its words lie.
fn words(input: &[u8], spans: &mut Vec<Range<usize>>) -> Option<usize> {
    spans.clear();
    let (count, mut at) = number(input, 0, b'*')?;
    for _ in 0..count {
        let (len, start) = number(input, at, b'$')?;
        let end = start.checked_add(len)?;
        at = end.checked_add(2).filter(|after| *after <= input.len())?;
        spans.push(start..end);
    }
    Some(at)
}

/// A number behind its mark, and where its line ends.
fn number(input: &[u8], at: usize, mark: u8) -> Option<(usize, usize)> {
    let digits = input.get(at..)?.strip_prefix(&[mark])?;
    let mut number = 0_usize;
    for (index, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => number = number.checked_mul(10)?.checked_add(usize::from(byte - b'0'))?,
            b'\r' if index > 0 && digits.get(index + 1) == Some(&b'\n') => {
                return Some((number, at + index + 3));
            }
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use primacy_core::id::ReplId;

    fn tree() -> Histories {
        let mut tree = Histories::default();
        let position = |epoch, offset| Position { epoch: Epoch(epoch), offset, opseq: 0 };
        let start =
            |epoch, parent| EpochStart { epoch: Epoch(epoch), repl_id: ReplId::default(), start: parent };
        tree.commit(&start(1, position(0, 0)), (NodeId(1), Incarnation(1)));
        tree.commit(&start(2, position(1, 100)), (NodeId(2), Incarnation(1)));
        tree.commit(&start(3, position(1, 120)), (NodeId(3), Incarnation(1)));
        tree
    }

    #[test]
    fn a_point_of_a_sibling_branch_is_not_contained() {
        let tree = tree();
        assert!(tree.contains((Epoch(3), 500), (Epoch(1), 120)));
        assert!(!tree.contains((Epoch(3), 500), (Epoch(1), 121)));
        assert!(!tree.contains((Epoch(3), 500), (Epoch(2), 110)));
        assert_eq!(tree.way((Epoch(1), 110), (Epoch(2), 150)), None);
        assert_eq!(
            tree.way((Epoch(1), 90), (Epoch(2), 150)),
            Some(vec![(Epoch(1), 90, 100), (Epoch(2), 100, 150)])
        );
    }

    #[test]
    fn only_the_primary_extends_a_branch() {
        let mut tree = tree();
        let set = b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nw0.7.\r\n";
        assert!(tree.take(Epoch(1), 0, set, (NodeId(2), Incarnation(1))).is_err());
        assert!(tree.take(Epoch(1), 0, &set[..10], (NodeId(1), Incarnation(1))).is_ok());
        assert!(tree.take(Epoch(1), 0, set, (NodeId(1), Incarnation(1))).is_ok());
        assert!(tree.take(Epoch(1), 5, &set[5..], (NodeId(2), Incarnation(1))).is_ok());
        assert!(tree.take(Epoch(1), 5, b"other", (NodeId(2), Incarnation(1))).is_err());
        assert!(tree.take(Epoch(9), 5, b"x", (NodeId(2), Incarnation(1))).is_err());
        let ops = tree.replay((Epoch(1), set.len() as u64));
        assert_eq!(ops.len(), 1);
    }
}
