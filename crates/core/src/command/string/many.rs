use crate::command::{Ctx, error};
use crate::keyspace::View;
use crate::resp::{Args, reply};

pub(super) fn mget(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    reply::array(ctx.out, args.len() - 1);
    for key in args.from(1) {
        match ctx.find(key).map(|at| ctx.db.view(at)) {
            Some(View::Text(text)) => reply::bulk(ctx.out, text),
            _ => reply::nil(ctx.out),
        }
    }
}

pub(super) fn mset(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    if args.len().is_multiple_of(2) {
        return error::wrong_arity_of(ctx.out, "mset");
    }
    set_all(ctx, args);
    reply::ok(ctx.out);
}

pub(super) fn msetnx(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    if args.len().is_multiple_of(2) {
        return error::wrong_arity_of(ctx.out, "msetnx");
    }
    let mut keys = args.from(1).step_by(2);
    if keys.any(|key| ctx.find(key).is_some()) {
        return reply::integer(ctx.out, 0);
    }
    set_all(ctx, args);
    reply::integer(ctx.out, 1);
}

fn set_all(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let seconds = ctx.seconds();
    let (keys, values) = (args.from(1).step_by(2), args.from(2).step_by(2));
    for (key, value) in keys.zip(values) {
        ctx.db.set(key, value, Some(u64::MAX), seconds);
    }
    ctx.effect.changed();
}
