//! Why something is as it is.

use primacy_port::{Cause, EventRow, Subject};

use super::lane::Lane;

/// The chain of causes, the question first.
pub(super) fn chain(lane: &Lane, subject: &Subject) -> Result<Vec<Cause>, String> {
    let events = lane.recorder().events();
    let find = |id: u64| events.iter().find(|e| e.id == id);
    let start = match subject {
        Subject::Event(id) => find(*id),
        Subject::Lost { at_ns } => {
            let lost = |e: &&EventRow| e.at_ns <= *at_ns && e.text.contains("lost");
            events.iter().rev().find(lost)
        }
        Subject::Node(node) => {
            let now = lane.world().now_ns();
            events.iter().rev().find(|e| e.node == Some(*node) && e.at_ns <= now)
        }
        Subject::Client { .. } | Subject::Answer { .. } => None,
    };
    let mut next = Some(start.ok_or("nothing is known about that")?);
    let mut chain = Vec::new();
    while let Some(event) = next {
        chain.push(Cause { at_ns: event.at_ns, text: event.text.clone(), event: Some(event.id) });
        // A cause is older than its effect, so this ends.
        next = event.cause.filter(|cause| *cause < event.id).and_then(find);
    }
    Ok(chain)
}
