//! Which zone a node is placed in.

use alloc::vec::Vec;

use crate::id::Zone;

/// Zones for `count` nodes, the primary's first. Preferred zones are honoured as given; every further node goes
/// to the zone with the fewest nodes, on ties to another than the primary's, then by the order of `zones`. So
/// counts differ by at most one, and replicas stand in other zones than the primary (I27).
pub fn place(count: usize, zones: &[Zone], preferred: &[Zone]) -> Vec<Zone> {
    let mut placed: Vec<Zone> = preferred.iter().take(count).cloned().collect();
    let known = if zones.is_empty() { preferred } else { zones };
    while placed.len() < count {
        let fewest = known.iter().enumerate().min_by_key(|(order, zone)| {
            let here = placed.iter().filter(|z| z == zone).count();
            (here, placed.first() == Some(*zone), *order)
        });
        placed.push(fewest.map(|(_, zone)| zone.clone()).unwrap_or_default());
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    fn letters(count: usize, zones: &[&str], preferred: &[&str]) -> String {
        let own = |z: &[&str]| z.iter().map(|z| Zone::from(*z)).collect::<Vec<_>>();
        place(count, &own(zones), &own(preferred)).concat()
    }

    #[test]
    fn replicas_stand_in_other_zones_than_the_primary() {
        assert_eq!(letters(3, &["a", "b", "c"], &[]), "abc");
        assert_eq!(letters(3, &["a", "b"], &[]), "abb");
        assert_eq!(letters(6, &["a", "b", "c"], &[]), "abcbca");
    }

    #[test]
    fn counts_differ_by_at_most_one() {
        for count in 1..=6 {
            let placed = letters(count, &["a", "b", "c"], &[]);
            let counts = ["a", "b", "c"].map(|z| placed.matches(z).count());
            let (min, max) = (counts.iter().min(), counts.iter().max());
            assert!(max.zip(min).is_some_and(|(max, min)| max - min <= 1), "{placed}");
        }
    }

    #[test]
    fn preferred_zones_are_honoured() {
        assert_eq!(letters(3, &["a", "b", "c"], &["c", "c", "a"]), "cca");
        assert_eq!(letters(3, &["a", "b", "c"], &["b"]), "bac");
        assert_eq!(letters(2, &[], &[]), "");
    }
}
