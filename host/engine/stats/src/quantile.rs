//! Quantiles, and how many samples it takes before one may be stated.

use crate::error::{Error, check, check_probability};

/// Confidence with which enough slow samples must have been seen before a quantile is stated.
const SEEN_CONFIDENCE: f64 = 0.99;

/// Quantile `q` of `xs`, by linear interpolation between order statistics.
///
/// `xs`: any order, any unit; the result has the same unit. `q`: strictly between 0 and 1.
///
/// # Errors
/// [`Error::TooFew`] for no value, [`Error::NotFinite`] with the index, [`Error::NotAProbability`] for `q`.
///
/// Source: Hyndman & Fan (1996), The American Statistician 50(4), 361–365, definition 7 (default of R and NumPy).
pub fn quantile(xs: &[f64], q: f64) -> Result<f64, Error> {
    check(xs, 1)?;
    check_probability(q)?;
    let mut sorted = xs.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    Ok(quantile_of_sorted(&sorted, q))
}

/// [`quantile`] of values that are finite, sorted and not empty.
pub(crate) fn quantile_of_sorted(sorted: &[f64], q: f64) -> f64 {
    let position = q * (sorted.len() - 1) as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    let fraction = position - below as f64;
    if fraction == 0.0 || sorted[below] == sorted[above] {
        sorted[below]
    } else {
        // Weighted sum, so that values near the largest f64 do not overflow.
        sorted[below] * (1.0 - fraction) + sorted[above] * fraction
    }
}

/// Samples needed before quantile `q` (above the median) may be stated: the smallest n for which, with confidence
/// .99, at least two samples lie beyond it. One slow sample alone would then never decide the number.
///
/// The smallest n with p0 + p1 ≤ .01, where p0 = qⁿ and p1 = n(1−q)qⁿ⁻¹ (binomial). `q` strictly between 0 and 1;
/// gives p90 64, p95 130, p99 662, p99.9 6 636. For the median itself no samples are demanded: its interval says how
/// good it is.
#[must_use]
pub fn samples_needed(q: f64) -> u64 {
    if !(q > 0.5 && q < 1.0) {
        return 1;
    }
    let unseen = |n: u64| {
        let n = n as f64;
        q.powf(n) + n * (1.0 - q) * q.powf(n - 1.0)
    };
    let enough = |n: u64| unseen(n) <= 1.0 - SEEN_CONFIDENCE;
    let mut high = 2;
    while !enough(high) {
        high *= 2;
    }
    let mut low = high / 2;
    while low + 1 < high {
        let middle = u64::midpoint(low, high);
        if enough(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_minima_are_those_of_the_method() {
        for (q, n) in [
            (0.9, 64),
            (0.95, 130),
            (0.97, 219),
            (0.99, 662),
            (0.999, 6636),
        ] {
            assert_eq!(samples_needed(q), n, "q = {q}");
        }
        assert_eq!(samples_needed(0.5), 1);
    }

    #[test]
    fn a_quantile_interpolates_and_refuses_what_is_none() {
        assert_eq!(quantile(&[4.0, 1.0, 3.0, 2.0], 0.5), Ok(2.5));
        assert_eq!(quantile(&[7.0], 0.99), Ok(7.0));
        assert_eq!(quantile(&[f64::MAX, f64::MAX], 0.3), Ok(f64::MAX));
        assert_eq!(
            quantile(&[], 0.5),
            Err(Error::TooFew {
                found: 0,
                needed: 1
            })
        );
        assert_eq!(
            quantile(&[1.0], 1.0),
            Err(Error::NotAProbability { found: 1.0 })
        );
    }
}
