//! Hashes.

mod counter;
mod field;
mod random;
mod whole;

use super::row::{GROW_FAST, Group, READ, READ_FAST, Row, WRITE_FAST};
use super::{Ctx, Keys};
use crate::keyspace::{At, Hash, View};

const HASH: Group = Group("hash");

pub(super) const TABLE: &[Row] = &[
    HASH.row(
        "hdel",
        -3,
        WRITE_FAST,
        Keys::ONE,
        "2.0.0",
        "key field [field ...]",
        "Deletes fields",
        field::hdel,
    ),
    HASH.row(
        "hexists",
        3,
        READ_FAST,
        Keys::ONE,
        "2.0.0",
        "key field",
        "Whether a field exists",
        field::hexists,
    ),
    HASH.row("hget", 3, READ_FAST, Keys::ONE, "2.0.0", "key field", "Value of a field", field::hget),
    HASH.row("hgetall", 2, READ, Keys::ONE, "2.0.0", "key", "All fields and values", whole::hgetall),
    HASH.row(
        "hincrby",
        4,
        GROW_FAST,
        Keys::ONE,
        "2.0.0",
        "key field increment",
        "Increments an integer field",
        counter::hincrby,
    ),
    HASH.row(
        "hincrbyfloat",
        4,
        GROW_FAST,
        Keys::ONE,
        "2.6.0",
        "key field increment",
        "Increments a decimal field",
        counter::hincrbyfloat,
    ),
    HASH.row("hkeys", 2, READ, Keys::ONE, "2.0.0", "key", "All fields", whole::hkeys),
    HASH.row("hlen", 2, READ_FAST, Keys::ONE, "2.0.0", "key", "Number of fields", whole::hlen),
    HASH.row(
        "hmget",
        -3,
        READ_FAST,
        Keys::ONE,
        "2.0.0",
        "key field [field ...]",
        "Values of fields",
        field::hmget,
    ),
    HASH.row(
        "hmset",
        -4,
        GROW_FAST,
        Keys::ONE,
        "2.0.0",
        "key field value [field value ...]",
        "Sets fields",
        field::hmset,
    ),
    HASH.row(
        "hrandfield",
        -2,
        READ,
        Keys::ONE,
        "6.2.0",
        "key [count [WITHVALUES]]",
        "Random fields",
        random::hrandfield,
    ),
    HASH.row(
        "hscan",
        -3,
        READ,
        Keys::ONE,
        "2.8.0",
        "key cursor [MATCH pattern] [COUNT count]",
        "Walks the fields",
        whole::hscan,
    ),
    HASH.row(
        "hset",
        -4,
        GROW_FAST,
        Keys::ONE,
        "2.0.0",
        "key field value [field value ...]",
        "Sets fields",
        field::hset,
    ),
    HASH.row(
        "hsetnx",
        4,
        GROW_FAST,
        Keys::ONE,
        "2.0.0",
        "key field value",
        "Sets a field if it does not exist",
        field::hsetnx,
    ),
    HASH.row(
        "hstrlen",
        3,
        READ_FAST,
        Keys::ONE,
        "3.2.0",
        "key field",
        "Length of a field's value",
        field::hstrlen,
    ),
    HASH.row("hvals", 2, READ, Keys::ONE, "2.0.0", "key", "All values", whole::hvals),
];

fn hash_at<'a>(ctx: &'a Ctx<'_>, at: At) -> Option<&'a Hash> {
    match ctx.db.view(at) {
        View::Hash(hash) => Some(hash),
        _ => None,
    }
}
