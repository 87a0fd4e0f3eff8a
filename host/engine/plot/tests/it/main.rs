//! Pictures of made-up reports, read back by other parsers.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod hostile;
mod made;
mod shown;
