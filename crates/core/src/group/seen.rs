//! What this coordinator has heard of each member: kept in memory, lost with it, never a safety decision
//! beyond the proof that a process has ended.

use alloc::vec::Vec;
use core::net::SocketAddr;

use crate::control::NodeRole;
use crate::group::event::EventKind;
use crate::group::{Group, Timer};
use crate::id::{Epoch, EventId, Incarnation, NodeId, Position};
use crate::time::{Instant, Now};

/// A process that has started and waits to be let in (R10).
#[derive(Clone, Copy, Debug)]
pub(super) struct JoinAsk {
    pub(super) incarnation: Incarnation,
    pub(super) addr: SocketAddr,
    pub(super) position: Position,
}

/// A process that was asked for and has not joined yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Started {
    pub(super) life: Incarnation,
    pub(super) at: Instant,
    pub(super) cause: Option<EventId>,
}

/// One member as heard.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// The highest life known here, started or joined.
    pub(super) life: Incarnation,
    /// The highest life that is known to have ended.
    pub(super) dead: Incarnation,
    pub(super) addr: Option<SocketAddr>,
    pub(super) heard_at: Instant,
    /// The event that told of its silence, while it lasts.
    pub(super) silent: Option<EventId>,
    /// Since when it is down: silent or ended.
    pub(super) failed_at: Option<Instant>,
    /// The last event that explains why it is down or what comes next for it.
    pub(super) cause: Option<EventId>,
    pub(super) join: Option<JoinAsk>,
    pub(super) started: Option<Started>,
    /// The event that told of its recovery, while it lasts.
    pub(super) recovering: Option<EventId>,
    pub(super) rebooting: bool,
    /// This life joined empty, in the middle of an election, after this committed epoch: it has nothing as long as no
    /// later one is committed, because nobody can have led or fed it.
    pub(super) blank: Option<Epoch>,
    /// It was added to a running group and has not followed yet.
    pub(super) newcomer: bool,
    /// It has been seen following, or serving, in this life.
    pub(super) settled: bool,
    pub(super) role: Option<NodeRole>,
    pub(super) promised: Epoch,
    pub(super) position: Position,
    pub(super) link_up: bool,
    pub(super) keys: u64,
    /// As primary: who is attached, and how far each has acknowledged.
    pub(super) acked: Vec<(NodeId, Position)>,
    /// Signs of life since the last word to it.
    pub(super) unanswered: u8,
    /// The last `Follow`: epoch, life, when.
    pub(super) followed: Option<(Epoch, Incarnation, Instant)>,
    /// The last `Kill`: life, when.
    pub(super) killed: Option<(Incarnation, Instant)>,
}

impl Seen {
    pub(super) fn new(life: Incarnation, now: Now) -> Self {
        Self {
            life,
            dead: Incarnation(0),
            addr: None,
            heard_at: now.mono,
            silent: None,
            failed_at: None,
            cause: None,
            join: None,
            started: None,
            recovering: None,
            rebooting: false,
            blank: None,
            newcomer: false,
            settled: false,
            role: None,
            promised: Epoch(0),
            position: Position::default(),
            link_up: false,
            keys: 0,
            acked: Vec::new(),
            unanswered: 0,
            followed: None,
            killed: None,
        }
    }

    /// The record's life of this member is not known to have ended and is not silent.
    pub(super) fn up(&self, life: Incarnation) -> bool {
        life > self.dead && self.silent.is_none()
    }

    /// A replica that follows the primary of `epoch`.
    pub(super) fn follows(&self, epoch: Epoch) -> bool {
        self.role == Some(NodeRole::Following) && self.link_up && self.promised == epoch
    }
}

impl Group {
    /// Begins to listen to every member of the record.
    pub(super) fn meet_members(&mut self, now: Now) {
        self.part_with_former(now);
        let Some(rec) = self.registers.shard.as_ref() else { return };
        for (&node, member) in &rec.members {
            let seen = self.seen.entry(node).or_insert_with(|| Seen::new(member.incarnation, now));
            seen.life = seen.life.max(member.incarnation);
        }
    }

    /// Life of the member in the record; 0 when it has never joined or is none.
    pub(super) fn life(&self, node: NodeId) -> Incarnation {
        self.rec().and_then(|r| r.members.get(&node)).map_or(Incarnation(0), |m| m.incarnation)
    }

    /// The member has joined, its life is not known to have ended, and it is not silent.
    pub(super) fn is_up(&self, node: NodeId) -> bool {
        let life = self.life(node);
        life.0 > 0 && self.seen.get(&node).is_some_and(|s| s.up(life))
    }

    /// That life of the member is known to have ended.
    pub(super) fn is_dead(&self, node: NodeId, life: Incarnation) -> bool {
        self.seen.get(&node).is_some_and(|s| s.dead >= life)
    }

    /// From now on this member may have data.
    pub(super) fn has_data(&mut self, node: NodeId) {
        if let Some(seen) = self.seen.get_mut(&node) {
            seen.blank = None;
        }
    }

    /// A sign of life of the record's life of `node`.
    pub(super) fn heard(&mut self, node: NodeId, now: Now) {
        let Some(seen) = self.seen.get_mut(&node) else { return };
        seen.heard_at = now.mono;
        if let Some(cause) = seen.silent.take() {
            seen.failed_at = None;
            seen.cause = None;
            self.emit(EventKind::NodeHeard { node }, Some(cause), now);
        }
    }

    /// Tells of members that have been silent for `silent_after`.
    pub(super) fn watch_silence(&mut self, now: Now) {
        let limit = self.config.timing.silent_after;
        let quiet: Vec<NodeId> = self.members().filter(|&node| self.is_up(node)).collect();
        for node in quiet {
            let Some(seen) = self.seen.get_mut(&node) else { continue };
            if !self.timers.due(seen.heard_at + limit, Timer::Silence, now) {
                continue;
            }
            let event = self.emit(EventKind::NodeSilent { node }, None, now);
            if let Some(seen) = self.seen.get_mut(&node) {
                seen.silent = Some(event);
                seen.failed_at = Some(now.mono);
                seen.cause = Some(event);
                seen.link_up = false;
            }
        }
    }

    /// Notes a proof of death: the word of whoever waited for the process.
    pub(super) fn note_exit(&mut self, node: NodeId, incarnation: Incarnation, now: Now) {
        let Some(seen) = self.seen.get_mut(&node) else { return self.former_ended(node, incarnation) };
        if incarnation <= seen.dead {
            return;
        }
        seen.dead = incarnation;
        let last = incarnation >= seen.life;
        let cause = if last { seen.cause } else { seen.recovering };
        let event = self.emit(EventKind::NodeExited { node, incarnation }, cause, now);
        let Some(seen) = self.seen.get_mut(&node) else { return };
        seen.join = seen.join.filter(|j| j.incarnation > incarnation);
        seen.started = seen.started.filter(|s| s.life > incarnation);
        if last {
            seen.life = incarnation;
            seen.failed_at = seen.failed_at.filter(|_| seen.silent.is_some()).or(Some(now.mono));
            seen.silent = None;
            seen.cause = Some(event);
            seen.role = None;
            seen.link_up = false;
        }
    }

    /// All members of the record, by id.
    pub(super) fn members(&self) -> impl Iterator<Item = NodeId> + use<> {
        let ids: Vec<NodeId> = self.rec().map(|r| r.members.keys().copied().collect()).unwrap_or_default();
        ids.into_iter()
    }
}
