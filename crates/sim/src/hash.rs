//! The trace: one running hash over everything that happens, equal on every target (I26).

use primacy_core::rng::mix;
use serde::{Deserialize, Serialize};

/// 128 bits that stand for all events so far, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    lanes: [u64; 2],
    events: u64,
}

/// Where the four ways of [`Trace::bytes`] begin: the square roots of 5, 7, 11 and 13, as far as 64 bits hold their fractions.
const WAYS: [u64; 4] =
    [0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1, 0x510e_527f_ade6_82d1, 0x9b05_688c_2b3e_6c1f];

impl Default for Trace {
    fn default() -> Self {
        Self { lanes: [0x6a09_e667_f3bc_c908, 0xbb67_ae85_84ca_a73b], events: 0 }
    }
}

impl Trace {
    /// Begins an event: its time in nanoseconds and a tag for its kind.
    pub fn event(&mut self, at: u64, tag: u8) {
        self.events += 1;
        self.word(at);
        self.word(u64::from(tag));
    }

    /// Adds one number.
    pub fn word(&mut self, word: u64) {
        let [a, b] = self.lanes;
        self.lanes =
            [mix(a ^ word), (b ^ word.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31)];
    }

    /// Adds bytes and their length. Longer ones go four words at a time, each along a way of its own: one way would wait for its
    /// own last word at every step, and most of what is hashed are these.
    pub fn bytes(&mut self, bytes: &[u8]) {
        let mut blocks = bytes.chunks_exact(32);
        if bytes.len() >= 32 {
            let mut ways = WAYS;
            for block in &mut blocks {
                for (way, word) in ways.iter_mut().zip(block.chunks_exact(8)) {
                    let word = u64::from_le_bytes(word.try_into().unwrap_or_default());
                    *way = (*way ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31);
                }
            }
            ways.into_iter().for_each(|way| self.word(way));
        }
        let mut chunks = blocks.remainder().chunks_exact(8);
        for chunk in &mut chunks {
            self.word(u64::from_le_bytes(chunk.try_into().unwrap_or_default()));
        }
        let mut tail = [0; 8];
        tail[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
        self.word(u64::from_le_bytes(tail));
        self.word(bytes.len() as u64);
    }

    /// How many events it stands for.
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// 32 hexadecimal digits.
    pub fn digest(&self) -> String {
        format!("{:016x}{:016x}", mix(self.lanes[0]), mix(self.lanes[1] ^ self.lanes[0]))
    }
}

/// Counter-based randomness: a number that depends on nothing but its arguments, so that taking a fault
/// out of a plan does not reshuffle the rest (`failover.md` §4.2, rule 1).
pub fn draw(seed: u64, a: u64, b: u64, c: u64) -> u64 {
    let x = mix(seed ^ a.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let x = mix(x ^ b.wrapping_mul(0xc2b2_ae3d_27d4_eb4f));
    mix(x ^ c.wrapping_mul(0x1656_67b1_9e37_79f9))
}

/// [`draw`], brought below `n`.
pub fn draw_below(seed: u64, a: u64, b: u64, c: u64, n: u64) -> u64 {
    high(draw(seed, a, b, c), n)
}

/// The upper half of a product, by halves: a browser has no multiplication of 128 bits.
const fn high(a: u64, b: u64) -> u64 {
    const LOW: u64 = 0xffff_ffff;
    let middle = (a >> 32) * (b & LOW) + (((a & LOW) * (b & LOW)) >> 32);
    let other = (a & LOW) * (b >> 32) + (middle & LOW);
    (a >> 32) * (b >> 32) + (middle >> 32) + (other >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_length_count() {
        let hash = |parts: &[&[u8]]| {
            let mut trace = Trace::default();
            parts.iter().for_each(|part| trace.bytes(part));
            trace.digest()
        };
        assert_ne!(hash(&[b"ab", b"c"]), hash(&[b"a", b"bc"]));
        assert_ne!(hash(&[b"a", b"b"]), hash(&[b"b", b"a"]));
        assert_ne!(hash(&[b"a\0"]), hash(&[b"a"]));
        let long = *b"one word after the other, each along one of four ways, and a rest";
        let swapped = |a: usize, b: usize| {
            let mut other = long;
            (0..8).for_each(|n| other.swap(a + n, b + n));
            hash(&[&other])
        };
        assert!([(0, 8), (0, 32), (16, 56)].into_iter().all(|(a, b)| swapped(a, b) != hash(&[&long])));
    }

    #[test]
    fn a_products_upper_half_is_that_of_128_bits() {
        let numbers = [0, 1, 7, u64::from(u32::MAX), 1 << 32, u64::MAX, draw(1, 2, 3, 4), draw(5, 6, 7, 8)];
        for (a, b) in numbers.iter().flat_map(|a| numbers.iter().map(move |b| (*a, *b))) {
            assert_eq!(u128::from(high(a, b)), (u128::from(a) * u128::from(b)) >> 64);
        }
    }

    #[test]
    fn draws_stay_below() {
        assert!((0..1000).all(|c| draw_below(1, 2, 3, c, 7) < 7));
    }
}
