//! The last values, verdicts and alerts as OpenMetrics text, for a scrape.

use crate::Report;

/// The text, from `# TYPE` to `# EOF`. `now_s`: Unix time, for the age of the run.
#[must_use]
pub fn render(_report: &Report, _now_s: f64) -> String {
    String::new()
}
