//! A report as Markdown, for people who read it where it is kept.

use crate::Report;

/// The report with a line feed at its end.
#[must_use]
pub fn render(_report: &Report) -> String {
    String::new()
}
