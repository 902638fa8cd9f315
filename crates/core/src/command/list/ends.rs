use alloc::vec::Vec;

use super::{list_at, side};
use crate::command::{Ctx, error};
use crate::keyspace::{At, Kind};
use crate::resp::{Args, DIGITS, format_i64, reply};

pub(super) fn lpush(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    push(ctx, args, true);
}

pub(super) fn rpush(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    push(ctx, args, false);
}

fn push(ctx: &mut Ctx<'_>, args: &Args<'_>, front: bool) {
    if let Ok(at) = ctx.typed_or_new(args.get(1), Kind::List) {
        push_at(ctx, args, front, at);
    }
}

pub(super) fn lpushx(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    pushx(ctx, args, true);
}

pub(super) fn rpushx(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    pushx(ctx, args, false);
}

fn pushx(ctx: &mut Ctx<'_>, args: &Args<'_>, front: bool) {
    match ctx.typed(args.get(1), Kind::List) {
        Ok(Some(at)) => push_at(ctx, args, front, at),
        Ok(None) => reply::integer(ctx.out, 0),
        Err(_) => {}
    }
}

fn push_at(ctx: &mut Ctx<'_>, args: &Args<'_>, front: bool, at: At) {
    let len = ctx.db.edit_list(at, |list| {
        args.from(2).for_each(|element| list.push(front, element));
        list.len()
    });
    ctx.effect.changed();
    reply::count(ctx.out, len.unwrap_or(0));
}

pub(super) fn lpop(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    pop(ctx, args, true, "lpop");
}

pub(super) fn rpop(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    pop(ctx, args, false, "rpop");
}

fn pop(ctx: &mut Ctx<'_>, args: &Args<'_>, front: bool, name: &str) {
    if args.len() > 3 {
        return error::wrong_arity_of(ctx.out, name);
    }
    if args.len() == 2 {
        let Ok(found) = ctx.typed(args.get(1), Kind::List) else { return };
        let Some(at) = found else { return reply::nil(ctx.out) };
        ctx.db.edit_list(at, |list| {
            reply::bulk_or_nil(ctx.out, list.end(front));
            list.pop(front);
        });
        return ctx.effect.changed();
    }
    let Some(count) = ctx.positive(args.get(2), error::NOT_POSITIVE) else { return };
    let Ok(found) = ctx.typed(args.get(1), Kind::List) else { return };
    match found {
        None => reply::nil_array(ctx.out),
        Some(_) if count == 0 => reply::array(ctx.out, 0),
        Some(at) => {
            pop_many(ctx, at, front, count);
            ctx.effect.changed();
        }
    }
}

/// Replies with up to `count` elements at one end and removes them; says how many.
fn pop_many(ctx: &mut Ctx<'_>, at: At, front: bool, count: usize) -> usize {
    let popped = ctx.db.edit_list(at, |list| {
        let count = count.min(list.len());
        reply::array(ctx.out, count);
        if front {
            list.iter_from(0).take(count).for_each(|element| reply::bulk(ctx.out, element));
        } else {
            list.iter_back().take(count).for_each(|element| reply::bulk(ctx.out, element));
        }
        list.drop_end(front, count);
        count
    });
    popped.unwrap_or(0)
}

pub(super) fn lmove(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    match side(args.get(3)).zip(side(args.get(4))) {
        Some((from, to)) => move_element(ctx, args, from, to),
        None => ctx.error(error::SYNTAX),
    }
}

pub(super) fn rpoplpush(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    move_element(ctx, args, false, true);
}

fn move_element(ctx: &mut Ctx<'_>, args: &Args<'_>, from: bool, to: bool) {
    let Ok(source) = ctx.typed(args.get(1), Kind::List) else { return };
    if source.is_none() {
        return reply::nil(ctx.out);
    }
    if ctx.typed(args.get(2), Kind::List).is_err() {
        return;
    }
    // The destination's lookup may have deleted it as expired, which moves others.
    let Some(source) = ctx.db.find(args.get(1)) else { return };
    let Some(element) = list_at(ctx, source).and_then(|list| list.end(from)).map(<[u8]>::to_vec) else {
        return;
    };
    if args.get(1) == args.get(2) {
        ctx.db.edit_list(source, |list| {
            list.pop(from);
            list.push(to, &element);
        });
    } else {
        ctx.db.edit_list(source, |list| list.pop(from));
        let Ok(destination) = ctx.typed_or_new(args.get(2), Kind::List) else { return };
        ctx.db.edit_list(destination, |list| list.push(to, &element));
    }
    ctx.effect.changed();
    reply::bulk(ctx.out, &element);
}

pub(super) fn lmpop(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let text = "ERR numkeys should be greater than 0";
    let Some(keys) = ctx.number_within(args.get(1), 1, i64::MAX, Some(text)) else { return };
    let keys = usize::try_from(keys).unwrap_or(usize::MAX);
    let words: Vec<&[u8]> = args.from(keys.saturating_add(2)).collect();
    let Some(front) = words.first().and_then(|word| side(word)) else { return ctx.error(error::SYNTAX) };
    let count = match words.get(1..) {
        Some([]) => 1,
        Some([word, n]) if word.eq_ignore_ascii_case(b"count") => {
            let text = "ERR count should be greater than 0";
            match ctx.number_within(n, 1, i64::MAX, Some(text)) {
                Some(n) => usize::try_from(n).unwrap_or(usize::MAX),
                None => return,
            }
        }
        _ => return ctx.error(error::SYNTAX),
    };
    for key in args.from(2).take(keys) {
        let Ok(found) = ctx.typed(key, Kind::List) else { return };
        if let Some(at) = found {
            reply::array(ctx.out, 2);
            reply::bulk(ctx.out, key);
            let popped = i64::try_from(pop_many(ctx, at, front, count)).unwrap_or(i64::MAX);
            let name: &[u8] = if front { b"LPOP" } else { b"RPOP" };
            return ctx.effect.rewrite(&[name, key, format_i64(popped, &mut [0; DIGITS])]);
        }
    }
    reply::nil_array(ctx.out);
}
