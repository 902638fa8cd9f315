use alloc::boxed::Box;
use core::mem;

use super::entry::{Body, Entry, Kind, NEVER, Value, View};
use super::hasher::Seed;
use super::index::Index;
use super::pages::{Pages, Step};
use super::pair::Pair;
use super::snapshot::Capture;
use super::{Bytes, Hash, List, Set};

/// The place of a key, good until the next insertion or removal in its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At(u32);

impl At {
    #[inline]
    fn pos(self) -> usize {
        self.0 as usize
    }
}

/// One database.
#[derive(Clone, Debug)]
pub struct Db {
    seed: Seed,
    index: Index,
    pub(super) pages: Pages,
    memory: u64,
    /// Where the expiry cycle goes on; positions below are still to be seen.
    cycle: usize,
    pub(super) capture: Option<Box<Capture>>,
}

impl Db {
    pub(super) fn new(seed: Seed) -> Self {
        Self { seed, index: Index::new(), pages: Pages::default(), memory: 0, cycle: 0, capture: None }
    }

    /// Number of keys, those past their time and not yet deleted among them.
    pub fn len(&self) -> usize {
        self.pages.len()
    }

    /// No key.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of keys with an expiry.
    pub fn volatile(&self) -> usize {
        self.pages.volatile()
    }

    /// Estimate of the bytes in use.
    pub fn memory(&self) -> u64 {
        self.memory
    }

    /// Looks a key up, whether expired or not.
    #[inline]
    pub fn find(&self, key: &[u8]) -> Option<At> {
        self.find_hashed(self.seed.hash(key), key)
    }

    #[inline]
    fn find_hashed(&self, hash: u64, key: &[u8]) -> Option<At> {
        self.index.find(hash, |at| self.pages.get(at as usize).key() == key).map(At)
    }

    /// The key at a position below [`Db::len`]. Positions have no meaning; walk them from the highest down.
    pub fn at(&self, position: usize) -> Option<At> {
        u32::try_from(position).ok().filter(|_| position < self.len()).map(At)
    }

    #[inline]
    pub(crate) fn entry(&self, at: At) -> &Entry {
        self.pages.get(at.pos())
    }

    /// The key's name.
    pub fn key(&self, at: At) -> &[u8] {
        self.entry(at).key()
    }

    /// Its value.
    #[inline]
    pub fn view(&self, at: At) -> View<'_> {
        self.entry(at).view()
    }

    /// Its type.
    #[inline]
    pub fn kind(&self, at: At) -> Kind {
        self.entry(at).kind()
    }

    /// When it expires, milliseconds since 1970.
    pub fn expiry(&self, at: At) -> Option<u64> {
        self.entry(at).expiry()
    }

    /// As [`Db::expiry`], `u64::MAX` for never.
    #[inline]
    pub(crate) fn deadline(&self, at: At) -> u64 {
        self.entry(at).expire
    }

    /// Estimated bytes of the key with all it holds.
    pub fn memory_of(&self, at: At) -> u64 {
        self.entry(at).memory()
    }

    /// Its last access, seconds since 1970.
    pub fn accessed(&self, at: At) -> u32 {
        self.entry(at).access
    }

    /// Notes an access.
    #[inline]
    pub fn touch(&mut self, at: At, seconds: u32) {
        self.pages.get_mut(at.pos()).access = seconds;
    }

    /// Sets a string, whatever was there; the expiry is `expire` (`u64::MAX`: none), or stays if that is `None`.
    #[inline]
    pub fn set(&mut self, key: &[u8], value: &[u8], expire: Option<u64>, seconds: u32) {
        let hash = self.seed.hash(key);
        match self.find_hashed(hash, key) {
            Some(at) => self.replace(at, value, expire, seconds),
            None => {
                self.insert(hash, Body::Text(Pair::new(key, value)), expire.unwrap_or(NEVER), seconds);
            }
        }
    }

    /// Sets the value of the key at `at` to a string; the expiry is `expire` (`u64::MAX`: none), or stays if `None`.
    #[inline]
    pub fn replace(&mut self, at: At, value: &[u8], expire: Option<u64>, seconds: u32) {
        let entry = self.write(at);
        let old = entry.memory();
        entry.access = seconds;
        let stale = expire.is_some_and(|expire| expire != entry.expire);
        match &mut entry.body {
            Body::Text(pair) => pair.set_value(value),
            Body::Object { key, .. } => entry.body = Body::Text(Pair::new(key.as_slice(), value)),
        }
        let new = entry.memory();
        self.memory = self.memory + new - old;
        if stale {
            self.pages.set_expire(at.pos(), expire.unwrap_or(NEVER));
        }
    }

    /// Edits the value of a string key in place: `change` gets its bytes behind `start` of the buffer, which it must
    /// leave alone before. Another type is left as it is.
    pub(crate) fn edit_text<R>(
        &mut self,
        at: At,
        change: impl FnOnce(&mut alloc::vec::Vec<u8>, usize) -> R,
    ) -> Option<R> {
        let entry = self.write(at);
        let old = entry.memory();
        let Body::Text(pair) = &mut entry.body else { return None };
        let result = pair.edit(change);
        let new = entry.memory();
        self.memory = self.memory + new - old;
        Some(result)
    }

    /// Adds a value under a key that must be absent.
    pub fn insert_value(&mut self, key: &[u8], value: Value, expire: Option<u64>, seconds: u32) -> At {
        let body = Body::Object { key: Bytes::new(key), value };
        self.insert(self.seed.hash(key), body, expire.unwrap_or(NEVER), seconds)
    }

    /// An empty value for [`Db::insert_value`]; a list for [`Kind::Text`], which has none.
    pub(crate) fn empty_value(&self, kind: Kind) -> Value {
        match kind {
            Kind::Text | Kind::List => Value::List(Box::default()),
            Kind::Hash => Value::Hash(Box::new(Hash::new(self.seed))),
            Kind::Set => Value::Set(Box::new(Set::new(self.seed))),
        }
    }

    fn insert(&mut self, hash: u64, body: Body, expire: u64, access: u32) -> At {
        let mark = self.capture.as_ref().map_or(0, |capture| capture.generation());
        let entry = Entry { expire, mark, access, body };
        self.memory += entry.memory();
        let at = u32::try_from(self.pages.push(entry)).unwrap_or(u32::MAX);
        let (seed, pages) = (self.seed, &self.pages);
        self.index.insert(hash, at, |at| seed.hash(pages.get(at as usize).key()));
        At(at)
    }

    /// Sets or clears the expiry.
    pub fn set_expiry(&mut self, at: At, expire: Option<u64>) {
        self.write(at);
        self.pages.set_expire(at.pos(), expire.unwrap_or(NEVER));
    }

    /// Deletes a key.
    pub fn remove(&mut self, at: At) {
        self.take(at);
    }

    /// Takes a key out, with its value and expiry.
    pub(crate) fn take(&mut self, at: At) -> Option<Entry> {
        self.write(at);
        let (seed, pages) = (self.seed, &self.pages);
        let hash_of = |at: u32| seed.hash(pages.get(at as usize).key());
        let last = u32::try_from(pages.len() - 1).unwrap_or(0);
        self.index.remove(hash_of(at.0), at.0, hash_of);
        if last != at.0 {
            self.index.moved(hash_of(last), last, at.0);
        }
        let entry = self.pages.swap_remove(at.pos())?;
        self.memory -= entry.memory();
        Some(entry)
    }

    /// Puts what [`Db::take`] took under a new name, which must be absent.
    pub(crate) fn put(&mut self, key: &[u8], entry: Entry) {
        let body = match entry.body {
            Body::Text(pair) => Body::Text(Pair::new(key, pair.value())),
            Body::Object { value, .. } => Body::Object { key: Bytes::new(key), value },
        };
        self.insert(self.seed.hash(key), body, entry.expire, entry.access);
    }

    /// A copy of a key's value and expiry, for [`Db::put`].
    pub(crate) fn copy(&self, at: At) -> Entry {
        let entry = self.entry(at);
        let body = match &entry.body {
            Body::Text(pair) => Body::Text(pair.clone()),
            Body::Object { key, value } => Body::Object { key: key.clone(), value: value.clone() },
        };
        Entry { expire: entry.expire, mark: 0, access: entry.access, body }
    }

    /// The entry for a change of its value; a snapshot that does not have it yet gets it first.
    #[inline]
    fn write(&mut self, at: At) -> &mut Entry {
        let entry = self.pages.get_mut(at.pos());
        if let Some(capture) = &mut self.capture {
            capture.before_write(entry);
        }
        entry
    }

    /// Deletes every key.
    pub fn flush(&mut self) {
        let pages = mem::take(&mut self.pages);
        if let Some(capture) = &mut self.capture {
            capture.detach(pages);
        }
        self.index = Index::new();
        self.memory = 0;
        self.cycle = 0;
    }

    /// No key expires before this time; `u64::MAX` if none expires at all.
    pub fn earliest_expiry(&self) -> u64 {
        self.pages.earliest()
    }

    /// Deletes keys whose time is over, looking at no more than `budget` entries, and calls `deleted` with each.
    /// Goes on where the last call stopped. True: the cycle came round, nothing expired is left.
    pub fn expire_some(&mut self, now_ms: u64, mut budget: usize, mut deleted: impl FnMut(&[u8])) -> bool {
        if self.volatile() == 0 {
            return true;
        }
        let mut at = if self.cycle == 0 { self.len() } else { self.cycle };
        loop {
            match self.pages.expired_below(at, now_ms, &mut budget) {
                Step::Expired(position) => {
                    at = position;
                    let Some(found) = self.at(position) else { break };
                    deleted(self.key(found));
                    self.take(found);
                }
                Step::Pause(position) => {
                    self.cycle = position;
                    return false;
                }
                Step::End => break,
            }
        }
        self.cycle = 0;
        true
    }

    /// Changes the list at `at`; `None` for another type. A list left empty is deleted.
    pub fn edit_list<R>(&mut self, at: At, change: impl FnOnce(&mut List) -> R) -> Option<R> {
        let entry = self.write(at);
        let old = entry.memory();
        let Body::Object { value: Value::List(list), .. } = &mut entry.body else { return None };
        let result = change(list);
        self.settle(at, old);
        Some(result)
    }

    /// Changes the hash at `at`; `None` for another type. A hash left empty is deleted.
    pub fn edit_hash<R>(&mut self, at: At, change: impl FnOnce(&mut Hash) -> R) -> Option<R> {
        let entry = self.write(at);
        let old = entry.memory();
        let Body::Object { value: Value::Hash(hash), .. } = &mut entry.body else { return None };
        let result = change(hash);
        self.settle(at, old);
        Some(result)
    }

    /// Changes the set at `at`; `None` for another type. A set left empty is deleted.
    pub fn edit_set<R>(&mut self, at: At, change: impl FnOnce(&mut Set) -> R) -> Option<R> {
        let entry = self.write(at);
        let old = entry.memory();
        let Body::Object { value: Value::Set(set), .. } = &mut entry.body else { return None };
        let result = change(set);
        self.settle(at, old);
        Some(result)
    }

    /// Accounts for a change of the value at `at`, which took `old` bytes before.
    fn settle(&mut self, at: At, old: u64) {
        let entry = self.pages.get(at.pos());
        let new = entry.memory();
        let empty = matches!(&entry.body, Body::Object { value, .. } if value.is_empty());
        self.memory = self.memory + new - old;
        if empty {
            self.take(at);
        }
    }
}
