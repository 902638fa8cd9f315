use alloc::boxed::Box;

use super::pair::Pair;
use super::{Bytes, Hash, List, Set};

/// Expiry of a key that has none.
pub(crate) const NEVER: u64 = u64::MAX;
/// Estimated bytes of one key, without what lies outside its entry: the entry and its share of the index.
pub(crate) const ENTRY_BYTES: u64 = 64 + 9;

/// One key. 64 bytes on a 64-bit target: a cache line.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Milliseconds since 1970, or [`NEVER`].
    pub(crate) expire: u64,
    /// The snapshot that already has this entry.
    pub(crate) mark: u32,
    /// Last access, seconds since 1970.
    pub(crate) access: u32,
    pub(crate) body: Body,
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    Text(Pair),
    Object { key: Bytes, value: Value },
}

/// A value that is not a string.
#[derive(Clone, Debug)]
pub enum Value {
    /// A list.
    List(Box<List>),
    /// A hash.
    Hash(Box<Hash>),
    /// A set.
    Set(Box<Set>),
}

/// A value of any type, lent.
#[derive(Clone, Copy, Debug)]
pub enum View<'a> {
    /// A string.
    Text(&'a [u8]),
    /// A list.
    List(&'a List),
    /// A hash.
    Hash(&'a Hash),
    /// A set.
    Set(&'a Set),
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `string`
    Text,
    /// `list`
    List,
    /// `hash`
    Hash,
    /// `set`
    Set,
}

impl Kind {
    /// The name that TYPE answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::List => "list",
            Self::Hash => "hash",
            Self::Set => "set",
        }
    }
}

impl Value {
    pub(crate) fn heap(&self) -> u64 {
        match self {
            Self::List(list) => list.heap(),
            Self::Hash(hash) => hash.heap(),
            Self::Set(set) => set.heap(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::List(list) => list.len() == 0,
            Self::Hash(hash) => hash.len() == 0,
            Self::Set(set) => set.len() == 0,
        }
    }
}

impl Entry {
    #[inline]
    pub(crate) fn key(&self) -> &[u8] {
        match &self.body {
            Body::Text(pair) => pair.key(),
            Body::Object { key, .. } => key.as_slice(),
        }
    }

    #[inline]
    pub(crate) fn view(&self) -> View<'_> {
        match &self.body {
            Body::Text(pair) => View::Text(pair.value()),
            Body::Object { value: Value::List(list), .. } => View::List(list),
            Body::Object { value: Value::Hash(hash), .. } => View::Hash(hash),
            Body::Object { value: Value::Set(set), .. } => View::Set(set),
        }
    }

    #[inline]
    pub(crate) fn kind(&self) -> Kind {
        match self.view() {
            View::Text(_) => Kind::Text,
            View::List(_) => Kind::List,
            View::Hash(_) => Kind::Hash,
            View::Set(_) => Kind::Set,
        }
    }

    #[inline]
    pub(crate) fn expiry(&self) -> Option<u64> {
        (self.expire != NEVER).then_some(self.expire)
    }

    /// Estimated bytes of the key with all it holds.
    #[inline]
    pub(crate) fn memory(&self) -> u64 {
        ENTRY_BYTES
            + match &self.body {
                Body::Text(pair) => pair.heap(),
                Body::Object { key, value } => Bytes::heap(key.as_slice().len()) + value.heap(),
            }
    }
}

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Entry>() == 64);
