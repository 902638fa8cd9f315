//! Positions by hash, in segments that split one by one: no insertion ever rehashes the whole table.

use alloc::vec::Vec;
use core::fmt;

use hashbrown::HashTable;

/// A segment with this many positions splits: two halves of a 1024-slot table each.
const SEGMENT_MAX: usize = 1600;
/// Where the bits that choose a segment start; the table inside uses the lowest and the highest bits.
const SEGMENT_SHIFT: u32 = 28;
/// Most bits that choose a segment.
const DEPTH_MAX: u32 = 28;
/// A segment with room for more than this shrinks when it is nearly empty.
const SHRINK_ABOVE: usize = 64;

/// An extendible hash table (Fagin et al., 1979) of entry positions.
#[derive(Clone)]
pub(crate) struct Index {
    depth: u32,
    directory: Vec<u32>,
    segments: Vec<Segment>,
}

#[derive(Clone)]
struct Segment {
    depth: u32,
    table: HashTable<u32>,
}

impl Index {
    pub(crate) fn new() -> Self {
        let first = Segment { depth: 0, table: HashTable::new() };
        Self { depth: 0, directory: alloc::vec![0], segments: alloc::vec![first] }
    }

    #[inline]
    pub(crate) fn find(&self, hash: u64, mut is: impl FnMut(u32) -> bool) -> Option<u32> {
        self.segments[self.segment(hash)].table.find(hash, |&at| is(at)).copied()
    }

    pub(crate) fn insert(&mut self, hash: u64, at: u32, hash_of: impl Fn(u32) -> u64) {
        let mut segment = self.segment(hash);
        while self.segments[segment].table.len() >= SEGMENT_MAX && self.segments[segment].depth < DEPTH_MAX {
            self.split(segment, &hash_of);
            segment = self.segment(hash);
        }
        self.segments[segment].table.insert_unique(hash, at, |&at| hash_of(at));
    }

    pub(crate) fn remove(&mut self, hash: u64, at: u32, hash_of: impl Fn(u32) -> u64) {
        let segment = self.segment(hash);
        let table = &mut self.segments[segment].table;
        if let Ok(found) = table.find_entry(hash, |&slot| slot == at) {
            found.remove();
        }
        if table.capacity() > SHRINK_ABOVE && table.len() * 8 < table.capacity() {
            table.shrink_to(table.len() * 2, |&at| hash_of(at));
        }
    }

    /// The entry at `from` now lies at `to`.
    pub(crate) fn moved(&mut self, hash: u64, from: u32, to: u32) {
        let segment = self.segment(hash);
        if let Some(slot) = self.segments[segment].table.find_mut(hash, |&slot| slot == from) {
            *slot = to;
        }
    }

    #[inline]
    fn segment(&self, hash: u64) -> usize {
        let mask = (1u64 << self.depth) - 1;
        let slot = (hash >> SEGMENT_SHIFT) & mask;
        self.directory[usize::try_from(slot).unwrap_or(0)] as usize
    }

    fn split(&mut self, segment: usize, hash_of: &impl Fn(u32) -> u64) {
        if self.segments[segment].depth == self.depth {
            self.directory.extend_from_within(..);
            self.depth += 1;
        }
        let bit = 1u64 << (SEGMENT_SHIFT + self.segments[segment].depth);
        let depth = self.segments[segment].depth + 1;
        let half = || Segment { depth, table: HashTable::with_capacity(SEGMENT_MAX / 2) };
        let (mut low, mut high) = (half(), half());
        for &at in &self.segments[segment].table {
            let hash = hash_of(at);
            let side = if hash & bit == 0 { &mut low } else { &mut high };
            side.table.insert_unique(hash, at, |&at| hash_of(at));
        }
        let new = u32::try_from(self.segments.len()).unwrap_or(0);
        self.segments[segment] = low;
        self.segments.push(high);
        let old = u32::try_from(segment).unwrap_or(0);
        for (slot, at) in self.directory.iter_mut().enumerate() {
            if *at == old && (slot as u64) << SEGMENT_SHIFT & bit != 0 {
                *at = new;
            }
        }
    }
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} segments", self.segments.len())
    }
}
