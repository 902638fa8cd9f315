//! What users ask for, and how it goes on.

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use crate::control::ToNode;
use crate::group::draft::Draft;
use crate::group::election::{Candidate, Choice, choose};
use crate::group::event::EventKind;
use crate::group::record::Phase;
use crate::group::scale::Wanted;
use crate::group::store::Effect;
use crate::group::{Group, Request, RequestError, Timer};
use crate::id::{EventId, Incarnation, MAX_REPLICAS, NodeId};
use crate::time::{Instant, Now};

/// Test failovers allowed in [`TEST_WINDOW`] (`elasticache.md` §2.8).
pub(super) const TESTS_ALLOWED: usize = 15;
/// The rolling window of [`TESTS_ALLOWED`].
pub(super) const TEST_WINDOW: Duration = Duration::from_secs(24 * 3600);
/// `NodeGroupId` of the only node group of a group with cluster mode disabled.
pub(super) const NODE_GROUP: &str = "0001";

/// A planned failover under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handover {
    pub(super) target: NodeId,
    pub(super) event: EventId,
    asked: Instant,
}

/// Requests that are accepted and not yet in the record.
#[derive(Clone, Debug, Default)]
pub(super) struct Wishes {
    pub(super) reboot: Option<(NodeId, Incarnation)>,
    pub(super) delete: Option<EventId>,
    /// Another number of replicas.
    pub(super) replicas: Option<Wanted>,
    /// The operator opens an election although automatic failover is off.
    pub(super) open: Option<EventId>,
    tests: VecDeque<Instant>,
    /// The node whose test failover is not over.
    testing: Option<NodeId>,
}

impl Group {
    pub(super) fn accept(&mut self, request: Request, now: Now) -> Result<(), RequestError> {
        if self.rec().is_none_or(|r| r.deleting) || self.wishes.delete.is_some() {
            return Err(RequestError::NotAvailable);
        }
        match request {
            Request::TestFailover { node_group } => self.accept_test(&node_group, now),
            Request::Failover { target } => self.accept_failover(target, now),
            Request::Reboot { node } => self.accept_reboot(node, now),
            Request::SetAutomaticFailover { enabled } => {
                if enabled && self.config.spec.replicas == 0 {
                    return Err(RequestError::NoReplica);
                }
                self.config.spec.automatic_failover = enabled;
                Ok(())
            }
            Request::IncreaseReplicas { count } => self.accept_more(count, now),
            Request::SetReplicas { count } if count < self.replicas_wanted() => {
                self.accept_fewer(Some(count), Vec::new(), now)
            }
            Request::SetReplicas { count } => self.accept_more(Some(count), now),
            Request::DecreaseReplicas { count, remove } => self.accept_fewer(count, remove, now),
            Request::Delete => {
                self.wishes.delete = Some(self.emit(EventKind::GroupDeleting, None, now));
                Ok(())
            }
        }
    }

    /// The primary, when nothing is under way that a further fault would disturb.
    fn quiet_primary(&self) -> Result<(NodeId, Incarnation), RequestError> {
        let primary = self.serving().filter(|_| self.available).ok_or(RequestError::NotAvailable)?;
        let recovering =
            self.seen.values().any(|s| s.recovering.is_some() || s.rebooting || s.failed_at.is_some());
        let rebooting = self.wishes.reboot.is_some() || self.rec().is_some_and(|r| r.reboot.is_some());
        if recovering
            || rebooting
            || self.is_scaling()
            || self.handover.is_some()
            || self.wishes.testing.is_some()
        {
            return Err(RequestError::Busy);
        }
        Ok(primary)
    }

    fn accept_test(&mut self, node_group: &str, now: Now) -> Result<(), RequestError> {
        if node_group != NODE_GROUP {
            return Err(RequestError::NodeGroupNotFound);
        }
        if self.config.spec.replicas == 0 {
            return Err(RequestError::NoReplica);
        }
        if !self.config.spec.automatic_failover {
            return Err(RequestError::AutomaticFailoverOff);
        }
        let (node, life) = self.quiet_primary()?;
        self.wishes.tests.retain(|at| now.mono.since(*at) < TEST_WINDOW);
        if self.wishes.tests.len() >= TESTS_ALLOWED {
            return Err(RequestError::QuotaExceeded);
        }
        self.wishes.tests.push_back(now.mono);
        self.wishes.testing = Some(node);
        let event = self.emit(EventKind::TestFailoverCalled, None, now);
        if let Some(seen) = self.seen.get_mut(&node) {
            seen.cause = Some(event);
        }
        self.kill(node, life, now);
        Ok(())
    }

    /// TestFailover calls that are left of those allowed in 24 hours.
    pub fn tests_left(&self, now: Now) -> usize {
        let used = self.wishes.tests.iter().filter(|at| now.mono.since(**at) < TEST_WINDOW).count();
        TESTS_ALLOWED.saturating_sub(used)
    }

    pub(super) fn test_finished(&mut self, node: NodeId) {
        self.wishes.testing = self.wishes.testing.filter(|n| *n != node);
    }

    /// Planned failover (`failover.md` §2.10). Of a primary that is down it opens an ordinary election: the operator's
    /// way out when automatic failover is off.
    fn accept_failover(&mut self, target: Option<NodeId>, now: Now) -> Result<(), RequestError> {
        if self.config.spec.replicas == 0 {
            return Err(RequestError::NoReplica);
        }
        let (primary, _) = self.serving().ok_or(RequestError::NotAvailable)?;
        if let Some(node) = target
            && !self.seen.contains_key(&node)
        {
            return Err(RequestError::NodeNotFound(node));
        }
        if !self.is_up(primary) {
            let target = target.unwrap_or(primary);
            self.wishes.open = Some(self.emit(EventKind::PlannedFailoverCalled { target }, None, now));
            return Ok(());
        }
        if self.handover.is_some() || self.wishes.reboot.is_some() || self.wishes.testing == Some(primary) {
            return Err(RequestError::Busy);
        }
        let target = match target {
            Some(node) if self.can_take_over(node, primary) => node,
            Some(node) => return Err(RequestError::BadTarget(node)),
            None => self.best_target(primary).ok_or(RequestError::NotAvailable)?,
        };
        let event = self.emit(EventKind::PlannedFailoverCalled { target }, None, now);
        self.handover = Some(Handover { target, event, asked: now.mono });
        self.send(primary, self.life(primary), ToNode::Handover { epoch: self.epoch(), target });
        Ok(())
    }

    fn can_take_over(&self, node: NodeId, primary: NodeId) -> bool {
        let member = self.rec().and_then(|r| r.members.get(&node));
        let follows = self.seen.get(&node).is_some_and(|s| s.follows(self.epoch()));
        node != primary
            && self.is_up(node)
            && follows
            && member.is_some_and(|m| m.priority > 0 && m.electable)
    }

    /// The replica that an election would choose now (R6).
    fn best_target(&self, primary: NodeId) -> Option<NodeId> {
        let able = self.members().filter(|n| self.can_take_over(*n, primary));
        let candidate = |node| {
            Some(Candidate {
                node,
                position: self.seen.get(&node)?.position,
                electable: true,
                target: false,
                zone_healthy: true,
                priority: self.rec()?.members.get(&node)?.priority,
            })
        };
        match choose(&able.filter_map(candidate).collect::<Vec<_>>()) {
            Choice::Elect { node, .. } => Some(node),
            Choice::CatchUp { .. } | Choice::Nobody => None,
        }
    }

    /// Calls a handover off that neither ended in a release nor was called off by the primary itself.
    pub(super) fn tend_handover(&mut self, now: Now) {
        let Some(handover) = self.handover else { return };
        let limit = self.config.timing.handover_limit * 2 + self.config.timing.silent_after;
        let stable = self.serving().is_some() && self.release.is_none();
        if self.timers.due(handover.asked + limit, Timer::Handover, now) && stable {
            self.handover_off(now);
        }
    }

    pub(super) fn handover_off(&mut self, now: Now) {
        if let Some(handover) = self.handover.take() {
            let kind = EventKind::PlannedFailoverAborted { target: handover.target };
            self.emit(kind, Some(handover.event), now);
        }
    }

    /// An election is over: the handover has succeeded, or somebody else serves and it has come to nothing.
    pub(super) fn handover_settled(&mut self, primary: NodeId, now: Now) {
        match self.handover {
            Some(h) if h.target == primary => self.handover = None,
            Some(_) => self.handover_off(now),
            None => {}
        }
    }

    fn accept_reboot(&mut self, node: NodeId, now: Now) -> Result<(), RequestError> {
        let life = self.life(node);
        if !self.seen.contains_key(&node) {
            return Err(RequestError::NodeNotFound(node));
        }
        if !self.is_up(node) {
            return Err(RequestError::NotAvailable);
        }
        self.quiet_primary()?;
        let event = self.emit(EventKind::RebootCalled { node }, None, now);
        if let Some(seen) = self.seen.get_mut(&node) {
            seen.cause = Some(event);
            seen.rebooting = true;
        }
        self.wishes.reboot = Some((node, life));
        Ok(())
    }

    /// The reboot is stored before the process is ended, so that its end is not taken for a crash by anybody.
    pub(super) fn draft_reboot(&self, draft: &mut Draft) {
        let Some((node, life)) = self.wishes.reboot else { return };
        let stable = matches!(draft.rec.phase, Phase::Stable { .. });
        if stable && draft.rec.reboot.is_none() {
            draft.rec.reboot = Some((node, life));
            draft.effects.push(Effect::RebootMarked(node));
        }
    }

    pub(super) fn reboot_marked(&mut self, node: NodeId) {
        self.wishes.reboot = None;
        if let Some(seen) = self.seen.get_mut(&node) {
            seen.rebooting = true;
        }
    }

    /// Ends the process that is to be rebooted.
    pub(super) fn tend_reboot(&mut self, now: Now) {
        if let Some((node, life)) = self.rec().and_then(|r| r.reboot) {
            self.kill(node, life, now);
        }
    }

    pub(super) fn deleting(&mut self, now: Now) {
        self.handover = None;
        self.tend_deletion(now);
    }

    /// Ends every process; the group is gone when the last one is.
    pub(super) fn tend_deletion(&mut self, now: Now) {
        let lives: Vec<_> = self.seen.iter().map(|(&n, s)| (n, s.life)).collect();
        let gone =
            self.end_former(now) && lives.iter().all(|(n, life)| life.0 == 0 || self.is_dead(*n, *life));
        for (node, life) in lives {
            if life.0 > 0 {
                self.kill(node, life, now);
            }
        }
        if gone && !self.deleted {
            self.deleted = true;
            self.emit(EventKind::GroupDeleted, self.wishes.delete, now);
        }
    }
}

/// The text of a request's refusal for people who read logs.
impl core::fmt::Display for RequestError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let text: String = match self {
            Self::NodeGroupNotFound => "there is no such node group".into(),
            Self::NodeNotFound(n) => alloc::format!("there is no node {n}"),
            Self::NotAvailable => "the group has no serving primary, or the node is down".into(),
            Self::NoReplica => "the group has no replica".into(),
            Self::AutomaticFailoverOff => "automatic failover is off".into(),
            Self::Busy => "a failover, a reboot, a recovery or a change of replicas is under way".into(),
            Self::QuotaExceeded => "15 test failovers in 24 hours are used up".into(),
            Self::TooManyReplicas => alloc::format!("a node group has at most {MAX_REPLICAS} replicas"),
            Self::NotMore(n) => alloc::format!("the group has {n} replicas already"),
            Self::NotFewer(n) => alloc::format!("the group has only {n} replicas"),
            Self::LastReplica => "automatic failover needs at least one replica".into(),
            Self::IsPrimary(n) => alloc::format!("{n} is the primary; only replicas can be removed"),
            Self::BadTarget(n) => alloc::format!("{n} cannot take over now"),
        };
        f.write_str(&text)
    }
}

impl core::error::Error for RequestError {}
