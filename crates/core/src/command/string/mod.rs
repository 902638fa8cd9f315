//! Strings.

mod counter;
mod get;
mod many;
mod range;
mod set;

use super::Keys;
use super::row::{GROW, GROW_FAST, Group, READ, READ_FAST, Row, WRITE_FAST};

const STRING: Group = Group("string");

pub(super) const TABLE: &[Row] = &[
    STRING.row("append", 3, GROW_FAST, Keys::ONE, "2.0.0", "key value", "Appends to a string", range::append),
    STRING.row("decr", 2, GROW_FAST, Keys::ONE, "1.0.0", "key", "Decrements an integer by one", counter::decr),
    STRING.row("decrby", 3, GROW_FAST, Keys::ONE, "1.0.0", "key decrement", "Decrements an integer", counter::decrby),
    STRING.row("get", 2, READ_FAST, Keys::ONE, "1.0.0", "key", "Returns a string", get::get),
    STRING.row("getdel", 2, WRITE_FAST, Keys::ONE, "6.2.0", "key", "Returns a string and deletes it", get::getdel),
    STRING.row("getex", -2, WRITE_FAST, Keys::ONE, "6.2.0", "key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]", "Returns a string and sets its expiry", get::getex),
    STRING.row("getrange", 4, READ, Keys::ONE, "2.4.0", "key start end", "Returns a part of a string", range::getrange),
    STRING.row("getset", 3, GROW_FAST, Keys::ONE, "1.0.0", "key value", "Sets a string and returns the old one", set::getset),
    STRING.row("incr", 2, GROW_FAST, Keys::ONE, "1.0.0", "key", "Increments an integer by one", counter::incr),
    STRING.row("incrby", 3, GROW_FAST, Keys::ONE, "1.0.0", "key increment", "Increments an integer", counter::incrby),
    STRING.row("incrbyfloat", 3, GROW_FAST, Keys::ONE, "2.6.0", "key increment", "Increments a decimal number", counter::incrbyfloat),
    STRING.row("mget", -2, READ_FAST, Keys::ALL, "1.0.0", "key [key ...]", "Returns several strings", many::mget),
    STRING.row("mset", -3, GROW, Keys::PAIRS, "1.0.1", "key value [key value ...]", "Sets several strings", many::mset),
    STRING.row("msetnx", -3, GROW, Keys::PAIRS, "1.0.1", "key value [key value ...]", "Sets several strings if no key exists", many::msetnx),
    STRING.row("psetex", 4, GROW, Keys::ONE, "2.6.0", "key milliseconds value", "Sets a string with an expiry", set::psetex),
    STRING.row("set", -3, GROW, Keys::ONE, "1.0.0", "key value [NX | XX] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]", "Sets a string", set::set),
    STRING.row("setex", 4, GROW, Keys::ONE, "2.0.0", "key seconds value", "Sets a string with an expiry", set::setex),
    STRING.row("setnx", 3, GROW_FAST, Keys::ONE, "1.0.0", "key value", "Sets a string if the key does not exist", set::setnx),
    STRING.row("setrange", 4, GROW, Keys::ONE, "2.2.0", "key offset value", "Overwrites a part of a string", range::setrange),
    STRING.row("strlen", 2, READ_FAST, Keys::ONE, "2.2.0", "key", "Length of a string", range::strlen),
    STRING.row("substr", 4, READ, Keys::ONE, "1.0.0", "key start end", "Returns a part of a string", range::getrange),
];
