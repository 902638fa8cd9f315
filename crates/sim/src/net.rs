//! The network: links with direction, connections that keep their bytes in order.
//!
//! A connection delays, hangs (a cut link, a half-open end) or is reset; it never loses, doubles or reorders
//! bytes, because TCP does not. What is sent into a cut link waits for the link, as retransmission does.

use std::collections::VecDeque;

pub use primacy_port::Host;

use crate::hash::{draw, draw_below};
use crate::scenario::Net as Delays;
use primacy_core::map::Map;

/// Bytes that a receiver's and a sender's socket buffers hold together.
pub const WINDOW: usize = 256 << 10;
/// Retransmission after a cut adds up to this much.
const RETRANSMIT_NS: u64 = 400_000_000;
/// Linux's shortest time-out before a packet is sent again.
const FIRST_RETRANSMISSION_NS: u64 = 200_000_000;
/// A packet is not lost more often than this in a row.
const RETRANSMISSIONS: u64 = 4;

/// A number for hashes.
pub fn code(host: Host) -> u64 {
    match host {
        Host::Coordinator => 1,
        Host::Store => 2,
        Host::Dns => 3,
        Host::Attacker => 4,
        Host::Node(id) => 0x100 + u64::from(id.0),
        Host::Client(n) => 0x200 + u64::from(n),
        Host::Terminal(n) => 0x300 + u64::from(n),
    }
}

/// Number of a connection; never reused.
pub type ConnNo = u32;

/// What travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// Asks for a connection.
    Open,
    /// The other kernel took it.
    Opened,
    /// Bytes.
    Data(Vec<u8>),
    /// The end, after everything before it.
    Close,
    /// The end at once.
    Reset,
}

impl Payload {
    /// Its bytes.
    fn len(&self) -> usize {
        if let Self::Data(bytes) = self { bytes.len() } else { 0 }
    }
}

/// One direction's way.
#[derive(Clone, Debug, Default)]
struct Way {
    seq: u64,
    last_at: u64,
    /// What is under way: when it left, when it arrives, and what it is.
    flying: VecDeque<(u64, u64, Payload)>,
    held: VecDeque<Payload>,
    /// Sent and not yet read by the receiver.
    unread: usize,
    /// Carries nothing any more, for good.
    dead: bool,
    /// The sender waits for room.
    starved: bool,
}

/// One end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct End {
    /// Where.
    pub host: Host,
    /// Which life of the process there.
    pub life: u32,
    /// Neither closed nor reset from here or there.
    pub open: bool,
}

/// One connection; end 0 asked for it.
#[derive(Clone, Debug)]
pub struct Conn {
    /// Both ends.
    pub ends: [End; 2],
    /// For which service.
    pub service: Service,
    ways: [Way; 2],
}

/// What listens at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// A node's RESP port.
    Resp,
    /// The coordinator's control port.
    Control,
}

/// What is wrong with one direction of a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Trouble {
    cuts: u16,
    delay_us: u32,
    /// Bytes a second; 0: no limit.
    narrow: u32,
    /// Random delay up to this much.
    jitter_us: u32,
    /// Packets of a hundred that are lost once.
    loss: u8,
}

/// An arrival to be scheduled: at which time, on which connection, at which end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When.
    pub at: u64,
    /// Which connection.
    pub conn: ConnNo,
    /// The receiving end.
    pub end: u8,
}

/// All links and connections.
#[derive(Clone)]
pub struct Network {
    seed: u64,
    delays: Delays,
    /// By [`code`].
    zones: Vec<Option<u8>>,
    /// Only links that have any: most of the time there is none, and every message asks.
    troubles: Map<(Host, Host), Trouble>,
    conns: Vec<Option<Box<Conn>>>,
    arrivals: Vec<Arrival>,
}

impl Network {
    /// A network without trouble.
    pub fn new(seed: u64, delays: Delays) -> Self {
        let (zones, troubles) = (Vec::new(), Map::new());
        Self { seed, delays, zones, troubles, conns: Vec::new(), arrivals: Vec::new() }
    }

    /// Puts a host into a zone; hosts without one are near everybody.
    pub fn place(&mut self, host: Host, zone: u8) {
        let place = code(host) as usize;
        if self.zones.len() <= place {
            self.zones.resize(place + 1, None);
        }
        self.zones[place] = Some(zone);
    }

    /// A host's zone.
    pub fn zone(&self, host: Host) -> Option<u8> {
        self.zones.get(code(host) as usize).copied().flatten()
    }

    /// Arrivals that the world has to schedule.
    pub fn take_arrivals(&mut self) -> std::vec::Drain<'_, Arrival> {
        self.arrivals.drain(..)
    }

    /// True when the link carries nothing from `a` to `b`.
    pub fn is_cut(&self, a: Host, b: Host) -> bool {
        self.trouble(a, b).is_some_and(|t| t.cuts > 0)
    }

    /// Extra delay of a link in microseconds.
    pub fn extra_delay(&self, a: Host, b: Host) -> u32 {
        self.trouble(a, b).map_or(0, |t| t.delay_us)
    }

    /// Time that a message of `len` bytes needs from `a` to `b`; `key` and `seq` decide its jitter.
    pub fn transit(&self, a: Host, b: Host, key: u64, seq: u64, len: usize) -> u64 {
        let far = match (self.zone(a), self.zone(b)) {
            (Some(x), Some(y)) => x != y,
            _ => false,
        };
        let base = if far { self.delays.far_us } else { self.delays.near_us };
        let jitter = u64::from(self.delays.jitter_us) * 1000;
        let link = code(a) << 32 | code(b);
        let mut ns = u64::from(base) * 1000 + draw_below(self.seed, link, key, seq, jitter + 1) + len as u64;
        if let Some(trouble) = self.trouble(a, b) {
            ns += u64::from(trouble.delay_us) * 1000;
            if trouble.narrow > 0 {
                ns += len as u64 * 1_000_000_000 / u64::from(trouble.narrow);
            }
            if trouble.jitter_us > 0 {
                ns += draw_below(self.seed, link ^ 1 << 62, key, seq, u64::from(trouble.jitter_us) * 1000);
            }
            ns += self.retransmissions(link, (key, seq), trouble.loss);
        }
        ns
    }

    /// A lost packet is sent again after 200 ms, and each further time after twice as long (RFC 6298).
    fn retransmissions(&self, link: u64, (key, seq): (u64, u64), loss: u8) -> u64 {
        let lost = |n: &u64| draw_below(self.seed, link ^ (2 + n) << 59, key, seq, 100) < u64::from(loss);
        (0..RETRANSMISSIONS).take_while(lost).map(|n| FIRST_RETRANSMISSION_NS << n).sum()
    }

    /// Adds to (or takes from) one direction's random delay.
    pub fn add_jitter(&mut self, a: Host, b: Host, us: i64) {
        self.change(a, b, |t| t.jitter_us = u32::try_from(i64::from(t.jitter_us) + us).unwrap_or(0));
    }

    /// Sets one direction's loss, packets of a hundred.
    pub fn set_loss(&mut self, a: Host, b: Host, percent: u8) {
        self.change(a, b, |t| t.loss = percent);
    }

    /// Cuts or mends one direction once; cuts add up.
    pub fn set_cut(&mut self, a: Host, b: Host, cut: bool, now: u64) {
        self.change(a, b, |t| t.cuts = if cut { t.cuts + 1 } else { t.cuts.saturating_sub(1) });
        if !cut && !self.is_cut(a, b) {
            self.release(a, b, now);
        }
    }

    /// Adds to (or takes from) one direction's delay.
    pub fn add_delay(&mut self, a: Host, b: Host, us: i64) {
        self.change(a, b, |t| t.delay_us = u32::try_from(i64::from(t.delay_us) + us).unwrap_or(0));
    }

    /// Sets one direction's bytes per second; 0: no limit.
    pub fn set_narrow(&mut self, a: Host, b: Host, bytes_s: u32, now: u64) {
        let before = self.trouble(a, b).map_or(0, |t| t.narrow);
        self.change(a, b, |t| t.narrow = bytes_s);
        if before > 0 && bytes_s == 0 {
            self.widen(a, b, now);
        }
    }

    /// Asks for a connection.
    pub fn open(&mut self, from: (Host, u32), to: Host, service: Service, now: u64) -> ConnNo {
        let no = ConnNo::try_from(self.conns.len()).unwrap_or(ConnNo::MAX);
        let ends =
            [End { host: from.0, life: from.1, open: true }, End { host: to, life: u32::MAX, open: true }];
        self.conns.push(Some(Box::new(Conn { ends, service, ways: [Way::default(), Way::default()] })));
        self.send(no, 0, Payload::Open, now);
        no
    }

    /// The connection, while at least one end has it.
    pub fn conn(&self, no: ConnNo) -> Option<&Conn> {
        self.conns.get(no as usize).and_then(|conn| conn.as_deref())
    }

    /// The receiving process takes the connection.
    pub fn accept(&mut self, no: ConnNo, life: u32) {
        if let Some(conn) = self.conn_mut(no) {
            conn.ends[1].life = life;
        }
    }

    /// Bytes that end `end` may still send before buffers are full. Asking with 0 left asks for a wake-up.
    pub fn room(&mut self, no: ConnNo, end: u8) -> usize {
        let Some(conn) = self.conn_mut(no) else { return 0 };
        let way = &mut conn.ways[usize::from(end)];
        let room = WINDOW.saturating_sub(way.unread);
        way.starved |= room == 0;
        room
    }

    /// The receiver at `end` has read `n` bytes. True when the sender had been waiting for room.
    pub fn read(&mut self, no: ConnNo, end: u8, n: usize) -> bool {
        let Some(conn) = self.conn_mut(no) else { return false };
        let way = &mut conn.ways[usize::from(1 - end)];
        way.unread = way.unread.saturating_sub(n);
        std::mem::take(&mut way.starved)
    }

    /// Sends from end `end`.
    pub fn send(&mut self, no: ConnNo, end: u8, payload: Payload, now: u64) {
        let Some(conn) = self.conns.get(no as usize).and_then(|conn| conn.as_deref()) else { return };
        let (from, to) = (conn.ends[usize::from(end)].host, conn.ends[usize::from(1 - end)].host);
        let cut = self.is_cut(from, to);
        let len = payload.len();
        let seq = conn.ways[usize::from(end)].seq;
        let ns = self.transit(from, to, u64::from(no), seq, len);
        let Some(conn) = self.conn_mut(no) else { return };
        if payload == Payload::Close || payload == Payload::Reset {
            conn.ends[usize::from(end)].open = false;
        }
        let way = &mut conn.ways[usize::from(end)];
        way.seq += 1;
        way.unread += len;
        if way.dead {
            return;
        }
        if payload == Payload::Reset {
            way.held.clear();
        }
        if cut || !way.held.is_empty() {
            way.held.push_back(payload);
            return;
        }
        let at = way.last_at.max(now + ns);
        way.last_at = at;
        way.flying.push_back((now, at, payload));
        self.arrivals.push(Arrival { at, conn: no, end: 1 - end });
    }

    /// Takes what arrives at `end` now; nothing, if it came earlier than it was once expected.
    pub fn arrive(&mut self, no: ConnNo, end: u8, now: u64) -> Option<Payload> {
        let conn = self.conn_mut(no)?;
        let way = &mut conn.ways[usize::from(1 - end)];
        let (_, _, payload) = way.flying.pop_front_if(|(_, at, _)| *at <= now)?;
        if way.dead {
            return None;
        }
        if payload == Payload::Close || payload == Payload::Reset {
            conn.ends[usize::from(end)].open &= payload != Payload::Reset;
        }
        Some(payload)
    }

    /// Forgets a connection that neither end has any more.
    pub fn forget_if_closed(&mut self, no: ConnNo) {
        let Some(slot) = self.conns.get_mut(no as usize) else { return };
        let idle = |way: &Way| way.dead || (way.flying.is_empty() && way.held.is_empty());
        if slot.as_ref().is_some_and(|c| c.ends.iter().all(|end| !end.open) && c.ways.iter().all(idle)) {
            *slot = None;
        }
    }

    /// Connections with an open end at `host`, and which end that is.
    pub fn at(&self, host: Host) -> Vec<(ConnNo, u8)> {
        let mut found = Vec::new();
        for (no, conn) in self.conns.iter().enumerate() {
            let Some(conn) = conn else { continue };
            for (end, e) in conn.ends.iter().enumerate() {
                if e.host == host && e.open {
                    found.push((no as ConnNo, end as u8));
                }
            }
        }
        found
    }

    /// Every connection between two hosts.
    pub fn between(&self, a: Host, b: Host) -> Vec<ConnNo> {
        let ends = |c: &Conn| {
            let (x, y) = (c.ends[0].host, c.ends[1].host);
            (x == a && y == b) || (x == b && y == a)
        };
        let all = self.conns.iter().enumerate();
        all.filter(|(_, c)| c.as_ref().is_some_and(|c| ends(c))).map(|(no, _)| no as ConnNo).collect()
    }

    /// An end is gone and nobody is told: its machine has no power.
    pub fn vanish(&mut self, no: ConnNo, end: u8) {
        if let Some(conn) = self.conn_mut(no) {
            conn.ends[usize::from(end)].open = false;
        }
    }

    /// From now on the connection carries nothing, and nobody is told.
    pub fn kill_silently(&mut self, no: ConnNo) {
        if let Some(conn) = self.conn_mut(no) {
            conn.ways.iter_mut().for_each(|way| way.dead = true);
        }
    }

    /// Bytes and messages under way, with the times when they left and arrive, for the page.
    pub fn flying(&self) -> impl Iterator<Item = (ConnNo, &Conn, u8, (u64, u64), &Payload)> {
        self.conns
            .iter()
            .enumerate()
            .filter_map(|(no, conn)| Some((no as ConnNo, conn.as_deref()?)))
            .flat_map(|(no, conn)| {
                (0..2u8).flat_map(move |end| {
                    let way = &conn.ways[usize::from(end)];
                    way.flying.iter().map(move |(left, at, payload)| (no, conn, end, (*left, *at), payload))
                })
            })
    }

    /// Links that are cut or slowed.
    pub fn troubled(&self) -> Vec<crate::world::LinkView> {
        self.troubles
            .iter()
            .map(|((from, to), t)| crate::world::LinkView {
                from: *from,
                to: *to,
                cut: t.cuts > 0,
                delay_us: t.delay_us,
            })
            .collect()
    }

    fn trouble(&self, a: Host, b: Host) -> Option<&Trouble> {
        if self.troubles.is_empty() { None } else { self.troubles.get(&(a, b)) }
    }

    fn change(&mut self, a: Host, b: Host, change: impl FnOnce(&mut Trouble)) {
        change(self.troubles.entry((a, b)).or_default());
        self.troubles.retain(|_, trouble| *trouble != Trouble::default());
    }

    fn conn_mut(&mut self, no: ConnNo) -> Option<&mut Conn> {
        self.conns.get_mut(no as usize).and_then(|conn| conn.as_deref_mut())
    }

    /// A link has its width again: what is still under way needs no more time than if it were sent now.
    fn widen(&mut self, from: Host, to: Host, now: u64) {
        for no in self.between(from, to) {
            for end in 0..2u8 {
                let Some(conn) = self.conn(no).filter(|c| c.ends[usize::from(end)].host == from) else {
                    continue;
                };
                let way = &conn.ways[usize::from(end)];
                let lens = way.flying.iter().map(|(_, _, payload)| payload.len());
                let needs: Vec<u64> =
                    lens.map(|len| self.transit(from, to, u64::from(no), now, len)).collect();
                let Some(conn) = self.conns.get_mut(no as usize).and_then(|conn| conn.as_deref_mut()) else {
                    continue;
                };
                let way = &mut conn.ways[usize::from(end)];
                let mut last = 0;
                for ((_, at, _), ns) in way.flying.iter_mut().zip(needs) {
                    let sooner = last.max(now + ns);
                    if sooner < *at {
                        *at = sooner;
                        self.arrivals.push(Arrival { at: sooner, conn: no, end: 1 - end });
                    }
                    last = *at;
                }
                way.last_at = way.last_at.min(last.max(now));
            }
        }
    }

    fn release(&mut self, from: Host, to: Host, now: u64) {
        for no in self.between(from, to) {
            for end in 0..2u8 {
                let Some(conn) = self.conn(no) else { continue };
                if conn.ends[usize::from(end)].host != from || conn.ways[usize::from(end)].held.is_empty() {
                    continue;
                }
                let again = draw(self.seed, code(from) << 32 | code(to), u64::from(no), now) % RETRANSMIT_NS;
                let ns = self.transit(from, to, u64::from(no), now, 0) + again;
                let Some(conn) = self.conn_mut(no) else { continue };
                let way = &mut conn.ways[usize::from(end)];
                let at = way.last_at.max(now + ns);
                way.last_at = at;
                let held = way.held.len();
                let released = std::mem::take(&mut way.held);
                way.flying.extend(released.into_iter().map(|payload| (now, at, payload)));
                self.arrivals.extend((0..held).map(|_| Arrival { at, conn: no, end: 1 - end }));
            }
        }
    }
}

#[cfg(test)]
mod tests;
