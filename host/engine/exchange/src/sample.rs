//! The one statistic an import needs.

/// Median of samples of which all are finite; `None` for none.
pub(crate) fn median(samples: &[f64]) -> Option<f64> {
    benchhost_stats::median(samples).ok()
}
