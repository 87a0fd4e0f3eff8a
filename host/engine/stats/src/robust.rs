//! Location and spread that a few wild values cannot move.

use crate::error::{Error, check};

/// Scale that makes the median absolute deviation estimate σ of a normal distribution, 1/Φ⁻¹(3/4).
pub(crate) const MAD_SCALE: f64 = 1.4826;

/// Share of the values cut off at each end by [`trimmed_mean`].
const TRIMMED_SHARE: f64 = 0.1;

/// Median of `xs`; the mean of the middle two when their number is even.
///
/// `xs`: any order, any unit; the result has the same unit.
///
/// # Errors
/// [`Error::TooFew`] for no value, [`Error::NotFinite`] with the index.
pub fn median(xs: &[f64]) -> Result<f64, Error> {
    check(xs, 1)?;
    Ok(median_in_place(&mut xs.to_vec()))
}

/// Median absolute deviation, scaled to estimate σ of a normal distribution.
///
/// `xs`: any order, any unit; the result has the same unit. Not affected by up to half the values being wild. 0 for
/// one value.
///
/// # Errors
/// [`Error::TooFew`] for no value, [`Error::NotFinite`] with the index.
///
/// Source: Rousseeuw & Croux (1993), JASA 88(424), 1273–1283; factor 1.4826 ≈ 1/Φ⁻¹(3/4).
pub fn mad(xs: &[f64]) -> Result<f64, Error> {
    let centre = median(xs)?;
    Ok(mad_about(xs, centre))
}

/// Mean of the middle 80 %: the smallest and the largest tenth are left out, rounded down to whole values.
///
/// `xs`: any order, any unit; the result has the same unit.
///
/// # Errors
/// [`Error::TooFew`] for no value, [`Error::NotFinite`] with the index.
///
/// Source: Tukey & McLaughlin (1963), Sankhyā A 25(3), 331–352; same rounding as `scipy.stats.trim_mean`.
pub fn trimmed_mean(xs: &[f64]) -> Result<f64, Error> {
    check(xs, 1)?;
    let mut sorted = xs.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    Ok(trimmed_mean_of_sorted(&sorted))
}

/// [`trimmed_mean`] of values that are finite, sorted and not empty.
pub(crate) fn trimmed_mean_of_sorted(sorted: &[f64]) -> f64 {
    let cut = (TRIMMED_SHARE * sorted.len() as f64) as usize;
    mean(&sorted[cut..sorted.len() - cut])
}

/// [`mad`] about a known median, of finite values.
pub(crate) fn mad_about(xs: &[f64], centre: f64) -> f64 {
    let mut deviations: Vec<f64> = xs.iter().map(|x| (x - centre).abs()).collect();
    MAD_SCALE * median_in_place(&mut deviations)
}

/// Median of finite values, which are left in another order. Linear time.
pub(crate) fn median_in_place(xs: &mut [f64]) -> f64 {
    let middle = xs.len() / 2;
    let odd = xs.len() % 2 == 1;
    let (below, upper, _) = xs.select_nth_unstable_by(middle, f64::total_cmp);
    if odd {
        return *upper;
    }
    let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // The same to the last bit when all signs are turned, and no overflow.
    f64::midpoint(lower, *upper)
}

/// Arithmetic mean of at least one value. Divides before it adds up only when the sum would overflow.
pub(crate) fn mean(xs: &[f64]) -> f64 {
    let n = xs.len() as f64;
    let sum: f64 = xs.iter().sum();
    if sum.is_finite() {
        sum / n
    } else {
        xs.iter().map(|x| x / n).sum()
    }
}

/// Sample standard deviation (divisor n − 1) about a known mean; 0 for one value.
pub(crate) fn standard_deviation(xs: &[f64], mean: f64) -> f64 {
    if xs.len() < 2 {
        return 0.0;
    }
    let squares: f64 = xs.iter().map(|x| (x - mean).powi(2)).sum();
    (squares / (xs.len() - 1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mad_ignores_one_wild_value() {
        let quiet = mad(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
        let wild = mad(&[1.0, 2.0, 3.0, 4.0, 5e9]).unwrap();

        assert_eq!(quiet, MAD_SCALE);
        assert_eq!(wild, quiet);
    }

    #[test]
    fn the_trimmed_mean_drops_a_tenth_at_each_end() {
        let mut xs: Vec<f64> = (1..=10).map(f64::from).collect();
        xs[9] = 1e9;

        assert_eq!(trimmed_mean(&xs), Ok(5.5));
        assert_eq!(trimmed_mean(&[3.0]), Ok(3.0));
    }

    #[test]
    fn a_value_that_is_none_is_named_by_its_index() {
        assert_eq!(
            median(&[1.0, f64::NAN, f64::INFINITY]),
            Err(Error::NotFinite { index: 1 })
        );
        assert_eq!(median(&[4.0, 1.0]), Ok(2.5));
    }

    #[test]
    fn huge_values_do_not_overflow() {
        assert_eq!(mean(&[f64::MAX, f64::MAX]), f64::MAX);
        assert_eq!(median(&[f64::MAX, f64::MAX]), Ok(f64::MAX));
    }
}
