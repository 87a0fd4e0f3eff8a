//! The texts of the report, whole, against runs made by hand.

mod fixture;
mod terminal;
