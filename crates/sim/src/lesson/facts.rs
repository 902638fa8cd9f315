//! What has happened in a run, asked for in the words of the lessons.

use primacy_core::group::event::{Event, EventKind, Suspicion};
use primacy_core::id::{Epoch, NodeId, Position};

use crate::check::Write;
use crate::command::Command;
use crate::fault::{FaultKind, Side, Who};
use crate::world::World;
use crate::world::ledger::{Death, Outage};

const MS: u64 = 1_000_000;

/// What a lesson looks at.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// The run.
    pub run: &'a World,
    /// Its twin, when there is one.
    pub twin: Option<&'a World>,
    /// What the engine refused since the lesson began, with its reasons: commands, templates, terminal lines.
    pub refused: &'a [String],
}

/// One failover, as far as it has come. Times in nanoseconds since the run's beginning.
#[derive(Clone, Debug)]
pub(super) struct Failover {
    /// What brought the primary down.
    pub(super) began: u64,
    pub(super) from: NodeId,
    pub(super) epoch: Epoch,
    pub(super) detected: u64,
    pub(super) reports: Vec<(NodeId, Position)>,
    pub(super) elected: Option<(u64, NodeId, Position)>,
    pub(super) serving: Option<u64>,
    pub(super) moved: Option<u64>,
    pub(super) replaced: Option<u64>,
}

/// What a failover lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Lost {
    /// Where the old primary's stream ended.
    pub(super) end: u64,
    /// Where the new one's begins.
    pub(super) start: u64,
    /// Writes in between.
    pub(super) writes: u64,
    /// Of these, acknowledged to their applications.
    pub(super) acked: u64,
}

/// The group's events with the world's time.
pub(super) fn events(world: &World) -> impl DoubleEndedIterator<Item = (u64, &EventKind)> {
    world.events.iter().map(|(at, Event { kind, .. })| (*at, kind))
}

/// What a person did.
pub(super) fn acts(world: &World) -> impl Iterator<Item = (u64, &Command)> {
    let now = world.now_ns();
    world
        .scenario
        .commands
        .iter()
        .map(|(at, command)| (u64::from(*at) * MS, command))
        .filter(move |a| a.0 <= now)
}

/// TTL of the endpoint records, seconds.
pub(super) fn ttl_s(world: &World) -> u32 {
    let set = acts(world).filter_map(|(_, command)| match command {
        Command::SetTtl(seconds) => Some(*seconds),
        _ => None,
    });
    set.last().unwrap_or_else(|| world.scenario.timing.timing().dns_ttl)
}

/// A person began such a fault.
pub(super) fn began(world: &World, wanted: impl Fn(&FaultKind) -> bool) -> bool {
    acts(world).any(|(_, command)| matches!(command, Command::Begin(kind) if wanted(kind)))
}

/// When everything that slowed or cut links was last over, if nothing does now and something did.
pub(super) fn links_whole_since(world: &World) -> Option<u64> {
    let link = |kind: &FaultKind| matches!(kind, FaultKind::Delay { .. } | FaultKind::Cut(_));
    if world.faults().any(link) {
        return None;
    }
    let ends = |command: &Command| match command {
        Command::Heal => true,
        Command::End(kind) => link(kind),
        _ => false,
    };
    acts(world).filter(|(_, command)| ends(command)).map(|(at, _)| at).last()
}

/// Both sides of a link are these members.
pub(super) fn between(a: Side, b: Side, one: u16, other: u16) -> bool {
    let is = |side: Side, node: u16| side == Side::One(Who::Node(NodeId(node)));
    let primary = |side: Side| side == Side::One(Who::Primary);
    let one_is = |side| is(side, one) || primary(side);
    (one_is(a) && is(b, other)) || (is(a, other) && one_is(b))
}

/// Processes that ended.
pub(super) fn deaths(world: &World) -> &[Death] {
    &world.ledger.deaths
}

/// All failovers, oldest first; the group's first election is none.
pub(super) fn failovers(world: &World) -> Vec<Failover> {
    let mut found: Vec<Failover> = Vec::new();
    for (at, kind) in events(world) {
        if let EventKind::Suspected { primary, epoch, reason } = kind {
            let goes_on = found.last().is_some_and(|f| f.serving.is_none());
            match (reason, primary) {
                (Suspicion::Genesis, _) | (_, None) => {}
                _ if goes_on => found.iter_mut().last().into_iter().for_each(|f| f.epoch = *epoch),
                (_, Some(from)) => found.push(Failover {
                    began: cause_of(world, *from, at),
                    from: *from,
                    epoch: *epoch,
                    detected: at,
                    reports: Vec::new(),
                    elected: None,
                    serving: None,
                    moved: None,
                    replaced: None,
                }),
            }
        }
        if let Some(failover) = found.last_mut() {
            take(failover, at, kind);
        }
    }
    found
}

fn take(failover: &mut Failover, at: u64, kind: &EventKind) {
    match kind {
        EventKind::Reported { node, position, .. } if failover.elected.is_none() => {
            failover.reports.retain(|(id, _)| id != node);
            failover.reports.push((*node, *position));
        }
        EventKind::Elected { node, start, .. } if failover.serving.is_none() => {
            failover.elected = Some((at, *node, *start));
        }
        EventKind::Serving { .. } if failover.serving.is_none() => failover.serving = Some(at),
        EventKind::EndpointMoved { .. } if failover.moved.is_none() => failover.moved = Some(at),
        EventKind::RecoveryFinished { node } | EventKind::NodeAttached { node, .. }
            if *node == failover.from && failover.moved.is_some() && failover.replaced.is_none() =>
        {
            failover.replaced = Some(at);
        }
        _ => {}
    }
}

/// When the primary went away: its process's end, else what a person or the plan did last, else the suspicion itself.
fn cause_of(world: &World, node: NodeId, suspected: u64) -> u64 {
    let served = events(world)
        .filter(|(at, kind)| {
            *at < suspected && matches!(kind, EventKind::Serving { node: n, .. } if *n == node)
        })
        .map(|(at, _)| at)
        .next_back();
    let served = served.unwrap_or(0);
    let within = |at: &u64| *at >= served && *at <= suspected;
    let death = deaths(world).iter().filter(|d| d.node == node).map(|d| d.at).rfind(within);
    let act = acts(world).map(|(at, _)| at).filter(within).last();
    let plan = world.scenario.faults.iter().map(|fault| u64::from(fault.at_ms) * MS).filter(within).max();
    death.unwrap_or_else(|| act.max(plan).unwrap_or(suspected))
}

/// What a failover lost, once its winner is known.
pub(super) fn lost(world: &World, failover: &Failover) -> Option<Lost> {
    let (_, _, start) = failover.elected?;
    let histories = &world.checks.histories;
    let old = histories.epochs().map(|(epoch, _)| epoch).rfind(|epoch| *epoch < failover.epoch)?;
    let branch = histories.branch(old)?;
    let tip = (start.epoch, start.offset);
    let gone = |at: &(Epoch, u64)| at.0 == old && !histories.contains(tip, *at);
    let clients = (0..world.clients.len()).filter_map(|client| u8::try_from(client).ok());
    let acked = clients.flat_map(|client| confirmed(world, client));
    Some(Lost {
        end: histories.end(old).max(start.offset),
        start: start.offset,
        writes: branch.ops.iter().filter(|(end, _)| gone(&(old, *end))).count() as u64,
        acked: acked.filter_map(Write::at).filter(|at| gone(at)).count() as u64,
    })
}

/// Acknowledged writes that the group does not have any more.
pub(super) fn acked_lost(world: &World) -> u64 {
    failovers(world).iter().filter_map(|failover| lost(world, failover)).map(|lost| lost.acked).sum()
}

/// One application's writes that were acknowledged, oldest first.
pub(super) fn acked(world: &World, client: u8) -> impl Iterator<Item = &Write> {
    world.checks.writes.of(client).filter(|write| write.acked().is_some())
}

/// The same, but an application that uses `WAIT` believes in a write only when a replica was counted.
fn confirmed(world: &World, client: u8) -> impl Iterator<Item = &Write> {
    let waits = world.clients.get(usize::from(client)).is_some_and(|c| c.spec.mix.wait > 0);
    acked(world, client).filter(move |write| !waits || write.story().waited.is_some_and(|(_, n)| n > 0))
}

/// From a write's entry into the primary's memory to its copy's into another member's.
pub(super) fn lag(write: &Write, primary: u16, replica: u16) -> Option<u64> {
    let held = |node: u16| write.story().held.get(usize::from(node) - 1).copied().filter(|at| *at > 0);
    held(replica)?.checked_sub(held(primary)?)
}

/// Application's times without a success.
pub(super) fn outages(world: &World, client: u8) -> &[Outage] {
    world.clients.get(usize::from(client)).map_or(&[], |c| &c.stats.outages)
}

/// Length of an outage; one that goes on is measured up to now.
pub(super) fn length(world: &World, outage: &Outage) -> u64 {
    outage.to.unwrap_or_else(|| world.now_ns()).saturating_sub(outage.from)
}

/// The longest outage of an application that was not over before a time: what begins with the group's creation is none.
pub(super) fn longest(world: &World, client: u8, since: u64) -> Option<&Outage> {
    let late = outages(world, client).iter().filter(|outage| outage.to.is_none_or(|to| to > since));
    late.max_by_key(|outage| length(world, outage))
}

/// Operations of an application between two times: how many succeeded and how many failed, in whole seconds.
pub(super) fn results(world: &World, client: u8, from: u64, to: u64) -> (u64, u64) {
    let Some(client) = world.clients.get(usize::from(client)) else { return (0, 0) };
    let seconds = from / 1_000_000_000..=to / 1_000_000_000;
    let within = client.stats.seconds.iter().filter(|second| seconds.contains(&u64::from(second.at)));
    within.fold((0, 0), |sum, second| (sum.0 + u64::from(second.ok), sum.1 + u64::from(second.failed)))
}

/// The middle one of some numbers.
pub(super) fn median(numbers: impl Iterator<Item = u64>) -> Option<u64> {
    let mut numbers: Vec<u64> = numbers.collect();
    numbers.sort_unstable();
    numbers.get(numbers.len().checked_sub(1)? / 2).copied()
}

/// A member serves as primary, another than `old`.
pub(super) fn another_serves(world: &World, old: u16) -> bool {
    failovers(world)
        .last()
        .is_some_and(|f| f.serving.is_some() && f.elected.is_some_and(|e| e.1 != NodeId(old)))
}
