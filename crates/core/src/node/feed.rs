//! The primary's side of replication: attached replicas, each a cursor in the log.

use alloc::vec::Vec;

use super::feeding::Snapshots;
use super::session::{Kind, Session};
use super::{Cut, Event, Node, Notice, Timer};
use crate::control::NodeRole;
use crate::id::{ConnId, Epoch, Incarnation, NodeId, Offset, Position};
use crate::order;
use crate::time::{Instant, Now};

/// What a feed sends next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Waits for a snapshot that it may share.
    Waiting,
    /// Takes the running snapshot: bytes of it taken so far.
    Snapshot(u64),
    /// The snapshot is sent; the stream starts with the first acknowledgement, because a replica may read past
    /// the end mark (Redis's `repl_start_cmd_stream_on_ack`).
    Loading,
    /// Takes the log.
    Stream,
}

/// One attached replica.
#[derive(Clone, Debug)]
pub(super) struct Feed {
    pub(super) conn: ConnId,
    /// The proven member and its life; `None`: a foreign replica, whose acks never count.
    pub(super) member: Option<(NodeId, Incarnation)>,
    pub(super) stage: Stage,
    /// Sent before anything else: the answer to PSYNC, or a newline that keeps a waiting link alive.
    header: Vec<u8>,
    /// It understands `$EOF:` framing.
    pub(super) eof: bool,
    pub(super) port: u16,
    /// Last log byte sent.
    pub(super) cursor: Offset,
    /// Where the log stood when it attached.
    pub(super) attached_at: Offset,
    /// What this connection has acknowledged (R7).
    pub(super) acked: Option<Position>,
    /// Offset of the last acknowledgement, whatever its epoch; for INFO and ROLE.
    pub(super) ack_offset: Offset,
    /// Last sign of life, and last byte taken.
    pub(super) heard: Instant,
    /// Was fully caught up once since it attached (R9).
    pub(super) synced: bool,
    /// Hung up, waiting for `closed`.
    pub(super) cut: bool,
}

/// All attached replicas.
#[derive(Clone, Debug, Default)]
pub(super) struct Feeds {
    pub(super) list: Vec<Feed>,
    /// The connections of `list`, in its order.
    pub(super) conns: Vec<ConnId>,
    pub(super) snapshots: Snapshots,
    /// The next `poll_feed` appends a GETACK: at most one per round of the driver.
    pub(super) getack: bool,
}

impl Feeds {
    pub(super) fn get(&mut self, conn: ConnId) -> Option<&mut Feed> {
        self.list.iter_mut().find(|f| f.conn == conn)
    }

    /// This life of a member is fed over a connection that began later.
    pub(super) fn has_newer(&self, member: Option<(NodeId, Incarnation)>, than: ConnId) -> bool {
        self.list.iter().any(|f| !f.cut && f.member == member && f.conn > than)
    }

    fn remove(&mut self, conn: ConnId) {
        self.list.retain(|f| f.conn != conn);
        self.conns.retain(|&c| c != conn);
    }
}

impl Node {
    /// A replica's PSYNC was accepted: partial from `offset`, or full.
    pub(super) fn add_feed(&mut self, s: &mut Session, offset: Option<Offset>, now: Now) {
        let attaching = s.attaching.take().unwrap_or_default();
        let member = attaching.member;
        if let Some((id, _)) = member {
            self.cut_feeds(Cut::Replaced, |f| f.member.is_some_and(|(other, _)| other == id));
        }
        let end = self.log.end();
        let feed = Feed {
            conn: s.conn,
            member,
            stage: if offset.is_some() { Stage::Stream } else { Stage::Waiting },
            header: Vec::new(),
            eof: attaching.eof,
            port: attaching.port,
            cursor: offset.unwrap_or(end),
            attached_at: end,
            acked: None,
            ack_offset: offset.unwrap_or(0),
            heard: now.mono,
            synced: false,
            cut: false,
        };
        self.feeds.list.push(feed);
        self.feeds.conns.push(s.conn);
        s.kind = Kind::Replica;
        if let Some(client) = self.clients.at(s.slot, s.conn) {
            client.kind = Kind::Replica;
        }
        let notice = Notice::FeedAttached {
            conn: s.conn,
            member: member.map(|(id, _)| id),
            full: offset.is_none(),
            offset: offset.unwrap_or(end),
        };
        self.notice(notice);
        self.arm_link(now.mono);
        if self.timers.get(Timer::Ping).is_none() {
            self.timers.set(Timer::Ping, now.mono + self.config.timing.ping_every);
        }
    }

    /// Cuts the feeds that `which` names.
    pub(super) fn cut_feeds(&mut self, reason: Cut, which: impl Fn(&Feed) -> bool) {
        for feed in self.feeds.list.iter_mut().filter(|f| !f.cut && which(f)) {
            feed.cut = true;
            self.events.push_back(Event::Notice(Notice::FeedCut { conn: feed.conn, reason }));
            self.events.push_back(Event::Hangup(feed.conn));
        }
    }

    /// A feed's connection is gone.
    pub(super) fn feed_closed(&mut self, conn: ConnId) {
        self.feeds.remove(conn);
        self.feeds.snapshots.release(&mut self.keyspace, &self.feeds.list);
        if self.feeds.list.is_empty() {
            self.timers.stop(Timer::Ping);
        }
        self.handover_progress();
        self.trim_log();
    }

    /// Connections of attached replicas. Changes only in `handle_input` and `closed`.
    pub fn feeds(&self) -> &[ConnId] {
        &self.feeds.conns
    }

    /// The next bytes for a replica: of the snapshot, then of the log. `None`: nothing now.
    pub fn poll_feed(&mut self, conn: ConnId, now: Now) -> Option<[&[u8]; 2]> {
        if self.feeds.getack {
            self.feeds.getack = false;
            // What has been released or frozen must not grow by a byte: its owner would outbid the target (R6, R13).
            if matches!(self.role, NodeRole::PrimaryServing | NodeRole::PrimaryPaused) {
                self.log.ask_positions();
            }
        }
        let i = self.feeds.list.iter().position(|f| f.conn == conn && !f.cut)?;
        if self.feeds.list[i].stage == Stage::Waiting {
            self.join_snapshot(i, now);
        }
        if !self.feeds.list[i].header.is_empty() {
            return Some([&self.feeds.list[i].header, &[]]);
        }
        match self.feeds.list[i].stage {
            Stage::Waiting | Stage::Loading => None,
            Stage::Snapshot(taken) => self.feeds.snapshots.slice(&mut self.keyspace, &self.feeds.list, taken),
            Stage::Stream => {
                let cursor = self.feeds.list[i].cursor;
                match self.log.ring().after(cursor) {
                    Some([a, b]) if !a.is_empty() || !b.is_empty() => {}
                    Some(_) => return None,
                    None => {
                        self.cut_feeds(Cut::OutputLimit, |f| f.conn == conn);
                        return None;
                    }
                }
                self.log.ring().after(cursor)
            }
        }
    }

    /// `n` of those bytes were taken by the socket.
    pub fn feed_sent(&mut self, conn: ConnId, n: usize, now: Now) {
        let Feeds { list, snapshots, .. } = &mut self.feeds;
        let Some(feed) = list.iter_mut().find(|f| f.conn == conn) else { return };
        if !feed.header.is_empty() {
            feed.header.drain(..n.min(feed.header.len()));
            return;
        }
        match &mut feed.stage {
            Stage::Stream => feed.cursor += n as u64,
            Stage::Snapshot(taken) => {
                *taken += n as u64;
                feed.heard = now.mono;
                if let Some(framed_by_mark) = snapshots.finished(*taken) {
                    feed.stage = if framed_by_mark { Stage::Loading } else { Stage::Stream };
                    snapshots.release(&mut self.keyspace, list);
                }
            }
            Stage::Waiting | Stage::Loading => {}
        }
    }

    /// Gives feed `i` the running snapshot if nobody has taken from it what is gone by now, or begins one.
    fn join_snapshot(&mut self, i: usize, now: Now) {
        let eof = self.feeds.list[i].eof;
        let offset = if let Some(offset) = self.feeds.snapshots.joinable(eof) {
            offset
        } else {
            if self.feeds.snapshots.running() {
                return;
            }
            let mark = eof.then(|| self.rng.bytes());
            self.feeds.snapshots.begin(&mut self.keyspace, &self.log, mark, now.unix_ms);
            self.log.end()
        };
        let repl_id = self.log.repl_id();
        let feed = &mut self.feeds.list[i];
        feed.header.extend_from_slice(alloc::format!("+FULLRESYNC {repl_id} {offset}\r\n").as_bytes());
        feed.cursor = offset;
        feed.stage = Stage::Snapshot(0);
        feed.heard = now.mono;
    }

    /// A sign of life: an acknowledgement, or the newlines of a replica that loads.
    pub(super) fn feed_heard(&mut self, conn: ConnId, now: Instant) {
        if let Some(feed) = self.feeds.get(conn) {
            feed.heard = now;
        }
    }

    /// `REPLCONF ACK`: counted only from the current connection (R7), for the epoch that it names.
    pub(super) fn acknowledge(&mut self, conn: ConnId, position: Position) {
        let own = self.log.position();
        let waited = self.max_waited;
        let Some(feed) = self.feeds.get(conn).filter(|f| !f.cut) else { return };
        feed.ack_offset = position.offset;
        if feed.stage == Stage::Loading {
            feed.stage = Stage::Stream;
        }
        if feed.member.is_none() || feed.stage != Stage::Stream || position.offset > own.offset {
            return;
        }
        feed.acked = Some(position);
        let caught_up = position.epoch == own.epoch && position.offset >= feed.attached_at.max(waited);
        feed.synced = feed.synced || caught_up;
        self.wake_waiting();
        self.handover_progress();
    }

    /// How many members have `offset` in the current epoch (R7, R8, R9): current connection, current life, and past
    /// this epoch's record.
    pub(super) fn holders(&self, offset: Offset) -> usize {
        let epoch = self.log.position().epoch;
        self.counting().filter(|(_, p)| p.epoch == epoch && p.offset >= offset).count()
    }

    /// Members whose acks count: attached with the life that the record believes in (R7, R9).
    fn counting(&self) -> impl Iterator<Item = (NodeId, Position)> {
        self.feeds.list.iter().filter(|f| !f.cut).filter_map(|f| {
            let (id, life) = f.member?;
            let known = self.members.peers.iter().any(|p| p.id == id && p.incarnation == life);
            if known { Some((id, f.acked?)) } else { None }
        })
    }

    /// What each attached member has acknowledged, by id.
    pub(super) fn acknowledged(&self) -> Vec<(NodeId, Position)> {
        let mut acked: Vec<_> = self.counting().collect();
        order::sort_by_key(&mut acked, |&(id, _)| id);
        acked
    }

    /// What the current life of `target` has acknowledged in this epoch.
    pub(super) fn acknowledged_by(&self, target: NodeId) -> Option<Offset> {
        let epoch = self.log.position().epoch;
        self.counting().find(|&(id, p)| id == target && p.epoch == epoch).map(|(_, p)| p.offset)
    }

    /// Members that were fully caught up in this epoch, with their lives (R9).
    pub(super) fn synced(&self) -> Vec<(NodeId, Incarnation)> {
        let mut synced: Vec<_> =
            self.feeds.list.iter().filter(|f| f.synced && !f.cut).filter_map(|f| f.member).collect();
        order::sort(&mut synced);
        synced
    }

    /// Drops log bytes that nobody needs; a feed that needs more than the replica limit is cut.
    pub(super) fn trim_log(&mut self) {
        let end = self.log.end();
        if self.log.ring().held() < self.trim_at {
            return;
        }
        let limit = self.config.limits.output_replica as u64;
        self.cut_feeds(Cut::OutputLimit, |f| end - f.cursor > limit);
        let needed = self.feeds.list.iter().filter(|f| !f.cut).map(|f| f.cursor).min().unwrap_or(end);
        self.log.trim(self.config.limits.backlog, needed);
        self.trim_at =
            (self.log.ring().held().max(self.config.limits.backlog as u64)) + crate::log::ring::CHUNK as u64;
    }

    /// Keeps idle links alive, only while the stream may grow: a primary without a lease must not diverge by PINGs.
    pub(super) fn ping_due(&mut self, now: Instant) {
        if self.feeds.list.is_empty() {
            return;
        }
        if self.role == NodeRole::PrimaryServing {
            self.log.ping();
        }
        for feed in &mut self.feeds.list {
            if feed.stage == Stage::Waiting && feed.header.is_empty() {
                feed.header.push(b'\n');
            }
        }
        self.timers.set(Timer::Ping, now + self.config.timing.ping_every);
    }

    /// Cuts silent feeds.
    pub(super) fn check_feeds(&mut self, now: Instant) {
        let limit = self.config.timing.link_timeout;
        self.cut_feeds(Cut::Silent, |f| now >= f.heard + limit);
    }

    /// The epoch under which acks count.
    pub(super) fn current_epoch(&self) -> Epoch {
        self.log.position().epoch
    }
}
