//! I7: an exact loss report counts exactly the writes of the ended epoch that the new history lacks; an inexact one
//! never claims more; no failover goes without a report.
//!
//! The promise of `failover.md` §2.9, checked against what the old primary really appended.

use primacy_core::control::LossReport;
use primacy_core::id::Epoch;

use super::{Checks, Write};

impl Checks {
    /// The coordinator published a loss report.
    pub(crate) fn lost(&mut self, report: &LossReport) {
        let truth = self.lost_ops(report.epoch);
        match (report.exact, report.ops) {
            (true, 0) => self.tally.loss_none += 1,
            (true, _) => self.tally.loss_exact += 1,
            (false, _) => self.tally.loss_inexact += 1,
        }
        let Some(truth) = truth else {
            return self.broken(
                7,
                format!("a loss report for epoch {}, which no later epoch follows", report.epoch.0),
            );
        };
        let wrong = if report.exact { report.ops != truth } else { report.ops > truth };
        if wrong {
            let facts = format!("epoch {} lost {truth} writes, the report says {report:?}", report.epoch.0);
            self.broken(7, facts);
        }
        self.losses.push(report.clone());
    }

    /// Writes of an epoch's history, its ancestors' included, that the next epoch's lacks.
    fn lost_ops(&self, epoch: Epoch) -> Option<u64> {
        // An epoch whose primary never held a lease acknowledged nothing and ends no failover.
        let mut later = self.histories.epochs().filter(|(e, _)| *e > epoch);
        let (next, branch) = later.find(|(e, _)| self.leased_at.contains_key(e))?;
        let tip = (next, branch.parent.offset);
        let ended = self.histories.replay((epoch, self.histories.end(epoch)));
        Some(ended.iter().filter(|(at, _)| !self.histories.contains(tip, *at)).count() as u64)
    }

    /// Acknowledged writes that the final history lacks.
    pub(crate) fn count_lost_acks(&mut self, tip: super::history::Point) {
        let acked = self.writes.iter().filter(|w| w.acked().is_some());
        let lost = acked.filter_map(Write::at).filter(|at| !self.histories.contains(tip, *at)).count();
        self.tally.lost_acks += lost as u64;
    }

    /// At the end of a run without a coordinator's death: each ended epoch has its report.
    pub(crate) fn every_failover_reported(&mut self) {
        let epochs: Vec<Epoch> = self.leased_at.keys().copied().collect();
        let silent =
            epochs.iter().rev().skip(1).find(|e| !self.losses.iter().any(|report| report.epoch == **e));
        if let (Some(epoch), 0) = (silent, self.tally.coordinator_crashes) {
            self.broken(7, format!("epoch {} ended without a loss report", epoch.0));
        }
    }
}
