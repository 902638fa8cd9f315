//! Items side by side with an index by key: the body of large sets and hashes.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::Bytes;
use super::hasher::Seed;
use super::index::Index;
use super::pair::Pair;

/// Up to this many items are searched one by one; more get an index.
const LINEAR_MAX: usize = 16;
/// Estimated bytes of an item's share of the index.
const INDEX_BYTES: u64 = 9;

/// What has a key.
pub(crate) trait Keyed {
    /// Its key.
    fn key(&self) -> &[u8];
    /// Its size with all that it holds, in bytes as on a 64-bit target.
    fn size(&self) -> u64;
}

impl Keyed for Bytes {
    #[inline]
    fn key(&self) -> &[u8] {
        self.as_slice()
    }

    fn size(&self) -> u64 {
        24 + Self::heap(self.as_slice().len())
    }
}

impl Keyed for Pair {
    #[inline]
    fn key(&self) -> &[u8] {
        Self::key(self)
    }

    fn size(&self) -> u64 {
        48 + self.heap()
    }
}

/// Items without holes: the last one fills the place of one that is removed. So a walk from the end down meets all
/// that stay, and a random position is a random item.
#[derive(Debug)]
pub(crate) struct Table<T> {
    seed: Seed,
    items: Vec<T>,
    index: Option<Box<Index>>,
    size: u64,
}

impl<T: Keyed> Table<T> {
    pub(crate) fn new(seed: Seed) -> Self {
        Self { seed, items: Vec::new(), index: None, size: 0 }
    }

    pub(crate) fn items(&self) -> &[T] {
        &self.items
    }

    pub(crate) fn heap(&self) -> u64 {
        self.size
    }

    #[inline]
    pub(crate) fn find(&self, key: &[u8]) -> Option<usize> {
        match &self.index {
            None => self.items.iter().position(|item| item.key() == key),
            Some(index) => index
                .find(self.seed.hash(key), |at| self.items[at as usize].key() == key)
                .map(|at| at as usize),
        }
    }

    /// Adds an item whose key is not there yet.
    pub(crate) fn push(&mut self, item: T) {
        self.size += item.size() + INDEX_BYTES;
        self.items.push(item);
        if self.index.is_some() {
            self.index_item(self.items.len() - 1);
        } else if self.items.len() > LINEAR_MAX {
            self.index = Some(Box::new(Index::new()));
            (0..self.items.len()).for_each(|at| self.index_item(at));
        }
    }

    fn index_item(&mut self, at: usize) {
        let (seed, items) = (self.seed, &self.items);
        let hash_of = |at: u32| seed.hash(items[at as usize].key());
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        if let Some(index) = &mut self.index {
            index.insert(hash_of(at), at, hash_of);
        }
    }

    /// Removes the item at a position below the number of items.
    pub(crate) fn remove(&mut self, at: usize) -> T {
        let (seed, items) = (self.seed, &self.items);
        let hash_of = |at: u32| seed.hash(items[at as usize].key());
        if let Some(index) = &mut self.index {
            let last = u32::try_from(items.len() - 1).unwrap_or(u32::MAX);
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            index.remove(hash_of(at), at, hash_of);
            if last != at {
                index.moved(hash_of(last), last, at);
            }
        }
        let item = self.items.swap_remove(at);
        self.size -= item.size() + INDEX_BYTES;
        if self.items.capacity() > 64 && self.items.len() * 4 < self.items.capacity() {
            self.items.shrink_to(self.items.len() * 2);
        }
        item
    }

    /// Changes an item, but not its key.
    pub(crate) fn edit<R>(&mut self, at: usize, change: impl FnOnce(&mut T) -> R) -> R {
        let item = &mut self.items[at];
        let old = item.size();
        let result = change(item);
        self.size = self.size + self.items[at].size() - old;
        result
    }
}

impl<T: Keyed + Clone> Clone for Table<T> {
    fn clone(&self) -> Self {
        let mut copy = Self::new(self.seed);
        self.items.iter().for_each(|item| copy.push(item.clone()));
        copy
    }
}
