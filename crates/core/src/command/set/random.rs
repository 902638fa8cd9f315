use alloc::vec::Vec;

use super::set_at;
use crate::command::random::{REPEATED_MAX, distinct, one, repeated};
use crate::command::{Ctx, error};
use crate::keyspace::{At, Kind, View};
use crate::resp::{Args, reply};

pub(super) fn spop(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let key = args.get(1);
    match args.len() {
        2 => {
            let Ok(found) = ctx.typed(key, Kind::Set) else { return };
            let Some(at) = found else { return reply::nil(ctx.out) };
            let member = pop(ctx, key, at, 1).pop();
            reply::bulk_or_nil(ctx.out, member.as_deref());
        }
        3 => {
            let Some(count) = ctx.positive(args.get(2), error::NOT_POSITIVE) else { return };
            let Ok(found) = ctx.typed(key, Kind::Set) else { return };
            let members = found.filter(|_| count > 0).map(|at| pop(ctx, key, at, count)).unwrap_or_default();
            reply::array(ctx.out, members.len());
            members.iter().for_each(|member| reply::bulk(ctx.out, member));
        }
        _ => ctx.error(error::SYNTAX),
    }
}

/// Takes random members out. The log names them: the replica's dice fall otherwise.
fn pop(ctx: &mut Ctx<'_>, key: &[u8], at: At, count: usize) -> Vec<Vec<u8>> {
    let len = set_at(ctx, at).map_or(0, |set| set.len());
    let positions = distinct(ctx.rng, len, count);
    let members: Vec<Vec<u8>> =
        positions.iter().filter_map(|&i| Some(set_at(ctx, at)?.nth(i)?.to_vec())).collect();
    if members.len() == len {
        ctx.db.remove(at);
        if count == 1 {
            ctx.effect.rewrite(&[b"SREM", key, members.first().map_or(&[], Vec::as_slice)]);
        } else {
            ctx.effect.rewrite(&[b"DEL", key]);
        }
        return members;
    }
    ctx.db.edit_set(at, |set| {
        for member in &members {
            set.remove(member);
        }
    });
    let mut frame: Vec<&[u8]> = alloc::vec![b"SREM", key];
    frame.extend(members.iter().map(Vec::as_slice));
    ctx.effect.rewrite(&frame);
    members
}

pub(super) fn srandmember(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    if args.len() == 2 {
        return single(ctx, args);
    }
    if args.len() > 3 {
        return ctx.error(error::SYNTAX);
    }
    let Some(count) = ctx.number_within(args.get(2), -i64::MAX, i64::MAX, None) else { return };
    if count < -REPEATED_MAX {
        return ctx.error("ERR value is out of range");
    }
    let Ok(found) = ctx.typed(args.get(1), Kind::Set) else { return };
    let Some(View::Set(set)) = found.map(|at| ctx.db.view(at)) else { return reply::array(ctx.out, 0) };
    let wanted = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    let positions: Vec<usize> = if count < 0 {
        repeated(ctx.rng, set.len(), wanted).collect()
    } else {
        distinct(ctx.rng, set.len(), wanted)
    };
    reply::array(ctx.out, positions.len());
    for member in positions.into_iter().filter_map(|i| set.nth(i)) {
        member.with(|member| reply::bulk(ctx.out, member));
    }
}

fn single(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let Ok(found) = ctx.typed(args.get(1), Kind::Set) else { return };
    match found.map(|at| ctx.db.view(at)) {
        Some(View::Set(set)) => {
            let i = one(ctx.rng, set.len());
            if let Some(member) = set.nth(i) {
                member.with(|member| reply::bulk(ctx.out, member));
            }
        }
        _ => reply::nil(ctx.out),
    }
}
