use alloc::vec::Vec;

use super::get::reply_text;
use crate::command::expiry::Unit;
use crate::command::{Ctx, error};
use crate::keyspace::View;
use crate::resp::{Args, DIGITS, format_i64, reply};

/// An expiry that never comes, as `Db::set` takes it.
const NEVER: u64 = u64::MAX;

#[derive(Default)]
struct Options<'a> {
    if_absent: bool,
    if_present: bool,
    get: bool,
    keep_ttl: bool,
    expire: Option<(Unit, &'a [u8])>,
}

pub(super) fn set(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let (key, value) = (args.get(1), args.get(2));
    if args.len() == 3 {
        let seconds = ctx.seconds();
        ctx.db.set(key, value, Some(NEVER), seconds);
        ctx.effect.changed();
        reply::ok(ctx.out);
        return;
    }
    match options(args) {
        Some(options) => set_with(ctx, args, &options),
        None => ctx.error(error::SYNTAX),
    }
}

fn options<'a>(args: &Args<'a>) -> Option<Options<'a>> {
    let mut options = Options::default();
    let mut words = args.from(3);
    while let Some(word) = words.next() {
        if word.eq_ignore_ascii_case(b"nx") && !options.if_present {
            options.if_absent = true;
        } else if word.eq_ignore_ascii_case(b"xx") && !options.if_absent {
            options.if_present = true;
        } else if word.eq_ignore_ascii_case(b"get") {
            options.get = true;
        } else if word.eq_ignore_ascii_case(b"keepttl") && options.expire.is_none() {
            options.keep_ttl = true;
        } else {
            let unit = Unit::option(word).filter(|_| !options.keep_ttl && options.expire.is_none())?;
            options.expire = Some((unit, words.next()?));
        }
    }
    Some(options)
}

fn set_with(ctx: &mut Ctx<'_>, args: &Args<'_>, options: &Options<'_>) {
    let (key, value) = (args.get(1), args.get(2));
    let expire = match options.expire {
        None => None,
        Some((unit, text)) => match ctx.expiry(text, unit, "set") {
            None => return,
            some => some,
        },
    };
    let found = ctx.find(key);
    if options.get {
        match found.map(|at| ctx.db.view(at)) {
            Some(View::Text(old)) => reply::bulk(ctx.out, old),
            Some(_) => return ctx.error(error::WRONGTYPE),
            None => reply::nil(ctx.out),
        }
    }
    if (options.if_absent && found.is_some()) || (options.if_present && found.is_none()) {
        if !options.get {
            reply::nil(ctx.out);
        }
        return;
    }
    let seconds = ctx.seconds();
    let deadline = if options.keep_ttl { None } else { Some(expire.unwrap_or(NEVER)) };
    ctx.db.set(key, value, deadline, seconds);
    if let Some(at) = expire {
        log_with_deadline(ctx, key, value, at);
    } else if options.get {
        let kept: Vec<&[u8]> = args
            .from(0)
            .enumerate()
            .filter(|(i, word)| *i < 3 || !word.eq_ignore_ascii_case(b"get"))
            .map(|(_, w)| w)
            .collect();
        ctx.effect.rewrite(&kept);
    } else {
        ctx.effect.changed();
    }
    if !options.get {
        reply::ok(ctx.out);
    }
}

/// A replica must not count a relative time from when it happens to apply it.
fn log_with_deadline(ctx: &mut Ctx<'_>, key: &[u8], value: &[u8], at: u64) {
    let at = i64::try_from(at).unwrap_or(i64::MAX);
    ctx.effect.rewrite(&[b"SET", key, value, b"PXAT", format_i64(at, &mut [0; DIGITS])]);
}

pub(super) fn setnx(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let absent = ctx.find(args.get(1)).is_none();
    if absent {
        let seconds = ctx.seconds();
        ctx.db.set(args.get(1), args.get(2), Some(NEVER), seconds);
        ctx.effect.changed();
    }
    reply::integer(ctx.out, i64::from(absent));
}

pub(super) fn setex(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    set_for(ctx, args, Unit::Seconds, "setex");
}

pub(super) fn psetex(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    set_for(ctx, args, Unit::Millis, "psetex");
}

fn set_for(ctx: &mut Ctx<'_>, args: &Args<'_>, unit: Unit, command: &str) {
    let Some(at) = ctx.expiry(args.get(2), unit, command) else { return };
    let seconds = ctx.seconds();
    ctx.db.set(args.get(1), args.get(3), Some(at), seconds);
    log_with_deadline(ctx, args.get(1), args.get(3), at);
    reply::ok(ctx.out);
}

pub(super) fn getset(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let (key, value) = (args.get(1), args.get(2));
    if reply_text(ctx, key).is_err() {
        return;
    }
    let seconds = ctx.seconds();
    ctx.db.set(key, value, Some(NEVER), seconds);
    ctx.effect.rewrite(&[b"SET", key, value]);
}
