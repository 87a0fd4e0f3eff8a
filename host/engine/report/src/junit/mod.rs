//! A report as JUnit XML: a suite for each workload, a test case for each case.

use crate::Report;

/// The report as an XML document.
#[must_use]
pub fn render(_report: &Report) -> String {
    String::new()
}
