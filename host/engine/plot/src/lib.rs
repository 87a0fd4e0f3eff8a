//! A report in, pictures out. Draws, never writes a file.
//!
//! What is to be seen is chosen from the data, never by the name of a plugin ([`choose`]), put down as panels ([`figure`]), and
//! painted twice, as SVG and as pixels ([`paint`]). The same report gives the same bytes.

mod choose;
mod figure;
mod font;
mod label;
mod paint;
mod palette;
mod scale;

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
pub fn pictures(report: &Report) -> Vec<Picture> {
    font::ready();
    choose::figures(report).iter().map(paint::picture).collect()
}

/// Why `drawn`, the pictures of `report`, has none of training, scalability, hardware or the history: a sentence for each.
#[must_use]
pub fn not_drawn(report: &Report, drawn: &[Picture]) -> Vec<String> {
    let names: Vec<&str> = drawn.iter().map(|picture| picture.name.as_str()).collect();
    choose::reasons(report, &names)
}
