//! A fast keyed hash in safe code: 16 bytes a round, each folded by a 128-bit product (as wyhash, foldhash).

use crate::rng::Rng;

/// The key of the hash, secret to the process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seed {
    a: u64,
    b: u64,
}

impl Seed {
    pub(crate) fn new(rng: &mut Rng) -> Self {
        Self { a: rng.next_u64() | 1, b: rng.next_u64() }
    }

    /// The same on every node, for digests.
    pub(crate) const fn fixed(a: u64, b: u64) -> Self {
        Self { a, b }
    }

    #[inline]
    pub(crate) fn hash(self, bytes: &[u8]) -> u64 {
        let mut state = self.a;
        let mut rest = bytes;
        while let Some((chunk, tail)) = rest.split_first_chunk::<16>() {
            if tail.is_empty() {
                break;
            }
            let (x, y) = halves(chunk);
            state = fold(x ^ state, y ^ self.b);
            rest = tail;
        }
        let (x, y) = last(rest);
        // The length comes last: beside the words it could cancel out against them.
        fold(fold(x ^ state, y ^ self.b), self.a ^ 0x9e37_79b9_7f4a_7c15 ^ bytes.len() as u64)
    }
}

/// The last 1 to 16 bytes as two words that overlap; nothing is lost, and the length is in the state.
#[inline]
fn last(rest: &[u8]) -> (u64, u64) {
    if let (Some(head), Some(tail)) = (rest.first_chunk::<8>(), rest.last_chunk::<8>()) {
        return (u64::from_le_bytes(*head), u64::from_le_bytes(*tail));
    }
    if let (Some(head), Some(tail)) = (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        return (u64::from(u32::from_le_bytes(*head)), u64::from(u32::from_le_bytes(*tail)));
    }
    match *rest {
        [] => (0, 0),
        [a] => (u64::from(a), 0),
        [a, b] => (u64::from(a), u64::from(b)),
        [a, b, c, ..] => (u64::from(a) | u64::from(b) << 8, u64::from(c)),
    }
}

#[inline]
fn halves(chunk: &[u8; 16]) -> (u64, u64) {
    let n = u128::from_le_bytes(*chunk);
    (low(n), low(n >> 64))
}

#[inline]
fn fold(x: u64, y: u64) -> u64 {
    let product = u128::from(x) * u128::from(y);
    low(product) ^ low(product >> 64)
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the low half is what is meant")]
fn low(n: u128) -> u64 {
    n as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::vec::Vec;

    #[test]
    fn short_and_similar_inputs_hash_apart() {
        let seed = Seed::new(&mut Rng::from_u64(1));
        let mut seen = BTreeSet::new();
        for len in 0..64usize {
            for bit in 0..len * 8 {
                let mut input: Vec<u8> = std::vec![0; len];
                input[bit / 8] = 1 << (bit % 8);
                assert!(seen.insert(seed.hash(&input)));
            }
        }
    }
}
