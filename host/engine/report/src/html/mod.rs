//! The dashboard: one page that needs neither a server nor a network.

use crate::Report;

/// The page.
#[must_use]
pub fn page(_report: &Report) -> String {
    String::new()
}
