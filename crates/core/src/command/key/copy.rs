use crate::command::{Ctx, Mode, error};
use crate::keyspace::{At, DATABASES};
use crate::resp::{Args, parse_i64, reply};

pub(super) fn rename(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let (from, to) = (args.get(1), args.get(2));
    let Some(at) = ctx.find(from) else { return ctx.error(error::NO_KEY) };
    if from != to {
        // The old holder of the name goes first: removing it may move the other.
        if let Some(old) = ctx.peek(to) {
            ctx.db.remove(old);
        }
        rename_to(ctx, at, from, to);
        ctx.effect.changed();
    }
    reply::ok(ctx.out);
}

pub(super) fn renamenx(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let (from, to) = (args.get(1), args.get(2));
    let Some(at) = ctx.find(from) else { return ctx.error(error::NO_KEY) };
    if from == to || ctx.peek(to).is_some() {
        return reply::integer(ctx.out, 0);
    }
    rename_to(ctx, at, from, to);
    ctx.effect.changed();
    reply::integer(ctx.out, 1);
}

fn rename_to(ctx: &mut Ctx<'_>, at: At, from: &[u8], to: &[u8]) {
    let at = ctx.db.find(from).unwrap_or(at);
    if let Some(entry) = ctx.db.take(at) {
        ctx.db.put(to, entry);
    }
}

struct CopyTo {
    db: usize,
    replace: bool,
}

pub(super) fn copy(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let (from, to) = (args.get(1), args.get(2));
    let options = match copy_options(ctx.db.index(), args) {
        Ok(options) => options,
        Err(text) => return ctx.error(text),
    };
    if options.db == ctx.db.index() && from == to {
        return ctx.error(error::SAME_OBJECT);
    }
    let Some(at) = ctx.find(from) else { return reply::integer(ctx.out, 0) };
    let entry = ctx.db.copy(at);
    if let Some(old) = there(ctx, options.db, to) {
        if !options.replace {
            return reply::integer(ctx.out, 0);
        }
        ctx.db.keyspace.db_mut(options.db).remove(old);
    }
    ctx.db.keyspace.db_mut(options.db).put(to, entry);
    ctx.effect.changed();
    reply::integer(ctx.out, 1);
}

fn copy_options(selected: usize, args: &Args<'_>) -> Result<CopyTo, &'static str> {
    let mut options = CopyTo { db: selected, replace: false };
    let mut words = args.from(3);
    while let Some(word) = words.next() {
        if word.eq_ignore_ascii_case(b"replace") {
            options.replace = true;
        } else if word.eq_ignore_ascii_case(b"db") && words.len() > 0 {
            let n = words.next().and_then(parse_i64).ok_or(error::NOT_INTEGER)?;
            options.db = database(n)?;
        } else {
            return Err(error::SYNTAX);
        }
    }
    Ok(options)
}

pub(super) fn move_key(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let key = args.get(1);
    let Some(n) = ctx.number(args.get(2)) else { return };
    let to = match database(n) {
        Ok(to) => to,
        Err(text) => return ctx.error(text),
    };
    if to == ctx.db.index() {
        return ctx.error(error::SAME_OBJECT);
    }
    let Some(at) = ctx.find(key) else { return reply::integer(ctx.out, 0) };
    if there(ctx, to, key).is_some() {
        return reply::integer(ctx.out, 0);
    }
    if let Some(entry) = ctx.db.take(at) {
        ctx.db.keyspace.db_mut(to).put(key, entry);
    }
    ctx.effect.changed();
    reply::integer(ctx.out, 1);
}

fn database(n: i64) -> Result<usize, &'static str> {
    if i32::try_from(n).is_err() {
        return Err("ERR value is out of range, value must between -2147483648 and 2147483647");
    }
    usize::try_from(n).ok().filter(|&n| n < DATABASES).ok_or(error::DB_RANGE)
}

/// Looks a key up in a database that need not be the selected one; one past its time is no longer there, and the
/// command's own text will remove it on the replicas too.
fn there(ctx: &mut Ctx<'_>, db: usize, key: &[u8]) -> Option<At> {
    let now = ctx.now_ms;
    let db = ctx.db.keyspace.db_mut(db);
    let at = db.find(key)?;
    if db.deadline(at) < now && ctx.mode == Mode::Primary {
        db.remove(at);
        return None;
    }
    Some(at)
}
