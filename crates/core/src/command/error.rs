//! Error texts shared by many commands, as Redis 7.0 words them (without the leading `-`).

use alloc::vec::Vec;

use super::Command;
use crate::resp::{Args, reply};

/// The key holds another type.
pub const WRONGTYPE: &str = "WRONGTYPE Operation against a key holding the wrong kind of value";
/// Options do not fit together.
pub const SYNTAX: &str = "ERR syntax error";
/// Not an `i64`.
pub const NOT_INTEGER: &str = "ERR value is not an integer or out of range";
/// Not a number.
pub const NOT_FLOAT: &str = "ERR value is not a valid float";
/// Source key absent.
pub const NO_KEY: &str = "ERR no such key";
/// Index beyond the list.
pub const INDEX_RANGE: &str = "ERR index out of range";
/// Negative where only positive counts.
pub const NOT_POSITIVE: &str = "ERR value is out of range, must be positive";
/// Same key twice.
pub const SAME_OBJECT: &str = "ERR source and destination objects are the same";
/// A sum beyond `i64`.
pub const OVERFLOW: &str = "ERR increment or decrement would overflow";
/// A string that would be longer than `proto-max-bulk-len`.
pub const TOO_LONG: &str = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
/// SELECT and friends beyond the last database.
pub const DB_RANGE: &str = "ERR DB index is out of range";
/// DENYOOM commands at the memory limit.
pub const OOM: &str = "OOM command not allowed when used memory > 'maxmemory'.";

/// Longest part of an unknown command that its error repeats, in bytes.
const ECHO_MAX: usize = 128;

/// `ERR unknown command`, with the first arguments.
pub fn unknown_command(out: &mut Vec<u8>, args: &Args<'_>) {
    let mut text = Vec::from(&b"ERR unknown command '"[..]);
    text.extend_from_slice(c_str(args.get(0), ECHO_MAX));
    text.extend_from_slice(b"', with args beginning with: ");
    let mut shown = 0;
    for arg in args.from(1) {
        if shown >= ECHO_MAX {
            break;
        }
        let arg = c_str(arg, ECHO_MAX - shown);
        text.push(b'\'');
        text.extend_from_slice(arg);
        text.extend_from_slice(b"' ");
        shown += arg.len() + 3;
    }
    reply::error(out, text);
}

/// `ERR wrong number of arguments`.
pub fn wrong_arity(out: &mut Vec<u8>, command: &Command) {
    wrong_arity_of(out, command.name);
}

/// As [`wrong_arity`], for a name such as `object|freq`.
pub fn wrong_arity_of(out: &mut Vec<u8>, name: &str) {
    let text = [b"ERR wrong number of arguments for '", name.as_bytes(), b"' command"].concat();
    reply::error(out, text);
}

/// `ERR unknown subcommand`, for containers such as OBJECT.
pub fn unknown_subcommand(out: &mut Vec<u8>, container: &str, subcommand: &[u8]) {
    let mut text = Vec::from(&b"ERR unknown subcommand '"[..]);
    text.extend_from_slice(c_str(subcommand, ECHO_MAX));
    text.extend_from_slice(b"'. Try ");
    text.extend(container.bytes().map(|b| b.to_ascii_uppercase()));
    text.extend_from_slice(b" HELP.");
    reply::error(out, text);
}

/// What C's `%.*s` prints: up to the first NUL.
fn c_str(bytes: &[u8], max: usize) -> &[u8] {
    let len = bytes.iter().take(max).position(|&b| b == 0).unwrap_or_else(|| bytes.len().min(max));
    &bytes[..len]
}
