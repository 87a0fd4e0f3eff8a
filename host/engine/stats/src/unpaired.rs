//! Compares two sets of repetitions that were not taken together: two stored runs.
//!
//! The repetition (a process) is the unit; its number is the median of its samples. Logarithms of those medians are compared
//! by Welch's t, which is exact only for normal ones and honest about few of them: with three repetitions a side, only
//! differences of several standard deviations are decided. Anything that changed between the runs (the machine's state, the
//! weather in the data centre) is part of the difference; nothing here can tell it from the code.

use benchhost_record::Interval;
use statrs::distribution::{ContinuousCDF as _, StudentsT};

use crate::distribution::t_quantile;
use crate::paired::Bounds;
use crate::robust::{mean, standard_deviation};

/// Two sets of repetitions, as logarithms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unpaired {
    bounds: Bounds,
    log_ratio: f64,
    standard_error: f64,
    freedom: f64,
}

impl Unpaired {
    /// The comparison of two sets of repetition medians.
    ///
    /// `baseline`, `candidate`: at least two positive, finite values each, in the same unit; `None` otherwise.
    ///
    /// Source: Welch (1947), Biometrika 34, 28–35; degrees of freedom of Satterthwaite (1946).
    #[must_use]
    pub fn new(baseline: &[f64], candidate: &[f64], bounds: Bounds) -> Option<Self> {
        let (base_mean, base_variance) = log_mean(baseline)?;
        let (candidate_mean, candidate_variance) = log_mean(candidate)?;
        let variance = base_variance + candidate_variance;
        let satterthwaite = variance.powi(2)
            / (base_variance.powi(2) / (baseline.len() - 1) as f64
                + candidate_variance.powi(2) / (candidate.len() - 1) as f64);
        Some(Self {
            bounds,
            log_ratio: candidate_mean - base_mean,
            standard_error: variance.sqrt(),
            freedom: if satterthwaite.is_finite() {
                satterthwaite.max(1.0)
            } else {
                1.0
            },
        })
    }

    /// Mean ln(candidate) − mean ln(baseline).
    #[must_use]
    pub fn log_ratio(&self) -> f64 {
        self.log_ratio
    }

    /// Interval of the log-ratio with confidence 1 − `level`.
    #[must_use]
    pub fn interval(&self, level: f64) -> Interval {
        let half = if self.standard_error == 0.0 {
            0.0
        } else {
            t_quantile(1.0 - level / 2.0, self.freedom) * self.standard_error
        };
        Interval {
            low: self.log_ratio - half,
            high: self.log_ratio + half,
            confidence: 1.0 - level,
        }
    }

    /// p-value against "the two differ by no more than the tolerance", both directions.
    #[must_use]
    pub fn p_change(&self) -> f64 {
        (2.0 * self.tail(self.log_ratio.abs() - self.bounds.tolerance)).min(1.0)
    }

    /// p-value against "the two differ by the margin or more"; doubled, so that it agrees with the two-sided interval.
    #[must_use]
    pub fn p_equivalent(&self) -> f64 {
        (2.0 * self.tail(self.bounds.margin - self.log_ratio.abs())).min(1.0)
    }

    /// P(T > distance / standard error).
    fn tail(&self, distance: f64) -> f64 {
        if self.standard_error == 0.0 {
            return if distance > 0.0 { 0.0 } else { 1.0 };
        }
        let t = distance / self.standard_error;
        StudentsT::new(0.0, 1.0, self.freedom).map_or(1.0, |student| student.sf(t))
    }
}

/// Mean of the logarithms and the variance of that mean.
fn log_mean(values: &[f64]) -> Option<(f64, f64)> {
    let fine = values.len() >= 2 && values.iter().all(|v| v.is_finite() && *v > 0.0);
    fine.then(|| {
        let logs: Vec<f64> = values.iter().map(|value| value.ln()).collect();
        let mean = mean(&logs);
        let sd = standard_deviation(&logs, mean);
        (mean, sd * sd / logs.len() as f64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        tolerance: 0.0,
        margin: 0.01,
    };

    #[test]
    fn p_value_and_interval_agree_with_scipy() {
        // r = scipy.stats.ttest_ind(log(candidate), log(baseline), equal_var=False); r.confidence_interval(.95)
        let one =
            Unpaired::new(&[100.0, 102.0, 99.0, 101.5], &[105.0, 107.0, 103.0], BOUNDS).unwrap();
        let golden = GOLDEN;
        assert!(
            (one.log_ratio() - golden[0]).abs() < 1e-9,
            "{}",
            one.log_ratio()
        );
        assert!(
            (one.p_change() - golden[1]).abs() < 1e-9,
            "{}",
            one.p_change()
        );
        let interval = one.interval(0.05);
        assert!((interval.low - golden[2]).abs() < 1e-9, "{interval:?}");
        assert!((interval.high - golden[3]).abs() < 1e-9, "{interval:?}");
    }

    const GOLDEN: [f64; 4] = [
        0.042_508_978_977_489_065,
        0.037_068_556_117_353_22,
        0.004_419_541_731_957_063,
        0.080_598_416_223_021_07,
    ];

    #[test]
    fn what_cannot_be_compared_is_not() {
        assert!(Unpaired::new(&[1.0], &[1.0, 2.0], BOUNDS).is_none());
        assert!(Unpaired::new(&[1.0, 0.0], &[1.0, 2.0], BOUNDS).is_none());
        assert!(Unpaired::new(&[1.0, f64::NAN], &[1.0, 2.0], BOUNDS).is_none());
    }

    #[test]
    fn equal_constants_are_equivalent_and_unequal_ones_are_not() {
        let same = Unpaired::new(&[8.0; 3], &[8.0; 3], BOUNDS).unwrap();
        assert_eq!((same.p_equivalent(), same.p_change()), (0.0, 1.0));
        let more = Unpaired::new(&[8.0; 3], &[9.0; 3], BOUNDS).unwrap();
        assert_eq!((more.p_equivalent(), more.p_change()), (1.0, 0.0));
    }
}
