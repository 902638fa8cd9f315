//! Faults begin and end here. What a fault changed is kept, so that its end takes back just that.

use primacy_core::group::record::Phase;
use primacy_core::id::{Incarnation, NodeId};

mod links;
mod operate;

use super::World;
use super::coordinator::Input;
use super::happening::Happening;
use super::machine::Inbound;
use crate::fault::{Cut, FaultKind, Moment, Who};
use crate::hash::draw_below;
use crate::net::{ConnNo, Host, Payload, Service};

const MS: u64 = 1_000_000;
/// A kernel gives a control connection up when what was sent stays unconfirmed for this long (TCP_USER_TIMEOUT).
const USER_TIMEOUT_NS: u64 = 4_000 * MS;

/// A fault that runs.
#[derive(Clone)]
pub(crate) struct Active {
    pub(crate) kind: FaultKind,
    /// Index in the plan; `None` for a person's.
    pub(crate) planned: Option<u32>,
    undo: Vec<Undo>,
}

/// Takes one change back.
#[derive(Clone)]
enum Undo {
    Resume(NodeId),
    Thaw(NodeId),
    Factor(NodeId),
    Rate(NodeId),
    Link(Host, Host),
    Delay(Host, Host, u32),
    Narrow(Host, Host),
    Corrupt(NodeId),
    Power(u8),
    CoordinatorUp(u32),
    CoordinatorResume(u32),
    CoordinatorGoesOn(u32),
    CoordinatorRate(u32),
    OneCoordinator,
    Single,
    WholePipelines(u8),
    Waits(u8),
    Memory,
    StoreReached(u32),
    StoreSpeaks,
    StoreSure,
    DnsFresh,
    DnsAnswers,
    Hears(u8),
    Jitter(Host, Host, u32),
    Loss(Host, Host),
    DnsDelay(u32),
    /// The cut of a flap, if it is on.
    Flap(Cut),
}

impl Undo {
    /// It is about this member or a link of it.
    fn is_about(&self, node: NodeId) -> bool {
        match self {
            Self::Resume(of) | Self::Thaw(of) | Self::Factor(of) | Self::Rate(of) | Self::Corrupt(of) => {
                *of == node
            }
            Self::Link(a, b)
            | Self::Delay(a, b, _)
            | Self::Narrow(a, b)
            | Self::Jitter(a, b, _)
            | Self::Loss(a, b) => [a, b].contains(&&Host::Node(node)),
            _ => false,
        }
    }
}

impl World {
    /// The member that the record names primary.
    pub(crate) fn recorded_primary(&self) -> Option<NodeId> {
        match self.store.registers.shard.as_ref()?.phase {
            Phase::Stable { primary, .. } => Some(primary),
            Phase::Empty | Phase::Electing => None,
        }
    }

    pub(crate) fn whom(&self, who: Who) -> NodeId {
        let primary = self.recorded_primary().unwrap_or(NodeId(1));
        match who {
            Who::Node(node) => node,
            Who::Primary => primary,
            Who::Replica(n) => {
                let others: Vec<_> = self.machines.keys().filter(|id| *id != primary).collect();
                others.get(usize::from(n) % others.len().max(1)).copied().unwrap_or(primary)
            }
        }
    }

    /// Begins a fault, or does at once what has no end.
    pub(crate) fn begin(&mut self, kind: FaultKind, planned: Option<u32>) {
        self.checks.tally.fault(kind.name());
        kind.shade().into_iter().for_each(|shade| self.checks.tally.fault(shade));
        self.checks.strayed |= kind.strays();
        self.disturbed_ns = self.queue.now();
        self.keep_act(&kind, planned.is_some());
        let undo = self.change(&kind);
        if !undo.is_empty() {
            self.active.push(Active { kind, planned, undo });
        }
    }

    /// Ends the first running fault that `which` accepts.
    pub(crate) fn end(&mut self, which: impl Fn(&Active) -> bool) {
        if let Some(at) = self.active.iter().position(which) {
            let active = self.active.remove(at);
            self.disturbed_ns = self.queue.now();
            self.why.ends(self.queue.now(), &active.kind);
            for undo in active.undo {
                self.take_back(undo);
            }
        }
    }

    /// Ends all faults; what has no power or no process is started again by the coordinator.
    pub(crate) fn heal(&mut self) {
        while !self.active.is_empty() {
            self.end(|_| true);
        }
        self.coordinator.trap = None;
        self.checks.healed_at = Some(self.queue.now());
    }

    fn change(&mut self, kind: &FaultKind) -> Vec<Undo> {
        match kind {
            FaultKind::Crash { who, seen } => {
                let node = self.whom(*who);
                self.crash(node, *seen);
                vec![]
            }
            FaultKind::Storm { within_ms } => self.storm(*within_ms),
            FaultKind::Pause(who) => self.stand_still(*who, false),
            FaultKind::Freeze(who) => self.stand_still(*who, true),
            FaultKind::Slow { who, factor } => {
                let node = self.whom(*who);
                let Some(machine) = self.machines.get_mut(&node) else { return vec![] };
                machine.factor = u64::from((*factor).max(1));
                vec![Undo::Factor(node)]
            }
            FaultKind::Drift { who, ppm } => {
                let (node, now) = (self.whom(*who), self.queue.now());
                let Some(machine) = self.machines.get_mut(&node) else { return vec![] };
                machine.clock.set_rate(now, *ppm);
                vec![Undo::Rate(node)]
            }
            FaultKind::WallJump { who, seconds } => {
                let node = self.whom(*who);
                if let Some(machine) = self.machines.get_mut(&node) {
                    machine.clock.jump_wall(i64::from(*seconds) * 1000);
                }
                vec![]
            }
            FaultKind::Reset(who) => {
                self.reset_all(Host::Node(self.whom(*who)));
                vec![]
            }
            FaultKind::HalfOpen(who) => {
                for (conn, _) in self.net.at(Host::Node(self.whom(*who))) {
                    self.net.kill_silently(conn);
                    let at = self.queue.now() + USER_TIMEOUT_NS;
                    self.queue.push(at, Happening::Abandoned { conn });
                }
                vec![]
            }
            FaultKind::Forge(who) => {
                let node = self.whom(*who);
                self.forge(node);
                vec![]
            }
            FaultKind::Operator(operation) => {
                self.operate(*operation);
                vec![]
            }
            FaultKind::MonoJump { who, ms } => {
                let (node, now) = (self.whom(*who), self.queue.now());
                self.on_machine(node, |m| m.clock.jump(now, u64::from(*ms) * MS));
                self.node_works(node);
                vec![]
            }
            FaultKind::Cut(_)
            | FaultKind::Flap { .. }
            | FaultKind::Delay { .. }
            | FaultKind::Narrow { .. }
            | FaultKind::Jitter { .. }
            | FaultKind::Loss { .. } => self.change_links(kind),
            _ => self.change_services(kind),
        }
    }

    /// A process stops, and with `clock` its whole machine.
    fn stand_still(&mut self, who: Who, clock: bool) -> Vec<Undo> {
        let (node, now) = (self.whom(who), self.queue.now());
        let Some(machine) = self.machines.get_mut(&node) else { return vec![] };
        machine.paused += 1;
        if clock {
            machine.clock.stop(now);
        }
        vec![if clock { Undo::Thaw(node) } else { Undo::Resume(node) }]
    }

    fn change_services(&mut self, kind: &FaultKind) -> Vec<Undo> {
        match kind {
            FaultKind::Corrupt { who, one_in } => {
                let node = self.whom(*who);
                let Some(machine) = self.machines.get_mut(&node) else { return vec![] };
                machine.corrupt = (*one_in).max(1);
                vec![Undo::Corrupt(node)]
            }
            FaultKind::ZoneLoss(zone) => self.lose_zone(*zone),
            FaultKind::Doubled { one_in } => {
                self.doubled = (*one_in).max(1);
                vec![Undo::Single]
            }
            FaultKind::CutPipeline { client, one_in } => match self.clients.get_mut(usize::from(*client)) {
                Some(cut) => {
                    cut.cuts = (*one_in).max(1);
                    vec![Undo::WholePipelines(*client)]
                }
                None => vec![],
            },
            FaultKind::Flood { client, reads } => match self.clients.get_mut(usize::from(*client)) {
                Some(flooding) => {
                    flooding.flood = *reads;
                    vec![Undo::Waits(*client)]
                }
                None => vec![],
            },
            FaultKind::Memory { kib } => {
                self.limit_memory(u64::from(*kib) << 10);
                vec![Undo::Memory]
            }
            FaultKind::StoreSilent => {
                self.store.silent += 1;
                vec![Undo::StoreSpeaks]
            }
            FaultKind::StoreUnknown { one_in } => {
                self.store.unknown = (*one_in).max(1);
                vec![Undo::StoreSure]
            }
            FaultKind::DnsStale => {
                self.dns_stale(true);
                vec![Undo::DnsFresh]
            }
            FaultKind::DnsFail => {
                self.dns.failing += 1;
                vec![Undo::DnsAnswers]
            }
            FaultKind::DnsDelay { ms } => {
                self.dns.delay_ms = self.dns.delay_ms.saturating_add(*ms);
                vec![Undo::DnsDelay(*ms)]
            }
            FaultKind::DeafClient(index) => match self.clients.get_mut(usize::from(*index)) {
                Some(client) => {
                    client.deaf += 1;
                    vec![Undo::Hears(*index)]
                }
                None => vec![],
            },
            _ => self.change_coordinator(kind),
        }
    }

    fn change_coordinator(&mut self, kind: &FaultKind) -> Vec<Undo> {
        let (now, machine) = (self.queue.now(), self.coordinator.machine);
        match kind {
            FaultKind::CoordinatorDown(moment) => {
                self.coordinator.down += 1;
                if *moment == Moment::Now || self.coordinator.group.is_none() {
                    self.coordinator_dies();
                } else {
                    self.coordinator.trap = Some(*moment);
                }
                vec![Undo::CoordinatorUp(machine)]
            }
            FaultKind::CoordinatorPause => {
                self.coordinator.paused += 1;
                vec![Undo::CoordinatorResume(machine)]
            }
            FaultKind::CoordinatorStall(moment) => {
                self.coordinator.stall = Some(*moment);
                self.stalls_at(*moment, *moment == Moment::Now);
                vec![Undo::CoordinatorGoesOn(machine)]
            }
            FaultKind::CoordinatorDrift { ppm } => {
                self.coordinator.clock.set_rate(now, *ppm);
                vec![Undo::CoordinatorRate(machine)]
            }
            FaultKind::CoordinatorJump { ms } => {
                self.coordinator.clock.jump(now, u64::from(*ms) * MS);
                self.arm_group_timer();
                vec![]
            }
            FaultKind::StoreCut => {
                self.coordinator.storeless += 1;
                vec![Undo::StoreReached(machine)]
            }
            FaultKind::SecondCoordinator if self.second_coordinator() => vec![Undo::OneCoordinator],
            _ => vec![],
        }
    }

    fn take_back_of_coordinator(&mut self, undo: &Undo) {
        let now = self.queue.now();
        match undo {
            Undo::CoordinatorUp(machine) => self.on_coordinator(*machine, |world| {
                world.coordinator.down = world.coordinator.down.saturating_sub(1);
                if world.coordinator.down == 0 && world.coordinator.group.is_none() {
                    world.queue.push(now, Happening::CoordinatorStarts);
                }
                world.coordinator.trap = world.coordinator.trap.filter(|_| world.coordinator.down > 0);
            }),
            Undo::CoordinatorResume(machine) => self.on_coordinator(*machine, |world| {
                world.coordinator.paused = world.coordinator.paused.saturating_sub(1);
                world.coordinator_works();
            }),
            Undo::StoreReached(machine) => self.on_coordinator(*machine, |world| {
                world.coordinator.storeless = world.coordinator.storeless.saturating_sub(1);
            }),
            Undo::CoordinatorGoesOn(machine) => self.on_coordinator(*machine, Self::coordinator_goes_on),
            Undo::CoordinatorRate(machine) => {
                self.on_coordinator(*machine, |world| world.coordinator.clock.set_rate(now, 0));
            }
            _ => self.one_coordinator(),
        }
    }

    /// Sends something outside of any connection, which may come twice.
    pub(crate) fn push_loose(&mut self, at: u64, happening: Happening) {
        let twice = u64::from(self.doubled);
        let pick = |what, n| draw_below(self.scenario.seed, what, self.trace.events(), at, n);
        if twice > 0 && pick(59, twice) == 0 {
            self.queue.push(at + pick(60, 500 * MS), happening.clone());
        }
        self.queue.push(at, happening);
    }

    fn take_back(&mut self, undo: Undo) {
        let now = self.queue.now();
        match undo {
            Undo::Resume(node) => {
                if let Some(machine) = self.machines.get_mut(&node).filter(|m| m.paused > 0) {
                    machine.paused -= 1;
                    self.node_resumed(node);
                }
            }
            Undo::Thaw(node) => {
                if let Some(machine) = self.machines.get_mut(&node) {
                    machine.clock.start(now);
                    machine.overslept = machine.process.as_ref().and_then(|p| p.node.lease_deadline());
                    machine.paused = machine.paused.saturating_sub(1);
                    self.node_resumed(node);
                }
            }
            Undo::Factor(node) => self.on_machine(node, |m| m.factor = 1),
            Undo::Rate(node) => self.on_machine(node, |m| m.clock.set_rate(now, 0)),
            Undo::Link(a, b) => self.net.set_cut(a, b, false, now),
            Undo::Delay(a, b, us) => self.net.add_delay(a, b, -i64::from(us)),
            Undo::Narrow(a, b) => self.net.set_narrow(a, b, 0, now),
            Undo::Corrupt(node) => self.on_machine(node, |m| m.corrupt = 0),
            Undo::Power(zone) => self.power(zone, true),
            Undo::CoordinatorUp(_)
            | Undo::CoordinatorResume(_)
            | Undo::CoordinatorGoesOn(_)
            | Undo::CoordinatorRate(_)
            | Undo::StoreReached(_)
            | Undo::OneCoordinator => self.take_back_of_coordinator(&undo),
            Undo::Single => self.doubled = 0,
            Undo::WholePipelines(index) => {
                if let Some(client) = self.clients.get_mut(usize::from(index)) {
                    client.cuts = 0;
                }
            }
            Undo::Waits(index) => {
                if let Some(client) = self.clients.get_mut(usize::from(index)) {
                    client.flood = 0;
                }
            }
            Undo::Memory => self.limit_memory(0),
            Undo::StoreSpeaks => {
                self.store.silent = self.store.silent.saturating_sub(1);
                if self.store.silent == 0 {
                    self.store_resumed();
                }
            }
            Undo::StoreSure => self.store.unknown = 0,
            Undo::Jitter(a, b, us) => self.net.add_jitter(a, b, -i64::from(us)),
            Undo::Loss(a, b) => self.net.set_loss(a, b, 0),
            Undo::DnsDelay(ms) => self.dns.delay_ms = self.dns.delay_ms.saturating_sub(ms),
            Undo::DnsFresh => self.dns_stale(false),
            Undo::DnsAnswers => self.dns.failing = self.dns.failing.saturating_sub(1),
            Undo::Hears(index) => {
                if let Some(client) = self.clients.get_mut(usize::from(index)) {
                    client.deaf = client.deaf.saturating_sub(1);
                }
                self.client_hears(index);
            }
            Undo::Flap(cut) => {
                self.end(|active| active.planned == Some(u32::MAX) && active.kind == FaultKind::Cut(cut));
            }
        }
    }

    fn on_machine(&mut self, node: NodeId, change: impl FnOnce(&mut super::machine::Machine)) {
        if let Some(machine) = self.machines.get_mut(&node) {
            change(machine);
        }
    }

    fn storm(&mut self, within_ms: u16) -> Vec<Undo> {
        let now = self.queue.now();
        let spread = u64::from(within_ms.max(1)) * MS;
        let lives: Vec<_> = self.machines.values().map(|m| (m.id, m.life)).collect();
        for (node, life) in lives {
            let after = draw_below(self.scenario.seed, 41, u64::from(node.0), now, spread);
            self.queue.push(now + after, Happening::StormKill { node, life });
        }
        vec![]
    }

    /// A process of a storm dies, and its host starts it again.
    pub(crate) fn storm_kill(&mut self, node: NodeId, life: u32) {
        let Some(machine) = self.machines.get(&node).filter(|m| m.life == life) else { return };
        let zone = machine.zone;
        self.crash(node, true);
        let after =
            10 * MS + draw_below(self.scenario.seed, 42, u64::from(node.0), self.queue.now(), 400 * MS);
        let spawn = Happening::Spawn { node, zone, incarnation: Incarnation(0), by: None };
        self.queue.push(self.queue.now() + after, spawn);
    }

    /// Both kernels give a silent control connection up. RESP connections have time-outs of their own.
    pub(crate) fn abandoned(&mut self, conn: ConnNo) {
        let Some((service, ends)) = self.net.conn(conn).map(|c| (c.service, c.ends)) else { return };
        if service != Service::Control {
            return;
        }
        if let Host::Node(node) = ends[0].host {
            self.node_tells(node, ends[0].life, Inbound::Closed(conn));
        }
        self.as_coordinator(ends[1].life, |world| {
            if ends[1].life == world.coordinator.life {
                world.tell_coordinator(Input::Closed(conn));
            }
        });
    }

    pub(super) fn reset_conn(&mut self, conn: ConnNo) {
        let now = self.queue.now();
        for end in [0, 1] {
            // As if the other side had sent it: both ends hear of a reset that neither made.
            self.net.send(conn, end, Payload::Reset, now);
        }
    }

    fn reset_all(&mut self, host: Host) {
        for (conn, _) in self.net.at(host) {
            self.reset_conn(conn);
        }
    }

    fn lose_zone(&mut self, zone: u8) -> Vec<Undo> {
        self.power(zone, false);
        vec![Undo::Power(zone)]
    }

    fn power(&mut self, zone: u8, on: bool) {
        let here: Vec<_> = self.machines.values().filter(|m| m.zone == zone).map(|m| m.id).collect();
        for node in here {
            if !on {
                self.process_dies(node, false);
            }
            self.on_machine(node, |m| m.powered = on);
            self.report_missing(node);
        }
    }
}
