use crate::command::{Ctx, error};
use crate::keyspace::{Kind, View};
use crate::resp::{Args, BULK_MAX, reply};

/// An expiry that never comes, as `Db::set` takes it.
const NEVER: u64 = u64::MAX;

pub(super) fn append(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let (key, tail) = (args.get(1), args.get(2));
    let Ok(found) = ctx.typed(key, Kind::Text) else { return };
    let len = match found {
        None => {
            let seconds = ctx.seconds();
            ctx.db.set(key, tail, Some(NEVER), seconds);
            tail.len()
        }
        Some(at) => {
            let View::Text(old) = ctx.db.view(at) else { return };
            if too_long(old.len().saturating_add(tail.len())) {
                return ctx.error(error::TOO_LONG);
            }
            let len = ctx.db.edit_text(at, |buffer, start| {
                buffer.extend_from_slice(tail);
                buffer.len() - start
            });
            len.unwrap_or(0)
        }
    };
    ctx.effect.changed();
    reply::count(ctx.out, len);
}

pub(super) fn strlen(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let Ok(found) = ctx.typed(args.get(1), Kind::Text) else { return };
    match found.map(|at| ctx.db.view(at)) {
        Some(View::Text(text)) => reply::count(ctx.out, text.len()),
        _ => reply::integer(ctx.out, 0),
    }
}

pub(super) fn getrange(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let Some(start) = ctx.number(args.get(2)) else { return };
    let Some(end) = ctx.number(args.get(3)) else { return };
    let Ok(found) = ctx.typed(args.get(1), Kind::Text) else { return };
    match found.map(|at| ctx.db.view(at)) {
        Some(View::Text(text)) => reply::bulk(ctx.out, part(text, start, end)),
        _ => reply::bulk(ctx.out, b""),
    }
}

/// The bytes from `start` to `end` inclusive; negative positions count from the end.
fn part(text: &[u8], start: i64, end: i64) -> &[u8] {
    if start < 0 && end < 0 && start > end {
        return &[];
    }
    let len = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let clamp = |n: i64| if n < 0 { n.saturating_add(len).max(0) } else { n };
    let (start, end) = (clamp(start), clamp(end).min(len - 1));
    match (usize::try_from(start), usize::try_from(end)) {
        (Ok(start), Ok(end)) if start <= end => &text[start..=end],
        _ => &[],
    }
}

pub(super) fn setrange(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let (key, value) = (args.get(1), args.get(3));
    let Some(offset) = ctx.number(args.get(2)) else { return };
    let Ok(offset) = usize::try_from(offset) else { return ctx.error("ERR offset is out of range") };
    let Ok(found) = ctx.typed(key, Kind::Text) else { return };
    let old = found.map_or(0, |at| match ctx.db.view(at) {
        View::Text(text) => text.len(),
        _ => 0,
    });
    if value.is_empty() {
        return reply::count(ctx.out, old);
    }
    let end = offset.saturating_add(value.len());
    if too_long(end) {
        return ctx.error(error::TOO_LONG);
    }
    if found.is_none() {
        let seconds = ctx.seconds();
        ctx.db.set(key, b"", Some(NEVER), seconds);
    }
    if let Some(at) = ctx.db.find(key) {
        ctx.db.edit_text(at, |buffer, start| {
            if buffer.len() < start + end {
                buffer.resize(start + end, 0);
            }
            buffer[start + offset..start + end].copy_from_slice(value);
        });
    }
    ctx.effect.changed();
    reply::count(ctx.out, old.max(end));
}

fn too_long(len: usize) -> bool {
    i64::try_from(len).is_ok_and(|len| len > BULK_MAX) || i64::try_from(len).is_err()
}
