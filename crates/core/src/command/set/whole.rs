use alloc::vec::Vec;

use super::set_at;
use crate::command::Ctx;
use crate::command::key::scan::{Options, reply_head};
use crate::keyspace::{Kind, Member, View};
use crate::resp::{Args, reply};

pub(super) fn scard(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let Ok(found) = ctx.typed(args.get(1), Kind::Set) else { return };
    let len = found.and_then(|at| set_at(ctx, at)).map_or(0, |set| set.len());
    reply::count(ctx.out, len);
}

pub(super) fn sscan(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let cursor = match Options::cursor(args.get(2)) {
        Ok(cursor) => cursor,
        Err(text) => return ctx.error(text),
    };
    let Ok(found) = ctx.typed(args.get(1), Kind::Set) else { return };
    let Some(at) = found else { return reply_head(ctx.out, 0, 0) };
    let options = match Options::parse(cursor, args, 3, false) {
        Ok(options) => options,
        Err(text) => return ctx.error(text),
    };
    let View::Set(set) = ctx.db.view(at) else { return };
    let (range, next) = if set.is_packed() {
        ((0..set.len()).rev(), 0)
    } else {
        let range = options.positions(set.len());
        let next = range.clone().next_back().unwrap_or(0);
        (range, next)
    };
    let found: Vec<Member<'_>> = range
        .filter_map(|i| set.nth(i))
        .filter(|member| member.with(|member| options.selects(member)))
        .collect();
    reply_head(ctx.out, next, found.len());
    found.iter().for_each(|member| member.with(|member| reply::bulk(ctx.out, member)));
}
