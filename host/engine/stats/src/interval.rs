//! Interval of the median of values that are independent of each other, without any assumption on their shape.

use benchhost_record::Interval;

use crate::distribution::{fair_coin_cdf, normal_quantile};
use crate::error::{Error, check, check_probability};

/// Up to this many values the ranks come from the exact binomial distribution, above it from its normal limit,
/// rounded outwards.
const EXACT_UP_TO: usize = 1000;

/// Interval of the median of `xs` by order statistics.
///
/// `xs`: any order, any unit; independent values are assumed, which samples of one process only nearly are. The
/// confidence of the result is the asked one, or a smaller one when there are too few values to reach it: five values
/// span their median with confidence .9375, whatever is asked; one value with confidence 0.
///
/// # Errors
/// [`Error::TooFew`] for no value, [`Error::NotFinite`] with the index, [`Error::NotAProbability`].
///
/// Source: Conover (1999), "Practical Nonparametric Statistics", 3rd ed., §3.2; the pair of ranks is (k, n + 1 − k)
/// with the largest k for which P(Bin(n, ½) < k) ≤ (1 − confidence)/2.
pub fn median_interval(xs: &[f64], confidence: f64) -> Result<Interval, Error> {
    check(xs, 1)?;
    check_probability(confidence)?;
    let mut sorted = xs.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    Ok(interval_of_sorted(&sorted, confidence))
}

/// [`median_interval`] of values that are finite, sorted and not empty.
pub(crate) fn interval_of_sorted(sorted: &[f64], confidence: f64) -> Interval {
    let n = sorted.len();
    let rank = rank(n, confidence);
    let (low, high) = (sorted[rank.max(1) - 1], sorted[n - rank.max(1)]);
    let reached = if rank == 0 {
        1.0 - 0.5_f64.powi(n as i32 - 1)
    } else {
        confidence
    };
    Interval {
        low,
        high,
        confidence: reached,
    }
}

/// The rank k of the lower end, from 1; 0 when even the extremes do not reach the confidence.
pub(crate) fn rank(n: usize, confidence: f64) -> usize {
    let tail = (1.0 - confidence) / 2.0;
    if n > EXACT_UP_TO {
        let n = n as f64;
        return ((n + normal_quantile(tail) * n.sqrt()) / 2.0).floor() as usize;
    }
    let mut k = 0;
    while k < n / 2 && fair_coin_cdf(k as u64, n as u64) <= tail {
        k += 1;
    }
    k
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_the_published_table() {
        // Conover, and every table of sign-test intervals: n → k at confidence .95.
        for (n, k) in [
            (5, 0),
            (6, 1),
            (8, 1),
            (9, 2),
            (10, 2),
            (20, 6),
            (50, 18),
            (100, 40),
        ] {
            assert_eq!(rank(n, 0.95), k, "n = {n}");
        }
    }

    #[test]
    fn the_normal_limit_joins_the_exact_ranks_from_outside() {
        for n in [1001, 5000, 1_000_000] {
            let limit = rank(n, 0.95);
            let exact = (0..n as u64)
                .position(|k| fair_coin_cdf(k, n as u64) > 0.025)
                .unwrap();
            assert!(
                limit <= exact && exact - limit <= 1,
                "n = {n}: {limit}, {exact}"
            );
        }
    }

    #[test]
    fn too_few_values_say_how_little_they_know() {
        let one = median_interval(&[3.0], 0.95).unwrap();
        assert_eq!((one.low, one.high, one.confidence), (3.0, 3.0, 0.0));

        let five = median_interval(&[5.0, 1.0, 2.0, 4.0, 3.0], 0.95).unwrap();
        assert_eq!((five.low, five.high, five.confidence), (1.0, 5.0, 0.9375));
    }
}
