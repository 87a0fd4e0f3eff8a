//! Counts samples that lie far from the rest. They are shown, never dropped.

use crate::error::Error;
use crate::robust::{mad_about, mean, median};

/// Distance from the median, in robust standard deviations, beyond which a sample is an outlier.
const FAR: f64 = 3.0;

/// Scale that makes the mean absolute deviation estimate σ of a normal distribution, √(π/2).
const MEAN_DEVIATION_SCALE: f64 = 1.253_314;

/// How many values lie farther than 3 scaled MAD from the median.
///
/// When more than half the values are equal, the MAD is 0 and would call every other value an outlier (a coarse
/// clock gives such data); the scaled mean absolute deviation then takes its place.
///
/// # Errors
/// [`Error::TooFew`] for no value, [`Error::NotFinite`] with the index.
///
/// Sources: Leys et al. (2013), J. Exp. Soc. Psychology 49(4), 764–766 for 3 MAD; Iglewicz & Hoaglin (1993), "How to
/// Detect and Handle Outliers", ASQC, for the substitute.
pub fn count_outliers(xs: &[f64]) -> Result<u64, Error> {
    let centre = median(xs)?;
    Ok(count_about(xs, centre, mad_about(xs, centre)))
}

/// [`count_outliers`] of finite values with known median and scaled MAD.
pub(crate) fn count_about(xs: &[f64], centre: f64, mad: f64) -> u64 {
    let spread = if mad > 0.0 {
        mad
    } else {
        let deviations: Vec<f64> = xs.iter().map(|x| (x - centre).abs()).collect();
        MEAN_DEVIATION_SCALE * mean(&deviations)
    };
    xs.iter()
        .filter(|x| (**x - centre).abs() > FAR * spread)
        .count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_sample_is_counted_and_the_usual_spread_is_not() {
        let mut xs: Vec<f64> = (0..100).map(|i| 100.0 + f64::from(i % 7)).collect();
        assert_eq!(count_outliers(&xs), Ok(0));

        xs.push(150.0);
        xs.push(20.0);
        assert_eq!(count_outliers(&xs), Ok(2));
    }

    #[test]
    fn two_ticks_of_a_coarse_clock_are_no_outliers() {
        let mut xs = vec![40.0; 60];
        xs.extend([41.0; 40]);
        assert_eq!(count_outliers(&xs), Ok(0));

        xs.push(400.0);
        assert_eq!(count_outliers(&xs), Ok(1));
        assert_eq!(count_outliers(&[5.0; 9]), Ok(0));
    }
}
