//! The data: sixteen databases of expiring keys.

mod bytes;
mod db;
mod digest;
mod entry;
mod hash;
mod hasher;
mod index;
mod list;
mod packed;
mod pages;
mod pair;
mod set;
pub mod snapshot;
mod table;

use alloc::vec::Vec;

use crate::rng::Rng;

pub use bytes::Bytes;
pub use db::{At, Db};
pub use entry::{Kind, Value, View};
pub use hash::Hash;
pub use list::List;
pub use set::{Member, Set};

use hasher::Seed;

/// Number of databases, as Redis's default.
pub const DATABASES: usize = 16;

/// All databases of one node.
#[derive(Clone, Debug)]
pub struct Keyspace {
    dbs: Vec<Db>,
    generation: u32,
}

impl Keyspace {
    /// An empty keyspace. `seed` keys the hash of its tables, against clients that choose colliding keys.
    pub fn new(seed: [u8; 32]) -> Self {
        let seed = Seed::new(&mut Rng::new(seed));
        Self { dbs: (0..DATABASES).map(|_| Db::new(seed)).collect(), generation: 0 }
    }

    /// The databases in order.
    pub fn dbs(&self) -> &[Db] {
        &self.dbs
    }

    /// Database `index`, which must be below [`DATABASES`].
    #[inline]
    pub fn db(&self, index: usize) -> &Db {
        &self.dbs[index]
    }

    /// Database `index`, which must be below [`DATABASES`].
    #[inline]
    pub fn db_mut(&mut self, index: usize) -> &mut Db {
        &mut self.dbs[index]
    }

    pub(crate) fn dbs_mut(&mut self) -> &mut [Db] {
        &mut self.dbs
    }

    /// A mark that no entry has.
    pub(crate) fn next_generation(&mut self) -> u32 {
        self.generation = self.generation.wrapping_add(1).max(1);
        self.generation
    }

    /// Number of keys in all databases.
    pub fn len(&self) -> usize {
        self.dbs.iter().map(Db::len).sum()
    }

    /// No key anywhere.
    pub fn is_empty(&self) -> bool {
        self.dbs.iter().all(|db| db.len() == 0)
    }

    /// Estimate of the bytes in use, kept up to date with every write; the same on every target.
    pub fn memory(&self) -> u64 {
        self.dbs.iter().map(Db::memory).sum()
    }

    /// Empties every database.
    pub fn flush(&mut self) {
        self.dbs.iter_mut().for_each(Db::flush);
    }

    /// Exchanges two databases.
    pub fn swap(&mut self, a: usize, b: usize) {
        self.dbs.swap(a, b);
    }
}
