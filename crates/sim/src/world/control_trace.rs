//! The control steps of a run, for trace validation: what happened, as the world saw it, not what a node believes.
//!
//! Kept only after [`World::keep_control`]. Nothing here changes the run: nodes are read, never asked.

use std::collections::VecDeque;

use primacy_core::control::{FromNode, NodeRole};
use primacy_core::endpoint::Endpoints;
use primacy_core::group::record::Registers;
use primacy_core::id::{Epoch, Incarnation, NodeId, Offset, Position};
use primacy_core::map::Map;
use primacy_core::node::{Node, Notice};
use primacy_core::resp::{ArgSpans, Limits, Scan, scan};

use super::World;
use crate::check::{Write, WriteId};
use crate::net::{ConnNo, Host};

/// The channel of the stream on which a primary asks for grants (R14).
const ASKS: &[u8] = b"__primacy:failsafe";

/// A life of a node.
pub type Life = (NodeId, Incarnation);

/// A replica's connection to the node that feeds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fed {
    /// Who feeds.
    pub by: NodeId,
    /// The epoch of its log when it accepted.
    pub epoch: Epoch,
    /// It was a primary then; else a frozen member (§2.7 step 4).
    pub primary: bool,
    /// A snapshot was needed.
    pub full: bool,
    /// Number of the connection.
    pub conn: u32,
}

/// What a node was seen to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Its role.
    pub role: NodeRole,
    /// Its promise.
    pub promised: Epoch,
    /// How far it has come.
    pub position: Position,
    /// The accepted connection to whoever feeds it.
    pub fed: Option<Fed>,
}

impl Default for Sight {
    fn default() -> Self {
        Self { role: NodeRole::Joining, promised: Epoch(0), position: Position::default(), fed: None }
    }
}

/// One step. Times are global nanoseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ControlFact {
    /// A process has started.
    Started(Life),
    /// A process has ended.
    Ended(Life),
    /// A node has changed.
    Moved {
        /// Which.
        life: Life,
        /// As last seen.
        was: Sight,
        /// Now.
        is: Sight,
    },
    /// A renewal reached the coordinator.
    Asked {
        /// The primary.
        life: Life,
        /// Its epoch.
        epoch: Epoch,
        /// The renewal's number.
        seq: u64,
        /// The send time from which the lease will run (R1).
        sent_ns: u64,
    },
    /// The store took a change.
    Stored {
        /// The life of the coordinator that asked for it.
        by: u32,
        /// Both registers before.
        before: Box<Registers>,
        /// After.
        after: Box<Registers>,
    },
    /// The coordinator asked the store for a change of a term that has a primary: reports that come from now on were not
    /// counted in it.
    Proposed {
        /// The coordinator's life.
        by: u32,
        /// The term's epoch.
        epoch: Epoch,
    },
    /// The coordinator received a report.
    Reported {
        /// The coordinator's life.
        by: u32,
        /// The member.
        life: Life,
        /// The election.
        epoch: Epoch,
        /// Where it stands.
        position: Position,
        /// Its own word: it may win.
        electable: bool,
    },
    /// A primary received an acknowledgement that it may count: of its epoch, not beyond its log, on the replica's
    /// newest connection.
    Acked {
        /// Who sent it.
        replica: Life,
        /// Who received it.
        primary: NodeId,
        /// The epoch that it names.
        epoch: Epoch,
        /// How far.
        offset: Offset,
    },
    /// Replies went into a client's socket.
    Replied {
        /// The node.
        life: Life,
        /// Epoch of its log.
        epoch: Epoch,
        /// They acknowledge writes.
        acknowledges: bool,
        /// A `WAIT` answered in them: end of the write that it was about, and the number of replicas.
        waited: Option<(Offset, u64)>,
    },
    /// A member has granted a round of the failsafe (R14).
    Granted {
        /// The member.
        life: Life,
        /// Who asked.
        primary: NodeId,
        /// Its epoch.
        epoch: Epoch,
        /// The round.
        round: u64,
    },
    /// A primary's lease now rests on grants.
    OnGrants {
        /// The primary.
        life: Life,
        /// Its epoch.
        epoch: Epoch,
        /// The round.
        round: u64,
        /// When its lease ends.
        until_ns: u64,
    },
    /// The name server took new endpoints.
    Published {
        /// The primary, if the names have one.
        primary: Option<NodeId>,
        /// Its epoch.
        epoch: Epoch,
    },
}

/// What is known of a running node from one look to the next.
#[derive(Clone, Default)]
struct Looked {
    sight: Sight,
    /// The newest ask for grants in its log.
    asked: Option<(Epoch, u64)>,
    on_grants_ns: Option<u64>,
    conn: Option<ConnNo>,
}

/// The memory of the recorder.
#[derive(Clone, Default)]
pub(crate) struct Control {
    on: bool,
    facts: Vec<(u64, ControlFact)>,
    nodes: Map<NodeId, Looked>,
    feeds: Map<ConnNo, Fed>,
    /// Each member's newest connection to each that feeds it, with the life that opened it.
    newest: Map<(NodeId, NodeId), (ConnNo, Incarnation)>,
    /// The beginning of a command that has not come whole.
    partial: Map<ConnNo, Vec<u8>>,
    /// Bytes sent to each client connection, with the facts that tell of them, not yet read.
    sent: Map<ConnNo, (u64, VecDeque<(u64, usize)>)>,
    read: Map<ConnNo, u64>,
    /// The fact that tells of the last reply that a client understood.
    answer: Option<usize>,
}

impl World {
    /// Keeps the control steps from now on; call it before the first step.
    pub fn keep_control(&mut self) {
        self.control.on = true;
    }

    /// The control steps so far, with their global times in nanoseconds.
    pub fn control(&self) -> &[(u64, ControlFact)] {
        &self.control.facts
    }

    fn tell(&mut self, fact: ControlFact) {
        self.control.facts.push((self.queue.now(), fact));
    }

    pub(crate) fn control_started(&mut self, life: Life) {
        if self.control.on {
            self.control.nodes.insert(life.0, Looked::default());
            self.tell(ControlFact::Started(life));
        }
    }

    pub(crate) fn control_ended(&mut self, life: Life) {
        if self.control.on {
            self.control.nodes.remove(&life.0);
            self.tell(ControlFact::Ended(life));
        }
    }

    pub(crate) fn control_stored(&mut self, before: &Registers, by: u32) {
        if self.control.on {
            let after = Box::new(self.store.registers.clone());
            self.tell(ControlFact::Stored { by, before: Box::new(before.clone()), after });
        }
    }

    pub(crate) fn control_proposed(&mut self, by: u32, epoch: Epoch) {
        if self.control.on {
            self.tell(ControlFact::Proposed { by, epoch });
        }
    }

    pub(crate) fn control_published(&mut self, endpoints: &Endpoints) {
        if self.control.on {
            let primary = endpoints.primary.map(|(node, _)| node);
            self.tell(ControlFact::Published { primary, epoch: endpoints.epoch });
        }
    }

    /// A message reaches the coordinator whose life is `by`.
    pub(crate) fn control_heard(&mut self, by: u32, life: Life, message: &FromNode) {
        let Some(machine) = self.machines.get(&life.0).filter(|_| self.control.on) else { return };
        match *message {
            FromNode::Report { epoch, position, electable, .. } => {
                self.tell(ControlFact::Reported { by, life, epoch, position, electable });
            }
            FromNode::Renew { epoch, seq, asked, .. } => {
                let sent_ns = machine.clock.global(asked).min(self.queue.now());
                self.tell(ControlFact::Asked { life, epoch, seq, sent_ns });
            }
            _ => {}
        }
    }

    /// A notice of a node: somebody is fed by it from now on.
    pub(crate) fn control_noticed(&mut self, id: NodeId, notice: &Notice) {
        let Notice::FeedAttached { conn, member: Some(member), full, .. } = notice else { return };
        let Some(process) = self.machines.get(&id).and_then(|m| m.process.as_deref()) else { return };
        if self.control.on {
            let conn = ConnNo::try_from(conn.0).unwrap_or(ConnNo::MAX);
            let (epoch, primary) = (process.node.epoch(), process.node.role().is_primary());
            self.control.feeds.insert(conn, Fed { by: id, epoch, primary, full: *full, conn });
            let opened = self.net.conn(conn).map_or(0, |c| c.ends[0].life);
            let machine = self.machines.get(member);
            // Who has died since still has its acknowledgements on their way.
            let life = machine.filter(|m| m.life == opened || m.process.is_none()).map(|m| m.used);
            self.control.newest.insert((id, *member), (conn, life.unwrap_or_default()));
        }
    }

    /// Looks at a node right after it did something.
    pub(crate) fn control_watch(&mut self, id: NodeId) {
        let now = self.queue.now();
        if !self.control.on {
            return;
        }
        let Some(machine) = self.machines.get(&id) else { return };
        let Some(process) = machine.process.as_deref() else { return };
        let (node, life) = (&process.node, (id, process.incarnation));
        let Some(looked) = self.control.nodes.get_mut(&id) else { return };
        let was = looked.sight;
        let conn = node.primary_conn().map(|c| ConnNo::try_from(c.0).unwrap_or(ConnNo::MAX));
        // A link that ends within a step still explains what came over it.
        let over = conn.or_else(|| looked.conn.filter(|_| node.position() != was.position));
        let fed = over.and_then(|c| self.control.feeds.get(&c)).copied();
        looked.conn = conn;
        let is = Sight { role: node.role(), promised: node.promised(), position: node.position(), fed };
        looked.sight = is;
        let mut asks =
            if is.position == was.position { Vec::new() } else { asks_in(&tail(node, was.position.offset)) };
        looked.asked = asks.last().copied().or(looked.asked);
        // Those of an earlier epoch are read on the way and granted to nobody.
        asks.retain(|(epoch, _)| *epoch == is.promised && *epoch == is.position.epoch);
        // A grant runs from the moment of the round that read the ask.
        let timing = &node.config().timing;
        let granted = Some(machine.clock.now(now).mono + timing.lease + timing.margin) == node.grant_until();
        let deadline = node.lease_deadline().filter(|_| node.failsafe()).map(|at| machine.clock.global(at));
        let extended = deadline.filter(|_| deadline > looked.on_grants_ns);
        looked.on_grants_ns = deadline;
        let round = looked.asked;
        if is != was {
            self.tell(ControlFact::Moved { life, was, is });
        }
        if let (true, Some(fed)) = (granted, fed) {
            for (epoch, round) in asks {
                self.tell(ControlFact::Granted { life, primary: fed.by, epoch, round });
            }
        }
        if let (Some(until_ns), Some((epoch, round))) = (extended, round) {
            self.tell(ControlFact::OnGrants { life, epoch, round, until_ns });
        }
    }

    /// A node is about to read `bytes` of `conn`.
    pub(crate) fn control_acks(&mut self, id: NodeId, conn: ConnNo, bytes: &[u8]) {
        if !self.control.on {
            return;
        }
        let Some(ends) = self.net.conn(conn).map(|c| &c.ends) else { return };
        let (Host::Node(from), Host::Node(to)) = (ends[0].host, ends[1].host) else { return };
        let Some(process) = self.machines.get(&id).and_then(|m| m.process.as_deref()) else { return };
        if to != id {
            return;
        }
        let (own, primary) = (process.node.position(), process.node.role().is_primary());
        let partial = self.control.partial.entry(conn).or_default();
        partial.extend_from_slice(bytes);
        let (acks, done) = acks_in(partial);
        partial.drain(..done);
        let newest = self.control.newest.get(&(id, from)).copied();
        let Some((_, inc)) = newest.filter(|(newest, _)| *newest == conn && primary) else { return };
        for (offset, epoch) in acks.into_iter().filter(|(o, e)| *e == own.epoch && *o <= own.offset) {
            self.tell(ControlFact::Acked { replica: (from, inc), primary: id, epoch, offset });
        }
    }

    /// Acknowledgements of writes wait for a client's socket; only looked at while the recorder is on.
    pub(crate) fn control_guarded(&self, id: NodeId, conn: ConnNo) -> bool {
        let sock = || self.machines.get(&id)?.process.as_deref()?.socks.get(&conn);
        self.control.on && sock().is_some_and(|sock| sock.out.guarded().is_some())
    }

    /// A node has sent `len` bytes of replies to a client; `acknowledges`: of writes too.
    pub(crate) fn control_replied(&mut self, id: NodeId, conn: ConnNo, (len, acknowledges): (usize, bool)) {
        if !self.control.on {
            return;
        }
        let client = self.net.conn(conn).is_some_and(|c| matches!(c.ends[0].host, Host::Client(_)));
        let Some(process) = self.machines.get(&id).and_then(|m| m.process.as_deref()) else { return };
        if len == 0 || !client {
            return;
        }
        let (life, epoch) = ((id, process.incarnation), process.node.epoch());
        let at = self.control.facts.len();
        let (sent, open) = self.control.sent.entry(conn).or_default();
        *sent += len as u64;
        open.push_back((*sent, at));
        self.tell(ControlFact::Replied { life, epoch, acknowledges, waited: None });
    }

    /// A client has understood the next `len` bytes of its connection.
    pub(crate) fn control_read(&mut self, conn: ConnNo, len: usize) {
        if !self.control.on {
            return;
        }
        let read = self.control.read.entry(conn).or_default();
        *read += len as u64;
        let Some((_, open)) = self.control.sent.get_mut(&conn) else { return };
        while open.front().is_some_and(|(end, _)| end < read) {
            open.pop_front();
        }
        self.control.answer = open.front().map(|(_, at)| *at);
    }

    /// What it understood was the answer to a `WAIT` for that write.
    pub(crate) fn control_waited(&mut self, id: WriteId, replicas: i64) {
        let at = self.checks.writes.get(id).and_then(Write::at);
        let fact = self.control.answer.take().and_then(|index| self.control.facts.get_mut(index));
        if let (Some((_, ControlFact::Replied { waited, .. })), Some((_, offset))) = (fact, at) {
            *waited = Some((offset, u64::try_from(replicas).unwrap_or(0)));
        }
    }
}

/// What a node's log holds after `from`.
fn tail(node: &Node, mut from: Offset) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some([a, b]) = node.log_tail(from).filter(|[a, b]| !a.is_empty() || !b.is_empty()) {
        bytes.extend_from_slice(a);
        bytes.extend_from_slice(b);
        from += (a.len() + b.len()) as u64;
    }
    bytes
}

/// The rounds that a piece of the stream asks grants for.
fn asks_in(stream: &[u8]) -> Vec<(Epoch, u64)> {
    let found = stream.windows(ASKS.len()).enumerate().filter(|(_, w)| *w == ASKS).map(|(at, _)| at);
    let ask = |at: usize| {
        // After the channel: the end of its line, the length of the message, the message.
        let text = stream.get(at + ASKS.len()..)?.split(|b| *b == b'\n').nth(2)?;
        let text = std::str::from_utf8(text).ok()?.trim_end();
        let (epoch, round) = text.split_once(' ')?;
        Some((Epoch(epoch.parse().ok()?), round.parse().ok()?))
    };
    found.filter_map(ask).collect()
}

/// The acknowledgements among whole commands of a replica, as offset and epoch, and the length of those commands.
fn acks_in(bytes: &[u8]) -> (Vec<(Offset, Epoch)>, usize) {
    let mut spans = ArgSpans::new();
    let (mut acks, mut done) = (Vec::new(), 0);
    while let Scan::Whole { len } = scan(&bytes[done..], &mut spans, &Limits::DEFAULT) {
        let args = spans.view(&bytes[done..]);
        let word = |i: usize| std::str::from_utf8(args.get(i)).unwrap_or_default();
        if args.len() >= 5
            && word(1).eq_ignore_ascii_case("ack")
            && word(3).eq_ignore_ascii_case("epoch")
            && let (Ok(offset), Ok(epoch)) = (word(2).parse(), word(4).parse())
        {
            acks.push((offset, Epoch(epoch)));
        }
        done += len;
    }
    (acks, done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_and_acks_are_found() {
        let ask = |text: &str| {
            format!("*3\r\n$7\r\nPUBLISH\r\n$18\r\n__primacy:failsafe\r\n${}\r\n{text}\r\n", text.len())
        };
        let stream = [ask("3 7"), "*1\r\n$4\r\nPING\r\n".to_owned(), ask("3 12")].concat();
        assert_eq!(asks_in(stream.as_bytes()), [(Epoch(3), 7), (Epoch(3), 12)]);
        let mut bytes = Vec::new();
        crate::reply::command(&mut bytes, &[b"REPLCONF", b"ACK", b"17", b"EPOCH", b"2", b"OPS", b"1"]);
        crate::reply::command(&mut bytes, &[b"REPLCONF", b"GRANT", b"2", b"9"]);
        crate::reply::command(&mut bytes, &[b"REPLCONF", b"ACK", b"18", b"EPOCH", b"2", b"OPS", b"2"]);
        assert_eq!(acks_in(&bytes), (vec![(17, Epoch(2)), (18, Epoch(2))], bytes.len()));
        assert_eq!(acks_in(&bytes[..9]), (Vec::new(), 0));
    }
}
