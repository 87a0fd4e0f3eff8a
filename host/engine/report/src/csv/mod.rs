//! A report as CSV: one table for each question.

use crate::Report;

/// Every metric of every case of the run, a row each.
#[must_use]
pub fn metrics(_report: &Report) -> String {
    String::new()
}
