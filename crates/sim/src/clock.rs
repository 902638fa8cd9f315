//! A host's clocks: monotonic time with a rate error, wall time with jumps.

use primacy_core::time::{Instant, Now};

/// Wall time at the beginning of every run: 2026-01-01T00:00:00Z, milliseconds since 1970.
pub const BEGINNING_MS: u64 = 1_767_225_600_000;
const MILLION: i128 = 1_000_000;

/// Maps global simulated time to one host's clocks. Piecewise linear, never backwards.
#[derive(Clone, Debug)]
pub struct Clock {
    /// Global and local nanoseconds at the last change of rate.
    since: (u64, u64),
    /// Rate error in parts per million.
    ppm: i32,
    /// The monotonic clock stands still, whatever its rate.
    stopped: bool,
    /// Wall clock's error in milliseconds.
    wall_ms: i64,
}

impl Clock {
    /// A true clock whose monotonic epoch lies `offset` nanoseconds before the run's beginning.
    pub const fn new(offset: u64) -> Self {
        Self { since: (0, offset), ppm: 0, stopped: false, wall_ms: 0 }
    }

    /// Both clocks at global time `t`.
    pub fn now(&self, t: u64) -> Now {
        let unix_ms = (BEGINNING_MS + t / 1_000_000).saturating_add_signed(self.wall_ms);
        Now { mono: Instant::from_nanos(self.local(t)), unix_ms }
    }

    /// From `t` on the clock runs `ppm` parts per million too fast (or too slow, when negative).
    pub fn set_rate(&mut self, t: u64, ppm: i32) {
        self.since = (t, self.local(t));
        self.ppm = ppm;
    }

    /// From `t` on the monotonic clock stands still.
    pub fn stop(&mut self, t: u64) {
        self.since = (t, self.local(t));
        self.stopped = true;
    }

    /// From `t` on it runs again, at its rate.
    pub fn start(&mut self, t: u64) {
        self.since = (t, self.local(t));
        self.stopped = false;
    }

    /// Whether the monotonic clock stands still.
    pub const fn stands_still(&self) -> bool {
        self.stopped
    }

    /// From `t` on the monotonic clock is `ns` further.
    pub fn jump(&mut self, t: u64, ns: u64) {
        self.since = (t, self.local(t) + ns);
    }

    /// Moves the wall clock.
    pub fn jump_wall(&mut self, ms: i64) {
        self.wall_ms += ms;
    }

    /// The first global time at which the monotonic clock shows `local` or later.
    pub fn global(&self, local: Instant) -> u64 {
        let ahead = i128::from(local.as_nanos()) - i128::from(self.since.1);
        if ahead <= 0 {
            return self.since.0;
        }
        if self.stands_still() {
            return u64::MAX;
        }
        // Nearly every clock is true, and is asked several times an event: the division costs more than all the rest.
        if self.ppm == 0 {
            return self.since.0.saturating_add(u64::try_from(ahead).unwrap_or(u64::MAX));
        }
        let rate = MILLION + i128::from(self.ppm);
        let global = (ahead * MILLION + rate - 1) / rate;
        self.since.0.saturating_add(u64::try_from(global).unwrap_or(u64::MAX))
    }

    fn local(&self, t: u64) -> u64 {
        let gone = if self.stopped { 0 } else { t.saturating_sub(self.since.0) };
        if self.ppm == 0 {
            return self.since.1 + gone;
        }
        let gone = i128::from(gone);
        let local = gone + gone * i128::from(self.ppm) / MILLION;
        self.since.1 + u64::try_from(local).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_stands_still_shows_no_later_time() {
        let mut clock = Clock::new(0);
        clock.stop(5_000_000);
        assert_eq!(clock.now(9_000_000).mono.as_nanos(), 5_000_000);
        assert_eq!(clock.now(9_000_000).unix_ms - clock.now(5_000_000).unix_ms, 4);
        assert_eq!(clock.global(Instant::from_nanos(5_000_001)), u64::MAX);
        clock.set_rate(8_000_000, 5_000);
        assert!(clock.stands_still(), "a fault of its rate does not set it going");
        clock.set_rate(8_500_000, 0);
        clock.start(9_000_000);
        assert_eq!(clock.now(9_000_007).mono.as_nanos(), 5_000_007);
    }

    #[test]
    fn global_is_the_first_moment_that_shows_a_local_time() {
        for ppm in [-10_000, -3, 0, 7, 10_000] {
            let mut clock = Clock::new(12_345);
            clock.set_rate(1_000_003, ppm);
            for local in [1_100_000u64, 5_000_001, 77_777_777] {
                let t = clock.global(Instant::from_nanos(local));
                assert!(clock.now(t).mono.as_nanos() >= local, "{ppm} {local}");
                assert!(clock.now(t - 2).mono.as_nanos() < local, "{ppm} {local}");
            }
        }
    }
}
