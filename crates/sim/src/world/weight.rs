//! What a copy of the world costs.

use super::World;

/// A world without data: queues, connections, maps.
const EMPTY: usize = 64 << 10;

impl World {
    /// Bytes that a copy takes, roughly and rather too many than too few.
    pub fn weight(&self) -> usize {
        let nodes = self.machines.values().filter_map(|m| m.process.as_deref());
        let data: u64 = nodes.map(|p| p.node.keyspace().memory() + p.node.backlog_bytes()).sum();
        let kept = self.checks.weight() + self.why.weight() + self.events.len() * 256;
        EMPTY + usize::try_from(data).unwrap_or(usize::MAX) + kept
    }
}
