//! Why something is as it is.

use primacy_port::{Cause, Subject};

use super::lane::Lane;
use crate::why;

/// The chain of causes, the question first. What is asked about may lie in the recorded future.
pub(super) fn chain(lane: &Lane, subject: &Subject) -> Result<Vec<Cause>, String> {
    let now = lane.world().now_ns();
    let moment = match subject {
        Subject::Event(id) => lane.recorder().events().iter().find(|e| e.id == *id).map_or(now, |e| e.at_ns),
        Subject::Client { at_ns, .. } | Subject::Lost { at_ns } | Subject::Answer { at_ns, .. } => *at_ns,
        Subject::Node(_) => now,
    };
    let moment = moment.min(lane.end_ns());
    let chain =
        if moment <= now { why::of(lane.world(), subject) } else { why::of(&lane.at(moment), subject) };
    if chain.is_empty() { Err("there is nothing to explain about that".to_owned()) } else { Ok(chain) }
}
