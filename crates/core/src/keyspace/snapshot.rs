use alloc::vec::Vec;

use super::entry::Entry;
use super::pages::Pages;

/// What one database keeps for a snapshot under way.
#[derive(Debug)]
pub(super) struct Capture {
    generation: u32,
    /// Entries serialised before they were changed.
    out: Vec<u8>,
    /// Entries of a database that was flushed meanwhile.
    detached: Option<Pages>,
}

impl Capture {
    pub(super) fn generation(&self) -> u32 {
        self.generation
    }

    #[inline]
    pub(super) fn before_write(&mut self, entry: &mut Entry) {
        if entry.mark != self.generation {
            entry.mark = self.generation;
            self.out.push(0);
        }
    }

    pub(super) fn detach(&mut self, pages: Pages) {
        self.detached.get_or_insert(pages);
    }
}
