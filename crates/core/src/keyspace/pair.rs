use alloc::vec::Vec;
use core::fmt;

/// Longest key and value kept in place, together in bytes.
const INLINE: usize = 45;

/// A key and a string value, short ones in place and long ones in one allocation: 48 bytes on a 64-bit target.
#[derive(Clone)]
pub(crate) struct Pair(Repr);

#[derive(Clone)]
enum Repr {
    Inline { key: u8, value: u8, data: [u8; INLINE] },
    Heap { key: u32, data: Vec<u8> },
}

impl Pair {
    pub(crate) fn new(key: &[u8], value: &[u8]) -> Self {
        let total = key.len() + value.len();
        if total <= INLINE {
            let mut data = [0; INLINE];
            data[..key.len()].copy_from_slice(key);
            data[key.len()..total].copy_from_slice(value);
            return Self(Repr::Inline { key: short(key.len()), value: short(value.len()), data });
        }
        let mut data = Vec::with_capacity(total);
        data.extend_from_slice(key);
        data.extend_from_slice(value);
        Self(Repr::Heap { key: u32::try_from(key.len()).unwrap_or(u32::MAX), data })
    }

    #[inline]
    pub(crate) fn key(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline { key, data, .. } => &data[..usize::from(*key)],
            Repr::Heap { key, data } => &data[..*key as usize],
        }
    }

    #[inline]
    pub(crate) fn value(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline { key, value, data } => {
                &data[usize::from(*key)..usize::from(*key) + usize::from(*value)]
            }
            Repr::Heap { key, data } => &data[*key as usize..],
        }
    }

    #[inline]
    pub(crate) fn set_value(&mut self, new: &[u8]) {
        match &mut self.0 {
            Repr::Inline { key, value, data } => {
                let start = usize::from(*key);
                if let Some(place) = data.get_mut(start..start + new.len()) {
                    place.copy_from_slice(new);
                    *value = short(new.len());
                    return;
                }
            }
            Repr::Heap { key, data } => {
                let start = *key as usize;
                let total = start + new.len();
                if total > INLINE && total >= data.capacity() / 2 {
                    data.truncate(start);
                    data.reserve_exact(new.len());
                    data.extend_from_slice(new);
                    return;
                }
            }
        }
        *self = Self::new(self.key(), new);
    }

    /// Lets `change` edit the value where it lies; the bytes before `start` (the second argument) are the key.
    pub(crate) fn edit<R>(&mut self, change: impl FnOnce(&mut Vec<u8>, usize) -> R) -> R {
        if let Repr::Heap { key, data } = &mut self.0 {
            return change(data, *key as usize);
        }
        let start = self.key().len();
        let mut data = Vec::with_capacity(INLINE + INLINE);
        data.extend_from_slice(self.key());
        data.extend_from_slice(self.value());
        let result = change(&mut data, start);
        *self = if data.len() <= INLINE {
            Self::new(&data[..start], &data[start..])
        } else {
            Self(Repr::Heap { key: u32::try_from(start).unwrap_or(u32::MAX), data })
        };
        result
    }

    /// Bytes outside the value itself.
    #[inline]
    pub(crate) fn heap(&self) -> u64 {
        match &self.0 {
            Repr::Inline { .. } => 0,
            Repr::Heap { data, .. } => data.len() as u64 + 16,
        }
    }
}

fn short(len: usize) -> u8 {
    u8::try_from(len).unwrap_or(0)
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.key().escape_ascii(), self.value().escape_ascii())
    }
}

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Pair>() == 48);
