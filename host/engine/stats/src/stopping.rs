//! Decides when a case has been sampled enough.
//!
//! Pure: sees numbers only, never a clock; the time budget is the caller's. Cheap enough to be asked after every
//! sample: the interval is worked out again only when 5 % more samples are in, so all looks together cost about
//! twenty passes over the samples.
//!
//! How it fails: the samples of one process are not quite independent, so the interval is somewhat too narrow; and
//! stopping at the first look that satisfies takes lucky looks too. Both are why `min_samples` exists, and why the
//! summary's interval over several processes is the one to believe.

use crate::interval::rank;
use crate::robust::median_in_place;

/// Growth of the number of samples after which the interval is worked out again.
const GROWTH: f64 = 1.05;

/// Why no further sample is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// The asked precision is reached.
    Precision,
    /// The largest number of samples is taken.
    SampleLimit,
}

/// Watches samples and says when there are enough.
#[derive(Debug, Clone)]
pub struct StoppingRule {
    max_samples: u64,
    precision: f64,
    confidence: f64,
    values: Vec<f64>,
    scratch: Vec<f64>,
    next_look: usize,
    done: Option<Done>,
}

impl StoppingRule {
    /// A rule that has seen nothing.
    ///
    /// `min_samples`: never stop for precision before. `max_samples`: stop there in any case. `precision`: half-width
    /// of the median's interval relative to the median, 0–1, so that 0.01 is ±1 %; 0 never stops for precision.
    /// `confidence` of that interval, strictly between 0 and 1.
    #[must_use]
    pub fn new(min_samples: u64, max_samples: u64, precision: f64, confidence: f64) -> Self {
        Self {
            max_samples,
            precision,
            confidence,
            values: Vec::new(),
            scratch: Vec::new(),
            next_look: usize::try_from(min_samples).unwrap_or(usize::MAX).max(1),
            done: (max_samples == 0).then_some(Done::SampleLimit),
        }
    }

    /// Takes one more value, in any unit. A value that is not finite counts as a sample but has no place in the
    /// interval.
    pub fn observe(&mut self, value: f64) {
        self.values.push(value);
        if self.done.is_some() {
            return;
        }
        if self.precision > 0.0 && self.values.len() >= self.next_look {
            self.look();
        }
        if self.done.is_none() && self.values.len() as u64 >= self.max_samples {
            self.done = Some(Done::SampleLimit);
        }
    }

    /// Whether there are enough samples, and why. Once done, always done.
    #[must_use]
    pub fn is_done(&self) -> Option<Done> {
        self.done
    }

    /// How many values were observed.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.values.len() as u64
    }

    fn look(&mut self) {
        let n = self.values.len();
        self.next_look = ((n as f64 * GROWTH) as usize).max(n + 1);
        self.scratch.clear();
        self.scratch.extend(
            self.values
                .iter()
                .copied()
                .filter(|value| value.is_finite()),
        );
        if relative_half_width(&mut self.scratch, self.confidence)
            .is_some_and(|width| width <= self.precision)
        {
            self.done = Some(Done::Precision);
        }
    }
}

/// Half-width of the median's interval relative to the median; `None` when the values are too few for the confidence,
/// or the median is 0 and the interval is not.
fn relative_half_width(values: &mut [f64], confidence: f64) -> Option<f64> {
    let n = values.len();
    let rank = rank(n, confidence);
    if n == 0 || rank == 0 {
        return None;
    }
    let low = *values.select_nth_unstable_by(rank - 1, f64::total_cmp).1;
    let high = *values.select_nth_unstable_by(n - rank, f64::total_cmp).1;
    let median = median_in_place(values);
    if low == high {
        return Some(0.0);
    }
    (median != 0.0).then(|| (high - low) / (2.0 * median.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SplitMix64;

    /// ±1 % with confidence .95, between 20 and `max_samples` samples.
    fn rule(max_samples: u64) -> StoppingRule {
        StoppingRule::new(20, max_samples, 0.01, 0.95)
    }

    fn stop_at(relative_noise: f64, seed: u64) -> (u64, Done) {
        let mut random = SplitMix64::new(seed);
        let mut rule = rule(5000);
        loop {
            rule.observe(1000.0 * (1.0 + relative_noise * random.normal()));
            if let Some(done) = rule.is_done() {
                return (rule.samples(), done);
            }
        }
    }

    #[test]
    fn quiet_samples_stop_at_the_minimum() {
        assert_eq!(stop_at(0.001, 1), (20, Done::Precision));
    }

    #[test]
    fn ten_times_the_noise_takes_about_a_hundred_times_the_samples() {
        // Half-width of a normal median: 1.96 · 1.2533 · σ/√n, so ±1 % at 10 % noise needs about 600 samples.
        let mut taken: Vec<u64> = (0..50)
            .map(|seed| {
                let (n, done) = stop_at(0.1, seed);
                assert_eq!(done, Done::Precision, "seed {seed}");
                n
            })
            .collect();
        taken.sort_unstable();
        assert!(
            (300..900).contains(&taken[25]),
            "median of n: {}",
            taken[25]
        );
    }

    #[test]
    fn hopeless_noise_ends_at_the_limit() {
        assert_eq!(stop_at(2.0, 3), (5000, Done::SampleLimit));
    }

    #[test]
    fn equal_values_are_precise_and_values_around_zero_never_are() {
        let mut equal = rule(5000);
        let mut around_zero = rule(5000);
        for i in 0..40 {
            equal.observe(0.0);
            around_zero.observe(f64::from(i % 3 - 1));
        }
        assert_eq!(equal.is_done(), Some(Done::Precision));
        assert_eq!(around_zero.is_done(), None);
    }

    #[test]
    fn no_asked_precision_means_sampling_to_the_limit() {
        let mut rule = StoppingRule::new(1, 100, 0.0, 0.95);
        for _ in 0..99 {
            rule.observe(5.0);
            assert_eq!(rule.is_done(), None);
        }
        rule.observe(5.0);
        assert_eq!(rule.is_done(), Some(Done::SampleLimit));
    }

    #[test]
    fn values_that_are_none_neither_stop_nor_stall_the_rule() {
        let mut rule = rule(30);
        for _ in 0..30 {
            assert_eq!(rule.is_done(), None);
            rule.observe(f64::NAN);
        }
        assert_eq!(rule.is_done(), Some(Done::SampleLimit));
    }

    #[test]
    fn a_limit_below_the_minimum_still_ends() {
        let mut rule = rule(3);
        for value in [1.0, 2.0, 3.0] {
            rule.observe(value);
        }
        assert_eq!(rule.is_done(), Some(Done::SampleLimit));
    }
}
