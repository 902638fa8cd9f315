//! The one change of the record that is under way, and what follows once it is stored.

use alloc::string::String;
use alloc::vec::Vec;

use crate::group::event::Suspicion;
use crate::group::lease::RenewAsk;
use crate::group::record::{Change, Registers, Revision};
use crate::group::scale::Wanted;
use crate::group::{Action, Group, Stored, Timer};
use crate::id::{EventId, NodeId};
use crate::time::{Instant, Now};

/// What a change does once it is stored; nothing of it is shown before (contract of [`super::Group`]).
#[derive(Clone, Debug)]
pub(super) enum Effect {
    /// The record exists: all processes are started.
    Founded,
    /// A process was let in.
    Joined(NodeId),
    /// The primary is given up.
    Suspected(Suspicion, Option<EventId>),
    /// The winner is chosen; the text is why.
    Elected { reason: String, genesis: bool },
    /// The lease runs.
    Renewed(RenewAsk),
    /// A further life of this member may be started.
    Assigned(NodeId),
    /// This member is to be rebooted.
    RebootMarked(NodeId),
    /// A reboot whose node did not come back is given up: an ordinary election.
    RebootGivenUp,
    /// So many replicas are wanted.
    ReplicasWanted(Wanted),
    /// This member is new.
    Added(NodeId),
    /// This one is a member no more.
    Removed(NodeId),
    /// The end.
    Deleting,
}

/// What the store was asked.
#[derive(Clone, Debug)]
enum Flight {
    Change { ticket: u64, change: Change, effects: Vec<Effect> },
    Load { ticket: u64, verify: Option<(Change, Vec<Effect>)> },
}

/// The coordinator's side of the store.
#[derive(Clone, Debug, Default)]
pub(super) struct StoreState {
    flight: Option<Flight>,
    last_ticket: u64,
    /// The record may have changed behind this coordinator's back.
    pub(super) reload: bool,
    /// The store could not be reached: asked again then.
    retry_at: Option<Instant>,
    /// A change whose fate is unknown, until the record has been read.
    doubt: Option<(Change, Vec<Effect>)>,
    /// Answered reads so far.
    pub(super) reads: u64,
    /// Not even a read was answered when it was last asked.
    pub(super) silent: bool,
}

impl Group {
    /// Asks the store for at most one thing: to read when in doubt, else the next change.
    pub(super) fn propose(&mut self, now: Now) {
        if self.store.flight.is_some() {
            return;
        }
        if !self.store.reload
            && let Some((change, effects)) = self.draft(now)
        {
            self.store.last_ticket += 1;
            let ticket = self.store.last_ticket;
            self.actions.push_back(Action::Store { ticket, change: change.clone() });
            self.store.flight = Some(Flight::Change { ticket, change, effects });
            return;
        }
        if !self.store.reload || self.store.retry_at.is_some_and(|at| !self.timers.due(at, Timer::Store, now))
        {
            return;
        }
        self.store.last_ticket += 1;
        let ticket = self.store.last_ticket;
        self.store.reload = false;
        self.store.retry_at = None;
        self.store.flight = Some(Flight::Load { ticket, verify: self.store.doubt.take() });
        self.actions.push_back(Action::Load { ticket });
    }

    pub(super) fn store_answered(&mut self, ticket: u64, outcome: Stored, now: Now) {
        match self.store.flight.take() {
            Some(Flight::Change { ticket: t, change, effects }) if t == ticket => match outcome {
                Stored::Ok { shard, lease } => self.written(change, effects, (shard, lease), now),
                Stored::Conflict => {
                    self.store.reload = true;
                    self.take_back(effects, now);
                }
                Stored::Unknown => {
                    self.store.reload = true;
                    self.store.doubt = Some((change, effects));
                }
            },
            Some(Flight::Load { ticket: t, verify }) if t == ticket => {
                self.store.silent = true;
                self.store.reload = true;
                self.store.retry_at = Some(now.mono + self.retry_every());
                self.store.doubt = verify;
            }
            other => self.store.flight = other,
        }
    }

    pub(super) fn store_read(&mut self, registers: Registers, now: Now) {
        let verify = match self.store.flight.take() {
            Some(Flight::Load { verify, .. }) => {
                self.store.reads += 1;
                self.store.silent = false;
                verify
            }
            change => {
                self.store.flight = change;
                None
            }
        };
        let older = registers.shard_revision < self.registers.shard_revision
            || registers.lease_revision < self.registers.lease_revision;
        if older {
            return verify.into_iter().for_each(|(_, effects)| self.take_back(effects, now));
        }
        // An unknown outcome is settled by what is there now: the values, each with the revision after the expected
        // one, can only be this coordinator's own.
        let is_there = |c: &Change| {
            c.shard.as_ref().is_none_or(|s| registers.shard.as_ref() == Some(s))
                && c.lease.as_ref().is_none_or(|l| registers.lease.as_ref() == Some(l))
        };
        let stored = verify.as_ref().is_some_and(|(change, _)| is_there(change));
        let before = self.registers.clone();
        self.adopt(registers, now);
        match verify {
            Some((_, effects)) if stored => self.apply_effects(effects, &before, now),
            Some((_, effects)) => self.take_back(effects, now),
            None => {}
        }
    }

    fn written(&mut self, change: Change, effects: Vec<Effect>, at: (Revision, Revision), now: Now) {
        let before = self.registers.clone();
        if at.0 >= before.shard_revision && at.1 >= before.lease_revision {
            let mut after = before.clone();
            let names_lease = change.lease.is_some() || change.expect_lease.is_some();
            after.shard = change.shard.or(after.shard);
            after.lease = change.lease.or(after.lease);
            after.shard_revision = at.0;
            // A revision without its value is worth nothing: another coordinator has stored a lease that is not known here.
            if names_lease || at.1 == before.lease_revision {
                after.lease_revision = at.1;
            } else {
                self.store.reload = true;
            }
            self.adopt(after, now);
        }
        self.apply_effects(effects, &before, now);
    }

    /// Takes the record as it is now, and begins to observe whatever is new in it (R3).
    fn adopt(&mut self, registers: Registers, now: Now) {
        if registers.lease_revision != self.registers.lease_revision {
            self.lease_seen = now.mono;
        }
        let term = |r: &Registers| r.shard.as_ref().map(|s| (s.epoch, s.phase));
        if term(&registers) != term(&self.registers) {
            self.term_seen = now.mono;
        }
        self.registers = registers;
        self.meet_members(now);
        self.follow_phase(now);
    }

    fn apply_effects(&mut self, effects: Vec<Effect>, before: &Registers, now: Now) {
        for effect in effects {
            match effect {
                Effect::Founded => self.founded(now),
                Effect::Joined(node) => self.joined(node, now),
                Effect::Suspected(reason, cause) => self.suspected(reason, cause, before, now),
                Effect::Elected { reason, genesis } => self.elected(reason, genesis, now),
                Effect::Renewed(ask) => self.renewed(&ask, before, now),
                Effect::Assigned(node) => self.assigned(node, now),
                Effect::RebootMarked(node) => self.reboot_marked(node),
                Effect::RebootGivenUp => {}
                Effect::ReplicasWanted(wanted) => self.replicas_stored(&wanted),
                Effect::Added(node) => self.added(node, now),
                Effect::Removed(node) => self.removed(node, now),
                Effect::Deleting => self.deleting(now),
            }
        }
    }
}
