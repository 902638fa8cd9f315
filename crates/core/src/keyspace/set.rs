use alloc::vec::Vec;

use super::Bytes;
use super::hasher::Seed;
use super::table::Table;
use crate::resp::{DIGITS, format_i64, parse_i64};

/// Up to this many integers are kept sorted (Redis: `set-max-intset-entries`).
const INTS_MAX: usize = 512;

/// A set of byte strings.
#[derive(Clone, Debug)]
pub struct Set {
    seed: Seed,
    repr: Repr,
}

#[derive(Clone, Debug)]
enum Repr {
    /// Only integers so far, sorted.
    Ints(Vec<i64>),
    Table(Table<Bytes>),
}

/// A member: an integer is written out where it is needed.
#[derive(Clone, Debug)]
pub enum Member<'a> {
    /// As kept.
    Bytes(&'a [u8]),
    /// As kept in a set of integers.
    Int(i64),
}

impl Member<'_> {
    /// Lends the member's bytes to `f`.
    pub fn with<R>(&self, f: impl FnOnce(&[u8]) -> R) -> R {
        match self {
            Self::Bytes(bytes) => f(bytes),
            Self::Int(n) => f(format_i64(*n, &mut [0; DIGITS])),
        }
    }

    /// A copy of its bytes.
    pub fn to_vec(&self) -> Vec<u8> {
        self.with(<[u8]>::to_vec)
    }
}

impl Set {
    pub(crate) fn new(seed: Seed) -> Self {
        Self { seed, repr: Repr::Ints(Vec::new()) }
    }

    /// Number of members.
    pub fn len(&self) -> usize {
        match &self.repr {
            Repr::Ints(ints) => ints.len(),
            Repr::Table(table) => table.items().len(),
        }
    }

    /// No member.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Redis's name for the form it is kept in.
    pub fn encoding(&self) -> &'static str {
        match &self.repr {
            Repr::Ints(_) => "intset",
            Repr::Table(_) => "hashtable",
        }
    }

    /// Whether SSCAN answers it whole, as Redis does for the sorted form.
    pub fn is_packed(&self) -> bool {
        matches!(self.repr, Repr::Ints(_))
    }

    pub(crate) fn heap(&self) -> u64 {
        match &self.repr {
            Repr::Ints(ints) => ints.len() as u64 * 8 + 64,
            Repr::Table(table) => table.heap() + 128,
        }
    }

    /// Whether it is a member.
    pub fn contains(&self, member: &[u8]) -> bool {
        match &self.repr {
            Repr::Ints(ints) => parse_i64(member).is_some_and(|n| ints.binary_search(&n).is_ok()),
            Repr::Table(table) => table.find(member).is_some(),
        }
    }

    /// Adds a member; true if it is new.
    pub fn insert(&mut self, member: &[u8]) -> bool {
        match &mut self.repr {
            Repr::Table(table) => {
                let new = table.find(member).is_none();
                if new {
                    table.push(Bytes::new(member));
                }
                new
            }
            Repr::Ints(ints) => {
                let Some(n) = parse_i64(member) else {
                    self.unsort();
                    return self.insert(member);
                };
                let Err(at) = ints.binary_search(&n) else { return false };
                ints.insert(at, n);
                if ints.len() > INTS_MAX {
                    self.unsort();
                }
                true
            }
        }
    }

    /// Removes a member; true if it was there.
    pub fn remove(&mut self, member: &[u8]) -> bool {
        match &mut self.repr {
            Repr::Ints(ints) => {
                let found = parse_i64(member).and_then(|n| ints.binary_search(&n).ok());
                found.map(|at| ints.remove(at)).is_some()
            }
            Repr::Table(table) => table.find(member).map(|at| table.remove(at)).is_some(),
        }
    }

    /// The member at a position below [`Set::len`].
    pub fn nth(&self, at: usize) -> Option<Member<'_>> {
        match &self.repr {
            Repr::Ints(ints) => ints.get(at).map(|&n| Member::Int(n)),
            Repr::Table(table) => table.items().get(at).map(|bytes| Member::Bytes(bytes.as_slice())),
        }
    }

    /// All members: integers sorted, others in no order that means anything.
    pub fn iter(&self) -> impl Iterator<Item = Member<'_>> {
        (0..self.len()).filter_map(|at| self.nth(at))
    }

    fn unsort(&mut self) {
        if let Repr::Ints(ints) = &self.repr {
            let mut table = Table::new(self.seed);
            for &n in ints {
                table.push(Bytes::new(format_i64(n, &mut [0; DIGITS])));
            }
            self.repr = Repr::Table(table);
        }
    }
}
