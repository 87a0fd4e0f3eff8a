//! From the pairs of one round to the one number that the round contributes.

use crate::robust::{mad_about, median_in_place};

/// Variance of a median relative to that of a mean, for normal values: π/2.
const MEDIAN_COST: f64 = std::f64::consts::FRAC_PI_2;

/// What one round says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Round {
    /// Median over the pairs of ln(candidate / baseline).
    pub log_ratio: f64,
    /// Pairs it stands on.
    pub pairs: u32,
    /// Standard deviation of the log-ratio of one pair, estimated robustly from the pairs of this round; 0 for one pair.
    pub pair_sd: f64,
}

impl Round {
    /// The round that `pairs` of (baseline, candidate) make; `None` when there is none, or when a value is not a
    /// positive finite number while its partner differs from it, so that they have no ratio.
    #[must_use]
    pub fn of(pairs: &[(f64, f64)]) -> Option<Self> {
        let mut ratios = pairs
            .iter()
            .map(|(baseline, candidate)| log_ratio(*baseline, *candidate))
            .collect::<Option<Vec<f64>>>()?;
        if ratios.is_empty() {
            return None;
        }
        let median = median_in_place(&mut ratios);
        Some(Self {
            log_ratio: median,
            pairs: ratios.len() as u32,
            pair_sd: mad_about(&ratios, median),
        })
    }

    /// Variance that the scatter of the pairs leaves in the round's median.
    #[must_use]
    pub fn variance_within(&self) -> f64 {
        MEDIAN_COST * self.pair_sd * self.pair_sd / f64::from(self.pairs.max(1))
    }
}

/// ln(candidate / baseline); 0 for two equal finite values of any sign.
fn log_ratio(baseline: f64, candidate: f64) -> Option<f64> {
    if baseline == candidate && baseline.is_finite() {
        return Some(0.0);
    }
    let positive = |x: f64| x.is_finite() && x > 0.0;
    (positive(baseline) && positive(candidate)).then(|| (candidate / baseline).ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_pair_speaks_for_the_round() {
        let round = Round::of(&[(100.0, 110.0), (100.0, 101.0), (100.0, 300.0)]).unwrap();

        assert!((round.log_ratio - 1.1_f64.ln()).abs() < 1e-12);
        assert_eq!(round.pairs, 3);
        assert!(round.pair_sd > 0.0 && round.variance_within() > 0.0);
    }

    #[test]
    fn swapping_the_sides_only_changes_the_sign() {
        let pairs = [(3.0, 4.0), (5.0, 2.0), (7.0, 7.5), (1.0, 1.1)];
        let swapped = pairs.map(|(b, c)| (c, b));
        let (one, other) = (Round::of(&pairs).unwrap(), Round::of(&swapped).unwrap());

        assert!((one.log_ratio + other.log_ratio).abs() < 1e-12);
        assert!((one.pair_sd - other.pair_sd).abs() < 1e-12);
    }

    #[test]
    fn what_has_no_ratio_makes_no_round() {
        assert_eq!(Round::of(&[]), None);
        assert_eq!(Round::of(&[(0.0, 1.0)]), None);
        assert_eq!(Round::of(&[(1.0, f64::NAN)]), None);
        assert_eq!(Round::of(&[(1.0, -1.0)]), None);
        assert_eq!(Round::of(&[(0.0, 0.0)]).unwrap().log_ratio, 0.0);
    }
}
