//! What a search may do: sizes, budgets, modes, and at most one rule taken out.

/// The design with one rule removed, by the names of the mutant table in `failover.md` §2.14.
///
/// `M1s` and `M13s` are `M1` and `M13` under [`Config::strict_clockless`]; `G3` is `M8` with two coordinators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mutant {
    /// R4: a report is no promise.
    M1,
    /// R4 with the election opened before the lease has ended (the commit still waits for it).
    M1e,
    /// R6: the offset alone decides.
    M2,
    /// R5: the epoch of a position is taken over at the handshake.
    M3,
    /// R7: acks carry no epoch.
    M4,
    /// R8: an ack counts for WAIT before it covers the current epoch record.
    M5,
    /// R1: lease counted from the receipt of the store's answer.
    M6,
    /// R1: the promotion carries a lease.
    M7,
    /// R3: take-over does not compare the lease revision.
    M8,
    /// R3: no wait before the take-over.
    M9,
    /// R3: a restarted coordinator takes the lease for expired at once.
    M10,
    /// R9: no incarnation is compared.
    M11,
    /// R10: a restarted primary resumes its role.
    M12,
    /// R10: a restarted node follows without Join.
    M13,
    /// R13: a renewal in flight survives the release.
    M14,
    /// R12: strict elections count members that have lost their memory.
    M15,
    /// R3: the margin is zero although a clock may lose time.
    M16,
    /// R15: a member is electable before the primary has confirmed it.
    M17,
    /// R14: a majority of grants is enough.
    M18,
    /// R14: a member with a running grant lets itself be frozen.
    M19,
    /// R16: a restarted node votes and grants at once.
    M20,
    /// R2: WAIT is answered without a lease.
    M21,
    /// R11: attach to a primary below the promise.
    M22,
    /// R12: strict elections need one report less.
    M23,
    /// R14, not in the table: a grant runs for L without the margin, so a slow primary outlives it.
    N1,
    /// R13, not in the table: a primary resumes before it knows whether its release was stored.
    N2,
    /// R13, not in the table: a release keeps the failsafe round.
    N3,
}

/// Bounds and modes of one search. Times are in ticks; a tick is the model's only unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Name as in the tables of §2.14.
    pub name: &'static str,
    /// Highest epoch that may be proposed, 1..=7.
    pub epochs: u8,
    /// Client writes, 0..=5.
    pub writes: u8,
    /// Crashes that lose a node's memory, 0..=3.
    pub crashes: u8,
    /// Coordinator restarts, 0..=3.
    pub coordinator_restarts: u8,
    /// Lease releases for planned failovers (R13), 0..=3.
    pub handovers: u8,
    /// Ticks that a primary's clock may lose, 0..=3.
    pub clock_loss: u8,
    /// Margin added to L before a take-over (R3) and in grants, in ticks, 0..=2.
    pub margin: u8,
    /// Coordinators running at once, 1..=2.
    pub coordinators: u8,
    /// Whether a primary may serve on grants without the store (R14..R16).
    pub failsafe: bool,
    /// Strict(1) elections (R12), checked by I6s.
    pub strict: bool,
    /// Clocks and leases do not exist: suspicion at any time, service without a lease. Only with `strict`.
    pub clockless: bool,
    /// WAIT is answered without a lease (allowed in strict mode only).
    pub wait_without_lease: bool,
    /// Node 2 is no member at first and may be added (R15).
    pub late_member: bool,
    /// The rule taken out, if any.
    pub mutant: Option<Mutant>,
}

/// The lease length L in ticks: one is enough for every counterexample of the table and keeps the space small.
pub const LEASE: u8 = 1;

impl Config {
    /// F1: one write, nothing but time and elections.
    #[must_use]
    pub const fn f1() -> Self {
        Self {
            name: "F1",
            epochs: 3,
            writes: 1,
            crashes: 0,
            coordinator_restarts: 0,
            handovers: 0,
            clock_loss: 0,
            margin: 0,
            coordinators: 1,
            failsafe: false,
            strict: false,
            clockless: false,
            wait_without_lease: false,
            late_member: false,
            mutant: None,
        }
    }

    /// F2: F1 with one crash that loses memory.
    #[must_use]
    pub const fn f2() -> Self {
        Self { name: "F2", crashes: 1, ..Self::f1() }
    }

    /// F3: F1 with a coordinator restart and a handover.
    #[must_use]
    pub const fn f3() -> Self {
        Self { name: "F3", coordinator_restarts: 1, handovers: 1, ..Self::f1() }
    }

    /// F4: strict with one crash, WAIT without a lease.
    #[must_use]
    pub const fn f4() -> Self {
        Self { name: "F4", crashes: 1, strict: true, wait_without_lease: true, ..Self::f1() }
    }

    /// F5: failsafe grants, no writes, a coordinator restart.
    #[must_use]
    pub const fn f5() -> Self {
        Self { name: "F5", writes: 0, coordinator_restarts: 1, failsafe: true, ..Self::f1() }
    }

    /// F6: failsafe with one crash.
    #[must_use]
    pub const fn f6() -> Self {
        Self { name: "F6", crashes: 1, coordinator_restarts: 0, ..Self::f5() }
    }

    /// F6m: failsafe with a member that joins late (R15).
    #[must_use]
    pub const fn f6m() -> Self {
        Self { name: "F6m", late_member: true, coordinator_restarts: 0, ..Self::f5() }
    }

    /// F6d: failsafe while the primary's clock loses the margin: grants must run as long as a take-over waits.
    #[must_use]
    pub const fn f6d() -> Self {
        Self { name: "F6d", clock_loss: 1, margin: 1, coordinator_restarts: 0, ..Self::f5() }
    }

    /// F6h: failsafe and a handover: a release must cancel the round as it cancels renewals (R13).
    #[must_use]
    pub const fn f6h() -> Self {
        Self { name: "F6h", handovers: 1, coordinator_restarts: 0, ..Self::f5() }
    }

    /// F7: the primary's clock loses one tick, the margin is one tick.
    #[must_use]
    pub const fn f7() -> Self {
        Self { name: "F7", clock_loss: 1, margin: 1, ..Self::f1() }
    }

    /// F8: two writes.
    #[must_use]
    pub const fn f8() -> Self {
        Self { name: "F8", writes: 2, ..Self::f1() }
    }

    /// F9: strict, clocks lose two ticks with no margin, WAIT without a lease; only I6s, I5 and I9 are checked.
    #[must_use]
    pub const fn f9() -> Self {
        Self { name: "F9", clock_loss: 2, strict: true, wait_without_lease: true, ..Self::f1() }
    }

    /// S1: strict without any clock, one crash: stronger than F4 and F9 in what the adversary may do with time.
    #[must_use]
    pub const fn strict_clockless() -> Self {
        Self { name: "S1", crashes: 1, strict: true, clockless: true, wait_without_lease: true, ..Self::f1() }
    }

    /// G1: two coordinators at once.
    #[must_use]
    pub const fn g1() -> Self {
        Self { name: "G1", coordinators: 2, ..Self::f1() }
    }

    /// G2: two coordinators, one of which restarts, no writes.
    #[must_use]
    pub const fn g2() -> Self {
        Self { name: "G2", writes: 0, coordinator_restarts: 1, ..Self::g1() }
    }

    /// G4: two coordinators and a handover, no writes.
    #[must_use]
    pub const fn g4() -> Self {
        Self { name: "G4", writes: 0, handovers: 1, ..Self::g1() }
    }

    /// W1: the wide bounds for random walks, far beyond what can be exhausted.
    #[must_use]
    pub const fn walk() -> Self {
        Self {
            name: "W1",
            epochs: 7,
            writes: 5,
            crashes: 2,
            coordinator_restarts: 2,
            handovers: 1,
            ..Self::f1()
        }
    }

    /// All named configurations, for a driver that takes a name.
    #[must_use]
    pub const fn all() -> [Self; 16] {
        [
            Self::f1(),
            Self::f2(),
            Self::f3(),
            Self::f4(),
            Self::f5(),
            Self::f6(),
            Self::f6m(),
            Self::f6d(),
            Self::f6h(),
            Self::f7(),
            Self::f8(),
            Self::f9(),
            Self::strict_clockless(),
            Self::g1(),
            Self::g2(),
            Self::g4(),
        ]
    }

    /// The same bounds with one rule taken out.
    #[must_use]
    pub const fn without(self, mutant: Mutant) -> Self {
        Self { mutant: Some(mutant), ..self }
    }

    /// Whether `mutant` is the rule taken out.
    #[must_use]
    pub fn is(&self, mutant: Mutant) -> bool {
        self.mutant == Some(mutant)
    }

    /// W of R3 in ticks: how long a lease revision must stand still before a take-over.
    #[must_use]
    pub fn takeover_wait(&self) -> u8 {
        if self.is(Mutant::M16) { LEASE } else { LEASE + self.margin }
    }

    /// Whether reports bind their sender (R4).
    pub(crate) fn promises(&self) -> bool {
        !self.is(Mutant::M1) && !self.is(Mutant::M1e)
    }

    /// Whether two serving nodes are a violation here: strict mode claims nothing about leases of bad clocks.
    pub(crate) const fn checks_leases(&self) -> bool {
        !self.clockless && self.clock_loss <= self.margin
    }
}
