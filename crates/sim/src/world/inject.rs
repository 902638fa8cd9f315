//! Faults begin and end here. What a fault changed is kept, so that its end takes back just that.

use primacy_core::group::Request;
use primacy_core::group::record::Phase;
use primacy_core::id::{Incarnation, NodeId};

use super::World;
use super::coordinator::Input;
use super::happening::Happening;
use super::machine::Inbound;
use crate::fault::{Cut, FaultKind, Moment, Operation, Side, Who};
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
    CoordinatorUp,
    CoordinatorResume,
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
                let others: Vec<_> = self.machines.keys().copied().filter(|id| *id != primary).collect();
                others.get(usize::from(n) % others.len().max(1)).copied().unwrap_or(primary)
            }
        }
    }

    /// Begins a fault, or does at once what has no end.
    pub(crate) fn begin(&mut self, kind: FaultKind, planned: Option<u32>) {
        self.checks.tally.fault(kind.name());
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
            FaultKind::Corrupt { .. }
            | FaultKind::ZoneLoss(_)
            | FaultKind::CoordinatorDown(_)
            | FaultKind::CoordinatorPause
            | FaultKind::StoreSilent
            | FaultKind::StoreUnknown { .. }
            | FaultKind::DnsStale
            | FaultKind::DnsFail
            | FaultKind::DnsDelay { .. }
            | FaultKind::DeafClient(_) => self.change_services(kind),
            FaultKind::Cut(_)
            | FaultKind::Flap { .. }
            | FaultKind::Delay { .. }
            | FaultKind::Narrow { .. }
            | FaultKind::Jitter { .. }
            | FaultKind::Loss { .. } => self.change_links(kind),
        }
    }

    fn change_links(&mut self, kind: &FaultKind) -> Vec<Undo> {
        match kind {
            FaultKind::Cut(cut) => self.cut(cut),
            FaultKind::Flap { cut, period_ms } => self.flap(cut, *period_ms),
            FaultKind::Delay { a, b, us } => self.delay(*a, *b, *us),
            FaultKind::Narrow { a, b, kib_s } => self.narrow(*a, *b, *kib_s),
            FaultKind::Jitter { a, b, us } => {
                let links = self.links(*a, *b, false);
                links.iter().for_each(|(a, b)| self.net.add_jitter(*a, *b, i64::from(*us)));
                links.into_iter().map(|(a, b)| Undo::Jitter(a, b, *us)).collect()
            }
            FaultKind::Loss { a, b, percent } => {
                let links = self.links(*a, *b, false);
                links.iter().for_each(|(a, b)| self.net.set_loss(*a, *b, *percent));
                links.into_iter().map(|(a, b)| Undo::Loss(a, b)).collect()
            }
            _ => vec![],
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
            FaultKind::CoordinatorDown(moment) => {
                self.coordinator.down += 1;
                if *moment == Moment::Now || self.coordinator.group.is_none() {
                    self.coordinator_dies();
                } else {
                    self.coordinator.trap = Some(*moment);
                }
                vec![Undo::CoordinatorUp]
            }
            FaultKind::CoordinatorPause => {
                self.coordinator.paused += 1;
                vec![Undo::CoordinatorResume]
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
            _ => vec![],
        }
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
                    machine.clock.set_rate(now, 0);
                    machine.overslept = machine.process.as_ref().and_then(|p| p.node.lease_deadline());
                    machine.paused = machine.paused.saturating_sub(1);
                    self.node_resumed(node);
                }
            }
            Undo::Factor(node) => self.on_machine(node, |m| m.factor = 1),
            Undo::Rate(node) => self.on_machine(node, |m| m.clock.set_rate(now, 0)),
            Undo::Link(a, b) => self.net.set_cut(a, b, false, now),
            Undo::Delay(a, b, us) => self.net.add_delay(a, b, -i64::from(us)),
            Undo::Narrow(a, b) => self.net.set_narrow(a, b, 0),
            Undo::Corrupt(node) => self.on_machine(node, |m| m.corrupt = 0),
            Undo::Power(zone) => self.power(zone, true),
            Undo::CoordinatorUp => {
                self.coordinator.down = self.coordinator.down.saturating_sub(1);
                if self.coordinator.down == 0 && self.coordinator.group.is_none() {
                    self.queue.push(now, Happening::CoordinatorStarts);
                }
                self.coordinator.trap = self.coordinator.trap.filter(|_| self.coordinator.down > 0);
            }
            Undo::CoordinatorResume => {
                self.coordinator.paused = self.coordinator.paused.saturating_sub(1);
                self.coordinator_works();
            }
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

    /// Everybody on one side.
    pub(crate) fn side(&self, side: Side) -> Vec<Host> {
        let nodes = self.machines.keys().map(|id| Host::Node(*id));
        let clients = (0..self.clients.len()).map(|n| Host::Client(u8::try_from(n).unwrap_or(0)));
        match side {
            Side::One(who) => vec![Host::Node(self.whom(who))],
            Side::Nodes => nodes.collect(),
            Side::Replicas => {
                let primary = self.whom(Who::Primary);
                nodes.filter(|host| *host != Host::Node(primary)).collect()
            }
            Side::Coordinator => vec![Host::Coordinator],
            Side::Client(index) => vec![Host::Client(index)],
            Side::Clients => clients.collect(),
            Side::Zone(zone) => {
                nodes.chain(clients).filter(|host| self.net.zone(*host) == Some(zone)).collect()
            }
            Side::All => nodes.chain(clients).chain([Host::Coordinator]).collect(),
        }
    }

    /// Directed links between two sides.
    fn links(&self, a: Side, b: Side, one_way: bool) -> Vec<(Host, Host)> {
        let (a, b) = (self.side(a), self.side(b));
        let mut links = Vec::new();
        for x in &a {
            for y in b.iter().filter(|y| *y != x && !(a.contains(y) && a.len() > 1)) {
                links.push((*x, *y));
                if !one_way {
                    links.push((*y, *x));
                }
            }
        }
        links.sort_unstable();
        links.dedup();
        links
    }

    fn cut(&mut self, cut: &Cut) -> Vec<Undo> {
        let now = self.queue.now();
        let links = self.links(cut.a, cut.b, cut.one_way);
        for (a, b) in &links {
            if cut.reset {
                for conn in self.net.between(*a, *b) {
                    self.reset_conn(conn);
                }
            }
            self.net.set_cut(*a, *b, true, now);
        }
        links.into_iter().map(|(a, b)| Undo::Link(a, b)).collect()
    }

    fn flap(&mut self, cut: &Cut, period_ms: u16) -> Vec<Undo> {
        let now = self.queue.now();
        let period = u64::from(period_ms.max(1)) * MS;
        let number = u32::try_from(self.flaps.len()).unwrap_or(u32::MAX);
        self.flaps.push((*cut, period));
        self.queue.push(now, Happening::Flap { fault: number, on: true });
        vec![Undo::Flap(*cut)]
    }

    /// A flapping cut changes.
    pub(crate) fn flap_turns(&mut self, number: u32, on: bool) {
        let Some((cut, period)) = self.flaps.get(number as usize).copied() else { return };
        let runs = self.active.iter().any(|a| matches!(&a.kind, FaultKind::Flap { cut: c, .. } if *c == cut));
        let mine = |active: &Active| active.planned == Some(u32::MAX) && active.kind == FaultKind::Cut(cut);
        self.end(mine);
        if !runs {
            return;
        }
        if on {
            let undo = self.cut(&cut);
            self.active.push(Active { kind: FaultKind::Cut(cut), planned: Some(u32::MAX), undo });
        }
        self.queue.push(self.queue.now() + period, Happening::Flap { fault: number, on: !on });
    }

    fn delay(&mut self, a: Side, b: Side, us: u32) -> Vec<Undo> {
        let links = self.links(a, b, false);
        links.iter().for_each(|(a, b)| self.net.add_delay(*a, *b, i64::from(us)));
        links.into_iter().map(|(a, b)| Undo::Delay(a, b, us)).collect()
    }

    fn narrow(&mut self, a: Side, b: Side, kib_s: u16) -> Vec<Undo> {
        let links = self.links(a, b, false);
        links.iter().for_each(|(a, b)| self.net.set_narrow(*a, *b, u32::from(kib_s.max(1)) * 1024));
        links.into_iter().map(|(a, b)| Undo::Narrow(a, b)).collect()
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
        if ends[1].life == self.coordinator.life {
            self.tell_coordinator(Input::Closed(conn));
        }
    }

    fn reset_conn(&mut self, conn: ConnNo) {
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

    fn operate(&mut self, operation: Operation) {
        let request = match operation {
            Operation::TestFailover => Request::TestFailover { node_group: "0001".into() },
            Operation::Failover(target) => Request::Failover { target: target.map(|who| self.whom(who)) },
            Operation::Reboot(who) => Request::Reboot { node: self.whom(who) },
            Operation::AutomaticFailover(enabled) => Request::SetAutomaticFailover { enabled },
        };
        self.tell_coordinator(Input::Request(request));
    }
}
