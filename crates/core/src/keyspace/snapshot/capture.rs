use alloc::vec::Vec;
use core::mem;

use super::encode;
use crate::keyspace::entry::Entry;
use crate::keyspace::pages::Pages;

/// What one database keeps for a snapshot under way.
#[derive(Clone, Debug)]
pub(in crate::keyspace) struct Capture {
    generation: u32,
    /// The database's number when the snapshot began; SWAPDB may have moved it since.
    number: usize,
    /// Entries written before a command changed them.
    out: Vec<u8>,
    /// The entries, if the database was flushed meanwhile.
    detached: Option<Pages>,
    /// Positions below are still to be walked.
    left: usize,
}

impl Capture {
    pub(super) fn new(generation: u32, number: usize, left: usize) -> Self {
        Self { generation, number, out: Vec::new(), detached: None, left }
    }

    /// The mark of entries that the snapshot has, or that came after it began.
    pub(in crate::keyspace) fn generation(&self) -> u32 {
        self.generation
    }

    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// A command is about to change or delete the entry.
    #[inline]
    pub(in crate::keyspace) fn before_write(&mut self, entry: &mut Entry) {
        if entry.mark != self.generation {
            entry.mark = self.generation;
            encode::entry(&mut self.out, entry);
        }
    }

    /// A command empties the database: its entries are kept until they are walked.
    pub(in crate::keyspace) fn detach(&mut self, pages: Pages) {
        self.detached.get_or_insert(pages);
    }

    pub(super) fn has_output(&self) -> bool {
        !self.out.is_empty()
    }

    pub(super) fn take_output(&mut self) -> Vec<u8> {
        mem::take(&mut self.out)
    }

    /// Writes entries until `out` has `budget` bytes; true once all are written.
    pub(super) fn walk(&mut self, pages: &mut Pages, out: &mut Vec<u8>, budget: usize) -> bool {
        let pages = self.detached.as_mut().unwrap_or(pages);
        self.left = self.left.min(pages.len());
        while self.left > 0 && out.len() < budget {
            self.left -= 1;
            let entry = pages.get_mut(self.left);
            if entry.mark != self.generation {
                entry.mark = self.generation;
                encode::entry(out, entry);
            }
        }
        if self.left == 0 {
            self.detached = None;
        }
        self.left == 0
    }
}
