//! A fingerprint of the data: equal data give equal digests on every node, whatever their history.

use super::entry::{Entry, View};
use super::hasher::Seed;
use super::{Db, Keyspace};

const LOW: Seed = Seed::fixed(0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344);
const HIGH: Seed = Seed::fixed(0xa409_3822_299f_31d1, 0x082e_fa98_ec4e_6c89);

impl Keyspace {
    /// 128 bits over every key with its database, value and expiry, in any order. Not for secrets: its keys are
    /// known. Walks all data.
    pub fn digest(&self) -> u128 {
        let dbs = self.dbs().iter().zip(0u64..);
        dbs.fold(0, |sum, (db, number)| sum.wrapping_add(of_db(db, number)))
    }
}

fn of_db(db: &Db, number: u64) -> u128 {
    let entries = (0..db.len()).filter_map(|i| db.at(i)).map(|at| of_entry(db.entry(at), number));
    entries.fold(0, u128::wrapping_add)
}

fn of_entry(entry: &Entry, db: u64) -> u128 {
    let key = of_bytes(entry.key());
    let value = match entry.view() {
        View::Text(text) => of_bytes(text),
        View::List(list) => list.iter_from(0).fold(1, |sum, element| join(sum, of_bytes(element))),
        View::Hash(hash) => hash
            .iter()
            .fold(2, |sum: u128, (field, value)| sum.wrapping_add(join(of_bytes(field), of_bytes(value)))),
        View::Set(set) => set.iter().fold(3, |sum: u128, member| sum.wrapping_add(member.with(of_bytes))),
    };
    join(join(key, value), u128::from(entry.expire) << 64 | u128::from(db))
}

fn of_bytes(bytes: &[u8]) -> u128 {
    u128::from(HIGH.hash(bytes)) << 64 | u128::from(LOW.hash(bytes))
}

/// A hash of two hashes in this order.
fn join(a: u128, b: u128) -> u128 {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&a.to_le_bytes());
    bytes[16..].copy_from_slice(&b.to_le_bytes());
    of_bytes(&bytes)
}
