//! I24: backlog, unsent replies and the record stay within their limits.

use crate::world::World;

/// The log may hold its backlog, what a slow replica still needs, and the chunks around them.
const SLACK: u64 = 4 * (64 << 10);
/// A command passes below the limit of memory, whatever it adds.
const COMMAND: u64 = 256 << 10;
/// A register's size in bytes.
const RECORD: usize = 64 << 10;

pub(crate) fn check(world: &World) -> Result<(), String> {
    for machine in world.machines.values() {
        let Some(process) = machine.process.as_deref() else { continue };
        if let Some((limit, held)) = world.memory {
            let (memory, most) = (process.node.keyspace().memory(), limit.max(held) + COMMAND);
            if memory > most {
                return Err(format!("node {} holds {memory} bytes of data, above {most}", machine.id));
            }
        }
        let limits = &process.node.config().limits;
        let ceiling = limits.backlog as u64 + limits.output_replica as u64 + SLACK;
        let held = process.node.backlog_bytes();
        if held > ceiling {
            return Err(format!("node {} holds {held} bytes of log, above {ceiling}", machine.id));
        }
    }
    let record = postcard::to_allocvec(&world.store.registers.shard).map_or(0, |bytes| bytes.len());
    if record > RECORD {
        return Err(format!("the shard's record has {record} bytes"));
    }
    Ok(())
}
