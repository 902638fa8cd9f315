//! Commands typed by hand: words on one line, quotes as in Redis's `sdssplitargs`.

use alloc::vec::Vec;

use super::scan::{Protocol, Scan};
use super::{ArgSpans, Limits, reply};

pub(super) fn scan(input: &[u8], args: &mut ArgSpans, limits: &Limits) -> Scan {
    let Some(len) = input.iter().take(limits.inline + 1).position(|&b| b == b'\n') else {
        if input.len() > limits.inline {
            return Scan::Error(Protocol::Text("Protocol error: too big inline request"));
        }
        return Scan::Partial { need: input.len() + 1 };
    };
    let line = &input[..len];
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let Some(words) = split(line) else {
        return Scan::Error(Protocol::Text("Protocol error: unbalanced quotes in request"));
    };
    args.frame = len + 1;
    if let Some(first) = words.first() {
        if first.eq_ignore_ascii_case(b"post") || first.eq_ignore_ascii_case(b"host:") {
            return Scan::Http;
        }
        reply::array(&mut args.scratch, words.len());
        words.iter().for_each(|word| args.append(word));
    }
    Scan::Whole { len: len + 1 }
}

/// The words of a line; `None` if a quote is left open or is followed by anything but space.
pub fn split(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    // A C string ends at its first NUL.
    let line = line.split(|&b| b == 0).next().unwrap_or_default();
    let mut words = Vec::new();
    let mut rest = line;
    loop {
        let start = rest.iter().position(|b| !is_space(*b));
        let Some(start) = start else { return Some(words) };
        let (word, left) = word(&rest[start..])?;
        words.push(word);
        rest = left;
    }
}

fn word(line: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut word = Vec::new();
    let mut rest = line;
    loop {
        match rest {
            [] => return Some((word, rest)),
            [b, ..] if is_space(*b) => return Some((word, rest)),
            [b'"', tail @ ..] => return double_quoted(tail, &mut word).map(|left| (word, left)),
            [b'\'', tail @ ..] => return single_quoted(tail, &mut word).map(|left| (word, left)),
            [b, tail @ ..] => {
                word.push(*b);
                rest = tail;
            }
        }
    }
}

fn double_quoted<'a>(mut rest: &'a [u8], word: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        rest = match rest {
            [] => return None,
            [b'\\', b'x', a, b, tail @ ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                word.push(hex(*a) << 4 | hex(*b));
                tail
            }
            [b'\\', escaped, tail @ ..] => {
                word.push(unescape(*escaped));
                tail
            }
            [b'"', tail @ ..] => return closes(tail),
            [b, tail @ ..] => {
                word.push(*b);
                tail
            }
        }
    }
}

fn single_quoted<'a>(mut rest: &'a [u8], word: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        rest = match rest {
            [] => return None,
            [b'\\', b'\'', tail @ ..] => {
                word.push(b'\'');
                tail
            }
            [b'\'', tail @ ..] => return closes(tail),
            [b, tail @ ..] => {
                word.push(*b);
                tail
            }
        }
    }
}

fn closes(tail: &[u8]) -> Option<&[u8]> {
    tail.first().is_none_or(|b| is_space(*b)).then_some(tail)
}

fn unescape(b: u8) -> u8 {
    match b {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'a' => 7,
        other => other,
    }
}

fn hex(b: u8) -> u8 {
    char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok()).unwrap_or(0)
}

/// C's `isspace`.
fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r' | 11 | 12)
}
