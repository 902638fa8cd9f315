//! Values of the file's types, built element by element.

use alloc::borrow::Cow;

use super::blob::{intset, listpack, ziplist};
use super::decode::{Reader, Stop};
use super::encode::{HASH, LIST, SET};
use super::load::LoadError;
use crate::keyspace::{Db, Kind, Value};

const LIST_ZIPLIST: u8 = 10;
const SET_INTSET: u8 = 11;
const HASH_ZIPLIST: u8 = 13;
const LIST_QUICKLIST: u8 = 14;
const HASH_LISTPACK: u8 = 16;
const LIST_QUICKLIST2: u8 = 18;
const SET_LISTPACK: u8 = 20;

/// How the elements come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// One string each.
    Strings,
    /// Nodes of a quicklist, each a ziplist.
    Ziplists,
    /// Nodes of a quicklist of Redis 7: a plain string or a listpack.
    Nodes,
    /// One string that holds them all.
    Blob(u8),
}

/// A value that is still being read.
#[derive(Clone, Debug)]
pub(super) struct Partial {
    value: Value,
    form: Form,
    /// Elements, nodes or strings still to come.
    left: u64,
}

impl Partial {
    /// Starts a value of the file's type `kind`; the number of its elements follows.
    pub(super) fn begin(kind: u8, db: &Db, reader: &mut Reader<'_>) -> Result<Self, Stop> {
        let (ours, form) = match kind {
            LIST => (Kind::List, Form::Strings),
            SET => (Kind::Set, Form::Strings),
            HASH => (Kind::Hash, Form::Strings),
            LIST_QUICKLIST => (Kind::List, Form::Ziplists),
            LIST_QUICKLIST2 => (Kind::List, Form::Nodes),
            LIST_ZIPLIST => (Kind::List, Form::Blob(kind)),
            SET_INTSET | SET_LISTPACK => (Kind::Set, Form::Blob(kind)),
            HASH_ZIPLIST | HASH_LISTPACK => (Kind::Hash, Form::Blob(kind)),
            other => return Err(unsupported(other).into()),
        };
        let left = if matches!(form, Form::Blob(_)) { 1 } else { reader.length()? };
        Ok(Self { value: db.empty_value(ours), form, left })
    }

    /// Reads the next element; false if there is none left.
    pub(super) fn step(&mut self, reader: &mut Reader<'_>, limit: u64) -> Result<bool, Stop> {
        if self.left == 0 {
            return Ok(false);
        }
        match self.form {
            Form::Strings if matches!(self.value, Value::Hash(_)) => {
                let (field, value) = (reader.text(limit)?, reader.text(limit)?);
                self.add([field, value])?;
            }
            Form::Strings => self.add([reader.text(limit)?])?,
            Form::Ziplists => self.add(ziplist(&reader.text(limit)?)?)?,
            Form::Nodes => {
                let plain = match reader.length()? {
                    1 => true,
                    2 => false,
                    _ => return Err(LoadError::Corrupt("a list node").into()),
                };
                let node = reader.text(limit)?;
                if plain { self.add([node])? } else { self.add(listpack(&node)?)? }
            }
            Form::Blob(kind) => {
                let blob = reader.text(limit)?;
                match kind {
                    SET_INTSET => self.add(intset(&blob)?)?,
                    SET_LISTPACK | HASH_LISTPACK => self.add(listpack(&blob)?)?,
                    _ => self.add(ziplist(&blob)?)?,
                }
            }
        }
        self.left -= 1;
        Ok(true)
    }

    /// Estimated bytes so far.
    pub(super) fn memory(&self) -> u64 {
        self.value.heap()
    }

    pub(super) fn finish(self) -> Value {
        self.value
    }

    fn add<'a>(&mut self, strings: impl IntoIterator<Item = Cow<'a, [u8]>>) -> Result<(), LoadError> {
        let mut strings = strings.into_iter();
        while let Some(string) = strings.next() {
            let new = match &mut self.value {
                Value::List(list) => {
                    list.push_back(&string);
                    true
                }
                Value::Set(set) => set.insert(&string),
                Value::Hash(hash) => {
                    let value = strings.next().ok_or(LoadError::Corrupt("a field without a value"))?;
                    hash.set(&string, &value)
                }
            };
            if !new {
                return Err(LoadError::Corrupt("the same element twice"));
            }
        }
        Ok(())
    }
}

fn unsupported(kind: u8) -> LoadError {
    LoadError::Unsupported(match kind {
        3 | 5 | 12 | 17 => "sorted sets",
        15 | 19 | 21 => "streams",
        6 | 7 => "module values",
        9 => "zipmaps",
        _ => "values of an unknown type",
    })
}
