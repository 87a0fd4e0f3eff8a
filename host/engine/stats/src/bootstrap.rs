//! Interval of the median over several repetitions: processes are the independent unit, samples within one are not.

use benchhost_record::Interval;

use crate::distribution::{normal_quantile, t_quantile};
use crate::quantile::quantile_of_sorted;
use crate::random::SplitMix64;

/// Resamples drawn. The ends of a 95 % interval then stand on 50 resamples each; more moves them by a few percent of
/// the interval's width.
const RESAMPLES: usize = 2000;

/// Up to this expected count a binomial number is drawn exactly, above it from its normal limit.
const EXACT_COUNT: f64 = 30.0;

/// Hierarchical bootstrap interval of the pooled median.
///
/// `groups`: at least two, each sorted, finite and not empty; `pooled`: all of their values, sorted. Each resample
/// draws repetitions with replacement and then samples with replacement within each. With R repetitions such an
/// interval is too short by what R − 1 degrees of freedom cost, so its ends are moved away from the median by
/// √(R/(R−1)) · t(R−1)/z: 9.2 times for two repetitions at .95, 2.7 for three, 1.6 for five, 1.2 for ten. That is
/// what two processes can honestly say about all others.
///
/// Resamples are not stored: only how many values fall below a point is drawn, and the median found by bisection. A
/// resample costs O(R log n), so a million samples cost little more than a thousand.
///
/// Sources: Davison & Hinkley (1997), "Bootstrap Methods and their Application", §3.8; Kalibera & Jones (2013), ISMM,
/// 63–74, for repetitions as the unit; Hesterberg (2015), The American Statistician 69(4), 371–386, for the expansion.
pub(crate) fn interval(
    groups: &[Vec<f64>],
    pooled: &[f64],
    seed: u64,
    confidence: f64,
) -> Interval {
    let mut random = SplitMix64::new(seed);
    let mut medians: Vec<f64> = (0..RESAMPLES)
        .map(|_| resampled_median(groups, pooled, &mut random))
        .collect();
    medians.sort_unstable_by(f64::total_cmp);
    let tail = (1.0 - confidence) / 2.0;
    let median = quantile_of_sorted(pooled, 0.5);
    let factor = expansion(groups.len(), tail);
    let low = quantile_of_sorted(&medians, tail).min(median);
    let high = quantile_of_sorted(&medians, 1.0 - tail).max(median);
    Interval {
        low: median - factor * (median - low),
        high: median + factor * (high - median),
        confidence,
    }
}

/// How much wider the interval must be because it stands on few repetitions.
fn expansion(repetitions: usize, tail: f64) -> f64 {
    let r = repetitions as f64;
    (r / (r - 1.0)).sqrt() * t_quantile(1.0 - tail, r - 1.0) / normal_quantile(1.0 - tail)
}

/// Values at or below a point: `rank` of them in the repetition itself, `count` in what was resampled from it.
#[derive(Clone, Copy)]
struct Split {
    rank: usize,
    count: u64,
}

/// One drawn repetition, and what is known about it at both ends of the range that still holds the median.
struct Drawn<'a> {
    values: &'a [f64],
    below: Split,
    up_to: Split,
    /// The split of the last look, in the middle of the range.
    middle: Split,
}

impl<'a> Drawn<'a> {
    fn new(values: &'a [f64]) -> Self {
        let nothing = Split { rank: 0, count: 0 };
        let up_to = Split {
            rank: values.len(),
            count: values.len() as u64,
        };
        Self {
            values,
            below: nothing,
            up_to,
            middle: nothing,
        }
    }

    /// Draws how many values of the resample lie at or below `point`, given the counts at the ends of the range.
    fn look(&mut self, point: f64, random: &mut SplitMix64) -> u64 {
        let (below, up_to) = (self.below, self.up_to);
        let range = &self.values[below.rank..up_to.rank];
        let inside = range.partition_point(|value| *value <= point);
        let share = inside as f64 / range.len().max(1) as f64;
        self.middle = Split {
            rank: below.rank + inside,
            count: below.count + binomial(up_to.count - below.count, share, random),
        };
        self.middle.count
    }
}

/// Lower median of one hierarchical resample, found without drawing it.
///
/// The number of resampled values at or below a point is binomial, and given the counts at two points the count at a
/// point between them is binomial again, so bisection over `pooled` needs one binomial number a step and repetition.
fn resampled_median(groups: &[Vec<f64>], pooled: &[f64], random: &mut SplitMix64) -> f64 {
    let mut drawn: Vec<Drawn<'_>> = (0..groups.len())
        .map(|_| Drawn::new(&groups[random.index(groups.len())]))
        .collect();
    let total: u64 = drawn.iter().map(|one| one.up_to.count).sum();
    let wanted = total.div_ceil(2);
    // Invariant: fewer than `wanted` values lie at or below pooled[low - 1], at least `wanted` at or below pooled[high].
    let (mut low, mut high) = (0, pooled.len() - 1);
    while low < high {
        let middle = usize::midpoint(low, high);
        let mut count = 0;
        for one in &mut drawn {
            count += one.look(pooled[middle], random);
        }
        if count >= wanted {
            high = middle;
            drawn.iter_mut().for_each(|one| one.up_to = one.middle);
        } else {
            low = middle + 1;
            drawn.iter_mut().for_each(|one| one.below = one.middle);
        }
    }
    pooled[low]
}

/// A binomial number. Exact by inversion (Devroye 1986, ch. X.4) for small expected counts, else from the normal
/// limit, whose error is far below the noise of the bootstrap.
fn binomial(n: u64, p: f64, random: &mut SplitMix64) -> u64 {
    if p > 0.5 {
        return n - binomial(n, 1.0 - p, random);
    }
    let trials = n as f64;
    if n == 0 || p <= 0.0 {
        return 0;
    }
    if trials * p > EXACT_COUNT {
        let spread = (trials * p * (1.0 - p)).sqrt();
        return (trials * p + spread * random.normal())
            .round()
            .clamp(0.0, trials) as u64;
    }
    let odds = p / (1.0 - p);
    let mut chance = (trials * (-p).ln_1p()).exp();
    let mut left = random.uniform();
    let mut k = 0;
    while left > chance && k < n {
        left -= chance;
        chance *= odds * (n - k) as f64 / (k + 1) as f64;
        k += 1;
    }
    k
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binomial_numbers_have_the_right_mean_and_spread() {
        let mut random = SplitMix64::new(11);
        for (n, p) in [(10, 0.3), (40, 0.5), (1000, 0.02), (100_000, 0.7)] {
            let draws: Vec<f64> = (0..20_000)
                .map(|_| binomial(n, p, &mut random) as f64)
                .collect();
            let mean = crate::robust::mean(&draws);
            let spread = crate::robust::standard_deviation(&draws, mean);
            let expected = (n as f64 * p * (1.0 - p)).sqrt();

            assert!(
                (mean - n as f64 * p).abs() < 4.0 * expected / 20_000_f64.sqrt(),
                "{n} {p}"
            );
            assert!(
                (spread / expected - 1.0).abs() < 0.03,
                "{n} {p}: {spread} {expected}"
            );
        }
    }

    #[test]
    fn counted_resamples_are_spread_like_drawn_ones() {
        let mut random = SplitMix64::new(23);
        let groups: Vec<Vec<f64>> = [100.0, 101.0, 103.0]
            .iter()
            .map(|level| {
                let mut values: Vec<f64> = (0..31).map(|_| level + 2.0 * random.normal()).collect();
                values.sort_unstable_by(f64::total_cmp);
                values
            })
            .collect();
        let mut pooled = groups.concat();
        pooled.sort_unstable_by(f64::total_cmp);
        let drawn_directly = |random: &mut SplitMix64| {
            let mut values = Vec::new();
            for _ in 0..3 {
                let group = &groups[random.index(3)];
                values.extend((0..31).map(|_| group[random.index(31)]));
            }
            values.sort_unstable_by(f64::total_cmp);
            values[46]
        };

        let direct: Vec<f64> = (0..20_000).map(|_| drawn_directly(&mut random)).collect();
        let counted: Vec<f64> = (0..20_000)
            .map(|_| resampled_median(&groups, &pooled, &mut random))
            .collect();

        // Smirnov's two-sample distance; 0.0195 is its critical value at .001 for these sizes.
        let share = |medians: &[f64], x: f64| {
            medians.iter().filter(|median| **median <= x).count() as f64 / 20_000.0
        };
        for x in pooled.iter().copied() {
            let (a, b) = (share(&direct, x), share(&counted, x));
            assert!(
                (a - b).abs() < 0.0195,
                "at most {x}: {a} drawn, {b} counted"
            );
        }
    }

    #[test]
    fn few_repetitions_widen_the_interval() {
        for (repetitions, factor) in [(2, 9.168), (3, 2.689), (5, 1.584), (10, 1.217)] {
            assert!(
                (expansion(repetitions, 0.025) - factor).abs() < 0.002,
                "{repetitions}"
            );
        }
    }
}
