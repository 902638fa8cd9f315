//! The keys that applications use: three bytes, read from and written as the words that the nodes see.

use std::fmt;
use std::ops::Deref;

use primacy_core::resp::{DIGITS, format_i64};

/// A key of an application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) owner: u8,
    pub(crate) sort: Sort,
    /// Which one of its sort; an application has one counter only.
    pub(crate) number: u8,
}

/// What it is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sort {
    /// Set and read.
    #[default]
    Plain,
    /// Set with another one in a transaction.
    Second,
    /// Set to go by itself.
    Expiring,
    /// Counted up.
    Counter,
}

/// Longest name: `c255:k255`.
const NAME_MAX: usize = 9;

/// The word for a key.
pub(crate) struct Name {
    bytes: [u8; NAME_MAX],
    len: usize,
}

impl Key {
    /// The word for it.
    pub(crate) fn name(self) -> Name {
        let mut name = Name { bytes: [0; NAME_MAX], len: 0 };
        name.push(b"c");
        name.push(format_i64(i64::from(self.owner), &mut [0; DIGITS]));
        name.push(match self.sort {
            Sort::Plain => b":k",
            Sort::Second => b":m",
            Sort::Expiring => b":e",
            Sort::Counter => b":n",
        });
        if self.sort != Sort::Counter {
            name.push(format_i64(i64::from(self.number), &mut [0; DIGITS]));
        }
        name
    }

    /// Reads [`Key::name`] back; `None`: no application uses it.
    pub(crate) fn of(name: &[u8]) -> Option<Self> {
        let (owner, rest) = std::str::from_utf8(name).ok()?.strip_prefix('c')?.split_once(':')?;
        let sort = match rest.bytes().next()? {
            b'k' => Sort::Plain,
            b'm' => Sort::Second,
            b'e' => Sort::Expiring,
            b'n' => Sort::Counter,
            _ => return None,
        };
        let number = if sort == Sort::Counter { 0 } else { rest[1..].parse().ok()? };
        // A number may be written in several ways, and only one of them is a key's name.
        Some(Self { owner: owner.parse().ok()?, sort, number }).filter(|key| *key.name() == *name)
    }
}

impl Name {
    fn push(&mut self, part: &[u8]) {
        let end = self.len + part.len();
        self.bytes[self.len..end].copy_from_slice(part);
        self.len = end;
    }
}

impl Deref for Name {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name().escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_keys_and_no_other_word_is_a_name() {
        for (sort, name) in
            [(Sort::Plain, "c255:k255"), (Sort::Second, "c255:m255"), (Sort::Expiring, "c255:e255")]
        {
            let key = Key { owner: 255, sort, number: 255 };
            assert_eq!((key.to_string().as_str(), Key::of(name.as_bytes())), (name, Some(key)));
        }
        let counter = Key { owner: 3, sort: Sort::Counter, number: 0 };
        assert_eq!((counter.to_string().as_str(), Key::of(b"c3:n")), ("c3:n", Some(counter)));
        for other in
            ["c03:n", "c3:n0", "c3:k", "c3:k+1", "c256:k1", "3:k1", "c3k1", "c3:", "", "visits", "c3:x1"]
        {
            assert_eq!(Key::of(other.as_bytes()), None, "{other}");
        }
    }
}
