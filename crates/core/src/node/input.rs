//! The hot path: every whole command of a socket's buffer is run and answered.

use super::session::{Flow, Kind, Outbox, Progress, ReplyMode, Session};
use super::{Node, Notice};
use crate::command::{Command, Ctx, Flags, Logged, Mode, Run, Selected, error, lookup};
use crate::control::NodeRole;
use crate::resp::{ArgSpans, Args, Limits, Scan, reply, rescan, scan};
use crate::time::{Instant, Now};

/// Input that a partial command must have for its scan to be kept instead of repeated.
const KEEP_SCAN: usize = 64 << 10;

/// What happens to a write; decided once per batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    /// The lease runs: it is executed and acknowledged.
    Open,
    /// A planned failover is under way: it waits.
    Paused,
    /// A replica.
    ReadOnly,
    /// A primary that may not acknowledge: the client has to look for another one.
    Fenced,
}

/// State of one call.
pub(super) struct Batch {
    pub(super) gate: Gate,
    pub(super) now: Now,
    /// Something was logged.
    pub(super) wrote: bool,
    /// A reply depends on the lease.
    pub(super) guarded: bool,
}

/// What to do after one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The next one.
    Go,
    /// Nothing more until a wake; the command is done.
    Block,
    /// Nothing more until a wake, and then this command again.
    Park,
    /// Close after the replies.
    Close,
}

impl Node {
    /// Runs every whole command in `input` and appends every reply.
    pub fn handle_input(&mut self, s: &mut Session, input: &[u8], out: &mut Outbox, now: Now) -> Progress {
        if s.kind == Kind::Upstream {
            return self.handle_upstream(s, input, out, now);
        }
        if input.len() < s.need {
            return Progress { consumed: 0, flow: self.check_query_buffer(s, input.len(), out) };
        }
        self.look(now);
        if s.kind == Kind::Replica {
            self.feed_heard(s.conn, now.mono);
        }
        let mut batch = Batch { gate: self.gate(now.mono), now, wrote: false, guarded: false };
        let mut spans = core::mem::take(&mut self.spans);
        let mut last = None;
        let progress = self.run_batch(s, input, out, &mut spans, &mut batch, &mut last);
        self.spans = spans;
        self.finish_batch(s, out, &batch, last);
        progress
    }

    fn gate(&self, now: Instant) -> Gate {
        match self.role {
            NodeRole::PrimaryServing if self.serving(now) => Gate::Open,
            NodeRole::PrimaryPaused | NodeRole::PrimaryReleased => Gate::Paused,
            NodeRole::Frozen | NodeRole::Detached if self.keep_parked => Gate::Paused,
            _ if self.was_primary => Gate::Fenced,
            _ => Gate::ReadOnly,
        }
    }

    fn run_batch(
        &mut self,
        s: &mut Session,
        input: &[u8],
        out: &mut Outbox,
        spans: &mut ArgSpans,
        batch: &mut Batch,
        last: &mut Option<&'static Command>,
    ) -> Progress {
        let mut at = 0;
        let mut kept = s.partial.take();
        s.need = 0;
        let flow = loop {
            let rest = &input[at..];
            if rest.is_empty() {
                break Flow::Continue;
            }
            let limits = if s.authenticated { &Limits::DEFAULT } else { &Limits::UNAUTHENTICATED };
            let scanned = match kept.take() {
                Some(before) => {
                    *spans = *before;
                    rescan(rest, spans, limits)
                }
                None => scan(rest, spans, limits),
            };
            let len = match scanned {
                Scan::Whole { len } => len,
                Scan::Partial { need } => {
                    s.need = need;
                    if rest.len() > KEEP_SCAN {
                        s.partial = Some(alloc::boxed::Box::new(core::mem::take(spans)));
                    }
                    break self.check_query_buffer(s, rest.len(), out);
                }
                Scan::Error(protocol) => {
                    protocol.reply(out.buf());
                    at = input.len();
                    break Flow::Close;
                }
                Scan::Http => {
                    self.notice(Notice::HttpRefused { conn: s.conn });
                    at = input.len();
                    break Flow::Close;
                }
            };
            let args = spans.view(rest);
            if s.fresh && self.is_http(s, &args) {
                at = input.len();
                break Flow::Close;
            }
            match self.run_one(s, &args, out, batch, last) {
                Next::Go => at += len,
                Next::Park => break Flow::Park,
                Next::Block => {
                    at += len;
                    break Flow::Park;
                }
                Next::Close => {
                    at = input.len();
                    break Flow::Close;
                }
            }
            if self.check_output(s, out) == Flow::Close {
                at = input.len();
                break Flow::Close;
            }
        };
        Progress { consumed: at, flow }
    }

    /// The first line of a connection is an HTTP request (S15); later ones are told by [`Scan::Http`].
    fn is_http(&mut self, s: &mut Session, args: &Args<'_>) -> bool {
        s.fresh = false;
        let http = args.len() == 3 && args.get(2).starts_with(b"HTTP/");
        if http {
            self.notice(Notice::HttpRefused { conn: s.conn });
        }
        http
    }

    fn check_query_buffer(&self, s: &Session, len: usize, out: &mut Outbox) -> Flow {
        let limits = &self.config.limits;
        let limit = if s.authenticated { limits.query_buffer } else { limits.query_buffer_unauthenticated };
        if len <= limit {
            return Flow::Continue;
        }
        out.clear();
        Flow::Close
    }

    #[inline]
    fn check_output(&self, s: &Session, out: &mut Outbox) -> Flow {
        let limits = &self.config.limits;
        let limit = if s.authenticated { limits.output_normal } else { limits.output_unauthenticated };
        if limit == 0 || out.len() <= limit {
            return Flow::Continue;
        }
        out.clear();
        Flow::Close
    }

    #[inline]
    fn run_one(
        &mut self,
        s: &mut Session,
        args: &Args<'_>,
        out: &mut Outbox,
        batch: &mut Batch,
        last: &mut Option<&'static Command>,
    ) -> Next {
        if args.is_empty() {
            return Next::Go;
        }
        let Some(command) = lookup(args.get(0)) else {
            return self.refuse(s, out, |out| error::unknown_command(out, args));
        };
        if !command.accepts(args.len()) {
            return self.refuse(s, out, |out| error::wrong_arity(out, command));
        }
        *last = Some(command);
        self.stats.commands += 1;
        if let Run::Data(run) = command.run {
            let allowed = !command.flags.contains(Flags::WRITE) || batch.gate == Gate::Open;
            let room = !command.flags.contains(Flags::DENYOOM) || self.memory_free();
            if allowed && room && s.is_plain() && self.role != NodeRole::Joining {
                self.run_data(s.db, command, run, args, out, batch);
                return Next::Go;
            }
        }
        self.run_slow(s, command, args, out, batch)
    }

    /// Runs one command over the keyspace and logs what it did.
    #[inline]
    pub(super) fn run_data(
        &mut self,
        db: usize,
        command: &'static Command,
        run: crate::command::DataFn,
        args: &Args<'_>,
        out: &mut Outbox,
        batch: &mut Batch,
    ) {
        self.effect.clear();
        let mut ctx = Ctx {
            db: Selected::new(&mut self.keyspace, db),
            out: out.buf(),
            now_ms: batch.now.unix_ms,
            effect: &mut self.effect,
            rng: &mut self.rng,
            // Only a serving primary decides that a key has expired (I12).
            mode: if batch.gate == Gate::Open { Mode::Primary } else { Mode::ReplicaRead },
        };
        run(&mut ctx, args);
        if command.flags.contains(Flags::WRITE) {
            batch.guarded = true;
        }
        if !self.effect.is_empty() {
            batch.wrote = true;
            self.record(db, command, args);
        }
    }

    /// The append is the write.
    #[inline]
    fn record(&mut self, db: usize, command: &'static Command, args: &Args<'_>) {
        let effect = &self.effect;
        match (effect.expired_count(), effect.logged()) {
            (0, Logged::Verbatim) => self.log.write(db, args.raw()),
            (expired, logged) => {
                let frames = match logged {
                    Logged::Nothing => &[][..],
                    Logged::Verbatim => args.raw(),
                    Logged::Frames(frames) => frames,
                };
                let ops = expired + effect.logged_count();
                self.stats.expired_keys += u64::from(expired);
                self.log.write_many(db, ops, [effect.expired_frames(), frames]);
            }
        }
        if self.watched.is_empty() {
            return;
        }
        self.touch_keys(db, command, args);
    }

    fn finish_batch(
        &mut self,
        s: &mut Session,
        out: &mut Outbox,
        batch: &Batch,
        last: Option<&'static Command>,
    ) {
        if batch.wrote {
            s.last_write = Some((self.current_epoch(), self.log.end()));
            self.trim_log();
            self.arm_expire(batch.now.mono);
        }
        if batch.guarded {
            out.guard(self.current_epoch());
        }
        if let (Some(client), Some(last)) = (self.clients.at(s.slot, s.conn), last) {
            client.last = batch.now.mono;
            client.db = s.db;
            client.command = Some(last);
            client.queued = s.multi.as_ref().map(|m| m.ends.len());
        }
    }

    /// An error that also spoils an open transaction.
    pub(super) fn refuse(
        &mut self,
        s: &mut Session,
        out: &mut Outbox,
        write: impl FnOnce(&mut alloc::vec::Vec<u8>),
    ) -> Next {
        if let Some(multi) = &mut s.multi {
            multi.aborted = true;
        }
        self.stats.errors += 1;
        match s.reply {
            ReplyMode::On => write(out.buf()),
            ReplyMode::Skip => s.reply = ReplyMode::On,
            ReplyMode::SkipNext => s.reply = ReplyMode::Skip,
            ReplyMode::Off => {}
        }
        Next::Go
    }

    pub(super) fn refuse_text(&mut self, s: &mut Session, out: &mut Outbox, text: &str) -> Next {
        self.refuse(s, out, |out| reply::error(out, text))
    }

    /// R2, with a fresh clock, just before `out` goes to the socket. `false`: the lease that its acknowledgements need has
    /// ended; drop `out` and close the connection.
    pub fn may_send(&mut self, s: &mut Session, out: &mut Outbox, now: Now) -> bool {
        let Some(epoch) = out.guarded() else { return true };
        self.check_clocks(now);
        if epoch == self.current_epoch() && self.may_acknowledge(now.mono) {
            return true;
        }
        self.check_lease(now.mono);
        s.multi = None;
        false
    }
}
