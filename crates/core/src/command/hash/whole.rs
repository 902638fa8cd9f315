use alloc::vec::Vec;

use super::hash_at;
use crate::command::Ctx;
use crate::command::key::scan::{Options, reply_head};
use crate::keyspace::{Kind, View};
use crate::resp::{Args, reply};

pub(super) fn hlen(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let Ok(found) = ctx.typed(args.get(1), Kind::Hash) else { return };
    let len = found.and_then(|at| hash_at(ctx, at)).map_or(0, |hash| hash.len());
    reply::count(ctx.out, len);
}

pub(super) fn hgetall(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    show(ctx, args, 2, |out, field, value| {
        reply::bulk(out, field);
        reply::bulk(out, value);
    });
}

pub(super) fn hkeys(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    show(ctx, args, 1, |out, field, _| reply::bulk(out, field));
}

pub(super) fn hvals(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    show(ctx, args, 1, |out, _, value| reply::bulk(out, value));
}

fn show(ctx: &mut Ctx<'_>, args: &Args<'_>, width: usize, each: fn(&mut Vec<u8>, &[u8], &[u8])) {
    let Ok(found) = ctx.typed(args.get(1), Kind::Hash) else { return };
    match found.map(|at| ctx.db.view(at)) {
        Some(View::Hash(hash)) => {
            reply::array(ctx.out, hash.len() * width);
            hash.iter().for_each(|(field, value)| each(ctx.out, field, value));
        }
        _ => reply::array(ctx.out, 0),
    }
}

pub(super) fn hscan(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let cursor = match Options::cursor(args.get(2)) {
        Ok(cursor) => cursor,
        Err(text) => return ctx.error(text),
    };
    let Ok(found) = ctx.typed(args.get(1), Kind::Hash) else { return };
    let Some(at) = found else { return reply_head(ctx.out, 0, 0) };
    let options = match Options::parse(cursor, args, 3, false) {
        Ok(options) => options,
        Err(text) => return ctx.error(text),
    };
    let View::Hash(hash) = ctx.db.view(at) else { return };
    let (range, next) = if hash.is_packed() {
        ((0..hash.len()).rev(), 0)
    } else {
        let range = options.positions(hash.len());
        let next = range.clone().next_back().unwrap_or(0);
        (range, next)
    };
    let found: Vec<(&[u8], &[u8])> =
        range.filter_map(|i| hash.nth(i)).filter(|(field, _)| options.selects(field)).collect();
    reply_head(ctx.out, next, found.len() * 2);
    for (field, value) in found {
        reply::bulk(ctx.out, field);
        reply::bulk(ctx.out, value);
    }
}
