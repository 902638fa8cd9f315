use alloc::vec::Vec;

use crate::command::random::{REPEATED_MAX, distinct, one, repeated};
use crate::command::{Ctx, error};
use crate::keyspace::{Kind, View};
use crate::resp::{Args, reply};

/// The widest range that Redis takes for a count.
const COUNT_MAX: i64 = i64::MAX;

pub(super) fn hrandfield(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    if args.len() == 2 {
        return single(ctx, args);
    }
    let Some(count) = ctx.number_within(args.get(2), -COUNT_MAX, COUNT_MAX, None) else { return };
    let with_values = args.len() == 4 && args.get(3).eq_ignore_ascii_case(b"withvalues");
    if args.len() > 4 || (args.len() == 4 && !with_values) {
        return ctx.error(error::SYNTAX);
    }
    if count < -REPEATED_MAX || (with_values && count.unsigned_abs() > COUNT_MAX.unsigned_abs() / 2) {
        return ctx.error("ERR value is out of range");
    }
    let Ok(found) = ctx.typed(args.get(1), Kind::Hash) else { return };
    let Some(View::Hash(hash)) = found.map(|at| ctx.db.view(at)) else { return reply::array(ctx.out, 0) };
    let wanted = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    let positions: Vec<usize> = if count < 0 {
        repeated(ctx.rng, hash.len(), wanted).collect()
    } else {
        distinct(ctx.rng, hash.len(), wanted)
    };
    reply::array(ctx.out, positions.len() * if with_values { 2 } else { 1 });
    for (field, value) in positions.into_iter().filter_map(|i| hash.nth(i)) {
        reply::bulk(ctx.out, field);
        if with_values {
            reply::bulk(ctx.out, value);
        }
    }
}

fn single(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let Ok(found) = ctx.typed(args.get(1), Kind::Hash) else { return };
    match found.map(|at| ctx.db.view(at)) {
        Some(View::Hash(hash)) => {
            let i = one(ctx.rng, hash.len());
            reply::bulk_or_nil(ctx.out, hash.nth(i).map(|(field, _)| field));
        }
        _ => reply::nil(ctx.out),
    }
}
