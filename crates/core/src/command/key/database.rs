use crate::command::{Ctx, error};
use crate::keyspace::DATABASES;
use crate::resp::{Args, parse_i64, reply};

pub(super) fn dbsize(ctx: &mut Ctx<'_>, _: &Args<'_>) {
    reply::count(ctx.out, ctx.db.len());
}

pub(super) fn flushdb(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    if flush_options(ctx, args) {
        ctx.db.flush();
        ctx.effect.changed();
        reply::ok(ctx.out);
    }
}

pub(super) fn flushall(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    if flush_options(ctx, args) {
        ctx.db.keyspace.flush();
        ctx.effect.changed();
        reply::ok(ctx.out);
    }
}

fn flush_options(ctx: &mut Ctx<'_>, args: &Args<'_>) -> bool {
    let fits = match args.len() {
        1 => true,
        2 => args.get(1).eq_ignore_ascii_case(b"async") || args.get(1).eq_ignore_ascii_case(b"sync"),
        _ => false,
    };
    if !fits {
        ctx.error(error::SYNTAX);
    }
    fits
}

pub(super) fn swapdb(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let index = |text| parse_i64(text).filter(|&n| i32::try_from(n).is_ok());
    let Some(a) = index(args.get(1)) else { return ctx.error("ERR invalid first DB index") };
    let Some(b) = index(args.get(2)) else { return ctx.error("ERR invalid second DB index") };
    let known = |n| usize::try_from(n).ok().filter(|&n| n < DATABASES);
    let (Some(a), Some(b)) = (known(a), known(b)) else { return ctx.error(error::DB_RANGE) };
    ctx.db.keyspace.swap(a, b);
    ctx.effect.changed();
    reply::ok(ctx.out);
}
