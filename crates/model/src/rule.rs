//! The names of the rules and invariants of `failover.md` §2.4 and §3, and the two ways a step can go wrong.

use core::fmt;
use std::borrow::Cow;

/// A protocol rule of `failover.md` §2.4, or [`Rule::Shape`] for a step that no rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The step makes no sense in this state at all: no such message in flight, wrong role, budget spent.
    Shape,
    /// Lease counted from the send time of the renewal; leases are pulled, never pushed.
    R1,
    /// Acks, WAIT answers and strong reads only under a valid lease.
    R2,
    /// Take-over is one CAS on shard and lease revision after W of own observation; one commit per epoch.
    R3,
    /// A report is a promise: no record and no ack below it afterwards.
    R4,
    /// The epoch of a position is that of the last applied record; a new primary writes an epoch record first.
    R5,
    /// Winner is the maximum of (epoch, offset).
    R6,
    /// An ack counts only with the current epoch, incarnation and connection.
    R7,
    /// An ack counts for WAIT only if it covers the current primary's epoch record.
    R8,
    /// Role, lease, promotion and synced marks belong to one incarnation.
    R9,
    /// A restarted node resumes no role and joins before it follows or grants.
    R10,
    /// Attach only to a primary whose epoch is at least the promise.
    R11,
    /// Strict(k): N-k reports of members synced with the reporting incarnation.
    R12,
    /// Giving up the lease cancels renewals in flight; resuming needs a new one.
    R13,
    /// Failsafe needs running grants of all members; a member with a running grant refuses Freeze.
    R14,
    /// A member is electable once the primary has confirmed a list with it.
    R15,
    /// A restarted node stays out of elections and grants for L.
    R16,
    /// Whoever learns of a higher epoch steps down; a "no" of the store is final.
    R17,
    /// A full sync keeps the old data until it swaps.
    R18,
    /// An empty winner is refused while the group had data, until every member has reported.
    R19,
    /// The endpoint moves only after the new primary holds its lease.
    R20,
}

/// An invariant of `failover.md` §3 that the oracle of §2.14 checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Invariant {
    /// At most one node serves.
    I1,
    /// No lease runs below a committed epoch (the part of I2/I4 that a small model can see).
    I4,
    /// A replica's log is a prefix of its primary's.
    I5,
    /// A WAITed write with a holder among the reporters is in the winner.
    I6,
    /// Strict: a WAITed write is in every winner, no excuse.
    I6s,
    /// Log matching: same (epoch, offset), same history.
    I9,
}

/// Why a step is not allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The rule that forbids it.
    pub rule: Rule,
    /// The reason in words, for a log line.
    pub why: Cow<'static, str>,
}

impl Refusal {
    /// A refusal with a fixed text.
    #[must_use]
    pub const fn new(rule: Rule, why: &'static str) -> Self {
        Self { rule, why: Cow::Borrowed(why) }
    }

    /// A refusal with a text made for this case.
    #[must_use]
    pub const fn with(rule: Rule, why: String) -> Self {
        Self { rule, why: Cow::Owned(why) }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.rule, self.why)
    }
}

impl core::error::Error for Refusal {}

/// Refuses with `rule` unless `ok`.
pub(crate) const fn need(ok: bool, rule: Rule, why: &'static str) -> Result<(), Refusal> {
    if ok { Ok(()) } else { Err(Refusal::new(rule, why)) }
}
