//! Sorting of a handful of things, or of what is nearly in order: the library's sort has kilobytes of code for every type, which a
//! page that is loaded over a slow line feels more than six members in the wrong order.

/// Sorts; equal elements keep their order.
pub fn sort<T: Ord>(things: &mut [T]) {
    sort_by(things, |a, b| a < b);
}

/// Sorts by a key; elements of the same key keep their order.
pub fn sort_by_key<T, K: Ord>(things: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(things, |a, b| key(a) < key(b));
}

/// Sorts by what is less; elements of which neither is less keep their order.
pub fn sort_by<T>(things: &mut [T], less: impl Fn(&T, &T) -> bool) {
    for end in 1..things.len() {
        for at in (1..=end).rev() {
            if !less(&things[at], &things[at - 1]) {
                break;
            }
            things.swap(at, at - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn equal_keys_keep_their_order() {
        let mut things = [(3, 'a'), (1, 'b'), (3, 'c'), (2, 'd'), (1, 'e')];
        sort_by_key(&mut things, |&(key, _)| key);
        assert_eq!(things, [(1, 'b'), (1, 'e'), (2, 'd'), (3, 'a'), (3, 'c')]);
    }

    #[test]
    fn every_order_is_mended() {
        for seed in 0..200_u64 {
            let mut things: Vec<u64> = (0..seed % 23).map(|n| (n * 7919 + seed * 104_729) % 17).collect();
            let mut by_library = things.clone();
            by_library.sort_unstable();
            sort(&mut things);
            assert_eq!(things, by_library);
        }
    }
}
