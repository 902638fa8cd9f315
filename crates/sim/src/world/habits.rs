//! What an application does beyond one operation on one connection: it reads back what it wrote, somewhere else; it
//! changes its ways; it leaves.

use core::time::Duration;

use primacy_core::endpoint::{CachePolicy, Resolver};
use primacy_core::id::{Incarnation, NodeId};

use super::World;
use super::client::{Client, Expect, Kind, State};
use crate::check::{Key, Reread, Sort, WriteId};
use crate::command::{Setting, Which};
use crate::hash::draw_below;
use crate::net::{ConnNo, Host, Payload};
use crate::reply::{self, Reply};
use crate::scenario::{Caching, Via};
use crate::why::record::Choice;

const US: u64 = 1_000;
const MS: u64 = 1_000_000;

/// Reading back.
#[derive(Clone, Default)]
pub(crate) struct Back {
    /// The write that was answered last and is not read back yet.
    pub(super) wrote: Option<WriteId>,
    /// It is reading; its present connection is the one for reads.
    reading: Option<WriteId>,
    /// The connection that it does not use at present.
    pub(super) other: Option<(ConnNo, (NodeId, Incarnation))>,
    /// How it came there.
    other_choice: Option<Choice>,
}

pub(super) const fn policy(cache: Caching) -> CachePolicy {
    match cache {
        Caching::Forever => CachePolicy::Forever,
        Caching::Honours => CachePolicy::HonourTtl,
        Caching::Fixed { ms } => CachePolicy::Fixed(Duration::from_millis(ms as u64)),
        Caching::Never => CachePolicy::Never,
    }
}

pub(super) fn text_of(reply: &Reply) -> String {
    match reply {
        Reply::Simple(text) => text.clone(),
        Reply::Bulk(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Reply::Array(items) => items.iter().map(text_of).collect::<Vec<_>>().join(" "),
        Reply::Integer(n) => n.to_string(),
        Reply::Error(_) | Reply::Nil => String::new(),
    }
}

pub(super) fn parse_token(text: &str) -> Option<(u64, u64)> {
    let (epoch, offset) = text.split_once(' ')?;
    Some((epoch.parse().ok()?, offset.parse().ok()?))
}

impl Client {
    /// How it looks for a node now.
    pub(crate) fn way(&self) -> Via {
        match (self.back.reading, self.spec.read_back) {
            (Some(_), Some(back)) => back.via,
            _ => self.spec.via,
        }
    }

    /// An operation is over: nanoseconds until the next one, and whether that reads.
    pub(super) fn turns_to_reading(&mut self) -> u64 {
        if self.back.reading.take().is_some() {
            self.swap_connections();
        } else if let (Some(back), Some(id)) = (self.spec.read_back, self.back.wrote.take()) {
            self.back.reading = Some(id);
            self.swap_connections();
            return u64::from(back.after_us) * US;
        }
        (u64::from(self.spec.think_us) * US).max(US)
    }

    /// A failed read is not tried again: the next operation is another write.
    pub(super) fn gives_up_reading(&mut self) {
        self.back.wrote = None;
        if self.back.reading.take().is_some() {
            self.swap_connections();
        }
    }

    fn swap_connections(&mut self) {
        let mine = self.conn.zip(self.peer);
        (self.conn, self.peer) = std::mem::replace(&mut self.back.other, mine).unzip();
        std::mem::swap(&mut self.choice, &mut self.back.other_choice);
        self.forgets_input();
    }

    /// The command that reads what was written, when it is time for that.
    pub(super) fn reads_back(&mut self, now: u64, key: impl Fn(WriteId) -> Option<Key>) -> Option<Vec<u8>> {
        let id = self.back.reading?;
        let key = key(id)?;
        let mut bytes = Vec::new();
        reply::command(&mut bytes, &[b"GET", &key.name()]);
        self.expects.push_back(Expect { kind: Kind::Get { key, back: Some(id) }, asked: now });
        Some(bytes)
    }
}

impl World {
    /// Sends an operation, whole or, when a fault wants it, only the beginning of it.
    pub(super) fn client_sends(&mut self, index: u8, conn: ConnNo, mut bytes: Vec<u8>) {
        let (now, seed) = (self.queue.now(), self.scenario.seed);
        let Some(client) = self.clients.get(usize::from(index)) else { return };
        let timeout = u64::from(client.spec.timeout_ms) * MS;
        let pick = |what, n| draw_below(seed, what, u64::from(index), u64::from(client.ops), n);
        let cut = client.cuts > 0 && pick(57, u64::from(client.cuts)) == 0;
        if cut {
            bytes.truncate(usize::try_from(pick(58, bytes.len() as u64)).unwrap_or(0));
            self.checks.tally.pipelines_cut += 1;
        }
        self.net.send(conn, 0, Payload::Data(bytes), now);
        if cut {
            return self.client_fails(index, "the connection was lost while sending");
        }
        self.client_later(index, State::Waiting, timeout);
    }

    /// What this failure shows that the run has reached.
    pub(super) fn count_failure(&mut self, index: u8, why: &str) {
        let Some(client) = self.clients.get(usize::from(index)) else { return };
        let kept = client.spec.cache == Caching::Forever && why.starts_with("READONLY");
        let tally = &mut self.checks.tally;
        tally.kept_too_long += u64::from(kept);
        tally.oom += u64::from(why.starts_with("OOM"));
        tally.wait_unblocked += u64::from(why.starts_with("UNBLOCKED"));
    }

    /// Appends the reads that a fault wants with an operation.
    pub(super) fn client_floods(&mut self, index: u8, number: u8, bytes: &mut Vec<u8>) {
        let now = self.queue.now();
        let Some(client) = self.clients.get_mut(usize::from(index)).filter(|c| c.flood > 0) else { return };
        let key = Key { owner: index, sort: Sort::Plain, number };
        for _ in 0..client.flood {
            reply::command(bytes, &[b"GET", &key.name()]);
            client.expects.push_back(Expect { kind: Kind::Get { key, back: None }, asked: now });
        }
        self.checks.tally.floods += 1;
    }

    /// The key of an operation: one part of them in a hundred goes to the first, the others to all alike.
    pub(super) fn client_key(&self, index: u8, op: u64) -> u8 {
        let seed = self.scenario.seed;
        let Some(client) = self.clients.get(usize::from(index)) else { return 0 };
        let hot = u64::from(client.spec.hot);
        if hot > 0 && draw_below(seed, 61, u64::from(index), op, 100) < hot {
            return 0;
        }
        u8::try_from(draw_below(seed, 34, u64::from(index), op, u64::from(client.spec.keys)))
            .unwrap_or(u8::MAX)
    }

    /// A read was answered. Nothing at all is less than what was written, too.
    pub(super) fn client_got(
        &mut self,
        index: u8,
        (key, back): (Key, Option<WriteId>),
        reply: &Reply,
        asked: u64,
    ) {
        let Some(client) = self.clients.get_mut(usize::from(index)) else { return };
        let peer = client.peer.unwrap_or((NodeId(0), Incarnation(0)));
        let (got, stale) = match reply {
            Reply::Bulk(value) => {
                let conn = client.conn.unwrap_or_default();
                (WriteId::of(value), self.checks.read((conn, peer), key, value, asked))
            }
            _ => (None, self.checks.misses(key, asked)),
        };
        client.stats.reads += 1;
        client.stats.stale_reads += u32::from(stale);
        client.stale |= stale;
        if let Some(write) = back.and_then(|id| self.checks.writes.get_mut(id)) {
            write.tell(|story| story.reread = Some(Reread { asked, node: peer.0, stale }));
        }
        if stale {
            self.keep_stale(index, key, got);
        }
    }

    /// Changes what clients do. Whoever looks for another node now closes its connections first.
    pub(crate) fn change_clients(&mut self, which: Which, settings: &[Setting]) {
        let clients = match which {
            Which::One(index) => index..index.saturating_add(1),
            Which::All => 0..u8::try_from(self.clients.len()).unwrap_or(u8::MAX),
        };
        for index in clients {
            let Some(client) = self.clients.get_mut(usize::from(index)) else { return };
            let before = client.spec.clone();
            settings.iter().for_each(|setting| setting.apply(&mut client.spec));
            if client.spec.cache != before.cache {
                client.resolver = Resolver::new(policy(client.spec.cache));
            }
            self.net.place(Host::Client(index), client.spec.zone);
            let back = |spec: &crate::scenario::ClientSpec| spec.read_back.map(|back| back.via);
            if client.spec.via != before.via || back(&client.spec) != back(&before) {
                self.client_leaves(index);
            }
        }
    }

    /// Closes its connections of its own accord; what was asked on them has no outcome that anybody counts.
    fn client_leaves(&mut self, index: u8) {
        let now = self.queue.now();
        let Some(client) = self.clients.get_mut(usize::from(index)) else { return };
        let other = client.back.other.take().map(|(conn, _)| conn);
        client.back = Back::default();
        client.peer = None;
        for conn in client.conn.take().into_iter().chain(other) {
            self.net.send(conn, 0, Payload::Reset, now);
        }
        client.forgets_input();
        self.client_later(index, State::Thinking, MS);
    }
}
