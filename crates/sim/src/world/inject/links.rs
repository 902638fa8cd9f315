//! What goes wrong with links: whom a side means, and how a change of all links between two sides is taken back.

use primacy_core::id::NodeId;
use primacy_core::order;

use super::{Active, MS, Undo};
use crate::fault::{Cut, FaultKind, Side, Who};
use crate::net::Host;
use crate::world::World;
use crate::world::happening::Happening;

impl World {
    pub(super) fn change_links(&mut self, kind: &FaultKind) -> Vec<Undo> {
        if let FaultKind::Flap { cut, period_ms } = kind {
            return self.flap(cut, *period_ms);
        }
        let Some((a, b, one_way)) = sides(kind) else { return vec![] };
        let links = self.links(a, b, one_way);
        self.bend(kind, links)
    }

    /// Changes these links as the fault says.
    fn bend(&mut self, kind: &FaultKind, links: Vec<(Host, Host)>) -> Vec<Undo> {
        let now = self.queue.now();
        let mut undo = Vec::new();
        for (a, b) in links {
            undo.push(match kind {
                FaultKind::Delay { us, .. } => {
                    self.net.add_delay(a, b, i64::from(*us));
                    Undo::Delay(a, b, *us)
                }
                FaultKind::Narrow { kib_s, .. } => {
                    self.net.set_narrow(a, b, u32::from((*kib_s).max(1)) * 1024, now);
                    Undo::Narrow(a, b)
                }
                FaultKind::Jitter { us, .. } => {
                    self.net.add_jitter(a, b, i64::from(*us));
                    Undo::Jitter(a, b, *us)
                }
                FaultKind::Loss { percent, .. } => {
                    self.net.set_loss(a, b, *percent);
                    Undo::Loss(a, b)
                }
                FaultKind::Cut(cut) => {
                    if cut.reset {
                        for conn in self.net.between(a, b) {
                            self.reset_conn(conn);
                        }
                    }
                    self.net.set_cut(a, b, true, now);
                    Undo::Link(a, b)
                }
                _ => continue,
            });
        }
        undo
    }

    /// A fault that means all of a side means a new member too.
    pub(crate) fn faults_reach(&mut self, node: NodeId) {
        let host = Host::Node(node);
        for at in 0..self.active.len() {
            let kind = self.active[at].kind.clone();
            let Some((a, b, one_way)) = sides(&kind).filter(|(a, b, _)| lasting(*a) && lasting(*b)) else {
                continue;
            };
            let mut links = self.links(a, b, one_way);
            links.retain(|(a, b)| *a == host || *b == host);
            let undo = self.bend(&kind, links);
            self.active[at].undo.extend(undo);
        }
    }

    /// What faults did to a member and its links is over with its machine.
    pub(crate) fn faults_leave(&mut self, node: NodeId) {
        let mut over = Vec::new();
        for active in &mut self.active {
            let (mine, others) =
                std::mem::take(&mut active.undo).into_iter().partition(|undo| undo.is_about(node));
            active.undo = others;
            over.extend::<Vec<Undo>>(mine);
        }
        over.into_iter().for_each(|undo| self.take_back(undo));
    }

    /// Everybody on one side.
    pub(crate) fn side(&self, side: Side) -> Vec<Host> {
        let nodes = self.machines.keys().map(Host::Node);
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
        order::sort(&mut links);
        links.dedup();
        links
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
            let undo = self.change_links(&FaultKind::Cut(cut));
            self.active.push(Active { kind: FaultKind::Cut(cut), planned: Some(u32::MAX), undo });
        }
        self.queue.push(self.queue.now() + period, Happening::Flap { fault: number, on: !on });
    }
}

/// The two sides of a fault of links, and whether it goes one way.
const fn sides(kind: &FaultKind) -> Option<(Side, Side, bool)> {
    match kind {
        FaultKind::Cut(cut) => Some((cut.a, cut.b, cut.one_way)),
        FaultKind::Delay { a, b, .. }
        | FaultKind::Narrow { a, b, .. }
        | FaultKind::Jitter { a, b, .. }
        | FaultKind::Loss { a, b, .. } => Some((*a, *b, false)),
        _ => None,
    }
}

/// It means the same hosts whoever is primary.
const fn lasting(side: Side) -> bool {
    !matches!(side, Side::One(Who::Primary | Who::Replica(_)) | Side::Replicas)
}
