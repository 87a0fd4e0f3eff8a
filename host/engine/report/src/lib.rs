//! A run in, text out. Calculates, never prints: where the text goes is the host's business.
//!
//! One file (or folder) for each form.

pub mod json;
pub mod terminal;
mod text;

pub use text::{harmless, wrap};
