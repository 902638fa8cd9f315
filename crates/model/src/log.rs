//! A node's history as nibbles in one word: small enough to copy, compare and hash with single instructions.

use core::fmt;

/// Records of one node, oldest in the lowest nibble. An offset is a number of records.
///
/// A nibble 1..=7 is the epoch record of that epoch, 8..=15 is client write 0..=7, 0 is the end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Log(pub u64);

impl Log {
    /// The number of records, which is the offset of the end.
    #[must_use]
    pub const fn len(self) -> u8 {
        (64 - self.0.leading_zeros() as u8).div_ceil(4)
    }

    /// Whether nothing was ever applied.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The nibble at `index`, 0 past the end.
    #[must_use]
    pub const fn get(self, index: u8) -> u8 {
        ((self.0 >> (4 * index)) & 15) as u8
    }

    const fn push(&mut self, nibble: u8) {
        self.0 |= (nibble as u64) << (4 * self.len());
    }

    /// Appends the epoch record of `epoch` (R5).
    pub const fn push_epoch(&mut self, epoch: u8) {
        self.push(epoch);
    }

    /// Appends client write `write`.
    pub const fn push_write(&mut self, write: u8) {
        self.push(8 + write);
    }

    /// Appends the record that `source` has behind the own end: what one `Records` message does.
    pub const fn pull(&mut self, source: Self) {
        self.push(source.get(self.len()));
    }

    /// Whether `other` starts with all of this log.
    #[must_use]
    pub const fn is_prefix_of(self, other: Self) -> bool {
        self.prefix(self.len()).0 == other.prefix(self.len()).0
    }

    const fn prefix(self, len: u8) -> Self {
        if len >= 16 {
            return self;
        }
        Self(self.0 & ((1 << (4 * len)) - 1))
    }

    /// The epoch of the record at `index`: that of the last epoch record up to there, 0 if there is none.
    #[must_use]
    pub const fn epoch_at(self, index: u8) -> u8 {
        let mut at = index + 1;
        while at > 0 {
            at -= 1;
            let nibble = self.get(at);
            if nibble != 0 && nibble < 8 {
                return nibble;
            }
        }
        0
    }

    /// The epoch of the last applied record (R5), 0 for an empty log.
    #[must_use]
    pub const fn epoch(self) -> u8 {
        if self.is_empty() { 0 } else { self.epoch_at(self.len() - 1) }
    }

    const fn find(self, nibble: u8) -> Option<u8> {
        let len = self.len();
        let mut at = 0;
        while at < len {
            if self.get(at) == nibble {
                return Some(at);
            }
            at += 1;
        }
        None
    }

    /// Where client write `write` is, if it is here.
    #[must_use]
    pub const fn find_write(self, write: u8) -> Option<u8> {
        self.find(8 + write)
    }

    /// Where the epoch record of `epoch` is, if it is here.
    #[must_use]
    pub const fn find_epoch(self, epoch: u8) -> Option<u8> {
        self.find(epoch)
    }

    /// The set of client writes in this log, one bit each.
    #[must_use]
    pub const fn writes(self) -> u8 {
        let mut set = 0;
        let mut rest = self.0;
        while rest != 0 {
            if rest & 8 != 0 {
                set |= 1 << (rest & 7);
            }
            rest >>= 4;
        }
        set
    }

    /// Log matching (I9): wherever both have a record of the same epoch at the same offset, all before it is equal.
    #[must_use]
    pub const fn matches(self, other: Self) -> bool {
        let mut at = if self.len() < other.len() { self.len() } else { other.len() };
        while at > 0 {
            at -= 1;
            if self.epoch_at(at) == other.epoch_at(at) {
                return self.prefix(at + 1).0 == other.prefix(at + 1).0;
            }
        }
        true
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for at in 0..self.len() {
            let gap = if at == 0 { "" } else { " " };
            match self.get(at) {
                epoch @ 0..8 => write!(f, "{gap}E{epoch}")?,
                write => write!(f, "{gap}w{}", write - 8)?,
            }
        }
        f.write_str("]")
    }
}
