//! Counters of processes, threads or namespaces at the two edges of a measurement, and what they grew by in between.

use std::collections::BTreeMap;

/// What is true of an owner that only the later edge has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Newcomer {
    /// It was there before and could not be read: its growth is not known.
    Unknown,
    /// It began in between: its counters began at 0.
    Began,
}

/// `N` counters of each owner at one moment; `None` for one that could not be read.
#[derive(Debug, Clone)]
pub(super) struct Edge<K, const N: usize>(BTreeMap<K, [Option<u64>; N]>);

impl<K: Ord + Clone, const N: usize> Edge<K, N> {
    /// The same for some of the owners.
    pub(super) fn only(&self, is_wanted: impl Fn(&K) -> bool) -> Self {
        let wanted = self.0.iter().filter(|(owner, _)| is_wanted(owner));
        wanted
            .map(|(owner, counters)| (owner.clone(), *counters))
            .collect()
    }

    /// What each owner grew by since `earlier`, summed over the owners.
    ///
    /// An owner that is gone contributes nothing: what it did since the earlier edge is not guessed. A counter that
    /// went backwards belongs to another owner with the same number, or has wrapped: it counts as that of a newcomer. A
    /// sum is `None` when no owner contributed.
    pub(super) fn growth_since(&self, earlier: &Self, newcomer: Newcomer) -> [Option<u64>; N] {
        std::array::from_fn(|at| {
            let grown = self.0.iter().filter_map(|(owner, now)| {
                let now = now[at]?;
                let then = earlier.0.get(owner).and_then(|then| then[at]);
                let growth = then.and_then(|then| now.checked_sub(then));
                growth.or((newcomer == Newcomer::Began).then_some(now))
            });
            grown.reduce(u64::saturating_add)
        })
    }
}

impl<K: Ord, const N: usize> FromIterator<(K, [Option<u64>; N])> for Edge<K, N> {
    fn from_iter<T: IntoIterator<Item = (K, [Option<u64>; N])>>(owners: T) -> Self {
        Self(owners.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(owners: &[(u32, u64)]) -> Edge<u32, 1> {
        owners
            .iter()
            .map(|(owner, n)| (*owner, [Some(*n)]))
            .collect()
    }

    #[test]
    fn who_is_gone_contributes_nothing_and_nobody_is_no_sum() {
        let (then, now) = (edge(&[(1, 10), (2, 100)]), edge(&[(1, 13)]));

        assert_eq!(now.growth_since(&then, Newcomer::Unknown), [Some(3)]);
        assert_eq!(edge(&[]).growth_since(&then, Newcomer::Began), [None]);
    }

    #[test]
    fn a_newcomer_counts_from_nothing_only_when_it_began_in_between() {
        let (then, now) = (edge(&[(1, 10)]), edge(&[(1, 10), (2, 7)]));

        assert_eq!(now.growth_since(&then, Newcomer::Unknown), [Some(0)]);
        assert_eq!(now.growth_since(&then, Newcomer::Began), [Some(7)]);
    }

    #[test]
    fn a_counter_that_went_backwards_is_somebody_elses() {
        let (then, now) = (edge(&[(1, 10)]), edge(&[(1, 4)]));

        assert_eq!(now.growth_since(&then, Newcomer::Unknown), [None]);
        assert_eq!(now.growth_since(&then, Newcomer::Began), [Some(4)]);
    }

    #[test]
    fn one_counter_that_is_missing_does_not_take_the_others_along() {
        let then: Edge<u32, 2> = [(1, [Some(1), None])].into_iter().collect();
        let now: Edge<u32, 2> = [(1, [Some(3), Some(9)])].into_iter().collect();

        assert_eq!(now.growth_since(&then, Newcomer::Unknown), [Some(2), None]);
    }
}
