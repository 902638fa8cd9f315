//! What the nodes say.

use alloc::vec::Vec;
use core::net::SocketAddr;

use crate::control::{FromNode, NodeRole, ToNode};
use crate::group::Group;
use crate::group::election::Vote;
use crate::group::event::EventKind;
use crate::group::lease::{ReleaseAsk, RenewAsk};
use crate::group::record::{LeaseRec, Phase};
use crate::group::seen::JoinAsk;
use crate::id::{Epoch, EventId, Incarnation, NodeId, Position};
use crate::map::Map;
use crate::time::Now;

/// So many signs of life are answered, if there is nothing else to say: several answers to each time that a node waits.
const ANSWER_EVERY: u8 = 4;

/// A heartbeat's content.
#[derive(Clone)]
struct Beat {
    role: NodeRole,
    promised: Epoch,
    position: Position,
    acked: Vec<(NodeId, Position)>,
    link_up: bool,
    keys: u64,
}

impl Group {
    /// One message of a node. Only the record's life of a member is listened to (R9); an earlier one that asks for a
    /// lease is told that it is not primary any more, and a later one shows that the record is not the newest.
    pub(super) fn hear(&mut self, node: NodeId, life: Incarnation, message: FromNode, now: Now) {
        let known = self.life(node);
        let Some(seen) = self.seen.get_mut(&node) else { return self.hear_stranger(node, life) };
        if matches!(message, FromNode::Heartbeat { .. } | FromNode::Join { .. }) {
            seen.unanswered = seen.unanswered.saturating_add(1);
            // Whose store is silent can do nothing for anybody: another coordinator may reach it.
            if seen.unanswered >= ANSWER_EVERY && !self.store.silent {
                self.send(node, life, ToNode::Heard);
            }
        }
        match message {
            FromNode::Join { addr, position } => self.note_join(node, life, (addr, position), now),
            FromNode::Lost(report) => {
                if life == known {
                    self.heard(node, now);
                }
                self.note_lost((node, life), report, now);
            }
            FromNode::Renew { .. } if life < known => self.deny((node, life), now),
            // Another coordinator has let this life in: the record has moved on.
            _ if life > known => self.store.reload = true,
            _ if life != known || self.is_dead(node, life) => {}
            message => {
                self.heard(node, now);
                self.listen(node, life, message, now);
            }
        }
    }

    fn listen(&mut self, node: NodeId, life: Incarnation, message: FromNode, now: Now) {
        match message {
            FromNode::Heartbeat { role, promised, position, acked, link_up, keys } => {
                self.note_beat(node, Beat { role, promised, position, acked, link_up, keys }, now);
            }
            FromNode::Report { epoch, position, electable, .. } => {
                if let Some(seen) = self.seen.get_mut(&node) {
                    seen.role = Some(NodeRole::Frozen);
                    seen.promised = seen.promised.max(epoch);
                    seen.position = position;
                    seen.link_up = false;
                }
                self.note_vote(node, epoch, Vote { incarnation: life, position, electable }, now);
            }
            FromNode::Stale { promised } => self.note_stale(node, promised),
            FromNode::Renew { epoch, seq, asked, position, acked, members_seen, synced } => {
                let acked: Map<NodeId, Position> = acked.into_iter().collect();
                let lease =
                    LeaseRec { epoch, holder: node, incarnation: life, seq, position, acked, members_seen };
                let reads = self.store.reads;
                self.note_renewal(RenewAsk { from: (node, life), asked, lease, synced, reads }, now);
            }
            FromNode::Release { epoch, seq, position } => {
                self.note_release(ReleaseAsk { from: (node, life), epoch, seq, position });
            }
            FromNode::HandoverFailed { epoch } => {
                if self.epoch() == epoch {
                    self.handover_off(now);
                }
            }
            FromNode::Attached { epoch, full, position } => {
                self.note_attached(node, epoch, (full, position), now);
            }
            // A grant still runs (R14): the election's retry asks again.
            FromNode::GrantRunning { .. } | FromNode::Join { .. } | FromNode::Lost(_) => {}
        }
    }

    /// A node has promised more than it was told by this coordinator: the record has moved on, or, when it has not,
    /// this election must go above the promise.
    fn note_stale(&mut self, node: NodeId, promised: Epoch) {
        if let Some(seen) = self.seen.get_mut(&node) {
            seen.promised = seen.promised.max(promised);
        }
        if promised > self.epoch() {
            self.store.reload = true;
        }
    }

    fn note_beat(&mut self, node: NodeId, beat: Beat, now: Now) {
        let epoch = self.epoch();
        // Who has records of the epoch that is being elected here was elected by another coordinator.
        let elected = self.rec().is_some_and(|r| r.phase == Phase::Electing) && beat.position.epoch >= epoch;
        if beat.promised > epoch || elected {
            self.store.reload = true;
        }
        let Some(seen) = self.seen.get_mut(&node) else { return };
        seen.role = Some(beat.role);
        seen.promised = beat.promised;
        seen.position = beat.position;
        seen.acked = beat.acked;
        seen.link_up = beat.link_up;
        seen.keys = beat.keys;
        if seen.follows(epoch) {
            self.settled(node, None, now);
        }
    }

    fn note_attached(&mut self, node: NodeId, epoch: Epoch, (full, position): (bool, Position), now: Now) {
        if epoch != self.epoch() || self.serving().is_none() {
            return;
        }
        let cause = self.seen.get(&node).and_then(|s| s.cause).or(self.story.serving);
        let event = self.emit(EventKind::NodeAttached { node, epoch, full }, cause, now);
        if let Some(seen) = self.seen.get_mut(&node) {
            seen.role = Some(NodeRole::Following);
            seen.promised = epoch;
            seen.position = position;
            seen.link_up = true;
        }
        self.settled(node, Some(event), now);
    }

    /// A member follows or serves: whatever was done to bring it back is finished.
    pub(super) fn settled(&mut self, node: NodeId, cause: Option<EventId>, now: Now) {
        let Some(seen) = self.seen.get_mut(&node) else { return };
        seen.settled = true;
        seen.newcomer = false;
        seen.rebooting = false;
        seen.failed_at = None;
        let explained = cause.or(seen.cause);
        seen.cause = None;
        if let Some(started) = seen.recovering.take() {
            let cause = explained.or(Some(started));
            self.emit(EventKind::RecoveryFinished { node }, cause, now);
            self.test_finished(node);
        }
    }

    fn note_join(
        &mut self,
        node: NodeId,
        life: Incarnation,
        (addr, position): (SocketAddr, Position),
        now: Now,
    ) {
        if life.0 == 0 || self.is_dead(node, life) {
            return;
        }
        let known = self.life(node);
        if life == known {
            // The answer was lost.
            self.heard(node, now);
            self.send_joined(node);
            self.forget_orders(node);
            return;
        }
        let Some(seen) = self.seen.get_mut(&node).filter(|s| life > known && life >= s.life) else { return };
        seen.life = life;
        // A new life proves that every earlier one has ended (R10: one process per data directory and port).
        seen.dead = seen.dead.max(Incarnation(life.0 - 1));
        seen.join = Some(JoinAsk { incarnation: life, addr, position });
        // The process that joined is there to be heard: an earlier one's silence is over with it.
        seen.heard_at = now.mono;
        if let Some(election) = self.election.as_mut() {
            election.votes.remove(&node);
        }
        if self.renew.as_ref().is_some_and(|r| r.from.0 == node) {
            self.renew = None;
        }
        if self.release.is_some_and(|r| r.from.0 == node) {
            self.release = None;
        }
    }
}
