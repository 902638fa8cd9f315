use alloc::vec::Vec;

use crate::command::expiry::Unit;
use crate::command::{Ctx, Mode};
use crate::resp::{Args, DIGITS, format_i64, reply};

pub(super) fn expire(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    set(ctx, args, Unit::Seconds, "expire");
}

pub(super) fn pexpire(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    set(ctx, args, Unit::Millis, "pexpire");
}

pub(super) fn expireat(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    set(ctx, args, Unit::SecondsAt, "expireat");
}

pub(super) fn pexpireat(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    set(ctx, args, Unit::MillisAt, "pexpireat");
}

#[derive(Clone, Copy, Default)]
struct Condition {
    none: bool,
    some: bool,
    greater: bool,
    less: bool,
}

impl Condition {
    fn parse(args: &Args<'_>) -> Result<Self, Vec<u8>> {
        let mut condition = Self::default();
        for word in args.from(3) {
            match &*word.to_ascii_lowercase() {
                b"nx" => condition.none = true,
                b"xx" => condition.some = true,
                b"gt" => condition.greater = true,
                b"lt" => condition.less = true,
                _ => return Err([b"ERR Unsupported option ", word].concat()),
            }
        }
        if condition.none && (condition.some || condition.greater || condition.less) {
            return Err(b"ERR NX and XX, GT or LT options at the same time are not compatible".to_vec());
        }
        if condition.greater && condition.less {
            return Err(b"ERR GT and LT options at the same time are not compatible".to_vec());
        }
        Ok(condition)
    }

    /// Whether `new` may replace `old`; no expiry counts as infinite.
    fn holds(self, old: Option<u64>, new: i64) -> bool {
        let old = old.map(|old| i64::try_from(old).unwrap_or(i64::MAX));
        !(self.none && old.is_some()
            || self.some && old.is_none()
            || self.greater && old.is_none_or(|old| new <= old)
            || self.less && old.is_some_and(|old| new >= old))
    }
}

fn set(ctx: &mut Ctx<'_>, args: &Args<'_>, unit: Unit, command: &str) {
    let key = args.get(1);
    let condition = match Condition::parse(args) {
        Ok(condition) => condition,
        Err(text) => return ctx.error(text),
    };
    let Some(n) = ctx.number(args.get(2)) else { return };
    let Some(when) = unit.resolve(n, ctx.now_ms) else { return ctx.invalid_expiry(command) };
    let Some(at) = ctx.peek(key) else { return reply::integer(ctx.out, 0) };
    if !condition.holds(ctx.db.expiry(at), when) {
        return reply::integer(ctx.out, 0);
    }
    let past = i64::try_from(ctx.now_ms).is_ok_and(|now| when <= now);
    if past && ctx.mode == Mode::Primary {
        ctx.db.remove(at);
        ctx.effect.rewrite(&[b"DEL", key]);
    } else {
        ctx.db.set_expiry(at, Some(u64::try_from(when).unwrap_or(0)));
        ctx.effect.rewrite(&[b"PEXPIREAT", key, format_i64(when, &mut [0; DIGITS])]);
    }
    reply::integer(ctx.out, 1);
}

pub(super) fn persist(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let found = ctx.peek(args.get(1)).filter(|&at| ctx.db.expiry(at).is_some());
    if let Some(at) = found {
        ctx.db.set_expiry(at, None);
        ctx.effect.changed();
    }
    reply::integer(ctx.out, i64::from(found.is_some()));
}

pub(super) fn ttl(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    show(ctx, args, |at, now| (at.saturating_sub(now) + 500) / 1000);
}

pub(super) fn pttl(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    show(ctx, args, u64::saturating_sub);
}

pub(super) fn expiretime(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    show(ctx, args, |at, _| at.saturating_add(500) / 1000);
}

pub(super) fn pexpiretime(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    show(ctx, args, |at, _| at);
}

fn show(ctx: &mut Ctx<'_>, args: &Args<'_>, answer: impl Fn(u64, u64) -> u64) {
    let n = match ctx.peek(args.get(1)).map(|at| ctx.db.expiry(at)) {
        None => -2,
        Some(None) => -1,
        Some(Some(at)) => i64::try_from(answer(at, ctx.now_ms)).unwrap_or(i64::MAX),
    };
    reply::integer(ctx.out, n);
}
