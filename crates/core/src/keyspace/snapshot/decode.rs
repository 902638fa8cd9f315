//! Reading lengths and strings from what has arrived so far.

use alloc::borrow::Cow;

use super::load::LoadError;
use super::lzf;
use crate::resp::{DIGITS, format_i64};

/// Why reading stopped.
#[derive(Debug)]
pub(super) enum Stop {
    /// At least so many bytes are wanted, from where the reader began.
    More(usize),
    /// The file is wrong.
    Wrong(LoadError),
}

impl From<LoadError> for Stop {
    fn from(error: LoadError) -> Self {
        Self::Wrong(error)
    }
}

/// A number, or the mark of an encoded string.
pub(super) enum Length {
    Plain(u64),
    Encoded(u8),
}

/// A cursor over the bytes that have arrived.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8], Stop> {
        let end = self.at.checked_add(len).ok_or(LoadError::Corrupt("a length beyond all bounds"))?;
        let taken = self.bytes.get(self.at..end).ok_or(Stop::More(end))?;
        self.at = end;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        let taken = self.take(N)?;
        Ok(taken.try_into().unwrap_or([0; N]))
    }

    pub(super) fn byte(&mut self) -> Result<u8, Stop> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    pub(super) fn length_or_encoding(&mut self) -> Result<Length, Stop> {
        let first = self.byte()?;
        Ok(match first >> 6 {
            0 => Length::Plain(u64::from(first)),
            1 => Length::Plain(u64::from(first & 0x3f) << 8 | u64::from(self.byte()?)),
            2 if first == 0x80 => Length::Plain(u64::from(u32::from_be_bytes(self.array()?))),
            2 if first == 0x81 => Length::Plain(u64::from_be_bytes(self.array()?)),
            2 => return Err(LoadError::Corrupt("an unknown form of a length").into()),
            _ => Length::Encoded(first & 0x3f),
        })
    }

    pub(super) fn length(&mut self) -> Result<u64, Stop> {
        match self.length_or_encoding()? {
            Length::Plain(n) => Ok(n),
            Length::Encoded(_) => Err(LoadError::Corrupt("a string where a number belongs").into()),
        }
    }

    /// A string; `limit` is the most bytes it may decompress to.
    pub(super) fn text(&mut self, limit: u64) -> Result<Cow<'a, [u8]>, Stop> {
        let integer = |n: i64| Ok(Cow::Owned(format_i64(n, &mut [0; DIGITS]).to_vec()));
        match self.length_or_encoding()? {
            Length::Plain(len) => self.take(size(len)?).map(Cow::Borrowed),
            Length::Encoded(0) => integer(i8::from_le_bytes(self.array()?).into()),
            Length::Encoded(1) => integer(i16::from_le_bytes(self.array()?).into()),
            Length::Encoded(2) => integer(i32::from_le_bytes(self.array()?).into()),
            Length::Encoded(3) => {
                let (packed, len) = (size(self.length()?)?, self.length()?);
                let packed = self.take(packed)?;
                if len > limit {
                    return Err(LoadError::Memory.into());
                }
                let text =
                    lzf::decompress(packed, size(len)?).ok_or(LoadError::Corrupt("a compressed string"))?;
                Ok(Cow::Owned(text))
            }
            Length::Encoded(_) => Err(LoadError::Corrupt("an unknown form of a string").into()),
        }
    }
}

fn size(n: u64) -> Result<usize, Stop> {
    usize::try_from(n).map_err(|_| LoadError::Corrupt("a length beyond all bounds").into())
}
