//! One static table of commands, and one short function for each.
//!
//! [`lookup`] finds a row; [`Run::Data`] rows work on the keyspace alone, [`Run::Node`] rows need the session or
//! the node and are executed there. A function writes its reply to [`Ctx::out`] and says in [`Ctx::effect`] what
//! the replication log shall hold; replies are byte for byte those of redis-server 7.0.15.

mod bignum;
pub mod ctx;
pub mod effect;
pub mod error;
mod expiry;
mod flags;
pub(crate) mod glob;
mod hash;
mod key;
mod list;
mod longdouble;
mod lookup;
mod node;
mod random;
mod row;
mod set;
mod string;

pub use ctx::{Ctx, Mode, Selected};
pub use effect::{Effect, Logged};
pub use flags::Flags;
pub use lookup::{all, lookup};
pub use node::NodeCommand;

use crate::resp::{Args, parse_i64};

/// What a command is to whoever executes it.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Lower-case name.
    pub name: &'static str,
    /// Number of arguments with the name; negative: at least that many.
    pub arity: i16,
    /// What it may do.
    pub flags: Flags,
    /// Where its keys are.
    pub keys: Keys,
    /// Who executes it.
    pub run: Run,
}

/// What a command is to whoever types it. Executing one needs none of it, so it stands apart.
#[derive(Clone, Copy, Debug)]
pub struct Doc {
    /// Redis's group, such as `string`.
    pub group: &'static str,
    /// One line for help.
    pub summary: &'static str,
    /// Its arguments, for help and completion.
    pub hint: &'static str,
    /// Redis version that brought it.
    pub since: &'static str,
}

/// Who executes a command.
#[derive(Clone, Copy, Debug)]
pub enum Run {
    /// A function over the keyspace.
    Data(DataFn),
    /// The node, with its session.
    Node(NodeCommand),
}

/// A command over the keyspace. The caller has checked the arity.
pub type DataFn = fn(&mut Ctx<'_>, &Args<'_>);

/// Positions of the keys among the arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keys {
    /// First key; 0: none at a fixed place.
    pub first: i16,
    /// Last key; negative counts from the end.
    pub last: i16,
    /// Distance between keys.
    pub step: i16,
    /// Argument that holds the number of keys which follow it; 0: none.
    pub counted: i16,
}

impl Keys {
    /// No key.
    pub const NONE: Self = Self::range(0, 0, 0);
    /// The first argument.
    pub const ONE: Self = Self::range(1, 1, 1);
    /// The first two arguments.
    pub const TWO: Self = Self::range(1, 2, 1);
    /// All arguments.
    pub const ALL: Self = Self::range(1, -1, 1);
    /// Every other argument.
    pub const PAIRS: Self = Self::range(1, -1, 2);

    pub(crate) const fn range(first: i16, last: i16, step: i16) -> Self {
        Self { first, last, step, counted: 0 }
    }

    /// A count at argument `at`, the keys behind it.
    pub const fn counted(at: i16) -> Self {
        Self { first: 0, last: 0, step: 0, counted: at }
    }

    /// The keys of one command.
    pub fn of<'a>(self, args: &Args<'a>) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let len = args.len();
        let (first, last, step) = if self.counted > 0 {
            let at = usize::try_from(self.counted).unwrap_or(0);
            let keys = parse_i64(args.get(at)).and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
            (at + 1, at.saturating_add(keys).min(len.saturating_sub(1)), 1)
        } else if self.first > 0 {
            let back = usize::from(self.last.unsigned_abs());
            let last = if self.last < 0 { len.saturating_sub(back) } else { back.min(len.saturating_sub(1)) };
            (usize::from(self.first.unsigned_abs()), last, usize::from(self.step.unsigned_abs()).max(1))
        } else {
            (1, 0, 1)
        };
        let args = *args;
        (first..=last).step_by(step).map(move |i| args.get(i))
    }
}

impl Command {
    /// Whether `len` arguments, the name among them, fit the arity.
    #[inline]
    pub fn accepts(&self, len: usize) -> bool {
        let want = usize::from(self.arity.unsigned_abs());
        if self.arity < 0 { len >= want } else { len == want }
    }

    /// What help says of it.
    pub fn doc(&self) -> &'static Doc {
        lookup::doc(self)
    }

    /// Whether the first key (or any) changes when it runs.
    pub fn writes(&self) -> bool {
        self.flags.contains(Flags::WRITE)
    }
}
