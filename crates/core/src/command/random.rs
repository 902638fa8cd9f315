//! Choosing at random among the positions of a set or a hash.

use alloc::vec::Vec;

use crate::rng::Rng;

/// Most elements that one command with a negative count answers, since they repeat without end.
pub(super) const REPEATED_MAX: i64 = 16 * 1024 * 1024;

/// A position below `len`, which is not 0.
pub(super) fn one(rng: &mut Rng, len: usize) -> usize {
    usize::try_from(rng.below(len as u64)).unwrap_or(0)
}

/// `count` positions below `len`, each with the same chance, repeated or not.
pub(super) fn repeated(rng: &mut Rng, len: usize, count: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |_| one(rng, len))
}

/// `count` different positions below `len`, or all of them.
pub(super) fn distinct(rng: &mut Rng, len: usize, count: usize) -> Vec<usize> {
    if count >= len {
        return (0..len).collect();
    }
    if count * 4 > len {
        let mut all: Vec<usize> = (0..len).collect();
        for i in 0..count {
            let other = i + one(rng, len - i);
            all.swap(i, other);
        }
        all.truncate(count);
        return all;
    }
    // Floyd's method: few picks, each tried once.
    let mut picked = alloc::collections::BTreeSet::new();
    for top in len - count..len {
        let i = one(rng, top + 1);
        if !picked.insert(i) {
            picked.insert(top);
        }
    }
    picked.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinct_positions_are_distinct_and_as_many_as_asked() {
        let mut rng = Rng::from_u64(9);
        for (len, count) in [(1, 1), (10, 3), (10, 9), (1000, 5), (5, 100), (1000, 900)] {
            let mut picked = distinct(&mut rng, len, count);
            picked.sort_unstable();
            picked.dedup();
            assert_eq!(picked.len(), count.min(len));
            assert!(picked.iter().all(|&i| i < len));
        }
    }
}
