use super::{index, list_at, span};
use crate::command::{Ctx, error};
use crate::keyspace::Kind;
use crate::resp::{Args, reply};

pub(super) fn linsert(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let before = args.get(2).eq_ignore_ascii_case(b"before");
    if !before && !args.get(2).eq_ignore_ascii_case(b"after") {
        return ctx.error(error::SYNTAX);
    }
    let Ok(found) = ctx.typed(args.get(1), Kind::List) else { return };
    let Some(at) = found else { return reply::integer(ctx.out, 0) };
    let len = ctx.db.edit_list(at, |list| list.insert(args.get(3), before, args.get(4)).then(|| list.len()));
    match len.flatten() {
        Some(len) => {
            ctx.effect.changed();
            reply::count(ctx.out, len);
        }
        None => reply::integer(ctx.out, -1),
    }
}

pub(super) fn lset(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let Ok(found) = ctx.typed(args.get(1), Kind::List) else { return };
    let Some(at) = found else { return ctx.error(error::NO_KEY) };
    let Some(n) = ctx.number(args.get(2)) else { return };
    let set = ctx.db.edit_list(at, |list| index(n, list.len()).is_some_and(|i| list.set(i, args.get(3))));
    if set == Some(true) {
        ctx.effect.changed();
        reply::ok(ctx.out);
    } else {
        ctx.error(error::INDEX_RANGE);
    }
}

pub(super) fn lrem(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let Some(n) = ctx.number(args.get(2)) else { return };
    let Ok(found) = ctx.typed(args.get(1), Kind::List) else { return };
    let Some(at) = found else { return reply::integer(ctx.out, 0) };
    let max = if n == 0 { usize::MAX } else { usize::try_from(n.unsigned_abs()).unwrap_or(usize::MAX) };
    let removed = ctx.db.edit_list(at, |list| list.remove_equal(args.get(3), max, n < 0)).unwrap_or(0);
    if removed > 0 {
        ctx.effect.changed();
    }
    reply::count(ctx.out, removed);
}

pub(super) fn ltrim(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let Some(start) = ctx.number(args.get(2)) else { return };
    let Some(end) = ctx.number(args.get(3)) else { return };
    let Ok(found) = ctx.typed(args.get(1), Kind::List) else { return };
    if let Some(at) = found {
        let len = list_at(ctx, at).map_or(0, |list| list.len());
        let (start, count) = span(start, end, len);
        if count < len {
            ctx.db.edit_list(at, |list| list.keep(start, count));
            ctx.effect.changed();
        }
    }
    reply::ok(ctx.out);
}
