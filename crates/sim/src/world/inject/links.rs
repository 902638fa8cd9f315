//! What goes wrong with links: whom a side means, and how a change of all links between two sides is taken back.

use primacy_core::order;

use super::{Active, MS, Undo};
use crate::fault::{Cut, FaultKind, Side, Who};
use crate::net::Host;
use crate::world::World;
use crate::world::happening::Happening;

impl World {
    pub(super) fn change_links(&mut self, kind: &FaultKind) -> Vec<Undo> {
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
        let (links, now) = (self.links(a, b, false), self.queue.now());
        links.iter().for_each(|(a, b)| self.net.set_narrow(*a, *b, u32::from(kib_s.max(1)) * 1024, now));
        links.into_iter().map(|(a, b)| Undo::Narrow(a, b)).collect()
    }
}
