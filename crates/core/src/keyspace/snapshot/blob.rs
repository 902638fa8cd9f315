//! Redis's compact values: listpack, ziplist and intset.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::load::LoadError;
use crate::resp::{DIGITS, format_i64};

type Strings<'a> = Result<Vec<Cow<'a, [u8]>>, LoadError>;

const LISTPACK: LoadError = LoadError::Corrupt("a listpack");
const ZIPLIST: LoadError = LoadError::Corrupt("a ziplist");
const INTSET: LoadError = LoadError::Corrupt("an intset");

/// Every string of a listpack.
pub(super) fn listpack(blob: &[u8]) -> Strings<'_> {
    let mut rest = Bytes(blob.get(6..).ok_or(LISTPACK)?);
    let mut strings = Vec::new();
    loop {
        let before = rest.0.len();
        let first = rest.byte().ok_or(LISTPACK)?;
        if first == 0xff {
            return if rest.0.is_empty() { Ok(strings) } else { Err(LISTPACK) };
        }
        let string = listpack_entry(first, &mut rest).ok_or(LISTPACK)?;
        let back = match before - rest.0.len() {
            0..=127 => 1,
            128..16_383 => 2,
            16_383..2_097_151 => 3,
            2_097_151..268_435_455 => 4,
            _ => 5,
        };
        rest.take(back).ok_or(LISTPACK)?;
        strings.push(string);
    }
}

fn listpack_entry<'a>(first: u8, rest: &mut Bytes<'a>) -> Option<Cow<'a, [u8]>> {
    Some(match first {
        0..=0x7f => integer(first.into()),
        0x80..=0xbf => Cow::Borrowed(rest.take(usize::from(first & 0x3f))?),
        0xc0..=0xdf => {
            let n = i64::from(first & 0x1f) << 8 | i64::from(rest.byte()?);
            integer(if n >= 1 << 12 { n - (1 << 13) } else { n })
        }
        0xe0..=0xef => {
            let len = usize::from(first & 0x0f) << 8 | usize::from(rest.byte()?);
            Cow::Borrowed(rest.take(len)?)
        }
        0xf0 => {
            let len = u32::from_le_bytes(rest.array()?);
            Cow::Borrowed(rest.take(usize::try_from(len).ok()?)?)
        }
        0xf1 => integer(i16::from_le_bytes(rest.array()?).into()),
        0xf2 => integer(int24(rest.array()?)),
        0xf3 => integer(i32::from_le_bytes(rest.array()?).into()),
        0xf4 => integer(i64::from_le_bytes(rest.array()?)),
        _ => return None,
    })
}

/// Every string of a ziplist, the older form.
pub(super) fn ziplist(blob: &[u8]) -> Strings<'_> {
    let mut rest = Bytes(blob.get(10..).ok_or(ZIPLIST)?);
    let mut strings = Vec::new();
    loop {
        match rest.byte().ok_or(ZIPLIST)? {
            0xff => return if rest.0.is_empty() { Ok(strings) } else { Err(ZIPLIST) },
            // The length of the one before; long ones have four bytes more.
            0xfe => drop(rest.take(4).ok_or(ZIPLIST)?),
            _ => {}
        }
        strings.push(ziplist_entry(&mut rest).ok_or(ZIPLIST)?);
    }
}

fn ziplist_entry<'a>(rest: &mut Bytes<'a>) -> Option<Cow<'a, [u8]>> {
    let first = rest.byte()?;
    Some(match first {
        0..=0x3f => Cow::Borrowed(rest.take(usize::from(first))?),
        0x40..=0x7f => {
            let len = usize::from(first & 0x3f) << 8 | usize::from(rest.byte()?);
            Cow::Borrowed(rest.take(len)?)
        }
        0x80 => {
            let len = u32::from_be_bytes(rest.array()?);
            Cow::Borrowed(rest.take(usize::try_from(len).ok()?)?)
        }
        0xc0 => integer(i16::from_le_bytes(rest.array()?).into()),
        0xd0 => integer(i32::from_le_bytes(rest.array()?).into()),
        0xe0 => integer(i64::from_le_bytes(rest.array()?)),
        0xf0 => integer(int24(rest.array()?)),
        0xfe => integer(i8::from_le_bytes(rest.array()?).into()),
        0xf1..=0xfd => integer(i64::from(first & 0x0f) - 1),
        _ => return None,
    })
}

/// Every number of an intset, as text.
pub(super) fn intset(blob: &[u8]) -> Strings<'_> {
    let mut rest = Bytes(blob);
    let width = rest.array().map(u32::from_le_bytes).ok_or(INTSET)?;
    let count = rest.array().map(u32::from_le_bytes).ok_or(INTSET)?;
    let mut strings = Vec::new();
    while !rest.0.is_empty() {
        let n = match width {
            2 => rest.array().map(|bytes| i16::from_le_bytes(bytes).into()),
            4 => rest.array().map(|bytes| i32::from_le_bytes(bytes).into()),
            8 => rest.array().map(i64::from_le_bytes),
            _ => None,
        };
        strings.push(integer(n.ok_or(INTSET)?));
    }
    if u32::try_from(strings.len()) == Ok(count) { Ok(strings) } else { Err(INTSET) }
}

fn integer(n: i64) -> Cow<'static, [u8]> {
    Cow::Owned(format_i64(n, &mut [0; DIGITS]).to_vec())
}

fn int24([a, b, c]: [u8; 3]) -> i64 {
    i64::from(i32::from_le_bytes([0, a, b, c]) >> 8)
}

struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(strings: Strings<'_>) -> Option<Vec<alloc::string::String>> {
        let text = |string: &Cow<'_, [u8]>| alloc::string::String::from_utf8_lossy(string).into_owned();
        strings.ok().map(|strings| strings.iter().map(text).collect())
    }

    #[test]
    fn the_ziplist_of_redis_s_own_comment_is_read() {
        // The example in Redis's ziplist.c: "2", "5", and then "Hello World" as described there.
        let two = b"\x0f\0\0\0\x0c\0\0\0\x02\0\0\xf3\x02\xf6\xff";
        assert_eq!(texts(ziplist(two)), Some(alloc::vec!["2".into(), "5".into()]));
        let three = b"\x1c\0\0\0\x0e\0\0\0\x03\0\0\xf3\x02\xf6\x02\x0bHello World\xff";
        assert_eq!(texts(ziplist(three)), Some(alloc::vec!["2".into(), "5".into(), "Hello World".into()]));
    }

    #[test]
    fn every_width_of_an_integer_is_read() {
        let list =
            b"\0\0\0\0\0\0\0\0\0\0\0\xfe\x80\x02\xc0\x00\x80\x03\xf0\x00\x00\x80\x04\xd0\xff\xff\xff\xff\x06\
            \xe0\x00\x00\x00\x00\x00\x00\x00\x80\xff";
        let want = ["-128", "-32768", "-8388608", "-1", "-9223372036854775808"].map(Into::into).to_vec();
        assert_eq!(texts(ziplist(list)), Some(want));
    }

    #[test]
    fn lists_cut_short_are_refused() {
        let list = b"\x1c\0\0\0\x0e\0\0\0\x03\0\0\xf3\x02\xf6\x02\x0bHello World\xff";
        assert!((0..list.len()).all(|len| ziplist(&list[..len]).is_err()));
        assert!((0..8).all(|len| intset(&b"\x02\0\0\0\x01\0\0\0\x05\0"[..len]).is_err()));
    }
}
