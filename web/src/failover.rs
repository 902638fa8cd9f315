//! The five steps of a failover (the seed's list), lit by the core's events and by nothing else.

use primacy_core::group::event::{Event, EventKind as Kind, Suspicion};
use primacy_core::id::{EventId, NodeId};

/// What each step does, in order.
pub(crate) const NAMES: [&str; 5] = ["Detect", "Select", "Promote", "Move DNS", "Replace"];
/// Events whose causes are remembered; a failover has fewer.
const REMEMBERED: usize = 128;

/// A step that has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Microseconds since the failover's cause.
    pub(crate) after_us: u64,
    pub(crate) detail: String,
}

/// The newest failover, as far as it has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Failover {
    pub(crate) steps: [Option<Step>; 5],
    /// Goes up with every failover; 0 before the first.
    pub(crate) number: u64,
    began_us: u64,
    from: Option<NodeId>,
    causes: Vec<(EventId, Option<EventId>, u64)>,
}

impl Failover {
    /// The step that is awaited: 0 to 4, 5 when all have happened.
    pub(crate) fn awaited(&self) -> usize {
        self.steps.iter().position(Option::is_none).unwrap_or(NAMES.len())
    }

    /// Takes the next event of the group, with the world's time.
    pub(crate) fn take(&mut self, at_us: u64, event: &Event) {
        if self.causes.len() == REMEMBERED {
            self.causes.remove(0);
        }
        self.causes.push((event.id, event.cause, at_us));
        match &event.kind {
            Kind::Suspected { reason: Suspicion::Genesis, .. } => {}
            Kind::Suspected { primary, reason, .. } => self.begin(at_us, event, *primary, *reason),
            Kind::Elected { node, .. } => self.light(1, at_us, format!("node {node}")),
            Kind::Serving { node, .. } => self.light(2, at_us, format!("{node} serves")),
            Kind::EndpointMoved { node, .. } => self.light(3, at_us, format!("now {node}")),
            Kind::RecoveryFinished { node } | Kind::NodeAttached { node, .. } if Some(*node) == self.from => {
                self.light(4, at_us, format!("{node} follows"));
            }
            _ => {}
        }
    }

    fn begin(&mut self, at_us: u64, event: &Event, primary: Option<NodeId>, reason: Suspicion) {
        let goes_on = reason == Suspicion::Stalled && self.number > 0 && self.steps[2].is_none();
        if goes_on {
            return;
        }
        self.steps = Default::default();
        self.number += 1;
        self.from = primary;
        self.began_us = self.root(event.id).unwrap_or(at_us);
        let detail = match reason {
            Suspicion::Exited => "process ended",
            Suspicion::Restarted => "a new life joined",
            Suspicion::LeaseRanOut => "lease ran out",
            Suspicion::Released => "lease given up",
            Suspicion::Genesis | Suspicion::Stalled => "election again",
        };
        self.light(0, at_us, detail.to_owned());
    }

    /// The time of the first event that led to this one.
    fn root(&self, id: EventId) -> Option<u64> {
        let (_, cause, at) = self.causes.iter().find(|known| known.0 == id)?;
        // A cause is older than its effect, so this ends.
        cause.filter(|c| c.0 < id.0).and_then(|c| self.root(c)).or(Some(*at))
    }

    fn light(&mut self, step: usize, at_us: u64, detail: String) {
        let lit = self.number > 0 && self.steps[step].is_none();
        // The last step is the old primary's return: before the names have moved it is something else.
        if lit && (step < 4 || self.steps[2].is_some()) {
            self.steps[step] = Some(Step { after_us: at_us.saturating_sub(self.began_us), detail });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primacy_core::id::{Epoch, Position};
    use primacy_core::time::Instant;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn event(id: u64, cause: Option<u64>, kind: Kind) -> Event {
        Event { id: EventId(id), at: Instant::default(), unix_ms: 0, cause: cause.map(EventId), kind }
    }

    #[wasm_bindgen_test]
    fn steps_are_lit_in_order_from_the_cause_on() {
        let (old, new, epoch) = (NodeId(1), NodeId(2), Epoch(2));
        let suspected = Kind::Suspected { primary: Some(old), epoch, reason: Suspicion::Exited };
        let elected = Kind::Elected { node: new, epoch, start: Position::default(), reason: String::new() };
        let mut failover = Failover::default();
        failover.take(10, &event(1, None, Kind::Serving { node: old, epoch: Epoch(1) }));
        assert_eq!(failover.number, 0);
        failover.take(1_000, &event(2, None, Kind::TestFailoverCalled));
        failover.take(1_500, &event(3, Some(2), suspected));
        failover.take(1_600, &event(4, Some(3), Kind::NodeAttached { node: old, epoch, full: true }));
        failover.take(2_000, &event(5, Some(3), elected));
        assert_eq!(failover.awaited(), 2);
        failover.take(2_500, &event(6, Some(5), Kind::Serving { node: new, epoch }));
        failover.take(2_600, &event(7, Some(6), Kind::EndpointMoved { node: new, epoch }));
        failover.take(9_000, &event(8, None, Kind::RecoveryFinished { node: old }));
        assert_eq!(failover.awaited(), NAMES.len());
        assert_eq!(failover.steps[0].as_ref().map(|s| s.after_us), Some(500));
        assert_eq!(failover.steps[4].as_ref().map(|s| s.after_us), Some(8_000));
    }
}
