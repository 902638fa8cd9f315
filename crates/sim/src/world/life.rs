//! Birth and death of processes.

use primacy_core::id::{Incarnation, NodeId};
use primacy_core::node::{Node, NodeConfig, NodeLimits, Secret};

use super::coordinator::{HOST_RETRY_NS, Input};
use super::happening::Happening;
use super::machine::{Process, address};
use super::{World, nonce};
use crate::net::{Host, Payload};
use crate::why::record::Became;

/// A host needs this long to see that a process has ended.
const EXIT_SEEN_NS: u64 = 2_000_000;
/// A host that did not see it finds out this much later that the process is not there.
const EXIT_FOUND_NS: u64 = 6_000_000_000;

impl World {
    /// The coordinator can reach the host of a member.
    fn reachable(&self, node: NodeId) -> bool {
        let host = Host::Node(node);
        let cut = self.net.is_cut(Host::Coordinator, host) || self.net.is_cut(host, Host::Coordinator);
        !cut && self.machines.get(&node).is_some_and(|m| m.powered && !m.clock.stands_still())
    }

    /// Starts a process, as soon as its host can be reached.
    pub(crate) fn spawn(&mut self, node: NodeId, zone: u8, incarnation: Incarnation, by: Option<u32>) {
        let wanted = by.is_none_or(|life| self.is_coordinator(life));
        if by.is_some() && wanted {
            self.machine_for(node, zone);
        }
        if by.is_some() && !self.reachable(node) {
            if wanted {
                let at = self.queue.now() + HOST_RETRY_NS;
                self.queue.push(at, Happening::Spawn { node, zone, incarnation, by });
            }
            return;
        }
        let Some(machine) = self.machines.get_mut(&node) else { return };
        if !machine.powered || machine.clock.stands_still() {
            return;
        }
        let running = machine.process.as_ref().map(|p| p.incarnation);
        let actual = match running {
            Some(running) if running >= incarnation => running,
            _ => incarnation.max(Incarnation(machine.used.0 + 1)),
        };
        if running != Some(actual) {
            self.process_dies(node, true);
            self.process_starts(node, zone, actual);
        }
        if let Some(by) = by {
            let at = self.queue.now() + self.net.transit(Host::Node(node), Host::Coordinator, 5, actual.0, 0);
            self.push_loose(at, Happening::Provisioned { node, incarnation: actual, by });
        }
    }

    fn process_starts(&mut self, node: NodeId, zone: u8, incarnation: Incarnation) {
        let seed = self.scenario.seed;
        let mut config = NodeConfig::new(
            node,
            &self.group_id,
            incarnation,
            address(node),
            Secret(self.secret.clone().into()),
        );
        config.timing = self.scenario.timing.timing();
        config.failsafe = self.scenario.failsafe;
        config.zone = self.zone_names.get(usize::from(zone)).cloned().unwrap_or_default();
        config.limits = NodeLimits {
            backlog: self.scenario.backlog_kib as usize * 1024,
            output_replica: if self.scenario.backlog_kib < 512 { 128 << 10 } else { 4 << 20 },
            output_normal: if self.scenario.backlog_kib < 512 { 512 << 10 } else { 0 },
            max_memory: self.memory.map_or(0, |(limit, _)| limit),
            ..NodeLimits::DEFAULT
        };
        let clock = self.clock_of(node);
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&nonce(seed, u64::from(node.0), incarnation.0));
        let Some(machine) = self.machines.get_mut(&node) else { return };
        machine.zone = zone;
        machine.life += 1;
        machine.used = incarnation;
        machine.paused = 0;
        machine.process = Some(Box::new(Process::new(Node::new(config, bytes, clock), incarnation)));
        let life = machine.life;
        self.net.place(Host::Node(node), zone);
        self.checks.process_started(node);
        self.keep_turn(node, Became::Up);
        self.control_started((node, incarnation));
        self.queue.push(self.queue.now(), Happening::Control { node, life });
        self.node_works(node);
    }

    /// Sets every member's limit, and keeps what they hold already; 0: no limit.
    pub(crate) fn limit_memory(&mut self, bytes: u64) {
        let processes = self.machines.values_mut().filter_map(|m| m.process.as_deref_mut());
        let held = processes.map(|process| {
            process.node.limit_memory(bytes);
            process.node.keyspace().memory()
        });
        let most = held.max().unwrap_or(0);
        self.memory = (bytes > 0).then_some((bytes, most));
    }

    /// A process ends with its memory. `tell`: its kernel closes the connections.
    pub(crate) fn process_dies(&mut self, node: NodeId, tell: bool) -> Option<Incarnation> {
        self.keep_death(node);
        let now = self.queue.now();
        let machine = self.machines.get_mut(&node)?;
        let process = machine.process.take()?;
        machine.life += 1;
        machine.paused = 0;
        self.checks.process_ended(node);
        self.why.turns(now, node, Became::Down);
        self.control_ended((node, process.incarnation));
        for (conn, end) in self.net.at(Host::Node(node)) {
            if tell {
                self.net.send(conn, end, Payload::Reset, now);
            } else {
                self.net.vanish(conn, end);
            }
        }
        Some(process.incarnation)
    }

    /// `kill -9`. `seen`: the host reports it at once; otherwise it finds out much later.
    pub(crate) fn crash(&mut self, node: NodeId, seen: bool) {
        if let Some(incarnation) = self.process_dies(node, true) {
            self.report_exit(node, incarnation, if seen { EXIT_SEEN_NS } else { EXIT_FOUND_NS });
        }
    }

    fn report_exit(&mut self, node: NodeId, incarnation: Incarnation, after: u64) {
        for by in self.lives_of_coordinators() {
            self.push_loose(self.queue.now() + after, Happening::Exited { node, incarnation, by });
        }
    }

    /// Hosts tell a new coordinator, and a host with power again tells any, that its process is gone.
    pub(crate) fn report_missing(&mut self, node: NodeId) {
        let machine = self.machines.get(&node);
        let used = machine.filter(|m| m.powered && m.process.is_none()).map(|m| m.used);
        if let Some(used) = used.filter(|used| used.0 > 0) {
            self.report_exit(node, used, EXIT_FOUND_NS);
        }
    }

    /// The coordinator's order to end a life.
    pub(crate) fn kill(&mut self, node: NodeId, incarnation: Incarnation, by: u32) {
        if self.machines.get(&node).is_some() && !self.reachable(node) {
            if by == self.coordinator.life {
                self.queue.push(self.queue.now() + HOST_RETRY_NS, Happening::Kill { node, incarnation, by });
            }
            return;
        }
        let running = self.machines.get(&node).and_then(|m| m.process.as_ref()).map(|p| p.incarnation);
        if running == Some(incarnation) {
            self.process_dies(node, true);
            self.part_with_machines();
        }
        self.report_exit(node, incarnation, EXIT_SEEN_NS);
    }

    pub(crate) fn exited(&mut self, node: NodeId, incarnation: Incarnation, by: u32) {
        if by != self.coordinator.life {
            return;
        }
        if self.machines.get(&node).is_some() && !self.reachable(node) {
            return self
                .queue
                .push(self.queue.now() + HOST_RETRY_NS, Happening::Exited { node, incarnation, by });
        }
        let running = self.machines.get(&node).and_then(|m| m.process.as_ref()).map(|p| p.incarnation);
        if running != Some(incarnation) {
            self.tell_coordinator(Input::Exited(node, incarnation));
        }
    }

    pub(crate) fn provisioned(&mut self, node: NodeId, incarnation: Incarnation, by: u32) {
        if by == self.coordinator.life {
            self.tell_coordinator(Input::Provisioned(node, incarnation));
        }
    }
}
