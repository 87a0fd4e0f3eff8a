//! Random orders from a seed: a permutation, and one that is a single cycle.

use benchhost_support::random::Random;
use rand::RngExt;

/// Puts `items` into a random order, each order equally likely.
///
/// Source: Durstenfeld (1964), Commun. ACM 7(7), 420, algorithm 235.
pub(crate) fn shuffle<T>(items: &mut [T], rng: &mut Random) {
    for last in (1..items.len()).rev() {
        items.swap(last, rng.random_range(0..=last));
    }
}

/// A permutation of `0..length` that is one cycle: from any place, following `next[place]` comes by every other place
/// before it returns.
///
/// Source: Sattolo (1986), Inf. Process. Lett. 22(6), 315–317.
pub(crate) fn cycle(length: usize, rng: &mut Random) -> Vec<usize> {
    let mut next: Vec<usize> = (0..length).collect();
    for last in (1..length).rev() {
        next.swap(last, rng.random_range(0..last));
    }
    next
}

#[cfg(test)]
mod tests {
    use benchhost_support::random::stream;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cycle_comes_by_every_place_before_it_returns(length in 1_usize..600, seed: u64) {
            let next = cycle(length, &mut stream(seed, "test"));

            let mut place = 0;
            let mut visited = vec![false; length];
            for _ in 0..length {
                prop_assert!(!std::mem::replace(&mut visited[place], true));
                place = next[place];
            }
            prop_assert_eq!(place, 0);
        }

        #[test]
        fn a_shuffle_keeps_every_item(length in 0_usize..600, seed: u64) {
            let mut items: Vec<usize> = (0..length).collect();

            shuffle(&mut items, &mut stream(seed, "test"));

            items.sort_unstable();
            prop_assert_eq!(items, (0..length).collect::<Vec<_>>());
        }
    }
}
