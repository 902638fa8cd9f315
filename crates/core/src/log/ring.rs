//! The log's bytes, in chunks.
//!
//! Offsets count bytes since the group's first write, as in Redis; the byte at offset `o` is the one that makes
//! the log `o` bytes long. The ring holds the range `start() < o <= end()`. A replica is only a cursor into it.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::id::Offset;

/// Size of one chunk. A log that stands still at its limit reuses its chunks and allocates nothing.
pub const CHUNK: usize = 64 << 10;

/// A growing sequence of bytes whose oldest part can be dropped.
#[derive(Debug)]
pub struct Ring {
    /// Every chunk but the last is full, and copies of the log share those.
    chunks: VecDeque<Arc<Vec<u8>>>,
    /// Offset before the first byte of the first chunk.
    start: Offset,
    end: Offset,
    /// A dropped chunk, kept to be the next one.
    spare: Option<Vec<u8>>,
}

impl Clone for Ring {
    /// A copy stands still for as long as it is kept: it takes no room for what may come.
    fn clone(&self) -> Self {
        let mut chunks = self.chunks.clone();
        if let Some(last) = chunks.back_mut().filter(|last| last.len() < CHUNK) {
            *last = Arc::new(last.as_slice().to_vec());
        }
        Self { chunks, start: self.start, end: self.end, spare: None }
    }
}

impl Ring {
    /// An empty log that continues at `offset`.
    pub const fn new(offset: Offset) -> Self {
        Self { chunks: VecDeque::new(), start: offset, end: offset, spare: None }
    }

    /// Offset before the oldest byte held.
    pub const fn start(&self) -> Offset {
        self.start
    }

    /// Offset of the newest byte: how many have ever been appended.
    pub const fn end(&self) -> Offset {
        self.end
    }

    /// Bytes held.
    pub const fn held(&self) -> u64 {
        self.end - self.start
    }

    /// Drops everything and continues at `offset`.
    pub fn reset(&mut self, offset: Offset) {
        self.chunks.clear();
        self.start = offset;
        self.end = offset;
    }

    /// Appends bytes.
    pub fn append(&mut self, mut bytes: &[u8]) {
        self.end += bytes.len() as u64;
        while !bytes.is_empty() {
            let room = self.chunks.back().map_or(0, |c| CHUNK - c.len());
            if room == 0 {
                let chunk = self.spare.take().unwrap_or_else(|| Vec::with_capacity(CHUNK));
                self.chunks.push_back(Arc::new(chunk));
                continue;
            }
            let (head, tail) = bytes.split_at(room.min(bytes.len()));
            if let Some(chunk) = self.chunks.back_mut() {
                let chunk = Arc::make_mut(chunk);
                // A copy that goes on has no room yet, and by doubling it would come to more than a chunk.
                chunk.reserve_exact(CHUNK - chunk.len());
                chunk.extend_from_slice(head);
            }
            bytes = tail;
        }
    }

    /// True when the stream can be continued after `offset`.
    pub const fn covers(&self, offset: Offset) -> bool {
        self.start <= offset && offset <= self.end
    }

    /// What follows `from`, at most two chunks' worth; `None` when it is not held any more (or not there yet).
    pub fn after(&self, from: Offset) -> Option<[&[u8]; 2]> {
        if !self.covers(from) {
            return None;
        }
        let skip = usize::try_from(from - self.start).ok()?;
        let (index, within) = (skip / CHUNK, skip % CHUNK);
        let first = self.chunks.get(index).and_then(|c| c.get(within..)).unwrap_or(&[]);
        let second = self.chunks.get(index + 1).map_or(&[][..], |c| c.as_slice());
        Some([first, second])
    }

    /// Copies what lies in `from < o <= to` behind `out`; false when a part of it is not held.
    pub fn copy(&self, from: Offset, to: Offset, out: &mut Vec<u8>) -> bool {
        let mut at = from;
        while at < to {
            let Some([first, second]) = self.after(at) else { return false };
            for part in [first, second] {
                let want = usize::try_from(to - at).unwrap_or(usize::MAX).min(part.len());
                out.extend_from_slice(&part[..want]);
                at += want as u64;
            }
            if first.is_empty() {
                return false;
            }
        }
        true
    }

    /// Drops whole chunks from the old end while at least `keep` bytes and everything after `needed` stay.
    pub fn trim(&mut self, keep: usize, needed: Offset) {
        let chunk = CHUNK as u64;
        while self.chunks.len() > 1
            && self.end - self.start >= keep as u64 + chunk
            && self.start + chunk <= needed
        {
            if let Some(mut old) = self.chunks.pop_front().and_then(Arc::into_inner) {
                old.clear();
                self.spare = Some(old);
            }
            self.start += chunk;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn every_byte_is_where_its_offset_says() {
        let mut ring = Ring::new(100);
        let bytes: Vec<u8> = (0..3 * CHUNK + 17).map(|i| (i % 251) as u8).collect();
        for part in bytes.chunks(1000) {
            ring.append(part);
        }
        assert_eq!(ring.end(), 100 + bytes.len() as u64);
        for from in [0, 1, CHUNK - 1, CHUNK, 2 * CHUNK + 5, bytes.len()] {
            let mut out = vec![];
            assert!(ring.copy(100 + from as u64, ring.end(), &mut out));
            assert_eq!(out, bytes[from..]);
        }
        assert_eq!(ring.after(99), None);
        assert_eq!(ring.after(ring.end() + 1), None);
    }

    #[test]
    fn trim_keeps_what_is_asked_for_and_what_a_cursor_needs() {
        let mut ring = Ring::new(0);
        ring.append(&vec![7; 10 * CHUNK]);
        ring.trim(3 * CHUNK, 2 * CHUNK as u64 + 1);
        assert_eq!(ring.start(), 2 * CHUNK as u64, "the cursor's chunk stays");
        ring.trim(3 * CHUNK, ring.end());
        assert_eq!(ring.held(), 3 * CHUNK as u64);
        ring.append(&vec![8; CHUNK]);
        assert_eq!(ring.end(), 11 * CHUNK as u64);
    }

    #[test]
    fn a_copy_and_its_log_go_different_ways() {
        let mut log = Ring::new(0);
        log.append(&vec![7; CHUNK + 3]);
        let mut copy = log.clone();
        assert_eq!(copy.chunks[1].capacity(), 3);
        log.append(b"one");
        copy.append(b"other");
        assert_eq!(log.after(CHUNK as u64), Some([&b"\x07\x07\x07one"[..], &[]]));
        assert_eq!(copy.after(CHUNK as u64), Some([&b"\x07\x07\x07other"[..], &[]]));
        assert!(Arc::ptr_eq(&log.chunks[0], &copy.chunks[0]));
        assert_eq!((log.chunks[1].capacity(), copy.chunks[1].capacity()), (CHUNK, CHUNK));
    }

    #[test]
    fn a_reset_log_continues_at_its_offset() {
        let mut ring = Ring::new(0);
        ring.append(b"abc");
        ring.reset(1000);
        assert!(ring.covers(1000) && !ring.covers(3));
        ring.append(b"d");
        assert_eq!(ring.after(1000), Some([&b"d"[..], &[]]));
    }
}
