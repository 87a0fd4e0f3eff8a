//! The texts of the report, whole, against runs made by hand.

mod comparison;
mod fixture;
mod judged;
mod sections;
mod terminal;
