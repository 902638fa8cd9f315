//! Numbers as people read them.

use std::fmt::{Display, Formatter, Result};

/// `m:ss.mmm` of simulated time in nanoseconds.
pub(crate) fn clock(at_ns: u64) -> String {
    let ms = at_ns / 1_000_000;
    format!("{}:{:02}.{:03}", ms / 60_000, ms / 1000 % 60, ms % 1000)
}

/// `00:42`, of nanoseconds.
pub(crate) fn minutes(ns: u64) -> String {
    let seconds = ns / 1_000_000_000;
    format!("{:02}:{:02}", seconds / 60, seconds % 60)
}

/// A time as one says it: `2 minutes 14 seconds`.
pub(crate) fn spoken(at_ns: u64) -> String {
    let (minutes, ms) = (at_ns / 60_000_000_000, at_ns / 1_000_000 % 60_000);
    let seconds =
        if ms % 1000 == 0 { format!("{}", ms / 1000) } else { format!("{}.{:03}", ms / 1000, ms % 1000) };
    match minutes {
        0 => format!("{seconds} seconds"),
        1 => format!("1 minute {seconds} seconds"),
        _ => format!("{minutes} minutes {seconds} seconds"),
    }
}

/// Thousands separated by narrow spaces.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, d) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(d);
    }
    out
}

/// Bytes in a unit that keeps the number short.
pub(crate) fn bytes(n: u64) -> String {
    match n {
        0..10_000 => format!("{} B", count(n)),
        10_000..10_000_000 => format!("{} KiB", count(n / 1024)),
        _ => format!("{} MiB", count(n / (1024 * 1024))),
    }
}

/// A time span in the unit that keeps it short, of nanoseconds.
pub(crate) fn span(ns: u64) -> String {
    let us = ns / 1000;
    match us {
        0..1_000 => format!("{us}\u{a0}µs"),
        1_000..100_000 => format!("{}.{}\u{a0}ms", us / 1000, us / 100 % 10),
        100_000..1_000_000 => format!("{}\u{a0}ms", us / 1000),
        1_000_000..100_000_000 => format!("{}.{}\u{a0}s", us / 1_000_000, us / 100_000 % 10),
        _ => format!("{}\u{a0}s", us / 1_000_000),
    }
}

/// How far a replica is behind. What left the primary in this very moment is no time behind, only bytes.
pub(crate) fn lag(ns: u64, missing: u64) -> String {
    match ns {
        0..1_000 => bytes(missing),
        _ => format!("{} · {}", span(ns), bytes(missing)),
    }
}

/// How long a step took: milliseconds where seconds would be zeros.
pub(crate) fn took(ns: u64) -> String {
    match ns / 1_000_000 {
        0 => "<\u{a0}1\u{a0}ms".into(),
        ms @ 1..1_000 => format!("{ms}\u{a0}ms"),
        // To the nearest, as the lessons' numbers of the same step are.
        ms => tenths(u32::try_from(ms + 50).unwrap_or(u32::MAX)),
    }
}

/// Seconds with one digit, of milliseconds: for what runs down before one's eyes.
pub(crate) fn tenths(ms: u32) -> String {
    format!("{}.{}\u{a0}s", ms / 1000, ms / 100 % 10)
}

/// Seconds with three digits after the point, of nanoseconds.
pub(crate) fn seconds(ns: u64) -> String {
    let ms = ns / 1_000_000;
    format!("{}.{:03}\u{a0}s", ms / 1000, ms % 1000)
}

/// A number with this many digits after the point, at most four. The standard library's way is made for any number and any
/// precision, and its tables and big integers would be a fiftieth of what a visitor downloads.
#[derive(Clone, Copy)]
pub(crate) struct Fixed(pub(crate) f64, pub(crate) u32);

impl Display for Fixed {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Self(value, digits) = *self;
        let scale = 10_u64.pow(digits.min(4));
        let all = (value.abs() * scale as f64 + 0.5) as u64;
        let (whole, rest) = (all / scale, all % scale);
        let sign = if value < 0.0 && all > 0 { "-" } else { "" };
        match digits {
            0 => write!(f, "{sign}{whole}"),
            _ => write!(f, "{sign}{whole}.{rest:0wide$}", wide = digits.min(4) as usize),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn people_can_read_them() {
        assert_eq!(clock(63_004_000_000), "1:03.004");
        assert_eq!(spoken(134_000_000_000), "2 minutes 14 seconds");
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(bytes(9_999), "9\u{202f}999 B");
        assert_eq!(seconds(1_234_567_000), "1.234\u{a0}s");
        assert_eq!(
            [took(90_000), took(2_100_000), took(10_347_000_000), took(30_999_000_000)],
            ["<\u{a0}1\u{a0}ms", "2\u{a0}ms", "10.3\u{a0}s", "31.0\u{a0}s"]
        );
        assert_eq!([lag(0, 37), lag(1_500_000, 37)], ["37 B", "1.5\u{a0}ms · 37 B"]);
        let fixed = |value, digits| Fixed(value, digits).to_string();
        assert_eq!(
            [fixed(-1.05, 1), fixed(2.996, 2), fixed(0.5, 0), fixed(-0.01, 1)],
            ["-1.1", "3.00", "1", "0.0"]
        );
    }
}
