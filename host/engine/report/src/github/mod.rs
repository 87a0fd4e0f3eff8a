//! A report where GitHub shows it: the summary of a step, annotations, the comment of a pull request.

use crate::Report;

/// The comment, with a marker by which it is found again.
#[must_use]
pub fn comment(_report: &Report) -> String {
    String::new()
}

/// The summary of a step, Markdown.
#[must_use]
pub fn summary(_report: &Report) -> String {
    String::new()
}

/// Workflow commands, one a line: an error or a warning for each thing that asks for attention.
#[must_use]
pub fn annotations(_report: &Report) -> String {
    String::new()
}
