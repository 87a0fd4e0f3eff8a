//! The regression engine as its users meet it: rules as text, values, verdicts.
//!
//! `support` builds subjects in one line. The gates of the five systems that benchhost replaces stand in one file each.

mod again;
mod alerts;
mod broken;
mod choice;
mod contrastive;
mod docs;
mod eco2ai;
mod errors;
mod expressions;
mod families;
mod fast_vlm;
mod globs;
mod inference_pio;
mod mep;
mod sentences;
mod series;
mod support;
mod verdicts;
