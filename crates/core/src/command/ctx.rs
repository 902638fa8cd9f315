//! What a command works on.

use alloc::format;
use alloc::vec::Vec;
use core::ops::{Deref, DerefMut};

use super::{Effect, error};
use crate::keyspace::{At, Db, Keyspace, Kind};
use crate::resp::{parse_i64, reply};
use crate::rng::Rng;

/// Everything that a command over the keyspace may touch.
pub struct Ctx<'a> {
    /// The selected database; the whole keyspace behind it.
    pub db: Selected<'a>,
    /// Replies are appended here, exactly one for each command.
    pub out: &'a mut Vec<u8>,
    /// Wall clock, milliseconds since 1970.
    pub now_ms: u64,
    /// What the log shall hold; cleared by the caller before each command.
    pub effect: &'a mut Effect,
    /// For SPOP, SRANDMEMBER, RANDOMKEY and HRANDFIELD.
    pub rng: &'a mut Rng,
    /// Who asks.
    pub mode: Mode,
}

/// Who asks, which decides what happens to a key past its time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// A client of the primary: the key is deleted, and a DEL is logged first.
    #[default]
    Primary,
    /// A client of a replica: the key looks absent and stays.
    ReplicaRead,
    /// The primary's stream: the key is still there until the primary's DEL comes.
    Apply,
}

/// The keyspace with one database selected, to which it dereferences.
pub struct Selected<'a> {
    /// All databases.
    pub keyspace: &'a mut Keyspace,
    index: usize,
}

impl<'a> Selected<'a> {
    /// Selects database `index`; one that does not exist selects 0.
    pub fn new(keyspace: &'a mut Keyspace, index: usize) -> Self {
        let index = if index < keyspace.dbs().len() { index } else { 0 };
        Self { keyspace, index }
    }

    /// Number of the selected database.
    pub fn index(&self) -> usize {
        self.index
    }
}

impl Deref for Selected<'_> {
    type Target = Db;

    #[inline]
    fn deref(&self) -> &Db {
        self.keyspace.db(self.index)
    }
}

impl DerefMut for Selected<'_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Db {
        self.keyspace.db_mut(self.index)
    }
}

/// The key holds another type; the error is already in the output.
pub(crate) struct Wrong;

impl Ctx<'_> {
    /// Looks a key up as [`Mode`] says, and notes the access.
    #[inline]
    pub(crate) fn find(&mut self, key: &[u8]) -> Option<At> {
        let at = self.peek(key)?;
        let seconds = self.seconds();
        self.db.touch(at, seconds);
        Some(at)
    }

    /// As [`Ctx::find`], without noting an access.
    #[inline]
    pub(crate) fn peek(&mut self, key: &[u8]) -> Option<At> {
        let at = self.db.find(key)?;
        if self.db.deadline(at) < self.now_ms { self.overdue(at, key) } else { Some(at) }
    }

    #[cold]
    fn overdue(&mut self, at: At, key: &[u8]) -> Option<At> {
        match self.mode {
            Mode::Apply => Some(at),
            Mode::ReplicaRead => None,
            Mode::Primary => {
                self.effect.expired(key);
                self.db.remove(at);
                None
            }
        }
    }

    /// Looks up a key that has to hold `kind`.
    pub(crate) fn typed(&mut self, key: &[u8], kind: Kind) -> Result<Option<At>, Wrong> {
        let found = self.find(key);
        if found.is_some_and(|at| self.db.kind(at) != kind) {
            self.error(error::WRONGTYPE);
            return Err(Wrong);
        }
        Ok(found)
    }

    /// As [`Ctx::typed`], adding an empty value if there is none. The caller then puts something into it.
    pub(crate) fn typed_or_new(&mut self, key: &[u8], kind: Kind) -> Result<At, Wrong> {
        Ok(match self.typed(key, kind)? {
            Some(at) => at,
            None => {
                let (value, seconds) = (self.db.empty_value(kind), self.seconds());
                self.db.insert_value(key, value, None, seconds)
            }
        })
    }

    /// Reads an integer from `min` to `max`, or replies with `text`, or with Redis's own words.
    pub(crate) fn number_within(
        &mut self,
        arg: &[u8],
        min: i64,
        max: i64,
        text: Option<&str>,
    ) -> Option<i64> {
        let n = parse_i64(arg);
        if let Some(n) = n.filter(|n| (min..=max).contains(n)) {
            return Some(n);
        }
        match (text, n) {
            (Some(text), _) => self.error(text),
            (None, None) => self.error(error::NOT_INTEGER),
            (None, Some(_)) => {
                self.error(format!("ERR value is out of range, value must between {min} and {max}"));
            }
        }
        None
    }

    /// Reads a count that must not be negative.
    pub(crate) fn positive(&mut self, arg: &[u8], text: &str) -> Option<usize> {
        let n = self.number_within(arg, 0, i64::MAX, Some(text))?;
        Some(usize::try_from(n).unwrap_or(usize::MAX))
    }

    /// Seconds since 1970.
    #[inline]
    pub(crate) fn seconds(&self) -> u32 {
        u32::try_from(self.now_ms / 1000).unwrap_or(u32::MAX)
    }

    /// Replies with an error.
    pub(crate) fn error(&mut self, text: impl AsRef<[u8]>) {
        reply::error(self.out, text);
    }

    /// Reads an integer argument, or replies that it is none.
    pub(crate) fn number(&mut self, text: &[u8]) -> Option<i64> {
        let n = parse_i64(text);
        if n.is_none() {
            self.error(error::NOT_INTEGER);
        }
        n
    }
}
