//! What has happened: the coordinator's events, what persons did, and the chain of causes behind an event.

use std::rc::Rc;

use primacy_aws::events::{aws_events, reason_text};
use primacy_aws::story::{Steps, mark_of_action, subject};
use primacy_core::group::event::{Event, EventKind};
use primacy_core::group::view::GroupView;
use primacy_core::id::{EventId, NodeId};
use primacy_port::{Cause, EventRow, History, Milestone, Subject};

use crate::clock;
use crate::live::Desk;
use crate::up::Shared;

/// Events that a history lists at most, the newest.
const EVENTS: usize = 200;
/// Marks that it lists at most, the newest.
const MILESTONES: usize = 200;
/// Links of a chain at most.
const CHAIN: usize = 32;

/// The whole of it.
pub(super) fn history(shared: &Rc<Shared>) -> History {
    let desk = &shared.desk;
    let mut history = shared.coordinator.view().map_or_else(History::default, |group| told(&group, desk));
    history.end_ns = desk.since_began(clock::mono());
    history.acts.clone_from(&desk.acts.borrow());
    history.milestones.extend(history.acts.iter().filter_map(|act| {
        let label = mark_of_action(&act.text)?.to_owned();
        Some(Milestone { at_ns: act.at_ns, label, step: 0, event: None })
    }));
    history.milestones.sort_by_key(|milestone| milestone.at_ns);
    let surplus = history.milestones.len().saturating_sub(MILESTONES);
    history.milestones.drain(..surplus);
    history
}

fn told(group: &GroupView, desk: &Desk) -> History {
    let aws = aws_events(group);
    let mut steps = Steps::default();
    let mut history = History::default();
    for event in &group.events {
        let at_ns = desk.since_began(event.at);
        let mark = steps.take(event);
        let entry = aws.iter().find(|entry| entry.event == event.id);
        history.events.push(EventRow {
            id: event.id.0,
            at_ns,
            source: entry.map(|e| e.source_type.word().to_owned()).unwrap_or_default(),
            source_id: entry.map(|e| e.source.clone()).unwrap_or_default(),
            aws: entry.map(|e| e.message.clone()).unwrap_or_default(),
            text: reason_text(event),
            cause: event.cause.map(|id| id.0),
            milestone: mark.is_some(),
            node: subject(&event.kind).map(|node| node.0),
        });
        if let Some(mark) = mark {
            let milestone = Milestone { at_ns, label: mark.label, step: mark.step, event: Some(event.id.0) };
            history.milestones.push(milestone);
        }
    }
    let surplus = history.events.len().saturating_sub(EVENTS);
    history.events.drain(..surplus);
    history
}

/// The chain behind a thing, itself first.
pub(super) fn why(of: &Subject, shared: &Rc<Shared>) -> Result<Vec<Cause>, String> {
    let group = shared.coordinator.view().ok_or("the group was deleted")?;
    let first = match of {
        Subject::Event(id) => group.events.iter().find(|event| event.id.0 == *id),
        Subject::Lost { at_ns } => group.events.iter().rev().find(|event| {
            matches!(event.kind, EventKind::Lost(_)) && shared.desk.since_began(event.at) <= *at_ns
        }),
        Subject::Node(node) => group.events.iter().rev().find(|event| made_role(&event.kind, NodeId(*node))),
        Subject::Client { .. } | Subject::Answer { .. } => {
            return Err(
                "the applications of a real group are not watched from here; ask about an event".into()
            );
        }
    };
    let first = first.ok_or("nothing is known of that (any more)")?;
    Ok(chain(first, &group.events).map(|event| cause(event, &shared.desk)).collect())
}

fn chain<'e>(first: &'e Event, events: &'e [Event]) -> impl Iterator<Item = &'e Event> {
    let by_id = |id: EventId| events.iter().find(|event| event.id == id);
    std::iter::successors(Some(first), move |event| event.cause.and_then(by_id)).take(CHAIN)
}

fn cause(event: &Event, desk: &Desk) -> Cause {
    let text = reason_text(event).trim_end_matches('.').to_owned();
    Cause { at_ns: desk.since_began(event.at), text, event: Some(event.id.0) }
}

/// Whether the event gave `node` a role.
fn made_role(kind: &EventKind, node: NodeId) -> bool {
    match kind {
        EventKind::Serving { node: of, .. }
        | EventKind::NodeAttached { node: of, .. }
        | EventKind::NodeExited { node: of, .. }
        | EventKind::NodeJoined { node: of, .. } => *of == node,
        EventKind::Suspected { primary, .. } => *primary == Some(node),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primacy_core::time::Instant;

    #[test]
    fn a_chain_goes_from_the_event_to_its_first_cause() {
        let event = |id, cause: Option<u64>| Event {
            id: EventId(id),
            at: Instant::ZERO,
            unix_ms: 0,
            cause: cause.map(EventId),
            kind: EventKind::GroupAvailable,
        };
        let events =
            [event(1, None), event(2, Some(1)), event(3, None), event(4, Some(2)), event(5, Some(5))];
        let ids = |first: usize| chain(&events[first], &events).map(|event| event.id.0).collect::<Vec<_>>();
        assert_eq!(ids(3), [4, 2, 1]);
        assert_eq!(ids(4).len(), CHAIN, "an event that names itself ends nothing");
    }
}
