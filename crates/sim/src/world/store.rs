//! The record store: one linearizable compare-and-set register each for the shard and the lease.

use primacy_core::group::Stored;
use primacy_core::group::record::{Change, Registers};

use super::World;
use super::coordinator::Input;
use super::happening::Happening;
use crate::fault::Moment;
use crate::hash::draw_below;
use crate::net::Host;

/// The store's process.
#[derive(Clone, Default)]
pub(crate) struct Store {
    pub(crate) registers: Registers,
    pub(crate) silent: u16,
    /// One in this many changes ends unknown; 0: none.
    pub(crate) unknown: u16,
    held: Vec<Asked>,
}

#[derive(Clone)]
enum Asked {
    Change { life: u32, ticket: u64, change: Box<Change> },
    Read { life: u32, ticket: u64 },
}

impl World {
    pub(crate) fn store_asked(&mut self, life: u32, ticket: u64, change: Box<Change>) {
        if self.store.silent > 0 {
            return self.store.held.push(Asked::Change { life, ticket, change });
        }
        let shard = change.shard.is_some();
        let unsure = self.store.unknown > 0
            && draw_below(self.scenario.seed, 21, ticket, u64::from(life), u64::from(self.store.unknown))
                == 0;
        let lost = unsure && draw_below(self.scenario.seed, 22, ticket, u64::from(life), 2) == 0;
        let mut outcome = Stored::Unknown;
        if !lost {
            let before = self.store.registers.clone();
            if self.store.registers.apply(*change) {
                self.store_changed(&before, life);
                let members = |r: &Registers| r.shard.as_ref().map(|s| s.members.len());
                if members(&before) > members(&self.store.registers) {
                    self.part_with_machines();
                }
                let Registers { shard_revision: shard, lease_revision: lease, .. } = self.store.registers;
                outcome = Stored::Ok { shard, lease };
            } else {
                outcome = Stored::Conflict;
            }
        }
        let tally = &mut self.checks.tally;
        if self.rival.is_some() && shard {
            tally.rival_changes += u64::from(matches!(outcome, Stored::Ok { .. }));
            tally.rival_refused += u64::from(outcome == Stored::Conflict);
        }
        if unsure {
            tally.unknown_applied += u64::from(matches!(outcome, Stored::Ok { .. }));
            tally.unknown_lost += u64::from(lost);
            outcome = Stored::Unknown;
        }
        let at = self.store_answer_at(ticket);
        if shard && !lost && self.coordinator.life == life && self.coordinator.trap == Some(Moment::Stored) {
            self.checks.tally.crash_moments |= 1 << Moment::Stored as u8;
            return self.coordinator_dies();
        }
        let here = shard && !lost && self.coordinator.life == life;
        self.stalls_at(Moment::Stored, here);
        self.push_loose(at, Happening::StoreAnswers { life, ticket, outcome });
    }

    pub(crate) fn store_read(&mut self, life: u32, ticket: u64) {
        if self.store.silent > 0 {
            return self.store.held.push(Asked::Read { life, ticket });
        }
        let registers = Box::new(self.store.registers.clone());
        let at = self.store_answer_at(ticket);
        self.queue.push(at, Happening::StoreSays { life, ticket, registers });
    }

    /// The store answers again: first what it was asked meanwhile.
    pub(crate) fn store_resumed(&mut self) {
        for asked in std::mem::take(&mut self.store.held) {
            match asked {
                Asked::Change { life, ticket, change } => {
                    self.as_coordinator(life, |world| world.store_asked(life, ticket, change));
                }
                Asked::Read { life, ticket } => self.store_read(life, ticket),
            }
        }
    }

    pub(crate) fn store_late(&mut self, life: u32, ticket: u64) {
        self.store_answers(life, ticket, Stored::Unknown);
    }

    pub(crate) fn store_answers(&mut self, life: u32, ticket: u64, outcome: Stored) {
        if self.coordinator.life == life {
            self.tell_coordinator(Input::Stored(ticket, outcome));
        }
    }

    pub(crate) fn store_says(&mut self, life: u32, ticket: u64, registers: Box<Registers>) {
        if self.coordinator.life == life {
            self.tell_coordinator(Input::Loaded(ticket, registers));
        }
    }

    fn store_answer_at(&self, ticket: u64) -> u64 {
        self.queue.now() + self.net.transit(Host::Store, Host::Coordinator, 9, ticket, 0)
    }
}
