//! Statistics of one measurement. Computed by `benchhost-stats`; here is only their form.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Statistics of the samples of one measurement, all in the metric's unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Samples.
    pub n: u64,
    /// Repetitions (independent processes) they come from.
    pub repetitions: u32,
    /// Middle value.
    pub median: f64,
    /// Interval of the median.
    pub interval: Interval,
    /// Median absolute deviation, scaled to estimate σ of a normal distribution.
    pub mad: f64,
    /// Arithmetic mean.
    pub mean: f64,
    /// Mean of the middle 80 %.
    pub trimmed_mean: f64,
    /// Sample standard deviation; 0 for one sample.
    pub standard_deviation: f64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Quantiles asked for, those without enough samples included.
    pub quantiles: Vec<Quantile>,
    /// Samples farther than 3 scaled MAD from the median; counted and shown, never dropped.
    pub outliers: u64,
}

/// An interval with its confidence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Confidence, 0–1.
    pub confidence: f64,
}

impl Interval {
    /// Half the width, relative to `value`; infinite when `value` is 0.
    #[must_use]
    pub fn relative_half_width(&self, value: f64) -> f64 {
        if value == 0.0 {
            if self.high == self.low {
                0.0
            } else {
                f64::INFINITY
            }
        } else {
            (self.high - self.low) / (2.0 * value.abs())
        }
    }
}

/// A quantile, or how many samples it still needs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quantile {
    /// Which one, 0–1.
    pub q: f64,
    /// Its value; absent when there are too few samples to state it.
    pub value: Option<f64>,
    /// Samples missing until it can be stated; 0 when it is.
    pub needs_more: u64,
}
