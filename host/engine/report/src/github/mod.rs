//! A report where GitHub shows it: the summary of a step, annotations, the comment of a pull request.
//!
//! Each is cut to what GitHub takes, and says what it left out.

mod annotation;
mod comment;

pub use annotation::annotations;
pub use comment::{COMMENT_LIMIT, CommentOptions, comment, marker};

use crate::{
    Report,
    facts::Known,
    markdown::{section::within, sections},
};

/// Bytes of the summary of a step; GitHub refuses more than 1 MiB.
pub const SUMMARY_LIMIT: usize = 1024 * 1024 - 1024;

/// The summary of a step, Markdown of at most [`SUMMARY_LIMIT`] bytes.
#[must_use]
pub fn summary(report: &Report) -> String {
    within(
        &sections(&Known::of(report)),
        SUMMARY_LIMIT,
        "`benchhost report --format html,md,json` has everything.",
    )
}
