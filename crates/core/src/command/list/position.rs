use alloc::vec::Vec;

use super::list_at;
use crate::command::{Ctx, error};
use crate::keyspace::{Kind, List};
use crate::resp::{Args, reply};

const RANK_ZERO: &str = "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... \
    or use negative to start from the end of the list";

struct Search<'a> {
    element: &'a [u8],
    rank: i64,
    /// `None`: one match, not in an array. 0: all.
    count: Option<usize>,
    /// Elements to compare at most; 0: all.
    max_len: usize,
}

pub(super) fn lpos(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let Some(search) = options(ctx, args) else { return };
    let Ok(found) = ctx.typed(args.get(1), Kind::List) else { return };
    let matches = found.and_then(|at| list_at(ctx, at)).map(|list| search.run(list)).unwrap_or_default();
    if search.count.is_none() {
        return match matches.first() {
            Some(&at) => reply::count(ctx.out, at),
            None => reply::nil(ctx.out),
        };
    }
    reply::array(ctx.out, matches.len());
    matches.into_iter().for_each(|at| reply::count(ctx.out, at));
}

fn options<'a>(ctx: &mut Ctx<'_>, args: &Args<'a>) -> Option<Search<'a>> {
    let mut search = Search { element: args.get(2), rank: 1, count: None, max_len: 0 };
    let mut words = args.from(3);
    while let Some(word) = words.next() {
        let value = words.next();
        match (&*word.to_ascii_lowercase(), value) {
            (b"rank", Some(value)) => {
                search.rank = ctx.number(value)?;
                if search.rank == 0 {
                    ctx.error(RANK_ZERO);
                    return None;
                }
            }
            (b"count", Some(value)) => {
                search.count = Some(ctx.positive(value, "ERR COUNT can't be negative")?);
            }
            (b"maxlen", Some(value)) => {
                search.max_len = ctx.positive(value, "ERR MAXLEN can't be negative")?;
            }
            _ => {
                ctx.error(error::SYNTAX);
                return None;
            }
        }
    }
    Some(search)
}

impl Search<'_> {
    fn run(&self, list: &List) -> Vec<usize> {
        let limit = if self.max_len == 0 { usize::MAX } else { self.max_len };
        // The smallest number has no opposite: Redis 7.0 takes it for the last match, and then counts to no limit.
        let skip = self.rank.checked_abs().map_or(0, |rank| usize::try_from(rank - 1).unwrap_or(usize::MAX));
        let count = match self.count {
            None => 1,
            Some(n) if n == 0 || self.rank == i64::MIN => usize::MAX,
            Some(n) => n,
        };
        let equal = |(i, element): (usize, &[u8])| (element == self.element).then_some(i);
        if self.rank > 0 {
            list.iter_from(0).take(limit).enumerate().filter_map(equal).skip(skip).take(count).collect()
        } else {
            let last = list.len().saturating_sub(1);
            let found = list.iter_back().take(limit).enumerate().filter_map(equal).skip(skip).take(count);
            found.map(|i| last - i).collect()
        }
    }
}
