//! The primary's stream, applied and appended to the node's own log byte for byte.

use super::session::Session;
use super::upstream::Errand;
use super::{Node, Notice};
use crate::command::{Command, Ctx, Flags, Mode, NodeCommand, Run, Selected, lookup};
use crate::id::Epoch;
use crate::log::{self, EPOCH_CHANNEL, FAILSAFE_CHANNEL};
use crate::resp::{ArgSpans, Args, Limits, Scan, parse_i64, scan};
use crate::time::Now;

/// What one batch of the stream has come to.
#[derive(Clone)]
struct Batch {
    /// Bytes of whole commands and whole transactions.
    done: usize,
    ops: u64,
    db: usize,
    failed: bool,
}

impl Node {
    /// Applies every whole command and every whole transaction of `input`; how many bytes that was. The position moves
    /// at the ends of transactions only.
    pub(super) fn apply(&mut self, s: &mut Session, input: &[u8], now: Now) -> usize {
        if input.len() < s.need {
            return 0;
        }
        let mut spans = core::mem::take(&mut self.spans);
        let mut batch = Batch { done: 0, ops: 0, db: self.log.selected().unwrap_or(0), failed: false };
        let stop = self.apply_batch(s, input, &mut spans, &mut batch, now);
        self.spans = spans;
        self.log.applied(&input[..batch.done], batch.ops, Some(batch.db));
        if batch.failed {
            let offset = self.log.end();
            self.notice(Notice::StreamError { offset });
        }
        self.trim_log();
        if let Err(reason) = stop {
            self.drop_link(reason);
            self.redial_later(now.mono);
        }
        self.errand_done();
        batch.done
    }

    fn apply_batch(
        &mut self,
        s: &mut Session,
        input: &[u8],
        spans: &mut ArgSpans,
        batch: &mut Batch,
        now: Now,
    ) -> Result<(), &'static str> {
        s.need = 0;
        while let Some(rest) = input.get(batch.done..).filter(|rest| !rest.is_empty()) {
            let len = match scan(rest, spans, &Limits::DEFAULT) {
                Scan::Whole { len } => len,
                Scan::Partial { need } => {
                    s.need = need;
                    return Ok(());
                }
                Scan::Error(_) | Scan::Http => return Err("primary sends no RESP"),
            };
            let args = spans.view(rest);
            let command = if args.is_empty() { None } else { lookup(args.get(0)) };
            if command.is_some_and(|c| matches!(c.run, Run::Node(NodeCommand::Multi))) {
                let Some(whole) = transaction(rest, spans) else { return Ok(()) };
                self.apply_transaction(&rest[..whole], spans, batch, now);
                batch.done += whole;
                continue;
            }
            self.apply_one(command, &args, batch, now);
            batch.done += len;
        }
        Ok(())
    }

    /// The frames of one MULTI to EXEC.
    fn apply_transaction(&mut self, frames: &[u8], spans: &mut ArgSpans, batch: &mut Batch, now: Now) {
        let mut at = 0;
        while let Some(rest) = frames.get(at..).filter(|rest| !rest.is_empty()) {
            let Scan::Whole { len } = scan(rest, spans, &Limits::DEFAULT) else { return };
            let args = spans.view(rest);
            let command = if args.is_empty() { None } else { lookup(args.get(0)) };
            self.apply_one(command, &args, batch, now);
            at += len;
        }
    }

    fn apply_one(&mut self, command: Option<&'static Command>, args: &Args<'_>, batch: &mut Batch, now: Now) {
        let Some(command) = command.filter(|c| c.accepts(args.len())) else {
            batch.failed |= !args.is_empty();
            return;
        };
        match command.run {
            Run::Data(run) => {
                self.effect.clear();
                self.reply.clear();
                let mut ctx = Ctx {
                    db: Selected::new(&mut self.keyspace, batch.db),
                    out: &mut self.reply,
                    now_ms: now.unix_ms,
                    effect: &mut self.effect,
                    rng: &mut self.rng,
                    mode: Mode::Apply,
                };
                run(&mut ctx, args);
                batch.failed |= self.reply.first() == Some(&b'-');
                if command.flags.contains(Flags::WRITE) {
                    batch.ops += 1;
                    self.touch_keys(batch.db, command, args);
                }
            }
            Run::Node(NodeCommand::Select) => {
                let db = parse_i64(args.get(1)).and_then(|n| usize::try_from(n).ok());
                batch.db = db.unwrap_or(batch.db);
            }
            Run::Node(NodeCommand::Publish) => self.apply_publish(args, batch, now),
            Run::Node(NodeCommand::Replconf) => {
                self.upstream.ack_now |= args.get(1).eq_ignore_ascii_case(b"getack");
            }
            Run::Node(_) => {}
        }
    }

    /// Epoch records (R5) and asks for grants (R14); other messages have no subscriber here.
    fn apply_publish(&mut self, args: &Args<'_>, batch: &Batch, now: Now) {
        if args.get(1) == EPOCH_CHANNEL {
            if let Some((epoch, repl_id)) = log::parse_epoch(args.get(2)) {
                self.log.applied_epoch(epoch, repl_id, batch.done as u64, batch.ops);
                self.promised = self.promised.max(epoch);
                self.upstream.ack_now = true;
            }
        } else if args.get(1) == FAILSAFE_CHANNEL
            && let Some((epoch, round)) = log::parse_ask(args.get(2))
        {
            self.grant(epoch, round, now);
        }
    }

    /// R14: a promise to refuse elections for L from now, given only to the primary that this node follows and only
    /// when no earlier life may have given another (R16).
    fn grant(&mut self, epoch: Epoch, round: u64, now: Now) {
        let following = self.role == crate::control::NodeRole::Following && self.link_up();
        let current = epoch == self.promised && epoch == self.current_epoch();
        let quarantined = self.quarantine_until.is_some_and(|until| now.mono < until);
        if !self.config.failsafe || !following || !current || quarantined {
            return;
        }
        // The margin covers a clock that runs faster than the primary's (R3).
        let until = now.mono + self.config.timing.lease + self.config.timing.margin;
        self.grant_until = self.grant_until.max(Some(until));
        self.upstream.grant = Some((epoch, round));
        self.upstream.ack_now = true;
    }

    /// An errand ends when its position is reached.
    pub(super) fn errand_done(&mut self) {
        if let Some(Errand::CatchUp { until }) = self.upstream.target().map(|t| t.errand)
            && self.log.position() >= until
        {
            self.caught_up();
        }
    }
}

/// Length of the transaction that starts at the front of `input`, when its EXEC is there.
fn transaction(input: &[u8], spans: &mut ArgSpans) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = input.get(at..)?;
        let Scan::Whole { len } = scan(rest, spans, &Limits::DEFAULT) else { return None };
        at += len;
        if spans.view(rest).get(0).eq_ignore_ascii_case(b"exec") {
            return Some(at);
        }
    }
}
