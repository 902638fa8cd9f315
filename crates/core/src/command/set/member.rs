use super::set_at;
use crate::command::Ctx;
use crate::keyspace::Kind;
use crate::resp::{Args, reply};

pub(super) fn sadd(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let Ok(at) = ctx.typed_or_new(args.get(1), Kind::Set) else { return };
    let added = ctx.db.edit_set(at, |set| args.from(2).filter(|member| set.insert(member)).count());
    let added = added.unwrap_or(0);
    if added > 0 {
        ctx.effect.changed();
    }
    reply::count(ctx.out, added);
}

pub(super) fn srem(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let Ok(found) = ctx.typed(args.get(1), Kind::Set) else { return };
    let removed = found
        .and_then(|at| ctx.db.edit_set(at, |set| args.from(2).filter(|member| set.remove(member)).count()));
    let removed = removed.unwrap_or(0);
    if removed > 0 {
        ctx.effect.changed();
    }
    reply::count(ctx.out, removed);
}

pub(super) fn sismember(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let Ok(found) = ctx.typed(args.get(1), Kind::Set) else { return };
    let is = found.and_then(|at| set_at(ctx, at)).is_some_and(|set| set.contains(args.get(2)));
    reply::integer(ctx.out, i64::from(is));
}

pub(super) fn smismember(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let Ok(found) = ctx.typed(args.get(1), Kind::Set) else { return };
    reply::array(ctx.out, args.len() - 2);
    for member in args.from(2) {
        let is = found.and_then(|at| set_at(ctx, at)).is_some_and(|set| set.contains(member));
        reply::integer(ctx.out, i64::from(is));
    }
}

pub(super) fn smove(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let (from, to, member) = (args.get(1), args.get(2), args.get(3));
    // Redis looks both up before it answers that the source is absent.
    let source = ctx.find(from);
    let target = ctx.find(to);
    let source = source.and_then(|_| ctx.db.find(from));
    let Some(source) = source else { return reply::integer(ctx.out, 0) };
    let wrong = |at| ctx.db.kind(at) != Kind::Set;
    if wrong(source) || target.is_some_and(wrong) {
        return ctx.error(crate::command::error::WRONGTYPE);
    }
    if from == to {
        let is = set_at(ctx, source).is_some_and(|set| set.contains(member));
        return reply::integer(ctx.out, i64::from(is));
    }
    if ctx.db.edit_set(source, |set| set.remove(member)) != Some(true) {
        return reply::integer(ctx.out, 0);
    }
    if let Ok(target) = ctx.typed_or_new(to, Kind::Set) {
        ctx.db.edit_set(target, |set| set.insert(member));
    }
    ctx.effect.changed();
    reply::integer(ctx.out, 1);
}
