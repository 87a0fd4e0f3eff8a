//! Real files of other tools in, our records out; our records in, their files out.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod broken;
mod errors;
mod export;
mod fixture;
mod golden;
mod hand_written;
mod streaming;
mod tracker;
