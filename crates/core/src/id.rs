//! Names and numbers that every part shares.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Serialize};

/// The most replicas a group may have (`elasticache.md` §2.1).
pub const MAX_REPLICAS: u8 = 5;

/// A member's number within its group, 1 to 6: it is the `-001` of its name and stays the same when
/// the node is replaced (AWS keeps name, id and zone).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeId(pub u16);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.0)
    }
}

/// One life of a node's process; new at every start, larger than all before it for that node (R9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Incarnation(pub u64);

/// A term of one primary. 0: before the group's first primary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Epoch(pub u64);

impl Epoch {
    /// The epoch after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// Bytes of the replication stream up to a point, as in Redis; continues across promotions.
pub type Offset = u64;

/// How far a node has come. Ordered by epoch, then offset (R6); the epoch is that of the last *applied*
/// record (R5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Epoch of the last applied record.
    pub epoch: Epoch,
    /// Bytes applied.
    pub offset: Offset,
    /// Write commands applied; epoch records do not count.
    pub opseq: u64,
}

impl PartialOrd for Position {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Position {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        (self.epoch, self.offset, self.opseq).cmp(&(other.epoch, other.offset, other.opseq))
    }
}

/// A replication id: 20 bytes, written as 40 hexadecimal digits.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReplId(pub [u8; 20]);

impl ReplId {
    /// Reads 40 hexadecimal digits; `None` for anything else.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
        if text.len() != 40 {
            return None;
        }
        let mut id = [0; 20];
        for (byte, pair) in id.iter_mut().zip(text.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(id))
    }
}

impl fmt::Display for ReplId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for ReplId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A connection as its driver numbers it, in the order in which they began; never reused within one life of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ConnId(pub u64);

/// An event of the group, numbered from 1 in the order of happening.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventId(pub u64);

/// An availability zone, such as `us-east-1a`.
pub type Zone = String;
