//! CLIENT.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use super::super::Node;
use super::super::clients::Client;
use super::super::input::{Batch, Next};
use super::super::session::{Kind, Outbox, ReplyMode, Session};
use crate::command::{error, lookup};
use crate::id::ConnId;
use crate::resp::{Args, parse_i64, reply};
use crate::time::Instant;

const BAD_NAME: &str = "ERR Client names cannot contain spaces, newlines or special characters.";

impl Node {
    pub(super) fn client(
        &mut self,
        s: &mut Session,
        args: &Args<'_>,
        out: &mut Outbox,
        batch: &Batch,
    ) -> Next {
        let sub = args.get(1).to_ascii_lowercase();
        if let Some(own) = self.clients.at(s.slot, s.conn) {
            // The rest of the table is brought up to date once per batch.
            own.command = lookup(b"client");
            own.db = s.db;
            own.queued = s.multi.as_ref().map(|m| m.ends.len());
            own.last = batch.now.mono;
        }
        let buf = out.buf();
        match (sub.as_slice(), args.len()) {
            (b"id", 2) => reply::integer(buf, conn_number(s.conn)),
            (b"getname", 2) => match self.clients.at(s.slot, s.conn) {
                Some(client) if !client.name.is_empty() => reply::bulk(buf, &client.name),
                _ => reply::nil(buf),
            },
            (b"setname", 3) => {
                if self.set_client_name(s, args.get(2), buf) {
                    reply::ok(buf);
                }
            }
            (b"setinfo", 4) => set_info(args, buf),
            (b"info", 2) => {
                let now = batch.now.mono;
                let line = self.clients.at(s.slot, s.conn).map(|c| describe(c, now)).unwrap_or_default();
                reply::bulk(buf, line.as_bytes());
            }
            (b"list", _) => self.client_list(args, buf, batch.now.mono),
            (b"kill", 3..) => return self.client_kill(s, args, buf),
            (b"no-evict", 3) => {
                let on = args.get(2).eq_ignore_ascii_case(b"on");
                if !on && !args.get(2).eq_ignore_ascii_case(b"off") {
                    reply::error(buf, error::SYNTAX);
                    return Next::Go;
                }
                if let Some(client) = self.clients.at(s.slot, s.conn) {
                    client.no_evict = on;
                }
                reply::ok(buf);
            }
            (b"reply", 3) => return reply_mode(s, args, buf),
            (b"getredir", 2) => reply::integer(buf, -1),
            (b"tracking" | b"pause" | b"unpause" | b"unblock" | b"caching" | b"trackinginfo", _) => {
                reply::error(buf, "ERR this CLIENT subcommand is not offered");
            }
            (
                b"id" | b"getname" | b"setname" | b"info" | b"setinfo" | b"kill" | b"no-evict" | b"reply"
                | b"getredir",
                _,
            ) => {
                error::wrong_arity_of(buf, &alloc::format!("client|{}", String::from_utf8_lossy(&sub)));
            }
            _ => error::unknown_subcommand(buf, "client", args.get(1)),
        }
        Next::Go
    }

    /// Sets the name, or writes the error.
    pub(super) fn set_client_name(&mut self, s: &Session, name: &[u8], out: &mut Vec<u8>) -> bool {
        if name.iter().any(|b| !(b'!'..=b'~').contains(b)) {
            reply::error(out, BAD_NAME);
            return false;
        }
        if let Some(client) = self.clients.at(s.slot, s.conn) {
            client.name = name.to_vec();
        }
        true
    }

    fn client_list(&self, args: &Args<'_>, out: &mut Vec<u8>, now: Instant) {
        let wanted: Option<Vec<i64>> = match args.len() {
            2 => None,
            n if n >= 4 && args.get(2).eq_ignore_ascii_case(b"id") => {
                let ids: Option<Vec<i64>> = args.from(3).map(parse_i64).collect();
                let Some(ids) = ids else { return reply::error(out, "ERR Invalid client ID") };
                Some(ids)
            }
            4 if args.get(2).eq_ignore_ascii_case(b"type") => {
                let kind = args.get(3).to_ascii_lowercase();
                let of_kind = |c: &&Client| match kind.as_slice() {
                    b"normal" => c.kind == Kind::Client,
                    b"replica" | b"slave" => c.kind == Kind::Replica,
                    b"master" => c.kind == Kind::Upstream,
                    _ => false,
                };
                Some(self.clients.iter().filter(of_kind).map(|c| conn_number(c.conn)).collect())
            }
            _ => return reply::error(out, error::SYNTAX),
        };
        let mut text = String::new();
        for client in self.clients.iter() {
            if wanted.as_ref().is_none_or(|ids| ids.contains(&conn_number(client.conn))) {
                text.push_str(&describe(client, now));
            }
        }
        reply::bulk(out, text.as_bytes());
    }

    fn client_kill(&mut self, s: &Session, args: &Args<'_>, out: &mut Vec<u8>) -> Next {
        let old_form = args.len() == 3;
        let mut victims: Vec<ConnId> = self.clients.iter().map(|c| c.conn).collect();
        let mut skip_me = !old_form;
        if old_form {
            victims.retain(|&conn| {
                self.clients
                    .iter()
                    .any(|c| c.conn == conn && alloc::format!("{}", c.peer).as_bytes() == args.get(2))
            });
        } else {
            if !args.len().is_multiple_of(2) {
                reply::error(out, error::SYNTAX);
                return Next::Go;
            }
            for i in (2..args.len()).step_by(2) {
                let (filter, value) = (args.get(i).to_ascii_lowercase(), args.get(i + 1));
                let keep = |c: &Client| match filter.as_slice() {
                    b"id" => parse_i64(value) == Some(conn_number(c.conn)),
                    b"addr" => alloc::format!("{}", c.peer).as_bytes() == value,
                    b"type" if value.eq_ignore_ascii_case(b"normal") => c.kind == Kind::Client,
                    b"type" if value.eq_ignore_ascii_case(b"master") => c.kind == Kind::Upstream,
                    b"type" => c.kind == Kind::Replica,
                    _ => true,
                };
                match filter.as_slice() {
                    b"skipme" => skip_me = !value.eq_ignore_ascii_case(b"no"),
                    b"id" | b"addr" | b"type" => {
                        victims.retain(|&conn| self.clients.iter().any(|c| c.conn == conn && keep(c)));
                    }
                    _ => {
                        reply::error(out, error::SYNTAX);
                        return Next::Go;
                    }
                }
            }
        }
        let own = victims.contains(&s.conn) && !skip_me;
        victims.retain(|&conn| conn != s.conn);
        if old_form && victims.is_empty() && !own {
            reply::error(out, "ERR No such client");
            return Next::Go;
        }
        victims.iter().for_each(|&conn| self.hang_up(conn));
        if old_form {
            reply::ok(out);
        } else {
            reply::count(out, victims.len() + usize::from(own));
        }
        if own { Next::Close } else { Next::Go }
    }
}

/// Library name and version are checked as Redis does and not kept.
fn set_info(args: &Args<'_>, out: &mut Vec<u8>) {
    let option = args.get(2).to_ascii_lowercase();
    if !matches!(option.as_slice(), b"lib-name" | b"lib-ver") {
        let text = [b"ERR Unrecognized option '", args.get(2), b"'"].concat();
        return reply::error(out, text);
    }
    if args.get(3).iter().any(|b| !(b'!'..=b'~').contains(b)) {
        let text = [&option, &b" cannot contain spaces, newlines or special characters."[..]].concat();
        return reply::error(out, [b"ERR ", text.as_slice()].concat());
    }
    reply::ok(out);
}

fn reply_mode(s: &mut Session, args: &Args<'_>, out: &mut Vec<u8>) -> Next {
    if args.get(2).eq_ignore_ascii_case(b"on") {
        s.reply = ReplyMode::On;
        reply::ok(out);
    } else if args.get(2).eq_ignore_ascii_case(b"off") {
        s.reply = ReplyMode::Off;
    } else if args.get(2).eq_ignore_ascii_case(b"skip") {
        if s.reply == ReplyMode::On {
            s.reply = ReplyMode::SkipNext;
        }
    } else {
        reply::error(out, error::SYNTAX);
    }
    Next::Go
}

fn conn_number(conn: ConnId) -> i64 {
    i64::try_from(conn.0).unwrap_or(i64::MAX)
}

/// One line of CLIENT LIST.
fn describe(c: &Client, now: Instant) -> String {
    let mut line = String::new();
    let flag = match c.kind {
        Kind::Client if c.queued.is_some() => 'x',
        Kind::Client => 'N',
        Kind::Replica => 'S',
        Kind::Upstream => 'M',
    };
    let queued = c.queued.map_or(-1, |n| i64::try_from(n).unwrap_or(i64::MAX));
    let _ = writeln!(
        line,
        "id={} addr={} name={} age={} idle={} flags={flag} db={} sub=0 psub=0 multi={queued} cmd={} user=default resp=2",
        c.conn.0,
        c.peer,
        String::from_utf8_lossy(&c.name),
        now.since(c.since).as_secs(),
        now.since(c.last).as_secs(),
        c.db,
        c.command.map_or("NULL", |command| command.name),
    );
    line
}
