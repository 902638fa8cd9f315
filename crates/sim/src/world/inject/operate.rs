//! What an operator asks of the coordinator.

use primacy_core::group::{Group, Request};

use crate::fault::Operation;
use crate::world::World;
use crate::world::coordinator::Input;

impl World {
    /// Replicas that the coordinator wants, or was declared with.
    fn wanted_replicas(&self) -> u8 {
        let group = self.coordinator.group.as_deref();
        group.map_or(self.scenario.replicas, Group::replicas_wanted)
    }

    pub(super) fn operate(&mut self, operation: Operation) {
        let request = match operation {
            Operation::TestFailover => Request::TestFailover { node_group: "0001".into() },
            Operation::Failover(target) => Request::Failover { target: target.map(|who| self.whom(who)) },
            Operation::Reboot(who) => Request::Reboot { node: self.whom(who) },
            Operation::AutomaticFailover(enabled) => Request::SetAutomaticFailover { enabled },
            Operation::Replicas(count) if count < self.wanted_replicas() => {
                Request::DecreaseReplicas { count: Some(count), remove: Vec::new() }
            }
            Operation::Replicas(count) => Request::IncreaseReplicas { count },
            Operation::AddReplica => {
                Request::IncreaseReplicas { count: self.wanted_replicas().saturating_add(1) }
            }
            Operation::RemoveReplica(who) => {
                let remove: Vec<_> = who.map(|who| self.whom(who)).into_iter().collect();
                let count = remove.is_empty().then(|| self.wanted_replicas().saturating_sub(1));
                Request::DecreaseReplicas { count, remove }
            }
        };
        self.tell_coordinator(Input::Request(request));
    }
}
