//! Lists. The blocking commands are not there yet.

mod edit;
mod ends;
mod position;
mod range;

use super::row::{GROW, GROW_FAST, Group, READ, READ_FAST, Row, WRITE, WRITE_FAST};
use super::{Ctx, Flags, Keys};
use crate::keyspace::{At, List, View};

const LIST: Group = Group("list");
const MOVABLE: Flags = WRITE.with(Flags::MOVABLEKEYS);

pub(super) const TABLE: &[Row] = &[
    LIST.row("lindex", 3, READ, Keys::ONE, "1.0.0", "key index", "Element at an index", range::lindex),
    LIST.row(
        "linsert",
        5,
        GROW,
        Keys::ONE,
        "2.2.0",
        "key BEFORE | AFTER pivot element",
        "Inserts beside an element",
        edit::linsert,
    ),
    LIST.row("llen", 2, READ_FAST, Keys::ONE, "1.0.0", "key", "Number of elements", range::llen),
    LIST.row(
        "lmove",
        5,
        GROW,
        Keys::TWO,
        "6.2.0",
        "source destination LEFT | RIGHT LEFT | RIGHT",
        "Moves an element to another list",
        ends::lmove,
    ),
    LIST.row(
        "lmpop",
        -4,
        MOVABLE,
        Keys::counted(1),
        "7.0.0",
        "numkeys key [key ...] LEFT | RIGHT [COUNT count]",
        "Removes elements of the first list that has any",
        ends::lmpop,
    ),
    LIST.row("lpop", -2, WRITE_FAST, Keys::ONE, "1.0.0", "key [count]", "Removes first elements", ends::lpop),
    LIST.row(
        "lpos",
        -3,
        READ,
        Keys::ONE,
        "6.0.6",
        "key element [RANK rank] [COUNT num-matches] [MAXLEN len]",
        "Finds elements",
        position::lpos,
    ),
    LIST.row(
        "lpush",
        -3,
        GROW_FAST,
        Keys::ONE,
        "1.0.0",
        "key element [element ...]",
        "Adds elements at the start",
        ends::lpush,
    ),
    LIST.row(
        "lpushx",
        -3,
        GROW_FAST,
        Keys::ONE,
        "2.2.0",
        "key element [element ...]",
        "Adds at the start of an existing list",
        ends::lpushx,
    ),
    LIST.row("lrange", 4, READ, Keys::ONE, "1.0.0", "key start stop", "Elements in a range", range::lrange),
    LIST.row("lrem", 4, WRITE, Keys::ONE, "1.0.0", "key count element", "Removes equal elements", edit::lrem),
    LIST.row("lset", 4, GROW, Keys::ONE, "1.0.0", "key index element", "Replaces an element", edit::lset),
    LIST.row("ltrim", 4, WRITE, Keys::ONE, "1.0.0", "key start stop", "Keeps a range", edit::ltrim),
    LIST.row("rpop", -2, WRITE_FAST, Keys::ONE, "1.0.0", "key [count]", "Removes last elements", ends::rpop),
    LIST.row(
        "rpoplpush",
        3,
        GROW,
        Keys::TWO,
        "1.2.0",
        "source destination",
        "Moves the last element to another list",
        ends::rpoplpush,
    ),
    LIST.row(
        "rpush",
        -3,
        GROW_FAST,
        Keys::ONE,
        "1.0.0",
        "key element [element ...]",
        "Adds elements at the end",
        ends::rpush,
    ),
    LIST.row(
        "rpushx",
        -3,
        GROW_FAST,
        Keys::ONE,
        "2.2.0",
        "key element [element ...]",
        "Adds at the end of an existing list",
        ends::rpushx,
    ),
];

fn list_at<'a>(ctx: &'a Ctx<'_>, at: At) -> Option<&'a List> {
    match ctx.db.view(at) {
        View::List(list) => Some(list),
        _ => None,
    }
}

/// The first element and the number of elements from `start` to `end`, where negative positions count from the end.
fn span(start: i64, end: i64, len: usize) -> (usize, usize) {
    let len = i64::try_from(len).unwrap_or(i64::MAX);
    let clamp = |n: i64| if n < 0 { n.saturating_add(len) } else { n };
    let (start, end) = (clamp(start).max(0), clamp(end).min(len - 1));
    if start > end {
        return (0, 0);
    }
    (usize::try_from(start).unwrap_or(0), usize::try_from(end - start + 1).unwrap_or(0))
}

/// An index from either end.
fn index(n: i64, len: usize) -> Option<usize> {
    let len = i64::try_from(len).unwrap_or(i64::MAX);
    usize::try_from(if n < 0 { n.checked_add(len)? } else { n }).ok()
}

/// LEFT or RIGHT; true for LEFT.
fn side(word: &[u8]) -> Option<bool> {
    if word.eq_ignore_ascii_case(b"left") {
        return Some(true);
    }
    word.eq_ignore_ascii_case(b"right").then_some(false)
}
