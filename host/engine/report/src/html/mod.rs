//! The dashboard: one page that needs neither a server nor a network.
//!
//! `page.html` is the frame, filled by a template engine that escapes; `style/` and `js/` are put into it as they are;
//! what the report says comes along as JSON, and the scripts make the page from it, by text nodes alone. Charts are
//! drawn by plotly.js, which comes with the crate `plotly`.
//!
//! `data/` decides what the page knows, `pack` how columns of numbers are written small, `script` which scripts may run.

mod data;
mod embed;
mod pack;
mod script;
mod template;

pub use script::{Script, plotly_js};

use crate::Report;

/// Bytes that a page has at most, whatever the history holds: mail and chat take it, and a browser opens it at once.
pub(crate) const PAGE_BYTES: usize = 8_000_000;

/// The page, whole: it can be opened from disk.
#[must_use]
pub fn page(report: &Report) -> String {
    page_with(report, Script::Embedded)
}

/// The page with the plotting library in it, or fetched from where a server has it.
#[must_use]
pub fn page_with(report: &Report, script: Script<'_>) -> String {
    let room = PAGE_BYTES.saturating_sub(script::packed_plotly().len() + template::frame_bytes());
    let data = data::embedded(report, room);
    template::render(report, &data, script)
}
