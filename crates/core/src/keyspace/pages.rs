//! Entries side by side in pages, without holes.

use alloc::vec::Vec;

use super::entry::{Entry, NEVER};

/// Entries of a page: 64 KiB.
const PAGE: usize = 1024;
const SHIFT: u32 = PAGE.trailing_zeros();

/// Entries at positions 0 to `len`; the last one fills the place of one that is removed.
///
/// A walk from the highest position down therefore meets every entry that stays for the whole walk: what moves
/// comes from the end, so it has been met already, or goes to a place still to come. SCAN, the expiry cycle and the
/// snapshot rely on it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pages {
    pages: Vec<Page>,
    len: usize,
    volatile: usize,
}

#[derive(Clone, Debug)]
struct Page {
    entries: Vec<Entry>,
    /// Entries with an expiry.
    volatile: u32,
    /// No entry expires before this.
    earliest: u64,
}

impl Pages {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Entries with an expiry.
    pub(crate) fn volatile(&self) -> usize {
        self.volatile
    }

    #[inline]
    pub(crate) fn get(&self, at: usize) -> &Entry {
        &self.pages[at >> SHIFT].entries[at % PAGE]
    }

    /// For changes of anything but the expiry.
    #[inline]
    pub(crate) fn get_mut(&mut self, at: usize) -> &mut Entry {
        &mut self.pages[at >> SHIFT].entries[at % PAGE]
    }

    pub(crate) fn push(&mut self, entry: Entry) -> usize {
        let at = self.len;
        if at >> SHIFT == self.pages.len() {
            // The first page grows with its content; later ones are needed whole anyway.
            let entries = if at == 0 { Vec::new() } else { Vec::with_capacity(PAGE) };
            self.pages.push(Page { entries, volatile: 0, earliest: NEVER });
        }
        let page = &mut self.pages[at >> SHIFT];
        let expire = entry.expire;
        page.entries.push(entry);
        self.len += 1;
        self.count(at, expire, true);
        at
    }

    /// Takes the entry out; the last one, if it is another, then lies at `at`.
    pub(crate) fn swap_remove(&mut self, at: usize) -> Option<Entry> {
        let last = self.len.checked_sub(1)?;
        let tail = self.pages[last >> SHIFT].entries.pop()?;
        self.count(last, tail.expire, false);
        self.len = last;
        if last % PAGE == 0 {
            self.pages.pop();
        }
        if at == last {
            return Some(tail);
        }
        let expire = tail.expire;
        let removed = core::mem::replace(self.get_mut(at), tail);
        self.count(at, removed.expire, false);
        self.count(at, expire, true);
        Some(removed)
    }

    pub(crate) fn set_expire(&mut self, at: usize, expire: u64) {
        let old = core::mem::replace(&mut self.get_mut(at).expire, expire);
        self.count(at, old, false);
        self.count(at, expire, true);
    }

    #[inline]
    fn count(&mut self, at: usize, expire: u64, added: bool) {
        if expire == NEVER {
            return;
        }
        let page = &mut self.pages[at >> SHIFT];
        if added {
            page.volatile += 1;
            page.earliest = page.earliest.min(expire);
            self.volatile += 1;
        } else {
            page.volatile -= 1;
            self.volatile -= 1;
        }
    }

    /// The highest position below `below` whose entry expired before `now_ms`; pages that cannot have one are
    /// skipped. `budget` is the number of entries and pages still to be looked at; it is used up.
    pub(crate) fn expired_below(&mut self, below: usize, now_ms: u64, budget: &mut usize) -> Step {
        let mut at = below.min(self.len);
        while at > 0 {
            if *budget == 0 {
                return Step::Pause(at);
            }
            *budget -= 1;
            let start = (at - 1) >> SHIFT << SHIFT;
            let page = &self.pages[start >> SHIFT];
            if page.volatile == 0 || page.earliest >= now_ms {
                at = start;
                continue;
            }
            if page.entries[at - 1 - start].expire < now_ms {
                return Step::Expired(at - 1);
            }
            at -= 1;
            if at == start {
                self.settle(start);
            }
        }
        Step::End
    }

    /// Computes the bound of the page that starts at `start` anew.
    fn settle(&mut self, start: usize) {
        let page = &mut self.pages[start >> SHIFT];
        page.earliest = page.entries.iter().map(|e| e.expire).min().unwrap_or(NEVER);
    }

    /// No key expires before this; exact or too early.
    pub(crate) fn earliest(&self) -> u64 {
        self.pages.iter().filter(|p| p.volatile > 0).map(|p| p.earliest).min().unwrap_or(NEVER)
    }
}

/// Where a search for expired entries stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// This entry is expired.
    Expired(usize),
    /// The budget is used up; go on below.
    Pause(usize),
    /// All positions have been seen.
    End,
}
