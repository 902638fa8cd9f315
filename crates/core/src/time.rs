//! Time as the driver passes it in. The core never asks for it.

use core::ops::{Add, Sub};
use core::time::Duration;

use serde::{Deserialize, Serialize};

/// Nanoseconds since an epoch of the driver's own choosing; monotonic, and never compared between two
/// machines (R1: a deadline lives on the clock of the node that asked).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Instant(u64);

impl Instant {
    /// The driver's epoch.
    pub const ZERO: Self = Self(0);

    /// The instant `ns` nanoseconds after the driver's epoch.
    pub const fn from_nanos(ns: u64) -> Self {
        Self(ns)
    }

    /// Nanoseconds since the driver's epoch.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Time since `earlier`, zero if that lies in the future.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, d: Duration) -> Self {
        Self(self.0.saturating_add(nanos(d)))
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;

    fn sub(self, d: Duration) -> Self {
        Self(self.0.saturating_sub(nanos(d)))
    }
}

/// Nanoseconds, as many as there can be. Nearly always they fit, and a browser has no multiplication of 128 bits.
#[inline(never)]
fn nanos(d: Duration) -> u64 {
    if d.as_secs() >> 33 == 0 {
        return d.as_secs() * 1_000_000_000 + u64::from(d.subsec_nanos());
    }
    u64::try_from(d.as_nanos()).unwrap_or(u64::MAX)
}

/// Both clocks, read once per batch of work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Monotonic time: leases, timers, lag.
    pub mono: Instant,
    /// Wall clock in milliseconds since 1970: key expiry and event stamps. In decisions of safety it can only take trust in
    /// the monotonic clock away.
    pub unix_ms: u64,
}

impl Now {
    /// Wall minus monotonic time in milliseconds: it changes when one of the two jumps or stands still.
    pub(crate) fn skew_ms(self) -> i64 {
        let mono_ms = i64::try_from(self.mono.as_nanos() / 1_000_000).unwrap_or(i64::MAX);
        i64::try_from(self.unix_ms).unwrap_or(i64::MAX).saturating_sub(mono_ms)
    }
}

/// Every duration of the failover protocol. Profiles are starting points; each field can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// L: how long a primary may serve after the send time of its last successful renewal (R1).
    pub lease: Duration,
    /// Added to L before a take-over (R3): at least 2 % of L for clock rates plus 100 ms of scheduling.
    pub margin: Duration,
    /// How often a primary renews; L / 4.
    pub renew_every: Duration,
    /// How often every node tells the coordinator its role and position.
    pub heartbeat_every: Duration,
    /// How long a replica or a primary may be silent before it is reported as failed; only the lease decides
    /// about a take-over.
    pub silent_after: Duration,
    /// T_collect: how long an election waits for reports after the first one.
    pub collect: Duration,
    /// T_straggler: how long it waits for a silent member that was seen further ahead.
    pub straggler: Duration,
    /// How long after a process has ended its replacement is started.
    pub replace_after: Duration,
    /// How long a process that is silent but may be alive is left alone before it is ended and replaced: until then
    /// it may wake up and return as a replica of the same life.
    pub hung_after: Duration,
    /// How long a group with history waits for its members before an empty start is allowed (R19).
    pub genesis_wait: Duration,
    /// How long a planned failover may pause writes before it is called off.
    pub handover_limit: Duration,
    /// How often a replica acknowledges without being asked.
    pub ack_every: Duration,
    /// How often an idle primary sends PING to its replicas.
    pub ping_every: Duration,
    /// Replication link with no byte for this long is cut, on either side.
    pub link_timeout: Duration,
    /// TTL of every endpoint record, in seconds.
    pub dns_ttl: u32,
}

impl Timing {
    /// Clocks that have moved apart by more milliseconds than this prove nothing any more: the margin no longer covers it.
    pub(crate) fn jump_ms(&self) -> u64 {
        u64::try_from((self.lease / 4).min(self.margin).as_millis()).unwrap_or(u64::MAX)
    }

    /// One machine or one network: sub-second detection, TTL 1 s.
    pub const LAN: Self = Self {
        lease: Duration::from_millis(1000),
        margin: Duration::from_millis(150),
        renew_every: Duration::from_millis(250),
        heartbeat_every: Duration::from_millis(100),
        silent_after: Duration::from_millis(700),
        collect: Duration::from_millis(150),
        straggler: Duration::from_millis(1000),
        replace_after: Duration::from_millis(500),
        hung_after: Duration::from_secs(30),
        genesis_wait: Duration::from_secs(600),
        handover_limit: Duration::from_millis(1000),
        ack_every: Duration::from_millis(200),
        ping_every: Duration::from_secs(1),
        link_timeout: Duration::from_secs(3),
        dns_ttl: 1,
    };

    /// The page: slow enough to watch, TTL 5 s.
    pub const DEMO: Self = Self {
        lease: Duration::from_secs(4),
        margin: Duration::from_millis(300),
        renew_every: Duration::from_secs(1),
        heartbeat_every: Duration::from_millis(250),
        silent_after: Duration::from_secs(2),
        collect: Duration::from_millis(300),
        straggler: Duration::from_secs(2),
        replace_after: Duration::from_secs(10),
        hung_after: Duration::from_secs(60),
        genesis_wait: Duration::from_secs(600),
        handover_limit: Duration::from_secs(1),
        ack_every: Duration::from_millis(250),
        ping_every: Duration::from_secs(1),
        link_timeout: Duration::from_secs(10),
        dns_ttl: 5,
    };

    /// What the seed describes: the whole process takes two to three minutes, TTL 15 s.
    pub const AWS: Self = Self {
        lease: Duration::from_secs(30),
        margin: Duration::from_secs(1),
        renew_every: Duration::from_millis(7500),
        heartbeat_every: Duration::from_secs(1),
        silent_after: Duration::from_secs(15),
        collect: Duration::from_secs(2),
        straggler: Duration::from_secs(10),
        replace_after: Duration::from_secs(90),
        hung_after: Duration::from_secs(120),
        genesis_wait: Duration::from_secs(600),
        handover_limit: Duration::from_secs(1),
        ack_every: Duration::from_secs(1),
        ping_every: Duration::from_secs(10),
        link_timeout: Duration::from_secs(60),
        dns_ttl: 15,
    };
}
