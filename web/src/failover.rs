//! The five steps of a failover (the seed's list) out of the milestones of the past.

use primacy_port::{History, Milestone};

/// What each step does, in order.
pub(crate) const NAMES: [&str; 5] = ["Detect", "Select", "Promote", "Move DNS", "Replace"];

/// Marks that are no cause of a failover.
const CALM: [&str; 6] = ["in service", "started", "woken", "mended", "zone back", "healed"];

/// The newest failover, as far as it had come at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Failover {
    /// When its cause happened; `None` before the first failover.
    pub(crate) began_ns: Option<u64>,
    /// When each step was done.
    pub(crate) steps: [Option<u64>; 5],
}

impl Failover {
    /// Reads the past up to `now_ns`.
    pub(crate) fn read(history: &History, now_ns: u64) -> Self {
        let past: Vec<&Milestone> = history.milestones.iter().filter(|m| m.at_ns <= now_ns).collect();
        let Some(first) = past.iter().rposition(|m| m.step == 1) else { return Self::begun(&past) };
        let cause = past[..first].last().filter(|m| m.step == 0 && !CALM.contains(&m.label.as_str()));
        let later = Self::begun(&past[first..]);
        if later.began_ns.is_some() {
            return later;
        }
        let at = |step: u8| past[first..].iter().find(|m| m.step == step).map(|m| m.at_ns);
        let began_ns = Some(cause.map_or(past[first].at_ns, |m| m.at_ns));
        Self { began_ns, steps: [at(1), at(2), at(3), at(4), at(5)] }
    }

    /// A primary that was lost and is not yet missed.
    fn begun(past: &[&Milestone]) -> Self {
        let lost = past.last().filter(|m| m.step == 0 && m.label == "killed");
        Self { began_ns: lost.map(|m| m.at_ns), steps: [None; 5] }
    }

    /// The step that is awaited: 0 to 4, 5 when all have happened or there is none.
    pub(crate) fn awaited(&self) -> usize {
        if self.began_ns.is_none() {
            return NAMES.len();
        }
        self.steps.iter().position(Option::is_none).unwrap_or(NAMES.len())
    }

    /// Nanoseconds that a step took, from the end of the one before.
    pub(crate) fn took(&self, step: usize) -> Option<u64> {
        let done = self.steps[step]?;
        let before = self.steps[..step].iter().flatten().next_back().copied().or(self.began_ns)?;
        Some(done.saturating_sub(before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn mark(at_ns: u64, step: u8) -> Milestone {
        let label = if step == 0 { "killed" } else { "step" };
        Milestone { at_ns, label: label.into(), step, event: None }
    }

    #[wasm_bindgen_test]
    fn the_newest_failover_counts_and_each_step_from_the_one_before() {
        let milestones = vec![mark(10, 0), mark(20, 1), mark(30, 3), mark(90, 0), mark(100, 1), mark(130, 2)];
        let history = History { milestones, ..History::default() };
        let failover = Failover::read(&history, 200);
        assert_eq!((failover.began_ns, failover.awaited()), (Some(90), 2));
        assert_eq!((failover.took(0), failover.took(1), failover.took(2)), (Some(10), Some(30), None));
        assert_eq!(Failover::read(&history, 95).awaited(), 0);
        assert_eq!(Failover::read(&history, 5), Failover::default());
    }
}
