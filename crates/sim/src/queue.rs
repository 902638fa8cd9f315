//! What is to happen, ordered by time and then by the order of asking; what was put first goes before the rest.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Time, order within that time, and the place of the event, from the top: what is sorted stays small, and which of two
/// comes first is one comparison without a branch.
type Entry = u128;

/// So many bits of an entry are the place: 16 million events may wait.
const PLACE_BITS: u32 = 24;
/// And so many the order: that of half a million million events.
const ORDER_BITS: u32 = 40;

/// A queue of events in simulated time.
#[derive(Clone)]
pub struct Queue<E> {
    heap: BinaryHeap<Reverse<Entry>>,
    places: Vec<Option<E>>,
    free: Vec<u32>,
    seq: u64,
    firsts: u64,
    now: u64,
}

/// What was asked for in turn comes after all that was put first.
const IN_TURN: u64 = 1 << (ORDER_BITS - 1);

impl<E> Default for Queue<E> {
    fn default() -> Self {
        Self {
            heap: BinaryHeap::new(),
            places: Vec::new(),
            free: Vec::new(),
            seq: IN_TURN,
            firsts: 0,
            now: 0,
        }
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
        self.put(at, self.seq, event);
    }

    /// Asks for `event` at `at`, before everything at that time that was asked for with [`Self::push`], sooner or later.
    /// So a person's action finds the same world whether it was planned from the beginning or comes just in time.
    pub fn push_first(&mut self, at: u64, event: E) {
        self.firsts += 1;
        self.put(at, self.firsts, event);
    }

    fn put(&mut self, at: u64, seq: u64, event: E) {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            u32::try_from(self.places.len() - 1).unwrap_or(u32::MAX)
        });
        assert!(
            place >> PLACE_BITS == 0 && seq >> ORDER_BITS == 0,
            "more events than an entry can tell apart"
        );
        self.places[place as usize] = Some(event);
        let order = seq << PLACE_BITS | u64::from(place);
        self.heap.push(Reverse(u128::from(at.max(self.now)) << u64::BITS | u128::from(order)));
    }

    /// Time of the next event.
    pub fn next_at(&self) -> Option<u64> {
        self.heap.peek().map(|entry| time(entry.0))
    }

    /// Takes the next event if it is due by `limit`; otherwise the clock moves to `limit`.
    pub fn pop(&mut self, limit: u64) -> Option<E> {
        if self.next_at().is_none_or(|at| at > limit) {
            self.now = self.now.max(limit);
            return None;
        }
        let Reverse(entry) = self.heap.pop()?;
        self.now = time(entry);
        let place = place(entry);
        self.free.push(place);
        self.places.get_mut(place as usize)?.take()
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

fn time(entry: Entry) -> u64 {
    u64::try_from(entry >> u64::BITS).unwrap_or(u64::MAX)
}

fn place(entry: Entry) -> u32 {
    u32::try_from(entry & ((1 << PLACE_BITS) - 1)).unwrap_or(u32::MAX)
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
    fn what_is_put_first_goes_before_what_was_asked_for_earlier() {
        let mut queue = Queue::default();
        queue.push(5, "c");
        queue.push_first(5, "a");
        queue.push_first(5, "b");
        queue.push(5, "d");
        queue.push(4, "early");
        let order: Vec<_> = std::iter::from_fn(|| queue.pop(10)).collect();
        assert_eq!(order, ["early", "a", "b", "c", "d"]);
    }

    #[test]
    fn the_past_is_now() {
        let mut queue = Queue::default();
        assert!(queue.pop(7).is_none());
        queue.push(3, ());
        assert_eq!(queue.next_at(), Some(7));
    }
}
