//! Application clients: one operation at a time, with a resolver cache, time-outs, retry and back-off.

use std::collections::VecDeque;

use primacy_core::endpoint::{Lookup, Resolver};
use primacy_core::id::{Incarnation, NodeId};

use super::World;
use super::habits::{Back, parse_token, policy, text_of};
use super::happening::Happening;
use super::ledger::{Outage, Second};
use super::machine::member_at;
use super::outcome::Ended;
use crate::check::{Key, Sort, WriteId};
use crate::hash::{draw, draw_below};
use crate::net::{ConnNo, Host, Payload, Service};
use crate::reply::{self, Reply};
use crate::scenario::{ClientSpec, Retry, Via};
use crate::why::record::Choice;

const US: u64 = 1_000;
const MS: u64 = 1_000_000;

/// An application.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) spec: ClientSpec,
    pub(crate) resolver: Resolver,
    pub(crate) state: State,
    /// Goes up with every change of state: an older turn's event is void.
    pub(crate) turn: u32,
    pub(crate) stopped: bool,
    /// Reads nothing (a fault).
    pub(crate) deaf: u16,
    /// Loses its connection in the middle of one in this many operations (a fault); 0: in none.
    pub(crate) cuts: u16,
    /// Reads more with each operation (a fault).
    pub(crate) flood: u16,
    pub(super) conn: Option<ConnNo>,
    pub(crate) peer: Option<(NodeId, Incarnation)>,
    input: Vec<u8>,
    /// Bytes of `input` that have not been taken from the connection yet.
    unread: usize,
    pub(super) expects: VecDeque<Expect>,
    /// Operations begun.
    pub(super) ops: u32,
    /// Failures since the last success.
    failures: u32,
    token: Option<(u64, u64)>,
    /// How it came to its node.
    pub(crate) choice: Option<Choice>,
    /// What it is about, for a person.
    pub(crate) doing: &'static str,
    /// What it reads back, and its other connection.
    pub(super) back: Back,
    /// When the operation under way was asked, and whether one of its reads was stale.
    asked_at: u64,
    pub(super) stale: bool,
    pub(crate) stats: Stats,
}

/// What a client is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Thinking,
    Connecting,
    Waiting,
    BackingOff,
}

/// What a client has seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stats {
    pub(crate) ok: u32,
    pub(crate) errors: u32,
    pub(crate) last_error: Option<String>,
    /// The newest results: time and success.
    pub(crate) recent: VecDeque<(u64, bool)>,
    pub(crate) stale_reads: u32,
    pub(crate) reads: u32,
    pub(crate) last_ok_at: u64,
    /// When the operation under way was begun.
    pub(crate) began: u64,
    pub(crate) outages: Vec<Outage>,
    pub(crate) seconds: Vec<Second>,
}

/// A reply that must come.
#[derive(Clone)]
pub(super) struct Expect {
    pub(super) kind: Kind,
    pub(super) asked: u64,
}

#[derive(Clone)]
pub(super) enum Kind {
    Set(WriteId),
    /// `back`: it reads what this client has just written.
    Get {
        key: Key,
        back: Option<WriteId>,
    },
    Incr,
    Wait(WriteId),
    Multi,
    Queued,
    Exec(Vec<WriteId>),
    Token(WriteId),
    Kept {
        epoch: u64,
        offset: u64,
    },
}

impl Client {
    pub(crate) fn new(spec: ClientSpec) -> Self {
        Self {
            resolver: Resolver::new(policy(spec.cache)),
            spec,
            state: State::Thinking,
            turn: 0,
            stopped: false,
            deaf: 0,
            cuts: 0,
            flood: 0,
            conn: None,
            peer: None,
            input: Vec::new(),
            unread: 0,
            expects: VecDeque::new(),
            ops: 0,
            failures: 0,
            token: None,
            choice: None,
            doing: "",
            back: Back::default(),
            asked_at: 0,
            stale: false,
            stats: Stats::default(),
        }
    }
}

impl Client {
    /// What was asked on the connection so far is no longer waited for.
    pub(super) fn forgets_input(&mut self) {
        self.input.clear();
        self.unread = 0;
        self.expects.clear();
    }
}

impl World {
    /// Schedules a client's next turn.
    pub(crate) fn client_later(&mut self, index: u8, state: State, ns: u64) {
        let Some(client) = self.clients.get_mut(usize::from(index)) else { return };
        client.state = state;
        client.turn += 1;
        self.queue.push(self.queue.now() + ns, Happening::Client { index, turn: client.turn });
    }

    /// A client's turn has come: to act, or to give up.
    pub(crate) fn client_turn(&mut self, index: u8, turn: u32) {
        let Some(client) = self.clients.get_mut(usize::from(index)).filter(|c| c.turn == turn) else {
            return;
        };
        if client.stopped {
            return;
        }
        if matches!(client.state, State::Thinking | State::BackingOff) {
            client.stats.began = self.queue.now();
        }
        match client.state {
            State::Thinking | State::BackingOff if client.conn.is_some() => self.client_asks(index),
            State::Thinking | State::BackingOff => self.client_connects(index),
            State::Connecting => self.client_fails(index, "connection timed out"),
            State::Waiting => self.client_fails(index, "no answer in time"),
        }
    }

    fn client_target(&mut self, index: u8) -> Option<NodeId> {
        let clock = self.names_clock.now(self.queue.now());
        let names = &self.dns.names;
        let client = self.clients.get_mut(usize::from(index))?;
        let name = match client.way() {
            Via::Address(node) => return Some(node),
            Via::Primary => names.primary(),
            Via::Configuration => names.configuration(),
            Via::Reader => names.reader(),
            Via::Node(node) => names.node(node),
        };
        match client.resolver.lookup(&name, clock) {
            Lookup::Address(ip) => return Some(member_at(ip)),
            Lookup::NoAddress => return None,
            Lookup::Miss => {}
        }
        match self.ask_dns(&name) {
            Some(answer) => self.clients.get_mut(usize::from(index))?.resolver.store(&name, &answer, clock),
            // RFC 8767: a resolver that cannot ask may answer with what it had.
            None => self.clients.get(usize::from(index))?.resolver.stale(&name),
        }
        .map(member_at)
    }

    fn client_connects(&mut self, index: u8) {
        let now = self.queue.now();
        let held = self.client_holds(index);
        let target = self.client_target(index);
        self.client_chooses(index, target, held);
        let Some(node) = target else {
            return self.client_fails(index, "the name has no address");
        };
        let conn = self.net.open((Host::Client(index), 0), Host::Node(node), Service::Resp, now);
        self.keep_attempt();
        let Some(client) = self.clients.get_mut(usize::from(index)) else { return };
        client.conn = Some(conn);
        client.peer = Some((node, Incarnation(0)));
        client.forgets_input();
        let timeout = u64::from(client.spec.timeout_ms) * MS;
        self.client_later(index, State::Connecting, timeout);
    }

    /// Something arrives at a client.
    pub(crate) fn arrive_at_client(&mut self, index: u8, conn: ConnNo, payload: Payload) {
        let now = self.queue.now();
        let Some(client) = self.clients.get_mut(usize::from(index)) else { return };
        if client.conn != Some(conn) {
            let ends = matches!(payload, Payload::Close | Payload::Reset);
            if client.back.other.take_if(|(other, _)| *other == conn && ends).is_some()
                || matches!(payload, Payload::Data(_) | Payload::Opened)
            {
                self.net.send(conn, 0, Payload::Reset, now);
            }
            return;
        }
        match payload {
            Payload::Open => {}
            Payload::Opened => {
                let node = client.peer.map(|(node, _)| node).unwrap_or(NodeId(0));
                let life = self.machines.get(&node).and_then(|m| m.process.as_ref()).map(|p| p.incarnation);
                client.peer = life.map(|life| (node, life));
                self.client_asks(index);
            }
            Payload::Data(bytes) => {
                client.input.extend_from_slice(&bytes);
                client.unread += bytes.len();
                self.client_hears(index);
            }
            Payload::Close => {
                self.checks.tally.flood_cut += u64::from(client.flood > 0 && !client.expects.is_empty());
                self.client_fails(index, "connection closed");
            }
            Payload::Reset if client.state == State::Connecting => {
                self.client_fails(index, "connection refused");
            }
            Payload::Reset => self.client_fails(index, "connection reset"),
        }
    }

    /// Reads what has arrived, unless it is deaf: then its bytes wait for it in order, as in a socket's buffer.
    pub(crate) fn client_hears(&mut self, index: u8) {
        let Some(client) = self.clients.get_mut(usize::from(index)).filter(|c| c.deaf == 0) else { return };
        let Some(conn) = client.conn else { return };
        let bytes = std::mem::take(&mut client.unread);
        if bytes > 0 {
            self.net.read(conn, 0, bytes);
            self.client_reads(index);
        }
    }

    /// An operation failed, or its outcome is not known: close, back off, resolve again.
    pub(crate) fn client_fails(&mut self, index: u8, why: &str) {
        let now = self.queue.now();
        let seed = self.scenario.seed;
        let Some(client) = self.clients.get_mut(usize::from(index)) else { return };
        if let Some(conn) = client.conn.take() {
            self.net.send(conn, 0, Payload::Reset, now);
        }
        client.peer = None;
        client.failures += 1;
        client.stats.errors += 1;
        client.stats.last_error = Some(why.to_owned());
        client.stats.note(now, false);
        client.stats.failed(now, why);
        client.gives_up_reading();
        let latency_ns = if client.state == State::Waiting { now.saturating_sub(client.asked_at) } else { 0 };
        client.stale = false;
        self.outcome(index, latency_ns, Ended::Failed(why.to_owned()));
        self.keep_failure(index, why);
        self.count_failure(index, why);
        let Some(client) = self.clients.get_mut(usize::from(index)) else { return };
        let wait = match client.spec.retry {
            Retry::None => u64::from(client.spec.think_us) * US,
            Retry::Immediate => 0,
            Retry::Fixed(ms) => u64::from(ms) * MS,
            Retry::Backoff { base_ms, max_ms, jitter } => {
                let doubled = u64::from(base_ms) << client.failures.saturating_sub(1).min(16);
                let ns = doubled.min(u64::from(max_ms)) * MS;
                let part = draw_below(seed, 31, u64::from(index), u64::from(client.turn), ns + 1);
                if jitter { part } else { ns }
            }
        };
        self.client_later(index, State::BackingOff, wait.max(MS));
    }

    fn client_asks(&mut self, index: u8) {
        let now = self.queue.now();
        let writing = now < u64::from(self.scenario.writes_until_ms) * MS;
        let keys_of = draw(self.scenario.seed, 32, u64::from(index), now);
        let clients = self.clients.len() as u64;
        let seed = self.scenario.seed;
        let Some(client) = self.clients.get_mut(usize::from(index)) else { return };
        let Some(conn) = client.conn else { return };
        (client.asked_at, client.stale) = (now, false);
        let key = |id| self.checks.writes.get(id).map(|write| write.key);
        if let Some(bytes) = client.reads_back(now, key) {
            client.doing = "GET";
            let timeout = u64::from(client.spec.timeout_ms) * MS;
            self.net.send(conn, 0, Payload::Data(bytes), now);
            return self.client_later(index, State::Waiting, timeout);
        }
        client.ops += 1;
        let op = u64::from(client.ops);
        let mix = client.spec.mix;
        let weights = [mix.set, mix.get, mix.incr, mix.wait, mix.multi, mix.token, mix.expire].map(u64::from);
        let weights = if writing { weights } else { [0, 1, 0, 0, 0, 0, 0] };
        let mut left = draw_below(seed, 33, u64::from(index), op, weights.iter().sum());
        let mut what = 0;
        while what < weights.len() - 1 && left >= weights[what] {
            left -= weights[what];
            what += 1;
        }
        let other = u8::try_from((keys_of >> 8) % clients).unwrap_or(index);
        let whose = if keys_of.is_multiple_of(2) { index } else { other };
        let mut bytes = Vec::new();
        if let Some((epoch, offset)) = client.token.filter(|_| client.failures > 0) {
            let words = [epoch.to_string(), offset.to_string()];
            reply::command(
                &mut bytes,
                &[b"PRIMACY", b"WAIT", words[0].as_bytes(), words[1].as_bytes(), b"0", b"50"],
            );
            client.expects.push_back(Expect { kind: Kind::Kept { epoch, offset }, asked: now });
        }
        client.doing = ["SET", "GET", "INCR", "SET and WAIT", "MULTI", "SET", "SET"][what];
        let key = self.client_key(index, op);
        self.client_writes(index, what, key, whose, &mut bytes);
        self.client_floods(index, key, &mut bytes);
        self.client_sends(index, conn, bytes);
    }

    /// Appends one operation's commands and what they must be answered with.
    fn client_writes(&mut self, index: u8, what: usize, number: u8, whose: u8, bytes: &mut Vec<u8>) {
        let now = self.queue.now();
        let Some(client) = self.clients.get_mut(usize::from(index)) else { return };
        let mut expect = |kind| client.expects.push_back(Expect { kind, asked: now });
        let key = |sort| Key { owner: index, sort, number };
        let mut set = |bytes: &mut Vec<u8>, sort| {
            let id = self.checks.new_write(index, key(sort));
            let (name, mut value) = (key(sort).name(), id.value());
            value.resize(value.len() + usize::from(client.spec.padding), b'x');
            match sort {
                Sort::Expiring => reply::command(bytes, &[b"SET", &name, &value, b"PX", b"300"]),
                _ => reply::command(bytes, &[b"SET", &name, &value]),
            }
            id
        };
        match what {
            0 => expect(Kind::Set(set(bytes, Sort::Plain))),
            1 => {
                let key = Key { owner: whose, ..key(Sort::Plain) };
                reply::command(bytes, &[b"GET", &key.name()]);
                expect(Kind::Get { key, back: None });
            }
            2 => {
                reply::command(bytes, &[b"INCR", &key(Sort::Counter).name()]);
                expect(Kind::Incr);
            }
            3 => {
                let id = set(bytes, Sort::Plain);
                expect(Kind::Set(id));
                let (k, ms) = (client.spec.wait_for.to_string(), client.spec.wait_ms.to_string());
                reply::command(bytes, &[b"WAIT", k.as_bytes(), ms.as_bytes()]);
                expect(Kind::Wait(id));
            }
            4 => {
                reply::command(bytes, &[b"MULTI"]);
                let ids = vec![set(bytes, Sort::Plain), set(bytes, Sort::Second)];
                reply::command(bytes, &[b"EXEC"]);
                expect(Kind::Multi);
                expect(Kind::Queued);
                expect(Kind::Queued);
                expect(Kind::Exec(ids));
            }
            5 => {
                let id = set(bytes, Sort::Plain);
                expect(Kind::Set(id));
                reply::command(bytes, &[b"PRIMACY", b"TOKEN"]);
                expect(Kind::Token(id));
            }
            _ => expect(Kind::Set(set(bytes, Sort::Expiring))),
        }
    }

    fn client_reads(&mut self, index: u8) {
        loop {
            let Some(client) = self.clients.get_mut(usize::from(index)) else { return };
            if client.conn.is_none() {
                return;
            }
            match reply::parse(&client.input) {
                Ok(None) => break,
                Ok(Some((reply, len))) => {
                    client.input.drain(..len);
                    let expect = client.expects.pop_front();
                    let conn = client.conn.unwrap_or_default();
                    self.control_read(conn, len);
                    self.client_answered(index, expect, reply);
                }
                Err(why) => {
                    self.checks.broken(13, format!("client {index} read what is no reply: {why}"));
                    return;
                }
            }
        }
        let now = self.queue.now();
        let Some(client) = self.clients.get_mut(usize::from(index)) else { return };
        if client.conn.is_some() && client.expects.is_empty() && client.state == State::Waiting {
            client.failures = 0;
            client.stats.ok += 1;
            client.stats.last_ok_at = now;
            client.stats.note(now, true);
            client.stats.succeeded(now);
            let ended = if client.stale { Ended::Stale } else { Ended::Well };
            let latency_ns = now.saturating_sub(client.asked_at);
            let wait = client.turns_to_reading();
            self.outcome(index, latency_ns, ended);
            self.client_later(index, State::Thinking, wait);
        }
    }

    fn client_answered(&mut self, index: u8, expect: Option<Expect>, reply: Reply) {
        let now = self.queue.now();
        self.checks.scan_for_secret(&reply);
        let Some(client) = self.clients.get_mut(usize::from(index)) else { return };
        let peer = client.peer.unwrap_or((NodeId(0), Incarnation(0)));
        let Some(Expect { kind, asked }) = expect else {
            return self
                .checks
                .broken(13, format!("client {index} got a reply that it did not ask for: {reply}"));
        };
        if let Reply::Error(text) = &reply {
            let text = text.clone();
            return self.client_fails(index, &text);
        }
        match (kind, reply) {
            (Kind::Set(id), Reply::Simple(_)) => {
                client.back.wrote = Some(id).filter(|_| client.spec.read_back.is_some());
                self.checks.acked(now, id, peer);
            }
            (Kind::Get { key, back }, reply @ (Reply::Bulk(_) | Reply::Nil)) => {
                self.client_got(index, (key, back), &reply, asked);
            }
            (Kind::Incr, Reply::Integer(_)) => {}
            (Kind::Wait(id), Reply::Integer(n)) => {
                self.control_waited(id, n);
                self.checks.waited(id, peer, u32::try_from(n).unwrap_or(0));
            }
            (Kind::Multi, Reply::Simple(_)) | (Kind::Queued, Reply::Simple(_)) => {}
            (Kind::Exec(ids), Reply::Array(items)) if items.len() == ids.len() => {
                ids.into_iter().for_each(|id| self.checks.acked(now, id, peer));
            }
            (Kind::Token(id), reply) => {
                let text = text_of(&reply);
                client.token = parse_token(&text);
                self.checks.token(id, client.token, &text);
            }
            (Kind::Kept { epoch, offset }, reply) => {
                self.checks.kept((epoch, offset), &text_of(&reply));
            }
            (_, reply) => {
                self.checks.broken(13, format!("client {index} got a reply of the wrong kind: {reply}"));
            }
        }
    }
}

#[cfg(test)]
mod tests;
