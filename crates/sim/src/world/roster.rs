//! Machines come and go with the members of the record.

use primacy_core::id::{Incarnation, NodeId};

use super::World;
use super::machine::Machine;
use crate::fault::FaultKind;
use crate::net::Host;

impl World {
    /// The machine that a new member is started on, in its zone.
    pub(crate) fn machine_for(&mut self, node: NodeId, zone: u8) {
        let stays = self.machines.get(&node).is_some_and(|m| m.process.is_some() || m.zone == zone);
        if stays {
            return;
        }
        self.faults_leave(node);
        let used = self.machines.get(&node).map_or(Incarnation(0), |m| m.used);
        let powered = !self.faults().any(|kind| *kind == FaultKind::ZoneLoss(zone));
        self.machines.insert(node, Machine { powered, used, ..Machine::new(node, zone) });
        self.net.place(Host::Node(node), zone);
        self.faults_reach(node);
    }

    /// Machines of former members go as soon as nothing runs on them.
    pub(crate) fn part_with_machines(&mut self) {
        let Some(shard) = &self.store.registers.shard else { return };
        let gone =
            self.machines.values().filter(|m| m.process.is_none() && !shard.members.contains_key(&m.id));
        let gone: Vec<NodeId> = gone.map(|m| m.id).collect();
        for node in gone {
            self.faults_leave(node);
            self.machines.remove(node);
        }
    }
}
