//! CONFIG: what a managed node tells about itself. Nothing can be set from a client (S10).

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::super::Node;
use crate::command::{error, glob};
use crate::resp::{Args, reply};

impl Node {
    pub(super) fn config_command(&mut self, args: &Args<'_>, out: &mut Vec<u8>) {
        let sub = args.get(1).to_ascii_lowercase();
        match (sub.as_slice(), args.len()) {
            (b"get", 3..) => self.config_get(args, out),
            (b"resetstat", 2) => {
                self.stats = Default::default();
                reply::ok(out);
            }
            (b"set" | b"rewrite", _) => {
                reply::error(out, "ERR parameters of this node are managed by its replication group");
            }
            (b"get" | b"resetstat", _) => {
                error::wrong_arity_of(out, &alloc::format!("config|{}", String::from_utf8_lossy(&sub)));
            }
            _ => error::unknown_subcommand(out, "config", args.get(1)),
        }
    }

    fn config_get(&self, args: &Args<'_>, out: &mut Vec<u8>) {
        let limits = &self.config.limits;
        let timing = &self.config.timing;
        let parameters: [(&str, String); 19] = [
            ("appendonly", "no".into()),
            ("bind", self.config.addr.ip().to_string()),
            ("client-query-buffer-limit", limits.query_buffer.to_string()),
            ("databases", crate::keyspace::DATABASES.to_string()),
            ("io-threads", "1".into()),
            ("lfu-decay-time", "1".into()),
            ("maxclients", limits.max_clients.to_string()),
            ("maxmemory", limits.max_memory.to_string()),
            ("maxmemory-policy", "noeviction".into()),
            ("min-replicas-to-write", "0".into()),
            ("port", self.config.addr.port().to_string()),
            ("proto-max-bulk-len", crate::resp::BULK_MAX.to_string()),
            ("repl-backlog-size", limits.backlog.to_string()),
            ("repl-ping-replica-period", timing.ping_every.as_secs().max(1).to_string()),
            ("repl-timeout", timing.link_timeout.as_secs().max(1).to_string()),
            ("replica-priority", self.config.priority.to_string()),
            ("save", String::new()),
            ("tcp-keepalive", "300".into()),
            ("timeout", "0".into()),
        ];
        let matching: Vec<_> = parameters
            .iter()
            .filter(|(name, _)| {
                args.from(2).any(|pattern| glob::matches(&pattern.to_ascii_lowercase(), name.as_bytes()))
            })
            .collect();
        reply::array(out, 2 * matching.len());
        for (name, value) in matching {
            reply::bulk(out, name.as_bytes());
            reply::bulk(out, value.as_bytes());
        }
    }
}
