//! The texts of the report, whole, against runs made by hand.

mod comparison;
mod fixture;
mod forms;
mod sections;
mod terminal;
