//! The machine's clocks, as core takes them.

use primacy_core::time::{Instant, Now};
use rustix::time::{ClockId, clock_gettime};

/// Counts while the machine is suspended, so that a lease cannot outlive a closed lid (`failover.md` §2.6).
#[cfg(any(target_os = "linux", target_os = "android"))]
const MONOTONIC: ClockId = ClockId::Boottime;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const MONOTONIC: ClockId = ClockId::Monotonic;

/// The monotonic clock, in nanoseconds since the machine's start. The same for all processes of one machine.
pub(crate) fn mono() -> Instant {
    let t = clock_gettime(MONOTONIC);
    let seconds = u64::try_from(t.tv_sec).unwrap_or(0);
    Instant::from_nanos(seconds * 1_000_000_000 + u64::try_from(t.tv_nsec).unwrap_or(0))
}

/// Milliseconds since 1970.
pub(crate) fn unix_ms() -> u64 {
    let t = clock_gettime(ClockId::Realtime);
    u64::try_from(t.tv_sec).unwrap_or(0) * 1000 + u64::try_from(t.tv_nsec).unwrap_or(0) / 1_000_000
}

/// Both.
pub(crate) fn now() -> Now {
    Now { mono: mono(), unix_ms: unix_ms() }
}
