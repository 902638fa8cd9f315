use super::hash_at;
use crate::command::ctx::Wrong;
use crate::command::{Ctx, error};
use crate::keyspace::{Kind, View};
use crate::resp::{Args, reply};

pub(super) fn hset(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    if !args.len().is_multiple_of(2) {
        return error::wrong_arity_of(ctx.out, "hset");
    }
    if let Ok(created) = set_all(ctx, args) {
        reply::count(ctx.out, created);
    }
}

pub(super) fn hmset(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    if !args.len().is_multiple_of(2) {
        return error::wrong_arity_of(ctx.out, "hmset");
    }
    if set_all(ctx, args).is_ok() {
        reply::ok(ctx.out);
    }
}

fn set_all(ctx: &mut Ctx<'_>, args: &Args<'_>) -> Result<usize, Wrong> {
    let at = ctx.typed_or_new(args.get(1), Kind::Hash)?;
    let created = ctx.db.edit_hash(at, |hash| {
        hash.fit(args.from(2).map(<[u8]>::len).max().unwrap_or(0));
        let pairs = args.from(2).step_by(2).zip(args.from(3).step_by(2));
        pairs.filter(|(field, value)| hash.set(field, value)).count()
    });
    ctx.effect.changed();
    Ok(created.unwrap_or(0))
}

pub(super) fn hsetnx(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let (field, value) = (args.get(2), args.get(3));
    let Ok(at) = ctx.typed_or_new(args.get(1), Kind::Hash) else { return };
    let absent = hash_at(ctx, at).is_some_and(|hash| hash.get(field).is_none());
    if absent {
        ctx.db.edit_hash(at, |hash| hash.set(field, value));
        ctx.effect.changed();
    }
    reply::integer(ctx.out, i64::from(absent));
}

pub(super) fn hget(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let Ok(found) = ctx.typed(args.get(1), Kind::Hash) else { return };
    match found.map(|at| ctx.db.view(at)) {
        Some(View::Hash(hash)) => reply::bulk_or_nil(ctx.out, hash.get(args.get(2))),
        _ => reply::nil(ctx.out),
    }
}

pub(super) fn hmget(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let Ok(found) = ctx.typed(args.get(1), Kind::Hash) else { return };
    reply::array(ctx.out, args.len() - 2);
    for field in args.from(2) {
        match found.map(|at| ctx.db.view(at)) {
            Some(View::Hash(hash)) => reply::bulk_or_nil(ctx.out, hash.get(field)),
            _ => reply::nil(ctx.out),
        }
    }
}

pub(super) fn hexists(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let Ok(found) = ctx.typed(args.get(1), Kind::Hash) else { return };
    let exists = found.and_then(|at| hash_at(ctx, at)?.get(args.get(2))).is_some();
    reply::integer(ctx.out, i64::from(exists));
}

pub(super) fn hstrlen(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let Ok(found) = ctx.typed(args.get(1), Kind::Hash) else { return };
    let len = found.and_then(|at| hash_at(ctx, at)?.get(args.get(2))).map_or(0, <[u8]>::len);
    reply::count(ctx.out, len);
}

pub(super) fn hdel(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let Ok(found) = ctx.typed(args.get(1), Kind::Hash) else { return };
    let deleted = found
        .and_then(|at| ctx.db.edit_hash(at, |hash| args.from(2).filter(|field| hash.remove(field)).count()));
    let deleted = deleted.unwrap_or(0);
    if deleted > 0 {
        ctx.effect.changed();
    }
    reply::count(ctx.out, deleted);
}
