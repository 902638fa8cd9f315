//! Byte strings one after another in a single allocation, readable from both ends.

use alloc::vec::Vec;

/// Most spare bytes made in front of the first string at once.
const GAP_MAX: usize = 512;

/// A sequence of byte strings. Each is its length, its bytes, and the size of both again for the way back; the
/// numbers are base-128.
#[derive(Clone, Debug, Default)]
pub(crate) struct Packed {
    buf: Vec<u8>,
    /// Spare bytes in front.
    head: usize,
    len: usize,
}

/// One string with its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item<'a> {
    pub(crate) bytes: &'a [u8],
    start: usize,
    end: usize,
}

impl Packed {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Bytes of all strings with their lengths.
    pub(crate) fn size(&self) -> usize {
        self.buf.len() - self.head
    }

    /// Bytes that a string of `len` bytes takes.
    pub(crate) fn cost(len: usize) -> usize {
        let front = varint_size(len);
        front + len + varint_size(front + len)
    }

    pub(crate) fn iter(&self) -> Iter<'_> {
        Iter { buf: &self.buf, front: self.head, back: self.buf.len() }
    }

    /// String `i`, walked to from the nearer end.
    pub(crate) fn get(&self, i: usize) -> Option<Item<'_>> {
        if i >= self.len {
            return None;
        }
        if i * 2 < self.len { self.iter().nth(i) } else { self.iter().nth_back(self.len - 1 - i) }
    }

    pub(crate) fn push_back(&mut self, bytes: &[u8]) {
        self.buf.reserve(Self::cost(bytes.len()));
        write_varint(&mut self.buf, bytes.len());
        self.buf.extend_from_slice(bytes);
        write_varint_back(&mut self.buf, varint_size(bytes.len()) + bytes.len());
        self.len += 1;
    }

    pub(crate) fn push_front(&mut self, bytes: &[u8]) {
        self.open(self.head, bytes);
    }

    /// Puts `bytes` in front of `item`.
    pub(crate) fn insert_before(&mut self, item: (usize, usize), bytes: &[u8]) {
        self.open(item.0, bytes);
    }

    /// Removes the strings between two places.
    pub(crate) fn remove(&mut self, start: usize, end: usize, count: usize) {
        self.len -= count;
        if start == self.head {
            self.head = end;
            if self.head > self.size() + GAP_MAX || self.len == 0 {
                self.buf.drain(..self.head);
                self.head = 0;
            }
        } else {
            self.buf.drain(start..end);
        }
        if self.buf.capacity() > 2 * self.buf.len() + GAP_MAX {
            self.buf.shrink_to(self.buf.len() + GAP_MAX / 2);
        }
    }

    /// Puts `bytes` in the place of `item`.
    pub(crate) fn replace(&mut self, item: (usize, usize), bytes: &[u8]) {
        let mut encoded = Self::default();
        encoded.push_back(bytes);
        self.buf.splice(item.0..item.1, encoded.buf);
    }

    /// Cuts off everything from `at`, the first of `count` strings, and lends it as its own sequence.
    pub(crate) fn split_off(&mut self, at: usize, count: usize) -> Self {
        self.len -= count;
        Self { buf: self.buf.split_off(at), head: 0, len: count }
    }

    /// Appends all strings of `other`.
    pub(crate) fn append(&mut self, other: &Self) {
        self.buf.extend_from_slice(&other.buf[other.head..]);
        self.len += other.len;
    }

    /// Writes a string at `at`, moving what follows, or into the gap in front.
    fn open(&mut self, at: usize, bytes: &[u8]) {
        let cost = Self::cost(bytes.len());
        let start = if at == self.head {
            if self.head < cost {
                let gap = cost + self.size().min(GAP_MAX) - self.head;
                self.buf.splice(..0, core::iter::repeat_n(0, gap));
                self.head += gap;
            }
            self.head -= cost;
            self.head
        } else {
            self.buf.splice(at..at, core::iter::repeat_n(0, cost));
            at
        };
        let front = varint_size(bytes.len());
        let mut numbers = Vec::with_capacity(2 * front + 1);
        write_varint(&mut numbers, bytes.len());
        self.buf[start..start + front].copy_from_slice(&numbers);
        self.buf[start + front..start + front + bytes.len()].copy_from_slice(bytes);
        numbers.clear();
        write_varint_back(&mut numbers, front + bytes.len());
        self.buf[start + front + bytes.len()..start + cost].copy_from_slice(&numbers);
        self.len += 1;
    }
}

impl Item<'_> {
    /// Where it starts and ends, for the changes of [`Packed`].
    pub(crate) fn place(&self) -> (usize, usize) {
        (self.start, self.end)
    }
}

/// From either end.
#[derive(Clone, Debug)]
pub(crate) struct Iter<'a> {
    buf: &'a [u8],
    front: usize,
    back: usize,
}

impl<'a> Iterator for Iter<'a> {
    type Item = Item<'a>;

    #[inline]
    fn next(&mut self) -> Option<Item<'a>> {
        if self.front >= self.back {
            return None;
        }
        let (len, size) = read_varint(self.buf[self.front..self.back].iter());
        let start = self.front;
        let bytes = &self.buf[start + size..start + size + len];
        let end = start + size + len + varint_size(size + len);
        self.front = end;
        Some(Item { bytes, start, end })
    }
}

impl DoubleEndedIterator for Iter<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        if self.front >= self.back {
            return None;
        }
        let (total, size) = read_varint(self.buf[self.front..self.back].iter().rev());
        let (end, start) = (self.back, self.back - size - total);
        let (len, front) = read_varint(self.buf[start..end].iter());
        self.back = start;
        Some(Item { bytes: &self.buf[start + front..start + front + len], start, end })
    }
}

fn varint_size(n: usize) -> usize {
    match n {
        0..0x80 => 1,
        0x80..0x4000 => 2,
        0x4000..0x20_0000 => 3,
        0x20_0000..0x1000_0000 => 4,
        _ => 5,
    }
}

fn write_varint(out: &mut Vec<u8>, mut n: usize) {
    loop {
        let low = u8::try_from(n & 0x7f).unwrap_or(0);
        n >>= 7;
        if n == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

/// The same groups in the other order, so that the last byte comes first on the way back.
fn write_varint_back(out: &mut Vec<u8>, n: usize) {
    let start = out.len();
    write_varint(out, n);
    out[start..].reverse();
}

#[inline]
fn read_varint<'a>(bytes: impl Iterator<Item = &'a u8>) -> (usize, usize) {
    let (mut n, mut size) = (0, 0);
    for &b in bytes {
        n |= usize::from(b & 0x7f) << (7 * size);
        size += 1;
        if b < 0x80 {
            break;
        }
    }
    (n, size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use std::collections::VecDeque;

    #[test]
    fn it_behaves_as_a_deque_of_strings() {
        let mut rng = Rng::from_u64(3);
        let (mut packed, mut model) = (Packed::default(), VecDeque::<Vec<u8>>::new());
        for step in 0..4000usize {
            let bytes = alloc::vec![u8::try_from(step % 251).unwrap_or(0); usize::try_from(rng.below(300)).unwrap_or(0)];
            let at = usize::try_from(rng.below(model.len() as u64)).unwrap_or(0);
            let place = packed.get(at).map(|item| item.place());
            match (rng.below(7), place) {
                (0, _) => (packed.push_back(&bytes), model.push_back(bytes)).1,
                (1, _) => (packed.push_front(&bytes), model.push_front(bytes)).1,
                (2, Some(place)) => (packed.insert_before(place, &bytes), model.insert(at, bytes)).1,
                (4, Some(place)) => (packed.replace(place, &bytes), model[at] = bytes).1,
                (_, Some((start, end))) => (packed.remove(start, end, 1), drop(model.remove(at))).1,
                _ => {}
            }
            assert_eq!(packed.len(), model.len());
            assert!(packed.iter().map(|item| item.bytes).eq(model.iter().map(Vec::as_slice)));
            assert!(packed.iter().rev().map(|item| item.bytes).eq(model.iter().rev().map(Vec::as_slice)));
        }
    }
}
