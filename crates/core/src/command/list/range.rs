use super::{index, list_at, span};
use crate::command::Ctx;
use crate::keyspace::{Kind, View};
use crate::resp::{Args, reply};

pub(super) fn llen(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let Ok(found) = ctx.typed(args.get(1), Kind::List) else { return };
    let len = found.and_then(|at| list_at(ctx, at)).map_or(0, |list| list.len());
    reply::count(ctx.out, len);
}

pub(super) fn lindex(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let Ok(found) = ctx.typed(args.get(1), Kind::List) else { return };
    let Some(at) = found else { return reply::nil(ctx.out) };
    let Some(n) = ctx.number(args.get(2)) else { return };
    if let View::List(list) = ctx.db.view(at) {
        reply::bulk_or_nil(ctx.out, index(n, list.len()).and_then(|i| list.get(i)));
    }
}

pub(super) fn lrange(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let Some(start) = ctx.number(args.get(2)) else { return };
    let Some(end) = ctx.number(args.get(3)) else { return };
    let Ok(found) = ctx.typed(args.get(1), Kind::List) else { return };
    match found.map(|at| ctx.db.view(at)) {
        Some(View::List(list)) => {
            let (start, count) = span(start, end, list.len());
            reply::array(ctx.out, count);
            list.iter_from(start).take(count).for_each(|element| reply::bulk(ctx.out, element));
        }
        _ => reply::array(ctx.out, 0),
    }
}
