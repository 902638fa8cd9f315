//! Commands that do not take the short way: transactions, connections before AUTH, replicas, the node's own.

use super::input::{Batch, Gate, Next};
use super::session::{Flow, Kind, Multi, Outbox, ReplyMode, Session};
use super::{Node, resp3};
use crate::command::{Command, Flags, NodeCommand, Run, error};
use crate::control::NodeRole;
use crate::resp::{ArgSpans, Args, Limits, Scan, reply, scan};

const NOAUTH: &str = "NOAUTH Authentication required.";
pub(super) const READONLY: &str = "READONLY You can't write against a read only replica.";
const LOADING: &str = "LOADING Redis is loading the dataset in memory";
const EXECABORT: &str = "EXECABORT Transaction discarded because of previous errors.";
/// Bytes that one transaction may queue; beyond it, the query buffer limit is what counts.
const MULTI_MAX: usize = 1 << 30;

impl Node {
    /// Redis's order of checks, then the command or its place in a transaction.
    pub(super) fn run_slow(
        &mut self,
        s: &mut Session,
        command: &'static Command,
        args: &Args<'_>,
        out: &mut Outbox,
        batch: &mut Batch,
    ) -> Next {
        use NodeCommand as N;
        let flags = command.flags;
        // A replica's connection carries the stream: nothing but REPLCONF is heard, and nothing is answered.
        if s.kind == Kind::Replica && !matches!(command.run, Run::Node(N::Replconf)) {
            return Next::Go;
        }
        if !s.authenticated && !flags.contains(Flags::NO_AUTH) {
            return self.refuse_text(s, out, NOAUTH);
        }
        if s.multi.is_some() && flags.contains(Flags::NO_MULTI) {
            return self.refuse_text(s, out, "ERR Command not allowed inside a transaction");
        }
        if flags.contains(Flags::DENYOOM) && !self.memory_free() {
            return self.refuse_text(s, out, error::OOM);
        }
        let exec = matches!(command.run, Run::Node(N::Exec));
        let writes = flags.contains(Flags::WRITE) || (exec && s.multi.as_ref().is_some_and(|m| m.writes));
        if writes {
            match batch.gate {
                Gate::Open => {}
                Gate::Paused if s.multi.is_some() && !exec => {}
                Gate::Paused => return self.park(s),
                Gate::ReadOnly => return self.refuse_text(s, out, READONLY),
                Gate::Fenced => {
                    self.refuse_text(s, out, READONLY);
                    return Next::Close;
                }
            }
        }
        if self.role == NodeRole::Joining && !flags.contains(Flags::LOADING) {
            return self.refuse_text(s, out, LOADING);
        }
        let immediate =
            matches!(command.run, Run::Node(N::Exec | N::Discard | N::Multi | N::Watch | N::Quit | N::Reset));
        if let (Some(multi), false) = (&mut s.multi, immediate) {
            if multi.frames.len() + args.raw().len() > MULTI_MAX {
                return Next::Close;
            }
            multi.frames.extend_from_slice(args.raw());
            multi.ends.push(multi.frames.len());
            multi.writes |= flags.contains(Flags::WRITE);
            let start = out.buf().len();
            reply::simple(out.buf(), "QUEUED");
            mute(s, out, start);
            return Next::Go;
        }
        self.run_answered(s, command, args, out, batch)
    }

    /// Runs the command, and takes its reply away where CLIENT REPLY says so.
    fn run_answered(
        &mut self,
        s: &mut Session,
        command: &'static Command,
        args: &Args<'_>,
        out: &mut Outbox,
        batch: &mut Batch,
    ) -> Next {
        let start = out.buf().len();
        let next = match command.run {
            Run::Data(run) => {
                self.run_data(s.db, command, run, args, out, batch);
                Next::Go
            }
            Run::Node(which) => self.run_node(s, which, args, out, batch),
        };
        if s.resp3 && !matches!(command.run, Run::Node(NodeCommand::Exec)) {
            resp3::adapt(args, out.buf(), start, &mut self.reply);
        }
        mute(s, out, start);
        next
    }

    /// A write of a planned failover waits where it is.
    fn park(&mut self, s: &mut Session) -> Next {
        if !core::mem::replace(&mut s.parked, true) {
            self.parked.push(s.conn);
        }
        Next::Park
    }

    /// True below the memory limit.
    #[inline]
    pub(super) fn memory_free(&self) -> bool {
        let limit = self.config.limits.max_memory;
        limit == 0 || self.keyspace.memory() <= limit
    }

    fn run_node(
        &mut self,
        s: &mut Session,
        command: NodeCommand,
        args: &Args<'_>,
        out: &mut Outbox,
        batch: &mut Batch,
    ) -> Next {
        use NodeCommand as N;
        match command {
            N::Replconf => return next(self.replconf(s, args, out, batch.now)),
            N::Psync => return next(self.psync(s, args, out, batch.now)),
            N::Sync => {
                reply::error(out.buf(), "ERR SYNC is not offered, use PSYNC");
                return Next::Go;
            }
            N::Exec => return self.exec(s, out, batch),
            N::Multi => {
                if s.multi.is_some() {
                    reply::error(out.buf(), "ERR MULTI calls can not be nested");
                } else {
                    s.multi = Some(alloc::boxed::Box::new(Multi::default()));
                    reply::ok(out.buf());
                }
            }
            N::Discard => {
                if s.multi.take().is_some() {
                    self.unwatch(s);
                    reply::ok(out.buf());
                } else {
                    reply::error(out.buf(), "ERR DISCARD without MULTI");
                }
            }
            N::Watch if s.multi.is_some() => reply::error(out.buf(), "ERR WATCH inside MULTI is not allowed"),
            N::Watch => {
                self.watch(s, args);
                reply::ok(out.buf());
            }
            N::Unwatch => {
                self.unwatch(s);
                reply::ok(out.buf());
            }
            N::Wait | N::Primacy => return self.wait_command(s, command, args, out, batch),
            N::Quit => {
                reply::ok(out.buf());
                return Next::Close;
            }
            other => return self.run_plain(s, other, args, out, batch),
        }
        Next::Go
    }

    /// EXEC: all queued commands, logged together.
    fn exec(&mut self, s: &mut Session, out: &mut Outbox, batch: &mut Batch) -> Next {
        let Some(multi) = s.multi.take() else {
            reply::error(out.buf(), "ERR EXEC without MULTI");
            return Next::Go;
        };
        let dirty = self.unwatch(s);
        if multi.aborted {
            reply::error(out.buf(), EXECABORT);
            return Next::Go;
        }
        if dirty {
            out.buf().extend_from_slice(if s.resp3 { b"_\r\n" } else { reply::NIL_ARRAY });
            return Next::Go;
        }
        reply::array(out.buf(), multi.ends.len());
        let mut spans = ArgSpans::new();
        let mut close = false;
        let mut start = 0;
        self.log.begin();
        s.in_exec = true;
        for &end in &multi.ends {
            let frame = &multi.frames[start..end];
            start = end;
            let Scan::Whole { .. } = scan(frame, &mut spans, &Limits::DEFAULT) else { continue };
            let args = spans.view(frame);
            let Some(command) = crate::command::lookup(args.get(0)) else { continue };
            let begin = out.buf().len();
            close |= match command.run {
                Run::Data(run) => {
                    self.run_data(s.db, command, run, &args, out, batch);
                    false
                }
                Run::Node(which) => self.run_node(s, which, &args, out, batch) == Next::Close,
            };
            if s.resp3 {
                resp3::adapt(&args, out.buf(), begin, &mut self.reply);
            }
        }
        s.in_exec = false;
        self.log.commit();
        if close { Next::Close } else { Next::Go }
    }
}

fn next(flow: Flow) -> Next {
    match flow {
        Flow::Continue => Next::Go,
        Flow::Park => Next::Block,
        Flow::Close => Next::Close,
    }
}

fn mute(s: &mut Session, out: &mut Outbox, start: usize) {
    match s.reply {
        ReplyMode::On => {}
        ReplyMode::Off => out.buf().truncate(start),
        ReplyMode::Skip => {
            out.buf().truncate(start);
            s.reply = ReplyMode::On;
        }
        ReplyMode::SkipNext => {
            out.buf().truncate(start);
            s.reply = ReplyMode::Skip;
        }
    }
}
