//! A list that grows at its end and is cheap to copy: copies share all that neither of them has changed since.

use std::sync::Arc;

/// A list in chunks of `SIZE` items. A copy costs a pointer a chunk, and each changed chunk is copied once.
#[derive(Clone, Debug)]
pub(crate) struct Chunks<T, const SIZE: usize> {
    /// Every chunk but the last is full.
    chunks: Vec<Arc<Vec<T>>>,
    len: usize,
}

impl<T, const SIZE: usize> Default for Chunks<T, SIZE> {
    fn default() -> Self {
        Self { chunks: Vec::new(), len: 0 }
    }
}

impl<T: Clone, const SIZE: usize> Chunks<T, SIZE> {
    pub(crate) fn push(&mut self, item: T) {
        self.last().push(item);
        self.len += 1;
    }

    pub(crate) fn extend_from_slice(&mut self, mut items: &[T]) {
        while !items.is_empty() {
            let last = self.last();
            let (head, tail) = items.split_at((SIZE - last.len()).min(items.len()));
            last.extend_from_slice(head);
            self.len += head.len();
            items = tail;
        }
    }

    /// The chunk that has room, and has it at once: one that grew as it fills would be copied a dozen times on its way.
    fn last(&mut self) -> &mut Vec<T> {
        if self.len == self.chunks.len() * SIZE {
            self.chunks.push(Arc::default());
        }
        let at = self.chunks.len() - 1;
        let last = Arc::make_mut(&mut self.chunks[at]);
        last.reserve_exact(SIZE - last.len());
        last
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn get(&self, at: usize) -> Option<&T> {
        self.chunks.get(at / SIZE)?.get(at % SIZE)
    }

    pub(crate) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        let chunk = self.chunks.get_mut(at / SIZE)?;
        Arc::make_mut(chunk).get_mut(at % SIZE)
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }

    /// From a place on.
    pub(crate) fn after(&self, first: usize) -> impl Iterator<Item = &T> {
        let chunks = self.chunks.get(first / SIZE..).unwrap_or_default();
        chunks.iter().flat_map(|chunk| chunk.iter()).skip(first % SIZE)
    }

    /// The first item for which `before` does not hold; items for which it holds come first.
    pub(crate) fn partition_point(&self, before: impl Fn(&T) -> bool) -> usize {
        let whole = self.chunks.partition_point(|chunk| chunk.last().is_some_and(&before));
        let within = self.chunks.get(whole).map_or(0, |chunk| chunk.partition_point(&before));
        (whole * SIZE + within).min(self.len)
    }

    /// The items from a place on as slices.
    pub(crate) fn slices(&self, first: usize) -> impl Iterator<Item = &[T]> {
        let chunks = self.chunks.get(first / SIZE..).unwrap_or_default();
        let skip = move |at: usize| if at == 0 { first % SIZE } else { 0 };
        chunks.iter().enumerate().map(move |(at, chunk)| chunk.get(skip(at)..).unwrap_or_default())
    }

    /// Bytes that a copy does not share, and bytes that it shares.
    pub(crate) fn weight(&self) -> (usize, usize) {
        let own = SIZE.min(self.len) * size_of::<T>() + self.chunks.len() * 24;
        (own, self.len * size_of::<T>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_what_it_was_while_the_other_goes_on() {
        let mut list: Chunks<u32, 4> = Chunks::default();
        (0..10).for_each(|n| list.push(n));
        let copy = list.clone();
        list.extend_from_slice(&[10, 11, 12, 13, 14]);
        if let Some(item) = list.get_mut(5) {
            *item = 500;
        }
        assert_eq!(copy.iter().copied().collect::<Vec<_>>(), (0..10).collect::<Vec<_>>());
        assert_eq!((list.len(), list.get(5), list.get(14), list.get(15)), (15, Some(&500), Some(&14), None));
    }

    #[test]
    fn places_are_found_like_in_a_slice() {
        let mut list: Chunks<u32, 4> = Chunks::default();
        list.extend_from_slice(&(0..11).collect::<Vec<_>>());
        for n in 0..12 {
            assert_eq!(list.partition_point(|x| *x < n), n.min(11) as usize);
            let rest: Vec<u32> = list.after(n as usize).copied().collect();
            assert_eq!(rest, (n..11).collect::<Vec<_>>());
            assert_eq!(list.slices(n as usize).flatten().count(), rest.len());
        }
        assert_eq!(list.iter().next_back(), Some(&10));
    }
}
