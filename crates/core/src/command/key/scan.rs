use alloc::vec::Vec;

use crate::command::glob::matches;
use crate::command::{Ctx, Mode, error};
use crate::resp::{Args, DIGITS, format_i64, parse_i64, reply};

/// How often RANDOMKEY tries again when it meets a key past its time (as Redis on a replica).
const RANDOM_TRIES: usize = 100;

pub(super) fn keys(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let pattern = args.get(1);
    let all = pattern == b"*";
    let positions: Vec<usize> = (0..ctx.db.len())
        .filter(|&i| alive(ctx, i) && (all || key_at(ctx, i).is_some_and(|key| matches(pattern, key))))
        .collect();
    reply::array(ctx.out, positions.len());
    for i in positions {
        if let Some(at) = ctx.db.at(i) {
            reply::bulk(ctx.out, ctx.db.key(at));
        }
    }
}

fn key_at<'a>(ctx: &'a Ctx<'_>, i: usize) -> Option<&'a [u8]> {
    ctx.db.at(i).map(|at| ctx.db.key(at))
}

/// Whether the key at a position has not passed its time.
fn alive(ctx: &Ctx<'_>, i: usize) -> bool {
    ctx.mode == Mode::Apply || ctx.db.at(i).is_some_and(|at| ctx.db.deadline(at) >= ctx.now_ms)
}

pub(super) fn randomkey(ctx: &mut Ctx<'_>, _: &Args<'_>) {
    for _ in 0..RANDOM_TRIES {
        let i = usize::try_from(ctx.rng.below(ctx.db.len() as u64)).unwrap_or(0);
        if ctx.db.at(i).is_none() {
            break;
        }
        if alive(ctx, i)
            && let Some(at) = ctx.db.at(i)
        {
            return reply::bulk(ctx.out, ctx.db.key(at));
        }
    }
    reply::nil(ctx.out);
}

/// Options of SCAN, HSCAN and SSCAN.
pub(in crate::command) struct Options<'a> {
    /// Positions below this are still to be walked; `None`: from the start.
    from: Option<usize>,
    pattern: Option<&'a [u8]>,
    count: usize,
    kind: Option<&'a [u8]>,
}

impl<'a> Options<'a> {
    /// Reads a cursor.
    pub(in crate::command) fn cursor(text: &[u8]) -> Result<u64, &'static str> {
        let digits = !text.is_empty() && text.len() <= 20 && text.iter().all(u8::is_ascii_digit);
        let n = text
            .iter()
            .try_fold(0u64, |n, b| n.checked_mul(10)?.checked_add(u64::from(b.wrapping_sub(b'0'))));
        n.filter(|_| digits).ok_or("ERR invalid cursor")
    }

    /// Reads the options behind the cursor, which start at argument `first`.
    pub(in crate::command) fn parse(
        cursor: u64,
        args: &Args<'a>,
        first: usize,
        with_type: bool,
    ) -> Result<Self, &'static str> {
        let from = usize::try_from(cursor).unwrap_or(usize::MAX);
        let mut options = Self { from: (from > 0).then_some(from), pattern: None, count: 10, kind: None };
        let mut words = args.from(first);
        while let Some(word) = words.next() {
            let value = words.next().ok_or(error::SYNTAX)?;
            if word.eq_ignore_ascii_case(b"count") {
                let n = parse_i64(value).ok_or(error::NOT_INTEGER)?;
                options.count = usize::try_from(n).ok().filter(|&n| n > 0).ok_or(error::SYNTAX)?;
            } else if word.eq_ignore_ascii_case(b"match") {
                options.pattern = (value != b"*").then_some(value);
            } else if word.eq_ignore_ascii_case(b"type") && with_type {
                options.kind = Some(value);
            } else {
                return Err(error::SYNTAX);
            }
        }
        Ok(options)
    }

    /// The positions to look at, the highest first, of `len` in all.
    pub(in crate::command) fn positions(&self, len: usize) -> core::iter::Rev<core::ops::Range<usize>> {
        let end = self.from.map_or(len, |from| from.min(len));
        (end.saturating_sub(self.count)..end).rev()
    }

    pub(in crate::command) fn selects(&self, name: &[u8]) -> bool {
        self.pattern.is_none_or(|pattern| matches(pattern, name))
    }
}

/// The head of a reply: the cursor to go on with, then `len` elements.
pub(in crate::command) fn reply_head(out: &mut Vec<u8>, next: usize, len: usize) {
    reply::array(out, 2);
    let next = i64::try_from(next).unwrap_or(0);
    reply::bulk(out, format_i64(next, &mut [0; DIGITS]));
    reply::array(out, len);
}

pub(super) fn scan(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let options = Options::cursor(args.get(1)).and_then(|cursor| Options::parse(cursor, args, 2, true));
    let options = match options {
        Ok(options) => options,
        Err(text) => return ctx.error(text),
    };
    let range = options.positions(ctx.db.len());
    let next = range.clone().next_back().unwrap_or(0);
    let found: Vec<usize> = range.filter(|&i| alive(ctx, i) && selects(ctx, &options, i)).collect();
    reply_head(ctx.out, next, found.len());
    for i in found {
        if let Some(at) = ctx.db.at(i) {
            reply::bulk(ctx.out, ctx.db.key(at));
        }
    }
}

fn selects(ctx: &Ctx<'_>, options: &Options<'_>, i: usize) -> bool {
    ctx.db.at(i).is_some_and(|at| {
        options.selects(ctx.db.key(at))
            && options.kind.is_none_or(|kind| kind.eq_ignore_ascii_case(ctx.db.kind(at).name().as_bytes()))
    })
}
