//! What an operator asks of the coordinator.

use primacy_core::group::Request;

use crate::fault::Operation;
use crate::world::World;
use crate::world::coordinator::Input;

impl World {
    pub(super) fn operate(&mut self, operation: Operation) {
        let request = match operation {
            Operation::TestFailover => Request::TestFailover { node_group: "0001".into() },
            Operation::Failover(target) => Request::Failover { target: target.map(|who| self.whom(who)) },
            Operation::Reboot(who) => Request::Reboot { node: self.whom(who) },
            Operation::AutomaticFailover(enabled) => Request::SetAutomaticFailover { enabled },
            Operation::Replicas(count) => Request::SetReplicas { count },
            Operation::AddReplica => Request::IncreaseReplicas { count: None },
            Operation::RemoveReplica(who) => {
                let remove = who.map(|who| self.whom(who)).into_iter().collect();
                Request::DecreaseReplicas { count: None, remove }
            }
            Operation::RemoveReplicas(named) => {
                Request::DecreaseReplicas { count: None, remove: named.nodes().collect() }
            }
        };
        self.tell_coordinator(Input::Request(request));
    }
}
