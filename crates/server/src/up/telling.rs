//! Events in the log; what they say is `primacy_aws::events`'.

use primacy_aws::events::reason_text;
use primacy_core::group::event::{Event, EventKind};

/// One log line.
pub(crate) fn log(event: &Event) {
    let (id, cause) = (event.id.0, event.cause.map_or(0, |cause| cause.0));
    let text = reason_text(event);
    match event.kind {
        EventKind::NodeSilent { .. }
        | EventKind::NodeExited { .. }
        | EventKind::Suspected { .. }
        | EventKind::ElectionWaits { .. }
        | EventKind::DataLost => tracing::warn!(event = id, cause, "{text}"),
        EventKind::Reported { .. } => tracing::debug!(event = id, cause, "{text}"),
        _ => tracing::info!(event = id, cause, "{text}"),
    }
}
