//! A failover as a story: which events and actions are worth a mark, which of the seed's five steps they are, and whom an
//! event is about.

use primacy_core::group::event::{Event, EventKind as Kind, Suspicion};
use primacy_core::id::NodeId;

/// A mark on the time bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The seed's step 1 to 5; 0 for anything else.
    pub step: u8,
    /// One or two words.
    pub label: String,
}

/// The newest failover, as far as it has come.
#[derive(Clone, Debug, Default)]
pub struct Steps {
    lit: [bool; 5],
    from: Option<NodeId>,
    /// A failover has begun.
    begun: bool,
}

impl Steps {
    /// The mark of the next event, if it deserves one.
    pub fn take(&mut self, event: &Event) -> Option<Mark> {
        let (step, label) = match &event.kind {
            Kind::Suspected { reason: Suspicion::Genesis, .. } => return None,
            Kind::Suspected { reason: Suspicion::Stalled, .. } if self.begun && !self.lit[2] => return None,
            Kind::Suspected { primary, .. } => {
                *self = Self { begun: true, from: *primary, ..Self::default() };
                (1, "detected".to_owned())
            }
            Kind::Elected { .. } => (2, "selected".to_owned()),
            Kind::Serving { .. } => (3, "promoted".to_owned()),
            Kind::EndpointMoved { .. } => (4, "DNS".to_owned()),
            // Before another one serves, the old primary's return is no replacement.
            Kind::RecoveryFinished { node } | Kind::NodeAttached { node, .. }
                if Some(*node) == self.from && self.lit[2] =>
            {
                (5, "replaced".to_owned())
            }
            Kind::GroupAvailable => (0, "in service".to_owned()),
            Kind::ReplicasChanged { to, .. } => {
                (0, format!("{to} replica{}", if *to == 1 { "" } else { "s" }))
            }
            Kind::DataLost => (0, "data lost".to_owned()),
            Kind::Lost(report) if report.ops > 0 => (0, format!("{} writes lost", report.ops)),
            _ => return None,
        };
        if step > 0 {
            let lit = &mut self.lit[usize::from(step) - 1];
            if !self.begun || std::mem::replace(lit, true) {
                return None;
            }
        }
        Some(Mark { step, label })
    }
}

/// The mark of an action in the words of the scripts, if it deserves one.
pub fn mark_of_action(text: &str) -> Option<&'static str> {
    let mut words = text.split(' ');
    Some(match words.next()? {
        "kill" => "killed",
        "start" => "started",
        "storm" => "storm",
        "pause" => "frozen",
        "resume" => "woken",
        "cut" => "cut",
        "mend" => "mended",
        "lose" => "zone lost",
        "restore" => "zone back",
        "coordinator" if words.next() == Some("down") => "coordinator lost",
        "test-failover" => "TestFailover",
        "failover" => "planned",
        "reboot" => "rebooted",
        "add-replica" | "remove-replica" | "replicas" => "replicas",
        "heal" => "healed",
        _ => return None,
    })
}

/// The node that an event is about.
pub const fn subject(kind: &Kind) -> Option<NodeId> {
    match kind {
        Kind::NodeProvisioned { node, .. }
        | Kind::NodeJoined { node, .. }
        | Kind::NodeSilent { node }
        | Kind::NodeHeard { node }
        | Kind::NodeExited { node, .. }
        | Kind::NodeAttached { node, .. }
        | Kind::RecoveryStarted { node }
        | Kind::RecoveryFinished { node }
        | Kind::PlannedFailoverCalled { target: node }
        | Kind::PlannedFailoverAborted { target: node }
        | Kind::RebootCalled { node }
        | Kind::NodeAdded { node, .. }
        | Kind::NodeRemoved { node }
        | Kind::Reported { node, .. }
        | Kind::Elected { node, .. }
        | Kind::Serving { node, .. }
        | Kind::EndpointMoved { node, .. }
        | Kind::FailoverCompleted { to: node, .. } => Some(*node),
        Kind::Suspected { primary, .. } => *primary,
        Kind::Lost(report) => Some(report.node),
        Kind::GroupCreated
        | Kind::GroupAvailable
        | Kind::TestFailoverCalled
        | Kind::ReplicasAsked { .. }
        | Kind::ReplicasChanged { .. }
        | Kind::ElectionWaits { .. }
        | Kind::DataLost
        | Kind::GroupDeleting
        | Kind::GroupDeleted => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::tests::event;
    use primacy_core::id::{Epoch, Position};

    #[test]
    fn a_failover_has_five_steps_and_each_is_marked_once() {
        let (old, new, epoch) = (NodeId(1), NodeId(2), Epoch(2));
        let suspected = |reason| Kind::Suspected { primary: Some(old), epoch, reason };
        let kinds = [
            suspected(Suspicion::Exited),
            Kind::NodeAttached { node: old, epoch, full: true },
            suspected(Suspicion::Stalled),
            Kind::Elected { node: new, epoch, start: Position::default(), reason: String::new() },
            Kind::Serving { node: new, epoch },
            Kind::EndpointMoved { node: new, epoch },
            Kind::EndpointMoved { node: new, epoch },
            Kind::NodeAttached { node: old, epoch, full: true },
            Kind::RecoveryFinished { node: old },
        ];
        let mut steps = Steps::default();
        let marks = kinds
            .into_iter()
            .zip(1..)
            .filter_map(|(kind, id)| Some((steps.take(&event(id, kind))?.step, id)));
        assert_eq!(marks.collect::<Vec<_>>(), [(1, 1), (2, 4), (3, 5), (4, 6), (5, 8)]);
    }

    #[test]
    fn the_groups_birth_is_no_failover() {
        let mut steps = Steps::default();
        let genesis = Kind::Suspected { primary: None, epoch: Epoch(1), reason: Suspicion::Genesis };
        assert_eq!(steps.take(&event(1, genesis)), None);
        assert_eq!(steps.take(&event(2, Kind::Serving { node: NodeId(1), epoch: Epoch(1) })), None);
        let available = steps.take(&event(3, Kind::GroupAvailable)).map(|m| m.label);
        assert_eq!(available.as_deref(), Some("in service"));
    }

    #[test]
    fn a_kill_is_marked_and_a_typed_line_is_not() {
        assert_eq!(mark_of_action("kill 001"), Some("killed"));
        assert_eq!(mark_of_action("redis primary GET k"), None);
    }
}
