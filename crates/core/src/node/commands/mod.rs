//! Commands that need the node or the session and nothing of replication's inner workings.

mod client;
mod config;
mod info;
mod introspect;
mod wait;

use super::input::{Batch, Next};
use super::session::{Outbox, ReplyMode, Session};
use super::{Event, Node};
use crate::command::{NodeCommand, error};
use crate::log::RESERVED_CHANNELS;
use crate::resp::{Args, parse_i64, reply};

/// Answers that a managed node gives to operators' commands (S10).
const MANAGED: &str = "ERR this command is managed by the replication group";

impl Node {
    pub(super) fn run_plain(
        &mut self,
        s: &mut Session,
        command: NodeCommand,
        args: &Args<'_>,
        out: &mut Outbox,
        batch: &Batch,
    ) -> Next {
        use NodeCommand as N;
        let buf = out.buf();
        match command {
            N::Ping if args.len() > 2 => error::wrong_arity_of(buf, "ping"),
            N::Ping if args.len() == 2 => reply::bulk(buf, args.get(1)),
            N::Ping => reply::simple(buf, "PONG"),
            N::Echo => reply::bulk(buf, args.get(1)),
            N::Select => select(s, args, buf),
            N::Time => {
                let micros = batch.now.unix_ms % 1000 * 1000;
                reply::array(buf, 2);
                reply::bulk_integer(buf, i64::try_from(batch.now.unix_ms / 1000).unwrap_or(0));
                reply::bulk_integer(buf, i64::try_from(micros).unwrap_or(0));
            }
            N::Lastsave => reply::integer(buf, i64::try_from(self.started_ms / 1000).unwrap_or(0)),
            N::Publish if args.get(1).starts_with(RESERVED_CHANNELS) => {
                reply::error(buf, "NOPERM channels that begin with __primacy: are reserved");
            }
            // No subscriber exists, so nobody receives it.
            N::Publish => reply::integer(buf, 0),
            N::Auth => self.auth(s, args, buf),
            N::Hello => self.hello(s, args, buf),
            N::Reset => {
                s.multi = None;
                self.unwatch(s);
                s.db = 0;
                s.resp3 = false;
                s.reply = ReplyMode::On;
                s.authenticated = self.config.password.is_none();
                reply::simple(buf, "RESET");
            }
            N::Client => return self.client(s, args, out, batch),
            N::Command => introspect::command(args, buf),
            N::Config => self.config_command(args, buf),
            N::Info => self.info(args, buf, batch.now),
            N::Role => self.role_command(buf),
            N::Memory => self.memory(s, args, buf),
            N::Debug => reply::error(
                buf,
                "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.",
            ),
            N::Failover | N::Replicaof | N::Shutdown | N::Monitor => reply::error(buf, MANAGED),
            // The rest was dispatched before.
            _ => reply::error(buf, MANAGED),
        }
        Next::Go
    }

    fn auth(&self, s: &mut Session, args: &Args<'_>, out: &mut alloc::vec::Vec<u8>) {
        if args.len() > 3 {
            reply::error(out, error::SYNTAX);
            return;
        }
        if self.config.password.is_none() && args.len() == 2 {
            reply::error(
                out,
                "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
            );
            return;
        }
        let (user, password) =
            if args.len() == 3 { (args.get(1), args.get(2)) } else { (&b"default"[..], args.get(1)) };
        if self.credentials_right(user, password) {
            s.authenticated = true;
            reply::ok(out);
        } else {
            reply::error(out, WRONGPASS);
        }
    }

    /// Compares in a time that does not depend on where the passwords differ.
    fn credentials_right(&self, user: &[u8], password: &[u8]) -> bool {
        let right = match &self.config.password {
            None => true,
            Some(secret) => {
                let differs = secret.0.iter().zip(password).fold(0, |d, (a, b)| d | (a ^ b));
                differs == 0 && secret.0.len() == password.len()
            }
        };
        right && user == b"default"
    }

    fn hello(&mut self, s: &mut Session, args: &Args<'_>, out: &mut alloc::vec::Vec<u8>) {
        let mut resp3 = s.resp3;
        if args.len() >= 2 {
            match parse_i64(args.get(1)) {
                None => return reply::error(out, "ERR Protocol version is not an integer or out of range"),
                Some(2) => resp3 = false,
                Some(3) => resp3 = true,
                Some(_) => return reply::error(out, "NOPROTO unsupported protocol version"),
            }
        }
        let mut i = 2;
        while i < args.len() {
            if args.get(i).eq_ignore_ascii_case(b"auth") && i + 2 < args.len() {
                if !self.credentials_right(args.get(i + 1), args.get(i + 2)) {
                    return reply::error(out, WRONGPASS);
                }
                s.authenticated = true;
                i += 3;
            } else if args.get(i).eq_ignore_ascii_case(b"setname") && i + 1 < args.len() {
                if !self.set_client_name(s, args.get(i + 1), out) {
                    return;
                }
                i += 2;
            } else {
                let text = [b"ERR Syntax error in HELLO option '", args.get(i), b"'"].concat();
                return reply::error(out, text);
            }
        }
        if !s.authenticated {
            return reply::error(
                out,
                "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time",
            );
        }
        s.resp3 = resp3;
        reply::array(out, 14);
        reply::bulk(out, b"server");
        reply::bulk(out, b"redis");
        reply::bulk(out, b"version");
        reply::bulk(out, COMPATIBLE.as_bytes());
        reply::bulk(out, b"proto");
        reply::integer(out, if s.resp3 { 3 } else { 2 });
        reply::bulk(out, b"id");
        reply::integer(out, i64::try_from(s.conn.0).unwrap_or(0));
        reply::bulk(out, b"mode");
        reply::bulk(out, b"standalone");
        reply::bulk(out, b"role");
        reply::bulk(out, if self.role.is_primary() { b"master" } else { b"replica" });
        reply::bulk(out, b"modules");
        reply::array(out, 0);
    }

    fn memory(&self, s: &Session, args: &Args<'_>, out: &mut alloc::vec::Vec<u8>) {
        if args.get(1).eq_ignore_ascii_case(b"usage") && args.len() >= 3 {
            let db = self.keyspace.db(s.db);
            match db.find(args.get(2)) {
                Some(at) => reply::integer(out, i64::try_from(db.memory_of(at)).unwrap_or(i64::MAX)),
                None => reply::nil(out),
            }
        } else if args.get(1).eq_ignore_ascii_case(b"doctor") {
            reply::bulk(
                out,
                b"Sam, I have no advice: memory is counted per key, see MEMORY USAGE and INFO memory.",
            );
        } else if args.get(1).eq_ignore_ascii_case(b"purge") {
            reply::ok(out);
        } else {
            error::unknown_subcommand(out, "memory", args.get(1));
        }
    }

    pub(super) fn hang_up(&mut self, conn: crate::id::ConnId) {
        self.events.push_back(Event::Hangup(conn));
    }
}

/// Version that clients are told, so that they send what Redis 7.0 understands.
pub(super) const COMPATIBLE: &str = "7.0.15";
const WRONGPASS: &str = "WRONGPASS invalid username-password pair or user is disabled.";

fn select(s: &mut Session, args: &Args<'_>, out: &mut alloc::vec::Vec<u8>) {
    match parse_i64(args.get(1)) {
        None => reply::error(out, "ERR invalid DB index"),
        Some(index) => match usize::try_from(index) {
            Ok(index) if index < crate::keyspace::DATABASES => {
                s.db = index;
                reply::ok(out);
            }
            _ => reply::error(out, error::DB_RANGE),
        },
    }
}
