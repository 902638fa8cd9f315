//! States as four words, the same for states that differ only in the names of the nodes.

use crate::config::Config;
use crate::log::Log;
use crate::state::{
    AckMessage, Coordinator, NOBODY, NODES, Node, Position, Promotion, Renewal, Report, Role, Round, State,
    WriteFact,
};

/// A packed state: one word per node, one for the rest.
pub(crate) type Packed = [u128; NODES + 1];

const ROLES: [Role; 5] = [Role::Boot, Role::Idle, Role::Following, Role::Primary, Role::Released];
const RENEWALS: [Renewal; 3] = [Renewal::None, Renewal::Sent, Renewal::Stored];

/// The bits of a log in a packed state: eight records. Walks, which are longer, are never packed.
const LOG_BITS: u32 = 32;

#[derive(Default)]
struct Writer {
    word: u128,
    at: u32,
}

impl Writer {
    fn put(&mut self, value: u8, bits: u32) {
        debug_assert!(u32::from(value) < 1 << bits, "a field outgrew its bits");
        self.word |= u128::from(value) << self.at;
        self.at += bits;
    }

    fn flag(&mut self, value: bool) {
        self.put(u8::from(value), 1);
    }

    fn pos(&mut self, pos: Position) {
        self.put(pos.epoch, 3);
        self.put(pos.offset, 4);
    }
}

struct Reader {
    word: u128,
}

impl Reader {
    fn take(&mut self, bits: u32) -> u8 {
        let value = (self.word & ((1 << bits) - 1)) as u8;
        self.word >>= bits;
        value
    }

    fn flag(&mut self) -> bool {
        self.take(1) == 1
    }

    fn pos(&mut self) -> Position {
        Position { epoch: self.take(3), offset: self.take(4) }
    }
}

/// Packs the fields of a node that name no other node.
fn pack_own(node: &Node, w: &mut Writer) {
    debug_assert!(node.log.0 >> LOG_BITS == 0, "the log outgrew its bits");
    w.word |= u128::from(node.log.0) << w.at;
    w.at += LOG_BITS;
    w.put(node.epoch, 3);
    w.put(node.promised, 3);
    w.put(node.role as u8, 3);
    w.put(node.lease, 2);
    w.put(node.renewal as u8, 2);
    w.put(node.age, 2);
    w.flag(node.releasing);
    w.put(node.promotion.epoch, 3);
    w.pos(node.promotion.target);
    w.flag(node.promotion.fresh);
    w.put(node.report.epoch, 3);
    w.pos(node.report.pos);
    w.flag(node.report.fresh);
    w.flag(node.report.synced);
    w.put(node.report.writes, 5);
    w.put(node.ack.epoch, 3);
    w.put(node.ack.offset, 4);
    w.flag(node.ack.fresh);
    w.put(node.grant, 2);
    w.put(node.quarantine, 2);
    w.flag(node.round.open);
    w.put(node.round.age, 2);
}

fn pack_node(node: &Node) -> u128 {
    let mut w = Writer::default();
    pack_own(node, &mut w);
    w.put(node.follow, 2);
    w.put(node.ack.to, 2);
    for acked in node.acked {
        w.put(acked, 4);
    }
    w.put(node.gone, 3);
    w.put(node.round.granted, 3);
    w.put(node.list, 3);
    w.word
}

fn unpack_node(word: u128) -> Node {
    let mut r = Reader { word: word >> LOG_BITS };
    let mut node = Node {
        log: Log((word & ((1 << LOG_BITS) - 1)) as u64),
        epoch: r.take(3),
        promised: r.take(3),
        role: ROLES[usize::from(r.take(3))],
        lease: r.take(2),
        renewal: RENEWALS[usize::from(r.take(2))],
        age: r.take(2),
        releasing: r.flag(),
        ..Node::default()
    };
    node.promotion = Promotion { epoch: r.take(3), target: r.pos(), fresh: r.flag() };
    node.report =
        Report { epoch: r.take(3), pos: r.pos(), fresh: r.flag(), synced: r.flag(), writes: r.take(5) };
    let (epoch, offset, fresh) = (r.take(3), r.take(4), r.flag());
    node.grant = r.take(2);
    node.quarantine = r.take(2);
    let (open, age) = (r.flag(), r.take(2));
    node.follow = r.take(2);
    node.ack = AckMessage { epoch, to: r.take(2), offset, fresh };
    node.acked = [r.take(4), r.take(4), r.take(4)];
    node.gone = r.take(3);
    node.round = Round { open, age, granted: r.take(3) };
    node.list = r.take(3);
    node
}

fn pack_rest(s: &State) -> u128 {
    let mut w = Writer::default();
    w.put(s.store.epoch, 3);
    w.flag(s.store.electing);
    w.put(s.store.primary, 2);
    w.flag(s.store.fresh);
    w.flag(s.store.released);
    w.put(s.store.members, 3);
    w.put(s.store.seen, 3);
    w.put(s.store.synced, 3);
    for coordinator in s.coordinators {
        w.put(coordinator.observed, 2);
        w.flag(coordinator.stale);
    }
    for fact in s.writes {
        w.flag(fact.waited);
        w.flag(fact.excused);
        w.put(fact.holders, 3);
    }
    w.put(s.budget.written, 3);
    w.put(s.budget.crashes, 2);
    w.put(s.budget.restarts, 2);
    w.put(s.budget.handovers, 2);
    w.put(s.budget.losses, 2);
    w.word
}

/// Packs a state as it is, without looking for a symmetric twin.
#[must_use]
pub(crate) fn pack(s: &State) -> Packed {
    [pack_node(&s.nodes[0]), pack_node(&s.nodes[1]), pack_node(&s.nodes[2]), pack_rest(s)]
}

/// The inverse of [`pack`].
#[must_use]
pub(crate) fn unpack(packed: &Packed) -> State {
    let nodes = [unpack_node(packed[0]), unpack_node(packed[1]), unpack_node(packed[2])];
    let mut r = Reader { word: packed[NODES] };
    let mut s = State::initial(&Config::f1());
    s.nodes = nodes;
    s.store.epoch = r.take(3);
    s.store.electing = r.flag();
    s.store.primary = r.take(2);
    s.store.fresh = r.flag();
    s.store.released = r.flag();
    s.store.members = r.take(3);
    s.store.seen = r.take(3);
    s.store.synced = r.take(3);
    for coordinator in &mut s.coordinators {
        *coordinator = Coordinator { observed: r.take(2), stale: r.flag() };
    }
    for fact in &mut s.writes {
        *fact = WriteFact { waited: r.flag(), excused: r.flag(), holders: r.take(3) };
    }
    s.budget.written = r.take(3);
    s.budget.crashes = r.take(2);
    s.budget.restarts = r.take(2);
    s.budget.handovers = r.take(2);
    s.budget.losses = r.take(2);
    s
}

const ORDERS: [[u8; NODES]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// What a node is without the names of others: its own fields and the places where the rest of the state names it.
fn signature(s: &State, id: usize) -> u128 {
    let node = &s.nodes[id];
    let bit = |set: u8| set & (1 << id) != 0;
    let mut w = Writer::default();
    pack_own(node, &mut w);
    w.flag(usize::from(s.store.primary) == id);
    w.flag(bit(s.store.members));
    w.flag(bit(s.store.seen));
    w.flag(bit(s.store.synced));
    for other in 0..NODES {
        w.flag(other != id && bit(s.nodes[other].round.granted));
    }
    for fact in &s.writes {
        w.flag(bit(fact.holders));
    }
    w.word
}

/// Renames the nodes: the new node `i` is the old node `order[i]`.
fn permute(s: &State, order: [u8; NODES]) -> State {
    let mut name = [NOBODY; NODES + 1];
    for (new, &old) in order.iter().enumerate() {
        name[usize::from(old)] = new as u8;
    }
    let set = |old: u8| (0..NODES).fold(0, |all, id| all | (((old >> order[id]) & 1) << id));
    let mut t = *s;
    for (node, old) in t.nodes.iter_mut().zip(order) {
        *node = s.nodes[usize::from(old)];
        node.follow = name[usize::from(node.follow)];
        if node.ack.epoch != 0 {
            node.ack.to = name[usize::from(node.ack.to)];
        }
        node.acked = order.map(|old| node.acked[usize::from(old)]);
        node.gone = set(node.gone);
        node.round.granted = set(node.round.granted);
        node.list = set(node.list);
    }
    t.store.primary = name[usize::from(s.store.primary)];
    t.store.members = set(s.store.members);
    t.store.seen = set(s.store.seen);
    t.store.synced = set(s.store.synced);
    for fact in &mut t.writes {
        fact.holders = set(fact.holders);
    }
    t
}

/// Packs the representative of all states that differ from `s` only in node and coordinator names.
#[must_use]
pub(crate) fn canonical(cfg: &Config, s: &State) -> Packed {
    let mut s = *s;
    s.normalise(cfg);
    if cfg.coordinators == 2 && s.coordinators[0] > s.coordinators[1] {
        s.coordinators.swap(0, 1);
    }
    let signs = [signature(&s, 0), signature(&s, 1), signature(&s, 2)];
    let sorted = |order: &[u8; NODES]| {
        let [a, b, c] = order.map(|id| signs[usize::from(id)]);
        a <= b && b <= c
    };
    // More than one order is left only where signatures are equal; the names inside decide then.
    let mut orders = ORDERS.iter().filter(|order| sorted(order));
    let first = orders.next().map_or_else(|| pack(&s), |&order| pack(&permute(&s, order)));
    orders.fold(first, |best, &order| best.min(pack(&permute(&s, order))))
}

/// A 64-bit fingerprint by multiply-and-fold, with odd constants from the digits of pi.
#[must_use]
pub(crate) fn fingerprint(packed: &Packed) -> u64 {
    const fn fold(a: u64, b: u64) -> u64 {
        let wide = (a as u128) * (b as u128);
        (wide as u64) ^ ((wide >> 64) as u64)
    }
    let mut hash = 0x243f_6a88_85a3_08d3;
    for word in packed {
        let (low, high) = (*word as u64, (*word >> 64) as u64);
        hash = fold(low ^ 0x1319_8a2e_0370_7345, high ^ hash ^ 0xa409_3822_299f_31d1);
        hash = hash.rotate_left(29) ^ fold(hash ^ 0x082e_fa98_ec4e_6c89, low ^ 0x4528_21e6_38d0_1377);
    }
    fold(hash ^ 0xbe54_66cf_34e9_0c6d, 0xc0ac_29b7_c97c_50dd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::steps;
    use crate::walk::Rng;

    /// Random states packed, unpacked and renamed: a field forgotten here would merge states that differ.
    #[test]
    fn round_trip_and_symmetry() {
        let rich = Config {
            late_member: true,
            crashes: 2,
            handovers: 1,
            strict: true,
            clock_loss: 1,
            margin: 1,
            coordinators: 2,
            ..Config::f5()
        };
        let cfg = Config { writes: 2, ..rich };
        let mut rng = Rng(7);
        for _ in 0..200 {
            let mut s = State::initial(&cfg);
            for _ in 0..80 {
                s.normalise(&cfg);
                assert_eq!(unpack(&pack(&s)), s, "a field is not packed");
                let twin = permute(&s, ORDERS[rng.below(6) as usize]);
                assert_eq!(canonical(&cfg, &twin), canonical(&cfg, &s), "a name is not renamed");
                let choices = steps(&cfg, &s);
                s = choices[rng.below(choices.len() as u64) as usize].1;
            }
        }
    }
}
