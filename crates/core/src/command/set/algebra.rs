use alloc::vec::Vec;

use super::set_at;
use crate::command::ctx::Wrong;
use crate::command::{Ctx, error};
use crate::keyspace::{Kind, Set};
use crate::resp::{Args, reply};

type Operation = fn(&[Option<&Set>]) -> Vec<Vec<u8>>;

pub(super) fn sinter(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    show(ctx, args, |sets| intersection(sets, usize::MAX));
}

pub(super) fn sunion(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    show(ctx, args, union);
}

pub(super) fn sdiff(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    show(ctx, args, difference);
}

pub(super) fn sinterstore(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    store(ctx, args, |sets| intersection(sets, usize::MAX));
}

pub(super) fn sunionstore(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    store(ctx, args, union);
}

pub(super) fn sdiffstore(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    store(ctx, args, difference);
}

pub(super) fn sintercard(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let text = "ERR numkeys should be greater than 0";
    let Some(keys) = ctx.number_within(args.get(1), 1, i64::MAX, Some(text)) else { return };
    let keys = usize::try_from(keys).unwrap_or(usize::MAX);
    if keys > args.len() - 2 {
        return ctx.error("ERR Number of keys can't be greater than number of args");
    }
    let mut limit = 0;
    let mut words = args.from(2 + keys);
    while let Some(word) = words.next() {
        let value = words.next();
        let Some(value) = value.filter(|_| word.eq_ignore_ascii_case(b"limit")) else {
            return ctx.error(error::SYNTAX);
        };
        let Some(n) = ctx.positive(value, "ERR LIMIT can't be negative") else { return };
        limit = n;
    }
    let keys: Vec<&[u8]> = args.from(2).take(keys).collect();
    let limit = if limit == 0 { usize::MAX } else { limit };
    if let Ok(members) = compute(ctx, &keys, |sets| intersection(sets, limit)) {
        reply::count(ctx.out, members.len());
    }
}

fn show(ctx: &mut Ctx<'_>, args: &Args<'_>, operation: Operation) {
    let keys: Vec<&[u8]> = args.from(1).collect();
    if let Ok(members) = compute(ctx, &keys, operation) {
        reply::array(ctx.out, members.len());
        members.iter().for_each(|member| reply::bulk(ctx.out, member));
    }
}

fn store(ctx: &mut Ctx<'_>, args: &Args<'_>, operation: Operation) {
    let keys: Vec<&[u8]> = args.from(2).collect();
    let Ok(members) = compute(ctx, &keys, operation) else { return };
    let key = args.get(1);
    let old = ctx.peek(key);
    if let Some(at) = old {
        ctx.db.remove(at);
    }
    if !members.is_empty()
        && let Ok(at) = ctx.typed_or_new(key, Kind::Set)
    {
        ctx.db.edit_set(at, |set| {
            for member in &members {
                set.insert(member);
            }
        });
    }
    if old.is_some() || !members.is_empty() {
        ctx.effect.changed();
    }
    reply::count(ctx.out, members.len());
}

/// Runs an operation on the sets at `keys`; an absent key is an empty set.
fn compute(
    ctx: &mut Ctx<'_>,
    keys: &[&[u8]],
    operation: impl Fn(&[Option<&Set>]) -> Vec<Vec<u8>>,
) -> Result<Vec<Vec<u8>>, Wrong> {
    for key in keys {
        ctx.typed(key, Kind::Set)?;
    }
    // Looked up again: a lookup that deletes an expired key moves others.
    let sets: Vec<Option<&Set>> =
        keys.iter().map(|key| set_at(ctx, ctx.db.find(key).filter(|&at| visible(ctx, at))?)).collect();
    Ok(operation(&sets))
}

/// A replica's client does not see a key past its time, which is still there.
fn visible(ctx: &Ctx<'_>, at: crate::keyspace::At) -> bool {
    ctx.mode == crate::command::Mode::Apply || ctx.db.deadline(at) >= ctx.now_ms
}

fn intersection(sets: &[Option<&Set>], limit: usize) -> Vec<Vec<u8>> {
    let Some(mut sets) = sets.iter().copied().collect::<Option<Vec<&Set>>>() else { return Vec::new() };
    sets.sort_by_key(|set| set.len());
    let Some((first, others)) = sets.split_first() else { return Vec::new() };
    let common = first.iter().filter(|m| m.with(|member| others.iter().all(|set| set.contains(member))));
    common.take(limit).map(|m| m.to_vec()).collect()
}

fn union(sets: &[Option<&Set>]) -> Vec<Vec<u8>> {
    let mut members = Vec::new();
    for (i, set) in sets.iter().enumerate() {
        let before = &sets[..i];
        let fresh = set.iter().flat_map(|set| set.iter());
        members.extend(fresh.filter(|m| m.with(|member| !contained(before, member))).map(|m| m.to_vec()));
    }
    members
}

fn difference(sets: &[Option<&Set>]) -> Vec<Vec<u8>> {
    let Some((Some(first), others)) = sets.split_first() else { return Vec::new() };
    first.iter().filter(|m| m.with(|member| !contained(others, member))).map(|m| m.to_vec()).collect()
}

fn contained(sets: &[Option<&Set>], member: &[u8]) -> bool {
    sets.iter().flatten().any(|set| set.contains(member))
}
