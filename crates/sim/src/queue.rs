//! What is to happen, ordered by time and then by the order of asking.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

#[derive(Clone)]
struct Entry<E> {
    at: u64,
    seq: u64,
    event: E,
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.seq) == (other.at, other.seq)
    }
}

impl<E> Eq for Entry<E> {}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.seq).cmp(&(other.at, other.seq))
    }
}

/// A queue of events in simulated time.
#[derive(Clone)]
pub struct Queue<E> {
    heap: BinaryHeap<Reverse<Entry<E>>>,
    seq: u64,
    now: u64,
}

impl<E> Default for Queue<E> {
    fn default() -> Self {
        Self { heap: BinaryHeap::new(), seq: 0, now: 0 }
    }
}

impl<E> Queue<E> {
    /// The time of the last event taken, in nanoseconds since the beginning.
    pub const fn now(&self) -> u64 {
        self.now
    }

    /// Asks for `event` at `at`, or now when that is past.
    pub fn push(&mut self, at: u64, event: E) {
        self.seq += 1;
        self.heap.push(Reverse(Entry { at: at.max(self.now), seq: self.seq, event }));
    }

    /// Time of the next event.
    pub fn next_at(&self) -> Option<u64> {
        self.heap.peek().map(|entry| entry.0.at)
    }

    /// Takes the next event if it is due by `limit`; otherwise the clock moves to `limit`.
    pub fn pop(&mut self, limit: u64) -> Option<E> {
        if self.next_at().is_none_or(|at| at > limit) {
            self.now = self.now.max(limit);
            return None;
        }
        let Reverse(entry) = self.heap.pop()?;
        self.now = entry.at;
        Some(entry.event)
    }

    /// How many events wait.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// True when nothing waits.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_keep_the_order_of_asking() {
        let mut queue = Queue::default();
        for (at, name) in [(5, "c"), (1, "a"), (5, "d"), (2, "b")] {
            queue.push(at, name);
        }
        let order: Vec<_> = std::iter::from_fn(|| queue.pop(10)).collect();
        assert_eq!(order, ["a", "b", "c", "d"]);
        assert_eq!(queue.now(), 10);
    }

    #[test]
    fn the_past_is_now() {
        let mut queue = Queue::default();
        assert!(queue.pop(7).is_none());
        queue.push(3, ());
        assert_eq!(queue.next_at(), Some(7));
    }
}
