//! I6: a write that WAIT confirmed survives every committed election in which a holder of it reported; an election
//! without any holder among its reporters excuses it for ever.
//!
//! Guarantee (b) of `failover.md` §2.13, by the induction that is given there: the winner's position is at least that
//! of every reporter, and equal positions mean equal content (I9). A confirmed start from nothing excuses too: it is
//! asked for (a reboot) or all members came back empty (R19).

use primacy_core::group::record::EpochStart;

use super::Checks;

impl Checks {
    /// The store committed an epoch as the coordinator `by` proposed it; its branch is known already.
    pub(crate) fn elected(&mut self, start: &EpochStart, by: u32, genesis: bool) {
        let tip = (start.start.epoch, start.start.offset);
        let reports = self.used.get(&(by, start.epoch)).cloned().unwrap_or_default();
        let mut waited = std::mem::take(&mut self.waited);
        let mut broken = None;
        waited.retain(|w| {
            if self.histories.contains(tip, w.at) {
                return true;
            }
            let mut holders = reports
                .iter()
                .filter(|r| self.histories.contains((r.position.epoch, r.position.offset), w.at));
            if let (Some(holder), false) = (holders.next(), genesis) {
                broken = Some(format!(
                    "epoch {} begins at {tip:?} without the confirmed write {}.{} at {:?}, which node {} reported to have",
                    start.epoch.0, w.id.client, w.id.number, w.at, holder.node
                ));
            }
            false
        });
        self.waited = waited;
        if let Some(facts) = broken {
            self.broken(6, facts);
        }
    }
}
