//! Just enough arithmetic on large natural numbers to convert between binary and decimal exactly.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// A natural number; 32 bits a word, the lowest first, no zero word at the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bignum(Vec<u32>);

impl Bignum {
    pub(super) fn from_u64(n: u64) -> Self {
        let mut words = Self(alloc::vec![low(n), low(n >> 32)]);
        words.trim();
        words
    }

    /// `self × factor + addend`, in place.
    pub(super) fn mul_add(&mut self, factor: u32, addend: u32) {
        let mut carry = u64::from(addend);
        for word in &mut self.0 {
            let product = u64::from(*word) * u64::from(factor) + carry;
            *word = low(product);
            carry = product >> 32;
        }
        if carry > 0 {
            self.0.push(low(carry));
        }
    }

    /// Number of bits.
    pub(super) fn bits(&self) -> usize {
        self.0.last().map_or(0, |top| self.0.len() * 32 - top.leading_zeros() as usize)
    }

    pub(super) fn shl(&self, bits: usize) -> Self {
        let mut words = alloc::vec![0; bits / 32];
        let shift = bits % 32;
        let mut carry = 0;
        for &word in &self.0 {
            let wide = u64::from(word) << shift;
            words.push(low(wide) | carry);
            carry = low(wide >> 32);
        }
        words.push(carry);
        let mut shifted = Self(words);
        shifted.trim();
        shifted
    }

    /// The `count` (at most 127) highest bits as a number of that many bits, zeros appended to a shorter one; and
    /// whether any bit below is set.
    pub(super) fn top(&self, count: usize) -> (u128, bool) {
        let bits = self.bits();
        let mut top = 0u128;
        for i in 0..count {
            top = top << 1 | u128::from(i < bits && self.bit(bits - 1 - i));
        }
        let sticky = (count..bits).any(|i| self.bit(bits - 1 - i));
        (top, sticky)
    }

    /// `quotient × 2^shift` with at least `count` bits in the quotient, and whether there is a remainder.
    pub(super) fn divide(&self, divisor: &Self, count: usize) -> (u128, i64, bool) {
        // The dividend gets as many bits as the divisor and `count` more.
        let want = divisor.bits() + count;
        let shift = want.saturating_sub(self.bits());
        let mut rest = self.shl(shift);
        let steps = rest.bits() + 1 - divisor.bits();
        let kept = steps.min(127);
        let mut quotient = 0u128;
        let mut subtrahend = divisor.shl(steps);
        for _ in 0..kept {
            subtrahend.halve();
            quotient <<= 1;
            if rest.compare(&subtrahend) != Ordering::Less {
                rest.subtract(&subtrahend);
                quotient |= 1;
            }
        }
        let exp = i64::try_from(steps - kept).unwrap_or(0) - i64::try_from(shift).unwrap_or(0);
        (quotient, exp, !rest.0.is_empty())
    }

    /// Its decimal digits.
    pub(super) fn decimal(mut self) -> Vec<u8> {
        let mut out = Vec::new();
        loop {
            let mut rest = 0u64;
            for word in self.0.iter_mut().rev() {
                let wide = rest << 32 | u64::from(*word);
                *word = low(wide / 10);
                rest = wide % 10;
            }
            self.trim();
            out.push(b'0' + u8::try_from(rest).unwrap_or(0));
            if self.0.is_empty() {
                break;
            }
        }
        out.reverse();
        out
    }

    fn bit(&self, i: usize) -> bool {
        self.0.get(i / 32).is_some_and(|word| word >> (i % 32) & 1 == 1)
    }

    fn halve(&mut self) {
        let mut carry = 0;
        for word in self.0.iter_mut().rev() {
            let next = *word << 31;
            *word = *word >> 1 | carry;
            carry = next;
        }
        self.trim();
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }

    /// `other` must not be larger.
    fn subtract(&mut self, other: &Self) {
        let mut borrow = false;
        for (i, word) in self.0.iter_mut().enumerate() {
            let (a, under) = word.overflowing_sub(other.0.get(i).copied().unwrap_or(0));
            let (b, again) = a.overflowing_sub(u32::from(borrow));
            *word = b;
            borrow = under || again;
        }
        self.trim();
    }

    fn trim(&mut self) {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low word is what is meant")]
fn low(n: u64) -> u32 {
    n as u32
}
