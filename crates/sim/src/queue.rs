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

/// A stretch of the time to come is 4 ms long.
const STRETCH_BITS: u32 = 22;
/// Stretches that have a list each: two seconds, in which nearly every time-out comes.
const STRETCHES: u64 = 512;
/// The end of a list.
const NOWHERE: u32 = u32::MAX;

/// A queue of events in simulated time.
///
/// Most of what waits is a time-out that will find nothing to do. So only the events of the stretch that time has come to, and
/// what came in between, are sorted, a handful; the others lie in lists by stretch until theirs begins.
#[derive(Clone)]
pub struct Queue<E> {
    /// Due up to the end of the stretch that has begun. Empty only when nothing waits at all.
    near: BinaryHeap<Reverse<Entry>>,
    /// Number of the stretch that has begun.
    begun: u64,
    /// Where the list of each of the next stretches begins, and how many events are in them.
    lists: Vec<u32>,
    listed: usize,
    /// Where the list of all that comes after them begins; each time that the lists have gone round, it is gone through.
    later: u32,
    places: Vec<Place<E>>,
    free: Vec<u32>,
    seq: u64,
    firsts: u64,
    now: u64,
}

#[derive(Clone)]
struct Place<E> {
    event: Option<E>,
    at: u64,
    order: u64,
    /// The next one of the same list.
    next: u32,
}

/// What was asked for in turn comes after all that was put first.
const IN_TURN: u64 = 1 << (ORDER_BITS - 1);

impl<E> Default for Queue<E> {
    fn default() -> Self {
        Self {
            near: BinaryHeap::new(),
            begun: 0,
            lists: vec![NOWHERE; STRETCHES as usize],
            listed: 0,
            later: NOWHERE,
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
        let at = at.max(self.now);
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(Place { event: None, at: 0, order: 0, next: NOWHERE });
            u32::try_from(self.places.len() - 1).unwrap_or(u32::MAX)
        });
        assert!(
            place >> PLACE_BITS == 0 && seq >> ORDER_BITS == 0,
            "more events than an entry can tell apart"
        );
        let order = seq << PLACE_BITS | u64::from(place);
        self.places[place as usize] = Place { event: Some(event), at, order, next: NOWHERE };
        self.file(place);
        self.begin();
    }

    /// Puts an event where its time says.
    fn file(&mut self, place: u32) {
        let waiting = &mut self.places[place as usize];
        let stretch = waiting.at >> STRETCH_BITS;
        let ahead = stretch.saturating_sub(self.begun);
        if ahead == 0 {
            return self.near.push(Reverse(u128::from(waiting.at) << u64::BITS | u128::from(waiting.order)));
        }
        let first = if ahead < STRETCHES {
            self.listed += 1;
            &mut self.lists[list(stretch)]
        } else {
            &mut self.later
        };
        waiting.next = std::mem::replace(first, place);
    }

    /// Lets stretches begin until one has events, if any waits.
    fn begin(&mut self) {
        while self.near.is_empty() {
            let earliest = || self.list(self.later).map(|waiting| waiting.at >> STRETCH_BITS).min();
            let next = if self.listed > 0 { Some(self.begun + 1) } else { earliest() };
            let Some(next) = next else { return };
            let round = self.listed == 0 || next.is_multiple_of(STRETCHES);
            self.begun = next;
            let first = std::mem::replace(&mut self.lists[list(next)], NOWHERE);
            self.file_all(first);
            self.listed -= self.near.len();
            if round {
                let later = std::mem::replace(&mut self.later, NOWHERE);
                self.file_all(later);
            }
        }
    }

    fn file_all(&mut self, mut place: u32) {
        while let Some(waiting) = self.places.get(place as usize) {
            let next = waiting.next;
            self.file(place);
            place = next;
        }
    }

    fn list(&self, first: u32) -> impl Iterator<Item = &Place<E>> {
        let at = |place: u32| self.places.get(place as usize);
        std::iter::successors(at(first), move |waiting| at(waiting.next))
    }

    /// Time of the next event.
    pub fn next_at(&self) -> Option<u64> {
        self.near.peek().map(|entry| time(entry.0))
    }

    /// Takes the next event if it is due by `limit`; otherwise the clock moves to `limit`.
    pub fn pop(&mut self, limit: u64) -> Option<E> {
        if self.next_at().is_none_or(|at| at > limit) {
            self.now = self.now.max(limit);
            return None;
        }
        let Reverse(entry) = self.near.pop()?;
        self.now = time(entry);
        let place = place(entry);
        self.free.push(place);
        let event = self.places.get_mut(place as usize)?.event.take();
        self.begin();
        event
    }
}

fn time(entry: Entry) -> u64 {
    u64::try_from(entry >> u64::BITS).unwrap_or(u64::MAX)
}

fn place(entry: Entry) -> u32 {
    u32::try_from(entry & ((1 << PLACE_BITS) - 1)).unwrap_or(u32::MAX)
}

/// The list of a stretch; the lists go round.
const fn list(stretch: u64) -> usize {
    (stretch % STRETCHES) as usize
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
    fn near_and_far_events_come_in_one_order() {
        let mut queue = Queue::default();
        let mut expected = Vec::new();
        let mut asked = 0;
        let mut ask = |queue: &mut Queue<u64>, at: u64| {
            queue.push(at, asked);
            expected.push((at, asked));
            asked += 1;
        };
        for n in 0..2_000_u64 {
            ask(&mut queue, n * n * 7_919 % 9_000_000_000);
            ask(&mut queue, (n % 3) << (STRETCH_BITS + 9));
        }
        let mut met = Vec::new();
        while let Some(event) = queue.pop(u64::MAX) {
            met.push((queue.now(), event));
            if event % 5 == 0 && event < 4_000 {
                let now = queue.now();
                ask(&mut queue, now + event * 1_234_567);
            }
        }
        expected.sort_unstable();
        assert_eq!(met, expected);
        assert_eq!(queue.next_at(), None);
    }

    #[test]
    fn the_past_is_now() {
        let mut queue = Queue::default();
        assert!(queue.pop(7).is_none());
        queue.push(3, ());
        assert_eq!(queue.next_at(), Some(7));
    }
}
