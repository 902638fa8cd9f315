//! Two coordinators at once: whoever watches over them has taken one for dead and started another, and both go on.
//!
//! The newer stands in `World::coordinator`, the older one in `World::rival`. What is meant for one of them names its
//! life, or its machine, and is done with that one in the first place.

use primacy_core::id::EventId;

use super::World;
use super::coordinator::Coordinator;
use super::happening::Happening;
use crate::hash::draw;
use crate::net::{ConnNo, Host};

impl World {
    /// Does something as the coordinator of that life; as the newer one when none has it.
    pub(crate) fn as_coordinator(&mut self, life: u32, act: impl FnOnce(&mut Self)) {
        let older = self.rival.as_ref().is_some_and(|rival| rival.life == life);
        self.in_turn(older, act);
    }

    /// Does something as the coordinator on that machine, if it is still there.
    pub(crate) fn on_coordinator(&mut self, machine: u32, act: impl FnOnce(&mut Self)) {
        let older = self.rival.as_ref().is_some_and(|rival| rival.machine == machine);
        if older || self.coordinator.machine == machine {
            self.in_turn(older, act);
        }
    }

    fn in_turn(&mut self, older: bool, act: impl FnOnce(&mut Self)) {
        if older {
            self.swap_coordinators();
        }
        act(self);
        if older {
            self.swap_coordinators();
        }
    }

    fn swap_coordinators(&mut self) {
        if let Some(rival) = self.rival.as_deref_mut() {
            std::mem::swap(&mut self.coordinator, rival);
        }
    }

    /// A life that no coordinator has had.
    pub(crate) fn new_coordinator_life(&mut self) -> u32 {
        self.coordinator_lives += 1;
        self.coordinator_lives
    }

    /// Whether a coordinator has that life now.
    pub(crate) fn is_coordinator(&self, life: u32) -> bool {
        self.lives_of_coordinators().any(|known| known == life)
    }

    /// The lives of all coordinators.
    pub(crate) fn lives_of_coordinators(&self) -> impl Iterator<Item = u32> + use<> {
        let older = self.rival.as_ref().map(|rival| rival.life);
        std::iter::once(self.coordinator.life).chain(older)
    }

    /// Which of them takes a new connection: their one address leads to either.
    pub(crate) fn acceptor(&self, conn: ConnNo) -> u32 {
        match &self.rival {
            Some(older) if older.group.is_some() => {
                let newer = self.coordinator.group.is_some();
                let pick = draw(self.scenario.seed, 55, u64::from(conn), 0).is_multiple_of(2);
                if newer && pick { self.coordinator.life } else { older.life }
            }
            _ => self.coordinator.life,
        }
    }

    /// Starts another coordinator beside the one that runs. False: there is none, or there are two.
    pub(crate) fn second_coordinator(&mut self) -> bool {
        if self.rival.is_some() || self.coordinator.group.is_none() || self.coordinator.down > 0 {
            return false;
        }
        let life = self.new_coordinator_life();
        let newer = Coordinator::new(self.coordinator.machine + 1, life);
        self.rival = Some(Box::new(std::mem::replace(&mut self.coordinator, newer)));
        self.checks.tally.second_coordinators += 1;
        self.queue.push(self.queue.now(), Happening::CoordinatorStarts);
        true
    }

    /// One of the two ends, the older one or the newer: either may be the one that was taken for dead.
    pub(crate) fn one_coordinator(&mut self) {
        let seed = self.scenario.seed;
        let newer_runs = self.coordinator.group.is_some();
        if newer_runs && draw(seed, 56, u64::from(self.coordinator.life), 0).is_multiple_of(2) {
            self.swap_coordinators();
        }
        let Some(life) = self.rival.as_ref().map(|rival| rival.life) else { return };
        self.as_coordinator(life, Self::coordinator_dies);
        self.rival = None;
    }

    /// An event's number in the world, and what one of the same coordinator's numbers is called there.
    pub(crate) fn number_event(&mut self, id: &mut EventId, cause: &mut Option<EventId>) {
        let told = &mut self.coordinator.told;
        let known = |own: EventId| told.get(usize::try_from(own.0).ok()?.checked_sub(1)?).copied();
        *cause = cause.and_then(known).map(EventId);
        let number = self.events.back().map_or(0, |(_, event)| event.id.0) + 1;
        told.push(number);
        *id = EventId(number);
    }

    /// The number that the coordinator itself gives to one of the world's events, if that is its own.
    pub(crate) fn own_event(&self, number: u64) -> Option<u64> {
        self.coordinator.told.binary_search(&number).ok().map(|at| at as u64 + 1)
    }

    /// The control connections of one of them; one that nobody has taken yet is the only one's.
    pub(crate) fn control_conns_of(&self, life: u32) -> Vec<(ConnNo, u8)> {
        let alone = self.rival.is_none();
        let mine = |conn: &ConnNo| match self.net.conn(*conn).map(|c| c.ends[1].life) {
            Some(u32::MAX) => alone,
            Some(known) => alone || known == life,
            None => false,
        };
        self.net.at(Host::Coordinator).into_iter().filter(|(conn, _)| mine(conn)).collect()
    }
}
