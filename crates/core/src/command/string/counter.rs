use crate::command::longdouble::LongDouble;
use crate::command::{Ctx, error};
use crate::keyspace::{At, Kind, View};
use crate::resp::{Args, DIGITS, format_i64, parse_i64, reply};

pub(super) fn incr(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    add(ctx, args.get(1), 1);
}

pub(super) fn decr(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    add(ctx, args.get(1), -1);
}

pub(super) fn incrby(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    if let Some(n) = ctx.number(args.get(2)) {
        add(ctx, args.get(1), n);
    }
}

pub(super) fn decrby(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let Some(n) = ctx.number(args.get(2)) else { return };
    match n.checked_neg() {
        Some(n) => add(ctx, args.get(1), n),
        None => ctx.error("ERR decrement would overflow"),
    }
}

fn add(ctx: &mut Ctx<'_>, key: &[u8], n: i64) {
    let Ok(found) = ctx.typed(key, Kind::Text) else { return };
    let Some(old) = found.map_or(Some(0), |at| parse_i64(text(ctx, at))) else {
        return ctx.error(error::NOT_INTEGER);
    };
    let Some(new) = old.checked_add(n) else { return ctx.error(error::OVERFLOW) };
    let seconds = ctx.seconds();
    let mut digits = [0; DIGITS];
    let digits = format_i64(new, &mut digits);
    match found {
        Some(at) => ctx.db.replace(at, digits, None, seconds),
        None => ctx.db.set(key, digits, None, seconds),
    }
    ctx.effect.changed();
    reply::integer(ctx.out, new);
}

pub(super) fn incrbyfloat(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let key = args.get(1);
    let Ok(found) = ctx.typed(key, Kind::Text) else { return };
    let old = found.map_or(Some(LongDouble::ZERO), |at| LongDouble::parse(text(ctx, at)));
    let (Some(old), Some(n)) = (old, LongDouble::parse(args.get(2))) else {
        return ctx.error(error::NOT_FLOAT);
    };
    let Some(new) = old.add(n).format() else {
        return ctx.error("ERR increment would produce NaN or Infinity");
    };
    let seconds = ctx.seconds();
    ctx.db.set(key, &new, None, seconds);
    // The result, not the sum: a replica may round otherwise.
    ctx.effect.rewrite(&[b"SET", key, &new, b"KEEPTTL"]);
    reply::bulk(ctx.out, &new);
}

fn text<'a>(ctx: &'a Ctx<'_>, at: At) -> &'a [u8] {
    match ctx.db.view(at) {
        View::Text(text) => text,
        _ => &[],
    }
}
