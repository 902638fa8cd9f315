use super::hash_at;
use crate::command::longdouble::LongDouble;
use crate::command::{Ctx, error};
use crate::keyspace::Kind;
use crate::resp::{Args, DIGITS, format_i64, parse_i64, reply};

pub(super) fn hincrby(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let (key, field) = (args.get(1), args.get(2));
    let Some(n) = ctx.number(args.get(3)) else { return };
    let Ok(found) = ctx.typed(key, Kind::Hash) else { return };
    let old = found.and_then(|at| hash_at(ctx, at)?.get(field));
    let Some(old) = old.map_or(Some(0), parse_i64) else {
        return ctx.error("ERR hash value is not an integer");
    };
    let Some(new) = old.checked_add(n) else { return ctx.error(error::OVERFLOW) };
    let Ok(at) = ctx.typed_or_new(key, Kind::Hash) else { return };
    ctx.db.edit_hash(at, |hash| hash.set(field, format_i64(new, &mut [0; DIGITS])));
    ctx.effect.changed();
    reply::integer(ctx.out, new);
}

pub(super) fn hincrbyfloat(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let (key, field) = (args.get(1), args.get(2));
    let Some(n) = LongDouble::parse(args.get(3)) else { return ctx.error(error::NOT_FLOAT) };
    if n.format().is_none() {
        return ctx.error("ERR value is NaN or Infinity");
    }
    let Ok(found) = ctx.typed(key, Kind::Hash) else { return };
    let old = found.and_then(|at| hash_at(ctx, at)?.get(field));
    let Some(old) = old.map_or(Some(LongDouble::ZERO), LongDouble::parse) else {
        return ctx.error("ERR hash value is not a float");
    };
    let Some(new) = old.add(n).format() else {
        return ctx.error("ERR increment would produce NaN or Infinity");
    };
    let Ok(at) = ctx.typed_or_new(key, Kind::Hash) else { return };
    ctx.db.edit_hash(at, |hash| hash.set(field, &new));
    // The result, not the sum: a replica may round otherwise.
    ctx.effect.rewrite(&[b"HSET", key, field, &new]);
    reply::bulk(ctx.out, &new);
}
