//! The x87 `long double` of INCRBYFLOAT and HINCRBYFLOAT in integers: 64 bits of mantissa, rounded to nearest even
//! wherever Redis's C library rounds. So the digits are the same as Redis's on every target.

use alloc::vec::Vec;

use super::bignum::Bignum;

/// Largest exponent of a finite value, counted at the mantissa's lowest bit.
const EXP_MAX: i64 = 16384 - 64;
/// Smallest one; Redis refuses what is rounded to zero.
const EXP_MIN: i64 = -16445;
/// Longest text read, in bytes (Redis: `MAX_LONG_DOUBLE_CHARS`).
const TEXT_MAX: usize = 5 * 1024;
/// Digits after the point.
const FRACTION: u32 = 17;

/// `mantissa × 2^exp`. The mantissa has its highest bit set, but for zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LongDouble {
    negative: bool,
    mantissa: u64,
    exp: i64,
    infinite: bool,
}

impl LongDouble {
    pub(super) const ZERO: Self = Self { negative: false, mantissa: 0, exp: 0, infinite: false };

    /// Reads a decimal number or infinity; `None` for anything else, for NaN and for what does not fit.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        if text.len() >= TEXT_MAX {
            return None;
        }
        let (negative, rest) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, text),
        };
        if rest.eq_ignore_ascii_case(b"inf") || rest.eq_ignore_ascii_case(b"infinity") {
            return Some(Self { negative, infinite: true, ..Self::ZERO });
        }
        let (digits, exp10) = decimal(rest)?;
        let value = if digits.iter().all(|&d| d == 0) { Self::ZERO } else { from_decimal(&digits, exp10)? };
        Some(Self { negative, ..value })
    }

    pub(super) fn add(self, other: Self) -> Self {
        if self.infinite || other.infinite {
            return Self { infinite: true, ..Self::ZERO };
        }
        if self.mantissa == 0 {
            return other;
        }
        if other.mantissa == 0 {
            return self;
        }
        let (big, small) = if self.exp >= other.exp { (self, other) } else { (other, self) };
        let distance = u32::try_from(big.exp - small.exp).unwrap_or(u32::MAX);
        // 62 spare bits below, and what falls off them is kept as one sticky bit.
        let (x, y) = (u128::from(big.mantissa) << 62, u128::from(small.mantissa) << 62);
        let shifted = y.checked_shr(distance).unwrap_or(0);
        let lost = shifted.checked_shl(distance).unwrap_or(0) != y;
        let y = shifted | u128::from(lost);
        let (negative, sum) = if big.negative == small.negative {
            (big.negative, x + y)
        } else if x >= y {
            (big.negative, x - y)
        } else {
            (small.negative, y - x)
        };
        if sum == 0 {
            return Self::ZERO;
        }
        Self { negative, ..round(sum, big.exp - 62) }
    }

    /// At most 17 digits after the point, no zeros at the end; `None` for infinity.
    pub(super) fn format(self) -> Option<Vec<u8>> {
        if self.infinite {
            return None;
        }
        let scale = 10u128.pow(FRACTION);
        let mut out = Vec::new();
        if let Ok(shift) = u32::try_from(self.exp) {
            out = Bignum::from_u64(self.mantissa).shl(shift as usize).decimal();
        } else {
            let scaled = shift_rounded(
                u128::from(self.mantissa) * scale,
                u32::try_from(-self.exp).unwrap_or(u32::MAX),
            );
            let (whole, fraction) = (scaled / scale, scaled % scale);
            push_decimal(&mut out, whole);
            if fraction > 0 {
                let mut digits = Vec::new();
                push_decimal(&mut digits, fraction + scale);
                digits[0] = b'.';
                while digits.last() == Some(&b'0') {
                    digits.pop();
                }
                out.append(&mut digits);
            }
        }
        if self.negative && out != b"0" {
            out.insert(0, b'-');
        }
        Some(out)
    }
}

/// Digits (0 to 9) and the power of ten of the last one.
fn decimal(text: &[u8]) -> Option<(Vec<u8>, i64)> {
    let mut digits = Vec::new();
    let mut exp = 0i64;
    let mut point = false;
    let mut rest = text;
    loop {
        match rest {
            [d @ b'0'..=b'9', tail @ ..] => {
                digits.push(d - b'0');
                exp -= i64::from(point);
                rest = tail;
            }
            [b'.', tail @ ..] if !point => {
                point = true;
                rest = tail;
            }
            _ => break,
        }
    }
    if digits.is_empty() {
        return None;
    }
    match rest {
        [] => {}
        [b'e' | b'E', tail @ ..] => exp = exp.saturating_add(exponent(tail)?),
        _ => return None,
    }
    Some((digits, exp))
}

fn exponent(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let n = digits.iter().fold(0i64, |n, d| n.saturating_mul(10).saturating_add(i64::from(d - b'0')));
    Some(if negative { -n } else { n })
}

fn from_decimal(digits: &[u8], exp10: i64) -> Option<LongDouble> {
    let mut n = Bignum::from_u64(0);
    digits.iter().for_each(|&d| n.mul_add(10, u32::from(d)));
    // 10^5000 is beyond the largest value whatever the digits are; the text is no longer than that.
    let exp10 = i32::try_from(exp10).ok().filter(|exp| exp.abs() <= 12_000)?;
    let power = exp10.unsigned_abs();
    let value = if exp10 >= 0 {
        (0..power).for_each(|_| n.mul_add(10, 0));
        let (top, sticky) = n.top(126);
        round(top | u128::from(sticky), exponent_of(n.bits()) - 126)
    } else {
        let mut divisor = Bignum::from_u64(1);
        (0..power).for_each(|_| divisor.mul_add(10, 0));
        let (quotient, shift, rest) = n.divide(&divisor, 66);
        round(quotient << 1 | u128::from(rest), shift - 1)
    };
    (!value.infinite && value.exp >= EXP_MIN).then_some(value)
}

fn exponent_of(bits: usize) -> i64 {
    i64::try_from(bits).unwrap_or(i64::MAX)
}

/// Rounds `n × 2^exp` to 64 bits; `n` is not 0, and its lowest bit may stand for all below.
fn round(n: u128, exp: i64) -> LongDouble {
    let bits = 128 - n.leading_zeros();
    let (mantissa, exp) = if bits <= 64 {
        (n << (64 - bits), exp - i64::from(64 - bits))
    } else {
        (shift_rounded(n, bits - 64), exp + i64::from(bits - 64))
    };
    let (mantissa, exp) = if mantissa >> 64 == 0 { (mantissa, exp) } else { (mantissa >> 1, exp + 1) };
    let mantissa = u64::try_from(mantissa).unwrap_or(u64::MAX);
    LongDouble { negative: false, mantissa, exp, infinite: exp > EXP_MAX }
}

/// `n / 2^shift`, to nearest, ties to even.
fn shift_rounded(n: u128, shift: u32) -> u128 {
    if shift == 0 {
        return n;
    }
    let Some(low) = n.checked_shr(shift) else { return 0 };
    let rest = n - (low << shift);
    let half = 1u128 << (shift - 1);
    low + u128::from(rest > half || (rest == half && low & 1 == 1))
}

fn push_decimal(out: &mut Vec<u8>, mut n: u128) {
    let start = out.len();
    loop {
        out.push(b'0' + u8::try_from(n % 10).unwrap_or(0));
        n /= 10;
        if n == 0 {
            break;
        }
    }
    out[start..].reverse();
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;

    fn sum(a: &str, b: &str) -> Option<String> {
        let (a, b) = (LongDouble::parse(a.as_bytes())?, LongDouble::parse(b.as_bytes())?);
        String::from_utf8(a.add(b).format()?).ok()
    }

    #[test]
    fn sums_are_those_of_redis() {
        // Each was asked of redis-server 7.0.15.
        for (a, b, want) in [
            ("10.50", "0.1", "10.6"),
            ("0.1", "0.2", "0.3"),
            ("5.0e3", "2.0e2", "5200"),
            ("3", "-3", "0"),
            ("1", "-1.5", "-0.5"),
            ("1e20", "1", "100000000000000000000"),
            ("1e-15", "1e-16", "0.0000000000000011"),
            ("123456789.123456789", "0.000000001", "123456789.12345678999554366"),
        ] {
            assert_eq!(sum(a, b).as_deref(), Some(want), "{a} + {b}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "abc", "1e", "1.2.3", " 1", "1 ", "nan", "1e99999", "1e-99999", ".", "e5", "0x1g"] {
            assert_eq!(LongDouble::parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(sum("inf", "1"), None);
    }
}
