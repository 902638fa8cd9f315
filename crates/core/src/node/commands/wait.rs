//! WAIT, PRIMACY TOKEN and PRIMACY WAIT (`failover.md` §2.13).

use core::time::Duration;

use super::super::Node;
use super::super::clients::Waiting;
use super::super::input::{Batch, Next};
use super::super::session::{Flow, Outbox, Session};
use crate::command::{NodeCommand, error};
use crate::id::Offset;
use crate::resp::{Args, parse_i64, reply};

impl Node {
    pub(in super::super) fn wait_command(
        &mut self,
        s: &mut Session,
        command: NodeCommand,
        args: &Args<'_>,
        out: &mut Outbox,
        batch: &Batch,
    ) -> Next {
        if batch.wrote {
            s.last_write = Some((self.current_epoch(), self.log.end()));
        }
        if command == NodeCommand::Wait {
            return self.wait(s, args, out, batch);
        }
        let sub = args.get(1);
        if sub.eq_ignore_ascii_case(b"token") && args.len() == 2 {
            match s.last_write {
                Some((epoch, offset)) => reply::simple(out.buf(), &alloc::format!("{} {offset}", epoch.0)),
                None => reply::nil(out.buf()),
            }
            return Next::Go;
        }
        if sub.eq_ignore_ascii_case(b"wait") && args.len() == 6 {
            return self.primacy_wait(s, args, out, batch);
        }
        error::unknown_subcommand(out.buf(), "primacy", sub);
        Next::Go
    }

    fn wait(&mut self, s: &Session, args: &Args<'_>, out: &mut Outbox, batch: &Batch) -> Next {
        if !self.role.is_primary() {
            reply::error(
                out.buf(),
                "ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is configured to be writable (which is not the default) writes to replicas are just local and are not propagated.",
            );
            return Next::Go;
        }
        let Some(need) = count(args.get(1)) else {
            reply::error(out.buf(), error::NOT_INTEGER);
            return Next::Go;
        };
        let Some(timeout) = timeout(args.get(2), out) else { return Next::Go };
        // What an earlier epoch acknowledged is covered by this epoch's record (R8).
        let offset = s.last_write.map_or(0, |(_, offset)| offset);
        let waiting = Waiting { need, offset, epoch: self.current_epoch(), words: false };
        self.wait_or_answer(s, waiting, timeout, out, batch)
    }

    fn primacy_wait(&mut self, s: &Session, args: &Args<'_>, out: &mut Outbox, batch: &Batch) -> Next {
        let token = number(args.get(2)).zip(number(args.get(3)));
        let (Some((epoch, offset)), Some(need)) = (token, count(args.get(4))) else {
            reply::error(out.buf(), error::NOT_INTEGER);
            return Next::Go;
        };
        let Some(timeout) = timeout(args.get(5), out) else { return Next::Go };
        if !self.role.is_primary() {
            reply::error(out.buf(), super::super::dispatch::READONLY);
            return Next::Go;
        }
        if !self.holds(epoch, offset) {
            if !self.may_acknowledge(batch.now.mono) {
                return Next::Close;
            }
            reply::simple(out.buf(), "lost");
            out.guard(self.current_epoch());
            return Next::Go;
        }
        let waiting = Waiting { need, offset, epoch: self.current_epoch(), words: true };
        self.wait_or_answer(s, waiting, timeout, out, batch)
    }

    /// True when the write of `epoch` that ended at `offset` is part of this node's history.
    fn holds(&self, epoch: u64, offset: Offset) -> bool {
        let epochs = self.log.lineage().epochs();
        let Some(i) = epochs.iter().position(|e| e.epoch.0 == epoch) else { return false };
        let end = epochs.get(i + 1).map_or_else(|| self.log.end(), |next| next.start.offset);
        epochs[i].start.offset < offset && offset <= end
    }

    fn wait_or_answer(
        &mut self,
        s: &Session,
        waiting: Waiting,
        timeout: Option<Duration>,
        out: &mut Outbox,
        batch: &Batch,
    ) -> Next {
        if self.holders(waiting.offset) >= waiting.need || s.in_exec {
            return match self.answer_wait(s, waiting, out, batch.now.mono) {
                Flow::Close => Next::Close,
                _ => Next::Go,
            };
        }
        self.block(s, waiting, timeout.map(|t| batch.now.mono + t));
        Next::Block
    }
}

fn number(text: &[u8]) -> Option<u64> {
    parse_i64(text).and_then(|n| u64::try_from(n).ok())
}

fn count(text: &[u8]) -> Option<usize> {
    parse_i64(text).map(|n| usize::try_from(n).unwrap_or(0))
}

/// Milliseconds; 0: for ever. `None`: the error is written.
fn timeout(text: &[u8], out: &mut Outbox) -> Option<Option<Duration>> {
    match parse_i64(text) {
        None => reply::error(out.buf(), "ERR timeout is not an integer or out of range"),
        Some(ms) if ms < 0 => reply::error(out.buf(), "ERR timeout is negative"),
        Some(0) => return Some(None),
        Some(ms) => return Some(Some(Duration::from_millis(ms.unsigned_abs()))),
    }
    None
}
