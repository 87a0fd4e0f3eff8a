//! A run in, text out. Calculates, never prints: where the text goes is the host's business.
//!
//! One file (or folder) for each form. `terminal` is made from a run alone; the others are made from a [`Report`], which
//! holds the run, its verdicts and its past.

pub mod csv;
mod facts;
pub mod github;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod openmetrics;
mod share;
pub mod terminal;
mod text;
mod view;

pub use facts::said;
pub use share::share;
pub use text::{harmless, wrap};
pub use view::{Band, Before, Difference, Point, Report, Series, differences};
