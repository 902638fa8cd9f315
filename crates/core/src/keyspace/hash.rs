use super::hasher::Seed;
use super::packed::Packed;
use super::pair::Pair;
use super::table::Table;

/// Up to this many fields are kept packed (Redis: `hash-max-listpack-entries`).
const PACKED_FIELDS: usize = 128;
/// A longer field or value ends the packed form, in bytes (Redis: `hash-max-listpack-value`).
const PACKED_BYTES: usize = 64;

/// A hash: fields and their values.
#[derive(Clone, Debug)]
pub struct Hash {
    seed: Seed,
    repr: Repr,
}

#[derive(Clone, Debug)]
enum Repr {
    /// Field, value, field, value.
    Packed(Packed),
    Table(Table<Pair>),
}

impl Hash {
    pub(crate) fn new(seed: Seed) -> Self {
        Self { seed, repr: Repr::Packed(Packed::default()) }
    }

    /// Number of fields.
    pub fn len(&self) -> usize {
        match &self.repr {
            Repr::Packed(packed) => packed.len() / 2,
            Repr::Table(table) => table.items().len(),
        }
    }

    /// No field.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Redis's name for the form it is kept in.
    pub fn encoding(&self) -> &'static str {
        match &self.repr {
            Repr::Packed(_) => "listpack",
            Repr::Table(_) => "hashtable",
        }
    }

    pub(crate) fn heap(&self) -> u64 {
        match &self.repr {
            Repr::Packed(packed) => packed.size() as u64 + 64,
            Repr::Table(table) => table.heap() + 128,
        }
    }

    /// The value of a field.
    pub fn get(&self, field: &[u8]) -> Option<&[u8]> {
        match &self.repr {
            Repr::Packed(packed) => {
                let mut items = packed.iter();
                while let (Some(name), Some(value)) = (items.next(), items.next()) {
                    if name.bytes == field {
                        return Some(value.bytes);
                    }
                }
                None
            }
            Repr::Table(table) => table.find(field).map(|at| table.items()[at].value()),
        }
    }

    /// Sets a field; true if it is new.
    pub fn set(&mut self, field: &[u8], value: &[u8]) -> bool {
        self.fit(field.len().max(value.len()));
        let new = match &mut self.repr {
            Repr::Packed(packed) => set_packed(packed, field, value),
            Repr::Table(table) => match table.find(field) {
                Some(at) => {
                    table.edit(at, |pair| pair.set_value(value));
                    false
                }
                None => {
                    table.push(Pair::new(field, value));
                    true
                }
            },
        };
        if self.len() > PACKED_FIELDS {
            self.unpack();
        }
        new
    }

    /// Ends the packed form if a string of `len` bytes is about to come.
    pub fn fit(&mut self, len: usize) {
        if len > PACKED_BYTES {
            self.unpack();
        }
    }

    /// Removes a field; true if it was there.
    pub fn remove(&mut self, field: &[u8]) -> bool {
        match &mut self.repr {
            Repr::Packed(packed) => {
                let mut items = packed.iter();
                while let (Some(name), Some(value)) = (items.next(), items.next()) {
                    if name.bytes == field {
                        let (start, end) = (name.place().0, value.place().1);
                        packed.remove(start, end, 2);
                        return true;
                    }
                }
                false
            }
            Repr::Table(table) => table.find(field).map(|at| table.remove(at)).is_some(),
        }
    }

    /// Fields and values, in no order that means anything.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let (packed, table) = match &self.repr {
            Repr::Packed(packed) => (Some(packed), None),
            Repr::Table(table) => (None, Some(table)),
        };
        let pairs = packed.into_iter().flat_map(|packed| {
            let names = packed.iter().step_by(2);
            names.zip(packed.iter().skip(1).step_by(2)).map(|(name, value)| (name.bytes, value.bytes))
        });
        let items =
            table.into_iter().flat_map(|table| table.items().iter().map(|pair| (pair.key(), pair.value())));
        pairs.chain(items)
    }

    /// The field at a position below [`Hash::len`].
    pub fn nth(&self, at: usize) -> Option<(&[u8], &[u8])> {
        match &self.repr {
            Repr::Packed(packed) => Some((packed.get(2 * at)?.bytes, packed.get(2 * at + 1)?.bytes)),
            Repr::Table(table) => table.items().get(at).map(|pair| (pair.key(), pair.value())),
        }
    }

    /// Whether HSCAN answers it whole, as Redis does for the packed form.
    pub fn is_packed(&self) -> bool {
        matches!(self.repr, Repr::Packed(_))
    }

    fn unpack(&mut self) {
        if let Repr::Packed(packed) = &self.repr {
            let mut table = Table::new(self.seed);
            let mut items = packed.iter();
            while let (Some(name), Some(value)) = (items.next(), items.next()) {
                table.push(Pair::new(name.bytes, value.bytes));
            }
            self.repr = Repr::Table(table);
        }
    }
}

fn set_packed(packed: &mut Packed, field: &[u8], value: &[u8]) -> bool {
    let mut items = packed.iter();
    while let (Some(name), Some(old)) = (items.next(), items.next()) {
        if name.bytes == field {
            let place = old.place();
            packed.replace(place, value);
            return false;
        }
    }
    packed.push_back(field);
    packed.push_back(value);
    true
}
