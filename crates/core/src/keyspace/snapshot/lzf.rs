//! Strings that Redis compressed with LibLZF.

use alloc::vec::Vec;

/// Longest output reserved from the declared length at once; more comes as it is produced.
const RESERVE_MAX: usize = 64 * 1024;

/// Decompresses to exactly `len` bytes; `None` if the input says otherwise.
pub(super) fn decompress(mut input: &[u8], len: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(len.min(RESERVE_MAX));
    while let [control, rest @ ..] = input {
        let control = usize::from(*control);
        if control < 32 {
            let (literal, tail) = rest.split_at_checked(control + 1)?;
            out.extend_from_slice(literal);
            input = tail;
        } else {
            let (run, rest) = match (control >> 5, rest) {
                (7, [more, rest @ ..]) => (7 + usize::from(*more), rest),
                (7, []) => return None,
                (run, rest) => (run, rest),
            };
            let (low, tail) = rest.split_first()?;
            let back = ((control & 0x1f) << 8) + usize::from(*low) + 1;
            let from = out.len().checked_sub(back)?;
            // The copy may read what it has just written.
            for i in from..from + run + 2 {
                out.push(*out.get(i)?);
            }
            input = tail;
        }
        if out.len() > len {
            return None;
        }
    }
    (out.len() == len).then_some(out)
}
