//! What a run has reached: sometimes-assertions (`failover.md` §3, end), counted over a batch of runs, so that
//! a generator that has become too tame fails.

use primacy_core::map::Map;

/// Every kind of fault that a batch must have met, and the shades of some: the rows of `failover.md` §4.1.
const FAULTS: [&str; 53] = [
    "crash",
    "crash that nobody sees",
    "storm",
    "pause",
    "freeze",
    "slow",
    "slow a hundredfold or more",
    "drift",
    "coordinator-drift",
    "clock rate beyond the assumption",
    "wall-jump",
    "mono-jump",
    "coordinator-jump",
    "cut",
    "cut one way",
    "cut of a pair",
    "cut of a member from the coordinator",
    "cut of the replicas",
    "cut of the primary from the replicas",
    "cut of one from all",
    "cut of a zone",
    "flap",
    "flap of 60 ms or less",
    "delay",
    "jitter",
    "loss",
    "narrow",
    "doubled",
    "reset",
    "half-open",
    "corrupt",
    "forge",
    "zone-loss",
    "coordinator-down",
    "coordinator-pause",
    "coordinator-stall",
    "second-coordinator",
    "store-silent",
    "store-unknown",
    "store-cut",
    "dns-stale",
    "dns-fail",
    "dns-delay",
    "memory",
    "flood",
    "deaf-client",
    "cut-pipeline",
    "operator: TestFailover",
    "operator: planned failover",
    "operator: reboot",
    "operator: automatic failover on or off",
    "operator: more or fewer replicas",
    "operator: a replica removed",
];

/// Counters of one run, added up over a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub(crate) faults: Map<&'static str, u64>,
    pub(crate) frames_refused: u64,
    pub(crate) acks_withheld: u64,
    pub(crate) coordinator_crashes: u64,
    /// One bit per `Moment`.
    pub(crate) crash_moments: u64,
    pub(crate) forgeries: u64,
    pub(crate) elections: u64,
    pub(crate) old_primary_won: u64,
    pub(crate) diverged_old_primary: u64,
    pub(crate) election_without_write: u64,
    pub(crate) full_sync_interrupted: u64,
    pub(crate) wait_unblocked: u64,
    pub(crate) failsafe_entered: u64,
    pub(crate) failsafe_left: u64,
    pub(crate) straggler_won: u64,
    pub(crate) loss_exact: u64,
    pub(crate) loss_none: u64,
    pub(crate) loss_inexact: u64,
    pub(crate) lost_acks: u64,
    pub(crate) feed_output_limit: u64,
    pub(crate) backlog_overrun: u64,
    pub(crate) genesis_again: u64,
    pub(crate) genesis_waits: u64,
    pub(crate) planned_done: u64,
    pub(crate) planned_aborted: u64,
    pub(crate) full_syncs: u64,
    pub(crate) partial_syncs: u64,
    pub(crate) stale_reads: u64,
    pub(crate) waits_met: u64,
    pub(crate) acks: u64,
    pub(crate) kept: u64,
    pub(crate) told_lost: u64,
    pub(crate) stalled_elections: u64,
    pub(crate) second_coordinators: u64,
    /// Changes of the shard's register that each of two coordinators at once made, while the other ran.
    pub(crate) rival_changes: u64,
    pub(crate) rival_refused: u64,
    /// Times that a member left one of two coordinators for its silence.
    pub(crate) coordinators_left: u64,
    /// One bit per `Moment`.
    pub(crate) stall_moments: u64,
    pub(crate) pipelines_cut: u64,
    pub(crate) floods: u64,
    /// Connections that a node closed under a client that sent without reading.
    pub(crate) flood_cut: u64,
    /// Commands refused for want of memory.
    pub(crate) oom: u64,
    pub(crate) names_failed: u64,
    /// Answers of the name server that were not what it should have said.
    pub(crate) names_stale: u64,
    /// A client that never asks again met a node that is no primary.
    pub(crate) kept_too_long: u64,
    /// Requests of an operator that came while no primary served, by what came of them.
    pub(crate) asked_amid: u64,
    pub(crate) refused_amid: u64,
    pub(crate) unknown_applied: u64,
    pub(crate) unknown_lost: u64,
}

impl Tally {
    pub(crate) fn fault(&mut self, name: &'static str) {
        *self.faults.entry(name).or_default() += 1;
    }

    /// Adds another run's counters.
    pub fn add(&mut self, other: &Self) {
        for (name, n) in &other.faults {
            *self.faults.entry(name).or_default() += n;
        }
        self.crash_moments |= other.crash_moments;
        self.stall_moments |= other.stall_moments;
        let mut theirs = other.clone();
        for (mine, theirs) in self.counters().into_iter().zip(theirs.counters()) {
            *mine.1 += *theirs.1;
        }
    }

    /// Every counter by name, in a fixed order.
    fn counters(&mut self) -> Vec<(&'static str, &mut u64)> {
        vec![
            ("frames refused", &mut self.frames_refused),
            ("acks withheld at the socket (R2)", &mut self.acks_withheld),
            ("coordinator crashes", &mut self.coordinator_crashes),
            ("forged messages", &mut self.forgeries),
            ("elections won", &mut self.elections),
            ("the old primary won", &mut self.old_primary_won),
            ("a divergent old primary came back", &mut self.diverged_old_primary),
            ("two elections without a write between", &mut self.election_without_write),
            ("full sync interrupted by a failover", &mut self.full_sync_interrupted),
            ("WAIT blocked across an epoch change", &mut self.wait_unblocked),
            ("failsafe entered", &mut self.failsafe_entered),
            ("failsafe left", &mut self.failsafe_left),
            ("straggler wait that paid", &mut self.straggler_won),
            ("loss report exact and above 0", &mut self.loss_exact),
            ("loss report of nothing", &mut self.loss_none),
            ("loss report inexact", &mut self.loss_inexact),
            ("acknowledged writes lost", &mut self.lost_acks),
            ("replica dropped by the output limit", &mut self.feed_output_limit),
            ("backlog overrun", &mut self.backlog_overrun),
            ("start from nothing again", &mut self.genesis_again),
            ("genesis refused for a while", &mut self.genesis_waits),
            ("planned failover done", &mut self.planned_done),
            ("planned failover called off", &mut self.planned_aborted),
            ("full syncs", &mut self.full_syncs),
            ("partial syncs", &mut self.partial_syncs),
            ("stale reads", &mut self.stale_reads),
            ("WAIT met", &mut self.waits_met),
            ("acknowledged writes", &mut self.acks),
            ("PRIMACY WAIT kept", &mut self.kept),
            ("PRIMACY WAIT lost", &mut self.told_lost),
            ("elections begun again", &mut self.stalled_elections),
            ("second coordinators", &mut self.second_coordinators),
            ("changes of the shard by one of two coordinators", &mut self.rival_changes),
            ("changes of the shard that one of two lost to the other", &mut self.rival_refused),
            ("silent coordinators left by a member", &mut self.coordinators_left),
            ("pipelines cut in the middle", &mut self.pipelines_cut),
            ("floods of commands", &mut self.floods),
            ("flooding clients cut at the output limit", &mut self.flood_cut),
            ("commands refused for want of memory", &mut self.oom),
            ("names that could not be had", &mut self.names_failed),
            ("old answers of the name server", &mut self.names_stale),
            ("addresses kept for too long", &mut self.kept_too_long),
            ("requests taken in the middle of a failover", &mut self.asked_amid),
            ("requests refused in the middle of a failover", &mut self.refused_amid),
            ("unknown outcomes that were applied", &mut self.unknown_applied),
            ("unknown outcomes that were not", &mut self.unknown_lost),
        ]
    }

    /// Lines for a person: count and name.
    pub fn lines(&self) -> Vec<String> {
        let mut copy = self.clone();
        let mut lines: Vec<_> =
            copy.counters().into_iter().map(|(name, n)| format!("{n:>9}  {name}")).collect();
        lines.push(format!(
            "{:>9}  coordinator's moments of death (of 4)",
            (self.crash_moments >> 1).count_ones()
        ));
        lines.push(format!(
            "{:>9}  coordinator's moments of standing still (of 4)",
            (self.stall_moments >> 1).count_ones()
        ));
        lines.extend(self.faults.iter().map(|(name, n)| format!("{n:>9}  fault: {name}")));
        lines
    }

    /// The sometimes-assertions that a large batch must reach, and did not.
    pub fn missing(&self) -> Vec<&'static str> {
        let must = [
            (self.old_primary_won, "election with the old primary winning"),
            (self.diverged_old_primary, "election with a divergent old primary"),
            (self.election_without_write, "two elections in a row without a write"),
            (self.full_sync_interrupted, "full sync interrupted by a failover"),
            (self.wait_unblocked, "WAIT blocked across an epoch change"),
            (self.failsafe_entered, "failsafe entered"),
            (self.failsafe_left, "failsafe left"),
            (self.straggler_won, "straggler wait that paid"),
            (self.loss_exact, "loss report exact and above 0"),
            (u64::from((self.crash_moments >> 1).count_ones() == 4), "coordinator crash in each phase"),
            (self.feed_output_limit, "replica dropped by output-buffer limit"),
            (self.backlog_overrun, "backlog overrun"),
            (self.genesis_waits, "genesis refused"),
            (self.acks_withheld, "acknowledgement withheld at the socket"),
            (self.planned_done, "planned failover done"),
            (self.planned_aborted, "planned failover called off"),
            (self.rival_changes, "two coordinators at once, and one of them changed the record"),
            (self.rival_refused, "two coordinators at once, and the store refused one"),
            (self.coordinators_left, "silent coordinator left for another"),
            (u64::from((self.stall_moments >> 1).count_ones() == 4), "coordinator paused in each phase"),
            (self.pipelines_cut, "pipeline cut in the middle"),
            (self.flood_cut, "flooding client cut at the output limit"),
            (self.oom, "command refused for want of memory"),
            (self.names_failed, "name that could not be had"),
            (self.names_stale, "old answer of the name server"),
            (self.kept_too_long, "address kept for too long"),
            (self.refused_amid, "request refused in the middle of a failover"),
            (self.unknown_applied, "unknown outcome that was applied"),
            (self.unknown_lost, "unknown outcome that was not applied"),
            (self.loss_inexact, "loss report inexact"),
            (self.genesis_again, "start from nothing"),
            (self.told_lost, "PRIMACY WAIT lost"),
            (self.kept, "PRIMACY WAIT kept"),
        ];
        let unmet = |name: &&&'static str| self.faults.get(*name).is_none();
        let missed = must.iter().filter(|(n, _)| *n == 0).map(|(_, name)| *name);
        missed.chain(FAULTS.iter().filter(unmet).copied()).collect()
    }
}
