//! INFO and ROLE.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use super::super::Node;
use super::super::feed::Stage;
use super::super::session::Kind;
use super::COMPATIBLE;
use crate::control::NodeRole;
use crate::resp::{Args, reply};
use crate::time::Now;

/// Sections of INFO without arguments, in Redis's order.
const SECTIONS: [&str; 7] =
    ["server", "clients", "memory", "persistence", "stats", "replication", "keyspace"];

impl Node {
    pub(super) fn info(&self, args: &Args<'_>, out: &mut Vec<u8>, now: Now) {
        let wanted = |section: &str| {
            args.len() == 1
                || args.from(1).any(|a| {
                    a.eq_ignore_ascii_case(section.as_bytes())
                        || [&b"all"[..], b"default", b"everything"].iter().any(|w| a.eq_ignore_ascii_case(w))
                })
        };
        let mut text = String::new();
        for section in SECTIONS.into_iter().filter(|s| wanted(s)) {
            if !text.is_empty() {
                text.push_str("\r\n");
            }
            match section {
                "server" => self.info_server(&mut text, now),
                "clients" => self.info_clients(&mut text),
                "memory" => self.info_memory(&mut text),
                "persistence" => text.push_str("# Persistence\r\nloading:0\r\nasync_loading:0\r\nrdb_bgsave_in_progress:0\r\naof_enabled:0\r\n"),
                "stats" => self.info_stats(&mut text),
                "replication" => self.info_replication(&mut text, now),
                _ => self.info_keyspace(&mut text),
            }
        }
        reply::bulk(out, text.as_bytes());
    }

    fn info_server(&self, out: &mut String, now: Now) {
        let up = now.mono.since(self.started).as_secs();
        let _ = write!(
            out,
            "# Server\r\nredis_version:{COMPATIBLE}\r\nprimacy_version:{}\r\nredis_mode:standalone\r\n\
             primacy_group:{}\r\nprimacy_node:{}\r\nprimacy_incarnation:{}\r\nprimacy_zone:{}\r\nrun_id:{}\r\n\
             tcp_port:{}\r\nserver_time_usec:{}\r\nuptime_in_seconds:{up}\r\nuptime_in_days:{}\r\n",
            self.config.version,
            self.config.group,
            self.config.id,
            self.config.incarnation.0,
            self.config.zone,
            self.run_id,
            self.config.addr.port(),
            now.unix_ms.saturating_mul(1000),
            up / 86_400,
        );
    }

    fn info_clients(&self, out: &mut String) {
        let normal = self.clients.iter().filter(|c| c.kind == Kind::Client).count();
        let _ = write!(
            out,
            "# Clients\r\nconnected_clients:{normal}\r\nmaxclients:{}\r\nblocked_clients:{}\r\n",
            self.config.limits.max_clients,
            self.waiters.len() + self.parked.len(),
        );
    }

    fn info_memory(&self, out: &mut String) {
        let used = self.keyspace.memory() + self.log.ring().held();
        let _ = write!(
            out,
            "# Memory\r\nused_memory:{used}\r\nused_memory_dataset:{}\r\nused_memory_human:{}.{:02}K\r\nmaxmemory:{}\r\n\
             maxmemory_policy:noeviction\r\nmem_replication_backlog:{}\r\n",
            self.keyspace.memory(),
            used / 1024,
            used % 1024 * 100 / 1024,
            self.config.limits.max_memory,
            self.log.ring().held(),
        );
    }

    fn info_stats(&self, out: &mut String) {
        let s = &self.stats;
        let _ = write!(
            out,
            "# Stats\r\ntotal_connections_received:{}\r\ntotal_commands_processed:{}\r\nrejected_connections:{}\r\n\
             sync_full:{}\r\nsync_partial_ok:{}\r\nsync_partial_err:{}\r\nexpired_keys:{}\r\nevicted_keys:0\r\n\
             total_error_replies:{}\r\n",
            s.connections,
            s.commands,
            s.rejected,
            s.sync_full,
            s.sync_partial_ok,
            s.sync_partial_err,
            s.expired_keys,
            s.errors,
        );
    }

    fn info_replication(&self, out: &mut String, now: Now) {
        let primary = self.role.is_primary();
        let _ = write!(out, "# Replication\r\nrole:{}\r\n", if primary { "master" } else { "slave" });
        if !primary {
            self.info_upstream(out, now);
        }
        let online = self.feeds.list.iter().filter(|f| !f.cut);
        let _ = write!(out, "connected_slaves:{}\r\n", online.clone().count());
        for (i, feed) in online.enumerate() {
            let ip = self.clients.iter().find(|c| c.conn == feed.conn).map(|c| c.peer.ip());
            let state = match feed.stage {
                Stage::Waiting => "wait_bgsave",
                Stage::Snapshot(_) | Stage::Loading => "send_bulk",
                Stage::Stream => "online",
            };
            let _ = write!(out, "slave{i}:ip=");
            let _ = ip.map_or(Ok(()), |ip| write!(out, "{ip}"));
            let lag = now.mono.since(feed.heard).as_secs();
            let _ = write!(out, ",port={},state={state},offset={},lag={lag}\r\n", feed.port, feed.ack_offset);
        }
        let position = self.log.position();
        let (second, offset) = match (self.log.lineage().before_last(), self.log.lineage().last()) {
            (Some(before), Some(last)) => (before.repl_id, i128::from(last.start.offset) + 1),
            _ => (crate::id::ReplId::default(), -1),
        };
        let _ = write!(
            out,
            "master_failover_state:no-failover\r\nmaster_replid:{}\r\nmaster_replid2:{second}\r\nmaster_repl_offset:{}\r\n\
             second_repl_offset:{offset}\r\nrepl_backlog_active:1\r\nrepl_backlog_size:{}\r\n\
             repl_backlog_first_byte_offset:{}\r\nrepl_backlog_histlen:{}\r\nprimacy_role:{:?}\r\nprimacy_epoch:{}\r\n\
             primacy_promised:{}\r\nprimacy_opseq:{}\r\n",
            self.log.repl_id(),
            position.offset,
            self.config.limits.backlog,
            self.log.ring().start() + 1,
            self.log.ring().held(),
            self.role,
            position.epoch.0,
            self.promised.0,
            position.opseq,
        );
    }

    fn info_upstream(&self, out: &mut String, now: Now) {
        let up = self.link_up();
        if let Some(target) = self.upstream.target() {
            let _ = write!(out, "master_host:{}\r\nmaster_port:{}\r\n", target.addr.ip(), target.addr.port());
        } else {
            out.push_str("master_host:\r\nmaster_port:0\r\n");
        }
        let idle = now.mono.since(self.upstream.heard).as_secs();
        let _ = write!(
            out,
            "master_link_status:{}\r\nmaster_last_io_seconds_ago:{}\r\nmaster_sync_in_progress:{}\r\n\
             slave_read_repl_offset:{}\r\nslave_repl_offset:{}\r\n",
            if up { "up" } else { "down" },
            if up { i64::try_from(idle).unwrap_or(i64::MAX) } else { -1 },
            u8::from(self.role == NodeRole::FullSync),
            self.log.end(),
            self.log.end(),
        );
        if let Some(since) = self.upstream.down_since.filter(|_| !up) {
            let _ = write!(out, "master_link_down_since_seconds:{}\r\n", now.mono.since(since).as_secs());
        }
        let _ = write!(
            out,
            "slave_priority:{}\r\nslave_read_only:1\r\nreplica_announced:1\r\n",
            self.config.priority
        );
    }

    fn info_keyspace(&self, out: &mut String) {
        out.push_str("# Keyspace\r\n");
        for (i, db) in self.keyspace.dbs().iter().enumerate().filter(|(_, db)| !db.is_empty()) {
            let _ = write!(out, "db{i}:keys={},expires={},avg_ttl=0\r\n", db.len(), db.volatile());
        }
    }

    pub(super) fn role_command(&self, out: &mut Vec<u8>) {
        let end = i64::try_from(self.log.end()).unwrap_or(i64::MAX);
        if self.role.is_primary() {
            let online: Vec<_> =
                self.feeds.list.iter().filter(|f| !f.cut && f.stage == Stage::Stream).collect();
            reply::array(out, 3);
            reply::bulk(out, b"master");
            reply::integer(out, end);
            reply::array(out, online.len());
            for feed in online {
                let ip = self
                    .clients
                    .iter()
                    .find(|c| c.conn == feed.conn)
                    .map(|c| alloc::format!("{}", c.peer.ip()));
                reply::array(out, 3);
                reply::bulk(out, ip.unwrap_or_default().as_bytes());
                reply::bulk_integer(out, feed.port.into());
                reply::bulk_integer(out, i64::try_from(feed.ack_offset).unwrap_or(i64::MAX));
            }
            return;
        }
        let state: &[u8] = match self.role {
            NodeRole::Following => b"connected",
            NodeRole::FullSync => b"sync",
            _ if self.upstream.conn.is_some() => b"connecting",
            _ => b"connect",
        };
        let target = self.upstream.target();
        reply::array(out, 5);
        reply::bulk(out, b"slave");
        reply::bulk(out, target.map(|t| alloc::format!("{}", t.addr.ip())).unwrap_or_default().as_bytes());
        reply::integer(out, target.map_or(0, |t| t.addr.port().into()));
        reply::bulk(out, state);
        reply::integer(out, if self.link_up() { end } else { -1 });
    }
}
