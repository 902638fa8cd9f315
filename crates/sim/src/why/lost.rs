//! Why writes were lost.

use primacy_core::control::LossReport;
use primacy_core::group::event::EventKind as Kind;
use primacy_port::Cause;

use super::acts::silencer;
use super::events::{chain as from_event, last};
use crate::net::Host;
use crate::world::World;

/// What counts as the time in which the winner fell behind, before the old primary was given up.
const BEFORE_NS: u64 = 10_000_000_000;

/// The chain behind what the newest failover at or before a time lost.
pub(super) fn newest(world: &World, at: u64) -> Vec<Cause> {
    let Some((when, event)) = last(world, at, |kind| matches!(kind, Kind::Lost(_))) else { return vec![] };
    let Kind::Lost(report) = &event.kind else { return vec![] };
    let mut causes = vec![Cause { at_ns: *when, text: words(report), event: Some(event.id.0) }];
    let next = |kind: &Kind| matches!(kind, Kind::Elected { epoch, .. } if *epoch > report.epoch);
    let end = world.events.partition_point(|(seen, _)| *seen <= *when);
    let Some((_, elected)) = world.events.iter().take(end).find(|(_, event)| next(&event.kind)) else {
        return causes;
    };
    causes.extend(from_event(world, elected.id.0));
    if let Kind::Elected { node, .. } = &elected.kind
        && *node != report.node
        && report.ops > 0
    {
        let act = silencer(world, *node, Host::Node(report.node), (*when, BEFORE_NS));
        let known = |cause: &Cause| causes.iter().any(|c| c.text == cause.text && c.at_ns == cause.at_ns);
        if let Some(cause) = act.map(super::record::Act::cause).filter(|cause| !known(cause)) {
            let text = format!("{node} did not have them: {}", cause.text);
            causes.push(Cause { text, ..cause });
        } else {
            let text = format!("{node} did not have them yet: replication is asynchronous");
            causes.push(Cause { at_ns: causes.last().map_or(*when, |c| c.at_ns), text, event: None });
        }
    }
    causes
}

fn words(report: &LossReport) -> String {
    let LossReport { node, fork, end, ops, bytes, exact, .. } = report;
    if *ops == 0 {
        return format!("no write that {node} acknowledged is known to be lost");
    }
    let most = if *exact { "" } else { "at least " };
    let writes = if *ops == 1 { "write was" } else { "writes were" };
    format!(
        "{most}{ops} {writes} lost: {node} stood at {}, {} was kept, {bytes} bytes less",
        end.offset, fork.offset
    )
}
