//! The group as the port shows it: the coordinator's view, and what only the parent of the processes knows.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use primacy_core::endpoint::{Answer, QType, RecordData, Zone};
use primacy_core::group::event::EventKind;
use primacy_core::group::view::{GroupStatus, GroupView, NodeView};
use primacy_core::id::NodeId;
use primacy_port::{Answer as Line, Frame, Host, LinkSight, NodeSight, View};

use crate::clock;
use crate::up::Shared;

/// `TestFailover` calls in 24 hours, as on AWS.
const TESTS: usize = 15;
const DAY_MS: u64 = 24 * 3_600_000;
/// Positions of the primary that are remembered, to tell a lag in time.
const POSITIONS: usize = 1024;

/// Where the primary was when.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Nanoseconds since the beginning, and the stream's end then.
    seen: VecDeque<(u64, u64)>,
}

impl Pace {
    /// The primary stands at `end` now.
    fn note(&mut self, now_ns: u64, end: u64) {
        let last = self.seen.back().map(|(_, end)| *end);
        if last.is_some_and(|last| last > end) {
            self.seen.clear();
        }
        if last != Some(end) {
            if self.seen.len() == POSITIONS {
                self.seen.pop_front();
            }
            self.seen.push_back((now_ns, end));
        }
    }

    /// For how long the primary has been further than `offset`.
    fn lag_ns(&self, now_ns: u64, offset: u64) -> u64 {
        let passed = self.seen.iter().find(|(_, end)| *end > offset);
        passed.map_or(0, |(at, _)| now_ns.saturating_sub(*at))
    }
}

/// Everything as it is now.
pub(super) fn frame(shared: &Rc<Shared>, answers: Vec<Line>) -> Frame {
    let now_ns = shared.desk.since_began(clock::mono());
    let view = shared.coordinator.view().map_or_else(View::default, |group| view(&group, now_ns, shared));
    let notices = if view.group.is_empty() { vec!["The group was deleted.".to_owned()] } else { Vec::new() };
    Frame { view: View { now_ns, ..view }, end_ns: now_ns, answers, notices, ..Frame::default() }
}

fn view(group: &GroupView, now_ns: u64, shared: &Rc<Shared>) -> View {
    let end = group.nodes.iter().find(|node| node.is_primary).map_or(0, |node| node.position.offset);
    let mut pace = shared.desk.pace.borrow_mut();
    pace.note(now_ns, end);
    let nodes: Vec<NodeSight> = group.nodes.iter().map(|node| sight(node, &pace, now_ns, shared)).collect();
    let mut zones: Vec<(String, bool)> = nodes.iter().map(|node| (node.zone.clone(), false)).collect();
    zones.sort();
    zones.dedup();
    let timing = shared.coordinator.supervisor().timing();
    let paused = nodes.iter().filter(|node| node.paused).map(|node| format!("pause {}", node.id));
    View {
        now_ns,
        group: group.spec.id.clone(),
        status: status(group.status).to_owned(),
        epoch: group.epoch.0,
        lease_ns: u64::try_from(timing.lease.as_nanos()).unwrap_or(u64::MAX),
        ttl_s: timing.dns_ttl,
        automatic_failover: group.spec.automatic_failover,
        zones,
        coordinator_up: true,
        endpoints: endpoints(group, shared),
        links: links(group, shared),
        faults: paused.collect(),
        lost_writes: lost(group),
        test_failovers_left: tests_left(group),
        newest_event: group.events.last().map_or(0, |event| event.id.0),
        nodes,
        ..View::default()
    }
}

fn sight(node: &NodeView, pace: &Pace, now_ns: u64, shared: &Rc<Shared>) -> NodeSight {
    let process = shared.coordinator.supervisor().process(node.id);
    let lease = shared.coordinator.leased().filter(|(holder, _)| *holder == node.id && node.is_primary);
    let length = shared.coordinator.supervisor().timing().lease;
    let lease_ns = lease.and_then(|(_, at)| {
        let left = length.checked_sub(clock::mono().since(at))?;
        u64::try_from(left.as_nanos()).ok()
    });
    NodeSight {
        id: node.id,
        name: node.name.clone(),
        dns_name: node.dns_name.clone(),
        zone: node.zone.to_string(),
        up: process.is_some(),
        powered: true,
        paused: process.is_some_and(|(pid, paused)| paused || is_stopped(pid)),
        incarnation: node.incarnation.0,
        role: node.role.filter(|_| process.is_some()),
        is_primary: node.is_primary,
        epoch: node.position.epoch.0,
        offset: node.position.offset,
        lag_bytes: node.lag_bytes,
        lag_ns: if node.is_primary { 0 } else { pace.lag_ns(now_ns, node.position.offset) },
        opseq: node.position.opseq,
        keys: node.keys,
        lease_ns,
        failsafe: false,
        link_up: node.link_up && process.is_some(),
        next_timer: None,
        pid: process.and_then(|(pid, _)| u32::try_from(pid).ok()).unwrap_or(0),
    }
}

/// Whether somebody has stopped the process from outside, where /proc tells.
fn is_stopped(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in brackets may hold anything; the state follows the last bracket.
    stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('T'))
}

const fn status(status: GroupStatus) -> &'static str {
    match status {
        GroupStatus::Creating => "creating",
        GroupStatus::Available => "available",
        GroupStatus::Modifying => "modifying",
        GroupStatus::Deleting => "deleting",
    }
}

/// What the name server would answer next, asked of a copy so that the turn of the readers is not used up.
fn endpoints(group: &GroupView, shared: &Rc<Shared>) -> Vec<(String, Option<NodeId>)> {
    let mut zone = shared.coordinator.zone().borrow().clone();
    let fixed = [&group.configuration_endpoint, &group.primary_endpoint, &group.reader_endpoint];
    let names = fixed.into_iter().chain(group.nodes.iter().map(|node| &node.dns_name));
    names.map(|name| (name.clone(), member(&mut zone, name, group))).collect()
}

fn member(zone: &mut Zone, name: &str, group: &GroupView) -> Option<NodeId> {
    let host = match zone.resolve(name, QType::Cname, clock::now()) {
        Answer::NoError { records, .. } => records.into_iter().find_map(|record| match record.data {
            RecordData::Cname(host) => Some(host),
            _ => None,
        })?,
        // A host of its own, if it is there at all.
        Answer::NoData { .. } => name.to_owned(),
        Answer::NxDomain { .. } | Answer::Refused => return None,
    };
    group.nodes.iter().find(|node| node.dns_name == host).map(|node| node.id)
}

fn links(group: &GroupView, shared: &Rc<Shared>) -> Vec<LinkSight> {
    let Some(primary) = group.primary else { return Vec::new() };
    let delays = shared.coordinator.supervisor().link_delays();
    let slow = delays.iter().filter(|(node, _)| **node != primary);
    let link = |(node, delay): (&NodeId, &std::time::Duration)| LinkSight {
        from: Host::Node(primary),
        to: Host::Node(*node),
        cut: false,
        delay_us: u32::try_from(delay.as_micros()).unwrap_or(u32::MAX),
    };
    slow.map(link).collect()
}

/// The newest report of each ended reign counts: an exact one replaces the estimate.
fn lost(group: &GroupView) -> u64 {
    let mut reigns = BTreeMap::new();
    for event in &group.events {
        if let EventKind::Lost(report) = &event.kind {
            reigns.insert(report.epoch, report.ops);
        }
    }
    reigns.values().sum()
}

fn tests_left(group: &GroupView) -> u8 {
    let since = clock::unix_ms().saturating_sub(DAY_MS);
    let called = group
        .events
        .iter()
        .filter(|event| event.unix_ms > since && event.kind == EventKind::TestFailoverCalled)
        .count();
    u8::try_from(TESTS.saturating_sub(called)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lag_is_the_time_since_the_primary_went_on() {
        let mut pace = Pace::default();
        for (at, end) in [(0, 100), (10, 100), (20, 150), (30, 180)] {
            pace.note(at, end);
        }
        assert_eq!(pace.lag_ns(50, 180), 0);
        assert_eq!(pace.lag_ns(50, 150), 20);
        assert_eq!(pace.lag_ns(50, 100), 30);
        // A new primary may stand further back: its history is another one.
        pace.note(60, 90);
        assert_eq!(pace.lag_ns(70, 90), 0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_running_process_is_not_stopped() {
        assert!(!is_stopped(i32::try_from(std::process::id()).expect("a pid")));
    }
}
