use crate::command::ctx::Wrong;
use crate::command::expiry::Unit;
use crate::command::{Ctx, Mode, error};
use crate::keyspace::{At, View};
use crate::resp::{Args, DIGITS, format_i64, reply};

pub(super) fn get(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let _replied = reply_text(ctx, args.get(1));
}

/// Replies with the string at a key.
#[inline]
pub(super) fn reply_text(ctx: &mut Ctx<'_>, key: &[u8]) -> Result<Option<At>, Wrong> {
    let found = ctx.find(key);
    match found.map(|at| ctx.db.view(at)) {
        Some(View::Text(text)) => reply::bulk(ctx.out, text),
        Some(_) => {
            ctx.error(error::WRONGTYPE);
            return Err(Wrong);
        }
        None => reply::nil(ctx.out),
    }
    Ok(found)
}

pub(super) fn getdel(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let key = args.get(1);
    if let Ok(Some(at)) = reply_text(ctx, key) {
        ctx.db.remove(at);
        ctx.effect.rewrite(&[b"DEL", key]);
    }
}

enum Change<'a> {
    Nothing,
    Persist,
    Expire(Unit, &'a [u8]),
}

pub(super) fn getex(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let change = match args.len() {
        2 => Some(Change::Nothing),
        3 if args.get(2).eq_ignore_ascii_case(b"persist") => Some(Change::Persist),
        4 => Unit::option(args.get(2)).map(|unit| Change::Expire(unit, args.get(3))),
        _ => None,
    };
    let Some(change) = change else { return ctx.error(error::SYNTAX) };
    let key = args.get(1);
    let Ok(found) = ctx.typed(key, crate::keyspace::Kind::Text) else { return };
    let Some(at) = found else { return reply::nil(ctx.out) };
    let expire = match change {
        Change::Expire(unit, text) => match ctx.expiry(text, unit, "getex") {
            Some(deadline) => Some((unit, deadline)),
            None => return,
        },
        Change::Nothing | Change::Persist => None,
    };
    if let View::Text(text) = ctx.db.view(at) {
        reply::bulk(ctx.out, text);
    }
    match (change, expire) {
        (_, Some((unit, deadline))) => expire_at(ctx, key, at, unit, deadline),
        (Change::Persist, None) if ctx.db.expiry(at).is_some() => {
            ctx.db.set_expiry(at, None);
            ctx.effect.rewrite(&[b"PERSIST", key]);
        }
        _ => {}
    }
}

fn expire_at(ctx: &mut Ctx<'_>, key: &[u8], at: At, unit: Unit, deadline: u64) {
    if unit.is_absolute() && deadline <= ctx.now_ms && ctx.mode == Mode::Primary {
        ctx.db.remove(at);
        ctx.effect.rewrite(&[b"DEL", key]);
        return;
    }
    ctx.db.set_expiry(at, Some(deadline));
    let millis = i64::try_from(deadline).unwrap_or(i64::MAX);
    ctx.effect.rewrite(&[b"PEXPIREAT", key, format_i64(millis, &mut [0; DIGITS])]);
}
