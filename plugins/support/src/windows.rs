//! Where the windows of a signal begin.
//!
//! Only starts are computed here: a window is a view of the signal
//! ([`Signal::window`](crate::signals::Signal::window)), and copying happens once, when a batch is put together.

use rand::{Rng, seq::index};
use serde::{Deserialize, Serialize};

/// How windows are placed on a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// Start `i · stride`, as many as fit, at most `count`.
    Sequential,
    /// `count` distinct starts, uniform without replacement; all of them, shuffled, if there are fewer.
    #[default]
    Random,
    /// First window at the start, last at the end, the others between at equal distances, rounded half to
    /// even; a single one sits in the middle. Starts repeat when the signal has fewer than `count`.
    EvenlySpaced,
}

impl Placement {
    /// The names in a suite, for the `choices` of a parameter.
    pub const NAMES: &'static [&'static str] = &["sequential", "random", "evenly_spaced"];
}

/// A rule for the windows of each signal; lengths in samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windowing {
    /// Placement.
    pub placement: Placement,
    /// Length of a window.
    pub window: usize,
    /// Distance of sequential windows; the other strategies do not look at it.
    pub stride: usize,
    /// Windows wanted from a signal.
    pub count: usize,
}

impl Windowing {
    /// Replaces the content of `starts` by the first samples of the windows of a signal of `length` samples:
    /// none if the signal is shorter than the window, or the window or count is 0.
    pub fn starts(&self, length: usize, rng: &mut impl Rng, starts: &mut Vec<usize>) {
        starts.clear();
        if self.window == 0 || length < self.window {
            return;
        }
        let last = length - self.window;
        match self.placement {
            Placement::Sequential => {
                starts.extend((0..=last).step_by(self.stride.max(1)).take(self.count));
            }
            Placement::Random => {
                starts.extend(index::sample(rng, last + 1, self.count.min(last + 1)));
            }
            Placement::EvenlySpaced if self.count == 1 => starts.push(last / 2),
            Placement::EvenlySpaced => {
                let gaps = self.count.saturating_sub(1) as f64;
                starts.extend((0..self.count).map(|i| evenly(i, last, gaps)));
            }
        }
    }

    /// How many windows [`starts`](Self::starts) gives for a signal of `length` samples.
    #[must_use]
    pub fn fits(&self, length: usize) -> usize {
        if self.window == 0 || length < self.window {
            return 0;
        }
        let last = length - self.window;
        match self.placement {
            Placement::Sequential => self.count.min(last / self.stride.max(1) + 1),
            Placement::Random => self.count.min(last + 1),
            Placement::EvenlySpaced => self.count,
        }
    }
}

fn evenly(i: usize, last: usize, gaps: f64) -> usize {
    (i as f64 * last as f64 / gaps).round_ties_even() as usize
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::random::stream;

    fn starts(
        placement: Placement,
        (length, window, stride, count): (usize, usize, usize, usize),
        seed: u64,
    ) -> Vec<usize> {
        let mut out = vec![99];
        let rule = Windowing {
            placement,
            window,
            stride,
            count,
        };
        rule.starts(length, &mut stream(seed, "windows"), &mut out);
        assert_eq!(out.len(), rule.fits(length), "fits() and starts() differ");
        out
    }

    /// The definition, one step after the other, on paper.
    fn sequential_on_paper(
        length: usize,
        window: usize,
        stride: usize,
        count: usize,
    ) -> Vec<usize> {
        let mut out = Vec::new();
        let mut start = 0;
        while out.len() < count && start + window <= length {
            out.push(start);
            start += stride;
        }
        out
    }

    /// Nearest whole number by comparing doubled remainders, without floating point.
    fn evenly_on_paper(length: usize, window: usize, count: usize) -> Vec<usize> {
        let (span, gaps) = (length - window, count - 1);
        (0..count)
            .map(|i| {
                let (whole, rest) = (i * span / gaps, i * span % gaps);
                let up = 2 * rest > gaps || (2 * rest == gaps && whole % 2 == 1);
                whole + usize::from(up)
            })
            .collect()
    }

    #[test]
    fn examples_worked_by_hand() {
        assert_eq!(
            starts(Placement::Sequential, (10, 4, 2, 9), 0),
            [0, 2, 4, 6]
        );
        assert_eq!(starts(Placement::Sequential, (10, 4, 2, 2), 0), [0, 2]);
        assert_eq!(starts(Placement::EvenlySpaced, (11, 4, 1, 1), 0), [3]);
        assert_eq!(
            starts(Placement::EvenlySpaced, (10, 4, 1, 4), 0),
            [0, 2, 4, 6]
        );
        assert_eq!(starts(Placement::EvenlySpaced, (9, 4, 1, 3), 0), [0, 2, 5]);
        assert_eq!(starts(Placement::Random, (4, 4, 1, 2), 0), [0]);
    }

    #[test]
    fn a_signal_shorter_than_the_window_gives_none() {
        for placement in [
            Placement::Sequential,
            Placement::Random,
            Placement::EvenlySpaced,
        ] {
            assert!(starts(placement, (99, 100, 50, 2), 0).is_empty());
            assert!(starts(placement, (0, 1, 1, 2), 0).is_empty());
            assert!(starts(placement, (10, 4, 1, 0), 0).is_empty());
        }
    }

    #[test]
    fn random_starts_are_uniform() {
        let mut hits = [0; 7];
        for seed in 0..7000 {
            for start in starts(Placement::Random, (10, 4, 1, 2), seed) {
                hits[start] += 1;
            }
        }

        // Expected 2000 each, σ = √(7000 · 2/7 · 5/7) ≈ 38; five of them.
        assert!(hits.iter().all(|n| (1810..=2190).contains(n)), "{hits:?}");
    }

    proptest! {
        #[test]
        fn each_strategy_agrees_with_its_definition(
            length in 1usize..300, window in 1usize..100, stride in 1usize..40,
            count in 2usize..20, seed in 0u64..50,
        ) {
            prop_assume!(window <= length);
            let shape = (length, window, stride, count);

            prop_assert_eq!(
                starts(Placement::Sequential, shape, seed),
                sequential_on_paper(length, window, stride, count)
            );
            prop_assert_eq!(
                starts(Placement::EvenlySpaced, shape, seed),
                evenly_on_paper(length, window, count)
            );
            let random = starts(Placement::Random, shape, seed);
            let distinct: HashSet<_> = random.iter().collect();
            prop_assert_eq!(distinct.len(), count.min(length - window + 1));
            prop_assert_eq!(distinct.len(), random.len());
            prop_assert!(random.iter().all(|start| start + window <= length));
            prop_assert_eq!(&random, &starts(Placement::Random, shape, seed));
        }
    }
}
