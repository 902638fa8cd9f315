//! The steps of the model, named as the protocol names them.

/// One atomic step. Nodes are 0..3, coordinators 0..2; delivery of a message is a step of its own, so that every
/// message can arrive at any later time, in any order, or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// All clocks move by one tick.
    Tick,
    /// All clocks but that of `node` move: its clock has lost a tick.
    SlowTick {
        /// The primary whose clock is slow.
        node: u8,
    },
    /// A primary sends a renewal (R1).
    Renew {
        /// The primary.
        node: u8,
    },
    /// The store handles a renewal: CAS on Stable(epoch, node, incarnation).
    RenewStored {
        /// The sender.
        node: u8,
    },
    /// The store's "ok" arrives and the lease runs (R1).
    Renewed {
        /// The primary.
        node: u8,
    },
    /// A primary gives up its lease for a planned failover (R13).
    Release {
        /// The primary.
        node: u8,
    },
    /// The store handles the release.
    ReleaseStored {
        /// The sender.
        node: u8,
    },
    /// A coordinator reads the lease register and starts its observation again.
    Observe {
        /// The coordinator.
        coordinator: u8,
    },
    /// A coordinator opens an election: CAS Stable(e) to Electing(e+1) (R3).
    Suspect {
        /// The coordinator.
        coordinator: u8,
    },
    /// A member handles Freeze: it promises and sends its Report (R4), in one step as in §2.2.
    Freeze {
        /// The member.
        node: u8,
    },
    /// A coordinator commits the winner among the reports that reached it (R6). Any subset of the reports sent
    /// may have arrived, which stands for every order and loss of `Report` messages.
    Commit {
        /// Set of the reporters, one bit per node.
        reports: u8,
        /// The winner.
        winner: u8,
    },
    /// The winner handles Promote: epoch record, role, no lease (R5, R9).
    Promote {
        /// The winner.
        node: u8,
    },
    /// A primary learns of a higher epoch (R17).
    StepDown {
        /// The old primary.
        node: u8,
    },
    /// A replica attaches: it continues, or swaps to the primary's data if its own diverge (R11, R18).
    Attach {
        /// The replica.
        replica: u8,
        /// The primary.
        primary: u8,
    },
    /// A replica applies the next record.
    Records {
        /// The replica.
        replica: u8,
    },
    /// A replica sends an ack of its position.
    SendAck {
        /// The replica.
        replica: u8,
    },
    /// The primary handles an ack (R7).
    Ack {
        /// The sender.
        replica: u8,
    },
    /// A client's write is applied and acknowledged under the lease (R2).
    Write {
        /// The primary.
        node: u8,
    },
    /// WAIT 1 is answered for a write (R2, R8).
    AnswerWait {
        /// The primary.
        node: u8,
        /// The write, 0..=4.
        write: u8,
    },
    /// The primary marks a caught-up replica as synced with its incarnation (R9, R12).
    MarkSynced {
        /// The replica.
        replica: u8,
    },
    /// A process dies with its memory; the new incarnation boots. One that stays down is one that never joins.
    Crash {
        /// The node.
        node: u8,
    },
    /// A restarted node learns the current epoch (R10).
    Join {
        /// The node.
        node: u8,
    },
    /// A restarted node takes up its role again; only [`crate::Mutant::M12`] does that.
    ResumeRole {
        /// The node.
        node: u8,
    },
    /// A coordinator restarts and observes from zero (R3).
    RestartCoordinator {
        /// The coordinator.
        coordinator: u8,
    },
    /// A primary starts a failsafe round (R14).
    FailsafeAsk {
        /// The primary.
        node: u8,
    },
    /// A member grants the primary's round (R14).
    FailsafeGrant {
        /// The member.
        member: u8,
        /// The primary.
        primary: u8,
    },
    /// All grants of the round have arrived and the primary serves on them (R14).
    FailsafeServe {
        /// The primary.
        node: u8,
    },
    /// A node becomes a member of the group.
    AddMember {
        /// The node.
        node: u8,
    },
    /// The primary learns the member list.
    LearnMembers {
        /// The primary.
        node: u8,
    },
}

impl Action {
    /// The number of [`Action::kind`] values.
    pub const KINDS: usize = 29;

    /// A small number per variant, for the weights of swarm walks.
    #[must_use]
    pub const fn kind(self) -> usize {
        match self {
            Self::Tick => 0,
            Self::SlowTick { .. } => 1,
            Self::Renew { .. } => 2,
            Self::RenewStored { .. } => 3,
            Self::Renewed { .. } => 4,
            Self::Release { .. } => 5,
            Self::ReleaseStored { .. } => 6,
            Self::Observe { .. } => 7,
            Self::Suspect { .. } => 8,
            Self::Freeze { .. } => 9,
            Self::Commit { .. } => 10,
            Self::Promote { .. } => 11,
            Self::StepDown { .. } => 12,
            Self::Attach { .. } => 13,
            Self::Records { .. } => 14,
            Self::SendAck { .. } => 15,
            Self::Ack { .. } => 16,
            Self::Write { .. } => 17,
            Self::AnswerWait { .. } => 18,
            Self::MarkSynced { .. } => 19,
            Self::Crash { .. } => 20,
            Self::Join { .. } => 21,
            Self::ResumeRole { .. } => 22,
            Self::RestartCoordinator { .. } => 23,
            Self::FailsafeAsk { .. } => 24,
            Self::FailsafeGrant { .. } => 25,
            Self::FailsafeServe { .. } => 26,
            Self::AddMember { .. } => 27,
            Self::LearnMembers { .. } => 28,
        }
    }
}
