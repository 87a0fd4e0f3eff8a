//! A report in, pictures out. Draws, never writes a file.

use benchhost_report::Report;

/// A picture in both forms.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Name of its file without ending: `training_performance`.
    pub name: String,
    /// The picture as SVG.
    pub svg: String,
    /// The picture as PNG.
    pub png: Vec<u8>,
}

/// Pictures of a report; none for what it holds nothing of.
#[must_use]
pub fn pictures(_report: &Report) -> Vec<Picture> {
    Vec::new()
}
