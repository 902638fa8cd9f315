use alloc::boxed::Box;
use core::fmt;

/// Longest string kept in place, in bytes.
const INLINE: usize = 22;

/// A byte string that keeps short content in place: 24 bytes on a 64-bit target.
#[derive(Clone)]
pub struct Bytes(Repr);

#[derive(Clone)]
enum Repr {
    Inline { len: u8, data: [u8; INLINE] },
    Heap(Box<[u8]>),
}

impl Bytes {
    /// A copy of `bytes`.
    pub fn new(bytes: &[u8]) -> Self {
        match u8::try_from(bytes.len()) {
            Ok(len) if bytes.len() <= INLINE => {
                let mut data = [0; INLINE];
                data[..bytes.len()].copy_from_slice(bytes);
                Self(Repr::Inline { len, data })
            }
            _ => Self(Repr::Heap(bytes.into())),
        }
    }

    /// The content.
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline { len, data } => &data[..usize::from(*len)],
            Repr::Heap(bytes) => bytes,
        }
    }

    /// Bytes outside the value itself.
    pub(crate) fn heap(len: usize) -> u64 {
        if len <= INLINE { 0 } else { len as u64 + 16 }
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_slice().escape_ascii())
    }
}

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Bytes>() == 24);
