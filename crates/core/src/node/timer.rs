//! The node's timers: an enum and an array.

use crate::time::Instant;

/// What a deadline is for; shown by the page ("next: lease ends in 340 ms").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The lease ends (R1).
    LeaseEnd,
    /// The next renewal is due.
    Renew,
    /// The next sign of life, or the next Join, is due.
    Heartbeat,
    /// The next unasked acknowledgement to the primary is due.
    Ack,
    /// The next PING to the replicas is due.
    Ping,
    /// A link may have been silent for too long.
    Link,
    /// The next attempt to reach the primary is due.
    Redial,
    /// The oldest blocked WAIT runs out.
    Wait,
    /// The planned failover is called off.
    Handover,
    /// The next round of active expiry is due.
    Expire,
}

/// How many timers there are.
const COUNT: usize = Timer::Expire as usize + 1;

/// In the order of the enum: the order in which timers that are due together fire.
pub(crate) const ALL: [Timer; COUNT] = [
    Timer::LeaseEnd,
    Timer::Renew,
    Timer::Heartbeat,
    Timer::Ack,
    Timer::Ping,
    Timer::Link,
    Timer::Redial,
    Timer::Wait,
    Timer::Handover,
    Timer::Expire,
];

/// What stands for a timer that is not set: later than every deadline, so that the next one is found by comparing alone.
const NEVER: Instant = Instant::from_nanos(u64::MAX);

/// One deadline per timer.
#[derive(Clone, Debug)]
pub(crate) struct Timers([Instant; COUNT]);

impl Default for Timers {
    fn default() -> Self {
        Self([NEVER; COUNT])
    }
}

impl Timers {
    pub(crate) const fn get(&self, timer: Timer) -> Option<Instant> {
        let at = self.0[timer as usize];
        if at.as_nanos() == NEVER.as_nanos() { None } else { Some(at) }
    }

    pub(crate) const fn set(&mut self, timer: Timer, at: Instant) {
        self.0[timer as usize] = at;
    }

    pub(crate) const fn stop(&mut self, timer: Timer) {
        self.0[timer as usize] = NEVER;
    }

    /// Takes the timer if it is due.
    pub(crate) fn take_due(&mut self, timer: Timer, now: Instant) -> Option<Instant> {
        let at = self.get(timer).filter(|at| *at <= now)?;
        self.stop(timer);
        Some(at)
    }

    /// The next deadline; of several at one instant the first of the enum.
    pub(crate) fn next(&self) -> Option<(Instant, Timer)> {
        let mut first = ALL[0];
        for timer in ALL {
            if self.0[timer as usize] < self.0[first as usize] {
                first = timer;
            }
        }
        Some((self.get(first)?, first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_in_the_order_of_the_enum_and_the_earliest_wins() {
        assert!(ALL.iter().enumerate().all(|(i, &t)| t as usize == i));
        let mut timers = Timers::default();
        assert_eq!(timers.next(), None);
        timers.set(Timer::Ping, Instant::from_nanos(5));
        timers.set(Timer::Renew, Instant::from_nanos(5));
        timers.set(Timer::LeaseEnd, Instant::from_nanos(9));
        assert_eq!(timers.next(), Some((Instant::from_nanos(5), Timer::Renew)));
        assert_eq!(timers.take_due(Timer::Renew, Instant::from_nanos(4)), None);
        assert!(timers.take_due(Timer::Renew, Instant::from_nanos(5)).is_some());
        assert_eq!(timers.next(), Some((Instant::from_nanos(5), Timer::Ping)));
    }
}
