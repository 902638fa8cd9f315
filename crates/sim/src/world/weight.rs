//! What a copy of the world costs.

use super::World;

/// A world without data: queues, connections, maps.
const EMPTY: usize = 64 << 10;

/// A log's newest chunk, which a copy does not share for long.
const CHUNK: u64 = 64 << 10;

impl World {
    /// Bytes that a copy takes for itself, and bytes that it shares with the copies before it, roughly and rather too many
    /// than too few.
    pub fn weight(&self) -> (usize, usize) {
        let nodes = self.machines.values().filter_map(|m| m.process.as_deref());
        let (mut own, mut shared) = (0, 0);
        for process in nodes {
            let log = process.node.backlog_bytes();
            own += process.node.keyspace().memory() + log.min(CHUNK);
            shared += log.saturating_sub(CHUNK);
        }
        let checks = self.checks.weight();
        let kept = self.why.weight() + self.events.len() * 256 + self.clients.len() * 4096;
        let bytes = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        (EMPTY + bytes(own) + checks.0 + kept, bytes(shared) + checks.1)
    }
}
