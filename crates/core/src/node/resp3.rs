//! RESP3 for connections that asked for it by HELLO 3: a command's RESP2 reply, said with RESP3's types where Redis 7.0
//! uses them.

use alloc::vec::Vec;

use crate::resp::{Args, parse_i64};

/// How Redis types a reply that RESP2 sends as an array or a bulk string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Same,
    /// Fields and values in turn.
    Map,
    /// As `Map`, and each value is a map too.
    MapOfMaps,
    Set,
    /// Each pair an array of its own.
    Pairs,
    /// A text that is not data.
    Verbatim,
}

fn shape(args: &Args<'_>) -> Shape {
    let is = |i: usize, word: &[u8]| args.get(i).eq_ignore_ascii_case(word);
    let any = |words: &[&[u8]]| words.iter().any(|w| is(0, w));
    if is(0, b"hgetall") || (is(0, b"config") && is(1, b"get")) || is(0, b"hello") {
        Shape::Map
    } else if any(&[b"smembers", b"sinter", b"sunion", b"sdiff"]) || (is(0, b"spop") && args.len() > 2) {
        Shape::Set
    } else if is(0, b"hrandfield") && is(3, b"withvalues") {
        Shape::Pairs
    } else if is(0, b"command") && is(1, b"docs") {
        Shape::MapOfMaps
    } else if is(0, b"info") || (is(0, b"client") && (is(1, b"list") || is(1, b"info"))) {
        Shape::Verbatim
    } else {
        Shape::Same
    }
}

/// Types the reply to `args` that begins at `start` of `out`. `scratch` is a buffer to reuse.
pub(super) fn adapt(args: &Args<'_>, out: &mut Vec<u8>, start: usize, scratch: &mut Vec<u8>) {
    if !matches!(out.get(start), Some(b'$' | b'*')) {
        return;
    }
    scratch.clear();
    scratch.extend_from_slice(&out[start..]);
    out.truncate(start);
    let mut rest = scratch.as_slice();
    while !rest.is_empty() {
        let Some(after) = convert(rest, shape(args), out) else {
            // Not what this module knows: as it was, which every RESP3 client reads too.
            out.extend_from_slice(rest);
            return;
        };
        rest = after;
    }
}

/// Writes the first value of `input` with `shape`; what follows it.
fn convert<'a>(input: &'a [u8], shape: Shape, out: &mut Vec<u8>) -> Option<&'a [u8]> {
    let end = input.windows(2).position(|w| w == b"\r\n")?;
    let (line, rest) = (&input[..end], &input[end + 2..]);
    let (kind, number) = line.split_first()?;
    if !matches!(kind, b'$' | b'*') {
        out.extend_from_slice(&input[..end + 2]);
        return Some(rest);
    }
    let Ok(len) = usize::try_from(parse_i64(number)?) else {
        out.extend_from_slice(b"_\r\n");
        return Some(rest);
    };
    if *kind == b'$' {
        let body = rest.get(..len + 2)?;
        if shape == Shape::Verbatim {
            head(out, b'=', len + 4);
            out.extend_from_slice(b"txt:");
        } else {
            head(out, b'$', len);
        }
        out.extend_from_slice(body);
        return rest.get(len + 2..);
    }
    let inner = if shape == Shape::MapOfMaps { Shape::Map } else { Shape::Same };
    match shape {
        Shape::Map | Shape::MapOfMaps => head(out, b'%', len / 2),
        Shape::Set => head(out, b'~', len),
        Shape::Pairs => head(out, b'*', len / 2),
        Shape::Same | Shape::Verbatim => head(out, b'*', len),
    }
    let mut rest = rest;
    for i in 0..len {
        if shape == Shape::Pairs && i % 2 == 0 {
            head(out, b'*', 2);
        }
        rest = convert(rest, inner, out)?;
    }
    Some(rest)
}

fn head(out: &mut Vec<u8>, kind: u8, n: usize) {
    out.push(kind);
    out.extend_from_slice(alloc::format!("{n}\r\n").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resp::ArgSpans;

    fn adapted(command: &[&[u8]], reply: &str) -> alloc::string::String {
        let mut spans = ArgSpans::new();
        spans.assemble(command);
        let mut out = Vec::from(&b"+before\r\n"[..]);
        let start = out.len();
        out.extend_from_slice(reply.as_bytes());
        adapt(&spans.view(&[]), &mut out, start, &mut Vec::new());
        alloc::string::String::from_utf8(out.split_off(start)).expect("text")
    }

    #[test]
    fn replies_get_the_types_of_redis() {
        assert_eq!(
            adapted(&[b"HGETALL", b"h"], "*2\r\n$1\r\na\r\n$1\r\n1\r\n"),
            "%1\r\n$1\r\na\r\n$1\r\n1\r\n"
        );
        assert_eq!(adapted(&[b"hgetall", b"h"], "*0\r\n"), "%0\r\n");
        assert_eq!(adapted(&[b"SMEMBERS", b"s"], "*1\r\n$1\r\na\r\n"), "~1\r\n$1\r\na\r\n");
        assert_eq!(adapted(&[b"MGET", b"a", b"b"], "*2\r\n$-1\r\n$1\r\nx\r\n"), "*2\r\n_\r\n$1\r\nx\r\n");
        assert_eq!(adapted(&[b"GET", b"a"], "$-1\r\n"), "_\r\n");
        assert_eq!(adapted(&[b"LPOP", b"a", b"1"], "*-1\r\n"), "_\r\n");
        assert_eq!(adapted(&[b"INFO"], "$2\r\nhi\r\n"), "=6\r\ntxt:hi\r\n");
        assert_eq!(adapted(&[b"SCAN", b"0"], "*2\r\n$1\r\n0\r\n*0\r\n"), "*2\r\n$1\r\n0\r\n*0\r\n");
        assert_eq!(
            adapted(&[b"HRANDFIELD", b"h", b"1", b"WITHVALUES"], "*2\r\n$1\r\na\r\n$1\r\n1\r\n"),
            "*1\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n"
        );
        assert_eq!(adapted(&[b"SMEMBERS", b"s"], "-WRONGTYPE x\r\n"), "-WRONGTYPE x\r\n");
    }
}
