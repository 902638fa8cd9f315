use super::args::offset;
use super::{ArgSpans, Limits, UNAUTHENTICATED_BULK_MAX, UNAUTHENTICATED_MULTIBULK_MAX, inline, parse_i64};

/// What the start of a buffer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scan {
    /// One command of `len` bytes; [`ArgSpans::view`] lends its arguments.
    Whole {
        /// Bytes of the input to consume.
        len: usize,
    },
    /// Not yet a whole command: at least `need` bytes of input are wanted before another look is worth it.
    Partial {
        /// Length of the input wanted, from its start.
        need: usize,
    },
    /// Not RESP: answer `-ERR <text>` and close. The text starts with `Protocol error`.
    Error(Protocol),
    /// A browser speaking HTTP (`POST` or `Host:`): close without an answer, run nothing that follows.
    Http,
}

/// A protocol error in Redis's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// A fixed text.
    Text(&'static str),
    /// `Protocol error: expected '$', got 'x'` with this byte.
    ExpectedBulk(u8),
}

impl Protocol {
    /// Appends the error reply, `-ERR` included.
    pub fn reply(self, out: &mut alloc::vec::Vec<u8>) {
        match self {
            Self::Text(text) => {
                out.extend_from_slice(b"-ERR ");
                out.extend_from_slice(text.as_bytes());
                out.extend_from_slice(b"\r\n");
            }
            Self::ExpectedBulk(got) => {
                let got = if got == b'\r' || got == b'\n' { b' ' } else { got };
                out.extend_from_slice(b"-ERR Protocol error: expected '$', got '");
                // Redis formats it with %c into a C string, which a NUL would end.
                if got == 0 {
                    out.extend_from_slice(b"\r\n");
                } else {
                    out.extend_from_slice(&[got, b'\'', b'\r', b'\n']);
                }
            }
        }
    }
}

/// Looks for one command at the start of `input`: multibulk if it begins with `*`, inline otherwise.
#[inline]
pub fn scan(input: &[u8], args: &mut ArgSpans, limits: &Limits) -> Scan {
    args.clear();
    match input.first() {
        None => Scan::Partial { need: 1 },
        Some(b'*') => multibulk(input, args, limits),
        Some(_) => inline::scan(input, args, limits),
    }
}

/// As [`scan`], but goes on where the last call with the same `args` stopped with [`Scan::Partial`]. `input` must
/// start with the same bytes as then, with more behind them.
pub fn rescan(input: &[u8], args: &mut ArgSpans, limits: &Limits) -> Scan {
    if args.missing > 0 && args.read <= input.len() {
        return bulks(input, args, limits);
    }
    scan(input, args, limits)
}

fn multibulk(input: &[u8], args: &mut ArgSpans, limits: &Limits) -> Scan {
    let (count, next) = match line(input, 1, limits) {
        Line::Number(n, next) => (n, next),
        Line::Invalid => return error("Protocol error: invalid multibulk length"),
        Line::TooLong => return error("Protocol error: too big mbulk count string"),
        Line::Partial => return Scan::Partial { need: input.len() + 1 },
    };
    if count > limits.multibulk {
        return error("Protocol error: invalid multibulk length");
    }
    if count > UNAUTHENTICATED_MULTIBULK_MAX && !limits.authenticated {
        return error("Protocol error: unauthenticated multibulk length");
    }
    args.read = next;
    args.missing = count.max(0);
    bulks(input, args, limits)
}

#[inline]
fn bulks(input: &[u8], args: &mut ArgSpans, limits: &Limits) -> Scan {
    while args.missing > 0 {
        let at = args.read;
        match input.get(at) {
            Some(b'$') => {}
            Some(&got) => return expected_bulk(input, at, got, limits),
            None => return Scan::Partial { need: at + 1 },
        }
        let (len, start) = match line(input, at + 1, limits) {
            Line::Number(n, next) => (n, next),
            Line::Invalid => return error("Protocol error: invalid bulk length"),
            Line::TooLong => return error("Protocol error: too big bulk count string"),
            Line::Partial => return Scan::Partial { need: input.len() + 1 },
        };
        if len < 0 || len > limits.bulk {
            return error("Protocol error: invalid bulk length");
        }
        if len > UNAUTHENTICATED_BULK_MAX && !limits.authenticated {
            return error("Protocol error: unauthenticated bulk length");
        }
        let end = start.saturating_add(usize::try_from(len).unwrap_or(usize::MAX));
        if input.len() < end.saturating_add(2) {
            // Only within an argument can bytes be waited for unseen: an error in a head is answered at once.
            return Scan::Partial { need: end.saturating_add(2) };
        }
        args.spans.push((offset(start), offset(end)));
        args.read = end + 2;
        args.missing -= 1;
    }
    args.frame = args.read;
    Scan::Whole { len: args.read }
}

/// Redis looks at the first byte only once the line has ended.
fn expected_bulk(input: &[u8], at: usize, got: u8, limits: &Limits) -> Scan {
    match line(input, at + 1, limits) {
        Line::Partial if got != b'\r' => Scan::Partial { need: input.len() + 1 },
        Line::TooLong => error("Protocol error: too big bulk count string"),
        _ if got == b'\r' && input.len() < at + 2 => Scan::Partial { need: at + 2 },
        _ => Scan::Error(Protocol::ExpectedBulk(got)),
    }
}

fn error(text: &'static str) -> Scan {
    Scan::Error(Protocol::Text(text))
}

enum Line {
    Number(i64, usize),
    Invalid,
    TooLong,
    Partial,
}

/// The number between `at` and the next `\r`; the byte after that is skipped unseen, as Redis does.
#[inline]
fn line(input: &[u8], at: usize, limits: &Limits) -> Line {
    let rest = input.get(at..).unwrap_or_default();
    if let [d @ b'0'..=b'9', b'\r', _, ..] = rest {
        return Line::Number(i64::from(d - b'0'), at + 3);
    }
    if let [d @ b'1'..=b'9', e @ b'0'..=b'9', b'\r', _, ..] = rest {
        return Line::Number(i64::from(d - b'0') * 10 + i64::from(e - b'0'), at + 4);
    }
    // A valid number has its end within 21 bytes; the limit decides about longer lines.
    let Some(len) = rest.iter().take(limits.inline + 1).position(|&b| b == b'\r') else {
        return if rest.len() > limits.inline { Line::TooLong } else { Line::Partial };
    };
    if rest.len() < len + 2 {
        return Line::Partial;
    }
    parse_i64(&rest[..len]).map_or(Line::Invalid, |n| Line::Number(n, at + len + 2))
}
