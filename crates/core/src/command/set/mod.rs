//! Sets.

mod algebra;
mod member;
mod random;
mod whole;

use super::row::{GROW, GROW_FAST, Group, READ, READ_FAST, Row, WRITE_FAST};
use super::{Ctx, Flags, Keys};
use crate::keyspace::{At, Set, View};

const SET: Group = Group("set");
const MOVABLE: Flags = READ.with(Flags::MOVABLEKEYS);

pub(super) const TABLE: &[Row] = &[
    SET.row(
        "sadd",
        -3,
        GROW_FAST,
        Keys::ONE,
        "1.0.0",
        "key member [member ...]",
        "Adds members",
        member::sadd,
    ),
    SET.row("scard", 2, READ_FAST, Keys::ONE, "1.0.0", "key", "Number of members", whole::scard),
    SET.row(
        "sdiff",
        -2,
        READ,
        Keys::ALL,
        "1.0.0",
        "key [key ...]",
        "Members of the first set only",
        algebra::sdiff,
    ),
    SET.row(
        "sdiffstore",
        -3,
        GROW,
        Keys::ALL,
        "1.0.0",
        "destination key [key ...]",
        "Stores a difference",
        algebra::sdiffstore,
    ),
    SET.row("sinter", -2, READ, Keys::ALL, "1.0.0", "key [key ...]", "Members of all sets", algebra::sinter),
    SET.row(
        "sintercard",
        -3,
        MOVABLE,
        Keys::counted(1),
        "7.0.0",
        "numkeys key [key ...] [LIMIT limit]",
        "How many are members of all sets",
        algebra::sintercard,
    ),
    SET.row(
        "sinterstore",
        -3,
        GROW,
        Keys::ALL,
        "1.0.0",
        "destination key [key ...]",
        "Stores an intersection",
        algebra::sinterstore,
    ),
    SET.row(
        "sismember",
        3,
        READ_FAST,
        Keys::ONE,
        "1.0.0",
        "key member",
        "Whether it is a member",
        member::sismember,
    ),
    SET.row("smembers", 2, READ, Keys::ONE, "1.0.0", "key", "All members", algebra::sinter),
    SET.row(
        "smismember",
        -3,
        READ_FAST,
        Keys::ONE,
        "6.2.0",
        "key member [member ...]",
        "Whether each is a member",
        member::smismember,
    ),
    SET.row(
        "smove",
        4,
        WRITE_FAST,
        Keys::TWO,
        "1.0.0",
        "source destination member",
        "Moves a member to another set",
        member::smove,
    ),
    SET.row(
        "spop",
        -2,
        WRITE_FAST,
        Keys::ONE,
        "1.0.0",
        "key [count]",
        "Removes random members",
        random::spop,
    ),
    SET.row(
        "srandmember",
        -2,
        READ,
        Keys::ONE,
        "1.0.0",
        "key [count]",
        "Random members",
        random::srandmember,
    ),
    SET.row(
        "srem",
        -3,
        WRITE_FAST,
        Keys::ONE,
        "1.0.0",
        "key member [member ...]",
        "Removes members",
        member::srem,
    ),
    SET.row(
        "sscan",
        -3,
        READ,
        Keys::ONE,
        "2.8.0",
        "key cursor [MATCH pattern] [COUNT count]",
        "Walks the members",
        whole::sscan,
    ),
    SET.row("sunion", -2, READ, Keys::ALL, "1.0.0", "key [key ...]", "Members of any set", algebra::sunion),
    SET.row(
        "sunionstore",
        -3,
        GROW,
        Keys::ALL,
        "1.0.0",
        "destination key [key ...]",
        "Stores a union",
        algebra::sunionstore,
    ),
];

fn set_at<'a>(ctx: &'a Ctx<'_>, at: At) -> Option<&'a Set> {
    match ctx.db.view(at) {
        View::Set(set) => Some(set),
        _ => None,
    }
}
