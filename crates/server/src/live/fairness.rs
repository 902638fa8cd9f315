//! No page may keep the coordinator from its work: so many questions a second and no more.

use std::time::Duration;

use tokio::time::Instant;

/// Questions a second; a page that plays asks for ten.
const A_SECOND: u32 = 200;

/// Counts one connection's questions.
#[derive(Debug)]
pub(super) struct Fairness {
    since: Instant,
    asked: u32,
}

impl Fairness {
    pub(super) fn new(now: Instant) -> Self {
        Self { since: now, asked: 0 }
    }

    /// One more; false: that was too many.
    pub(super) fn allows(&mut self, now: Instant) -> bool {
        if now.duration_since(self.since) >= Duration::from_secs(1) {
            *self = Self::new(now);
        }
        self.asked += 1;
        self.asked <= A_SECOND
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_room_for_so_many_and_the_next_one_for_as_many_again() {
        let start = Instant::now();
        let mut fairness = Fairness::new(start);
        assert!((0..A_SECOND).all(|_| fairness.allows(start)));
        assert!(!fairness.allows(start));
        assert!(fairness.allows(start + Duration::from_secs(1)));
    }
}
