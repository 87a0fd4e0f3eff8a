//! The texts of the report, whole, against runs made by hand.

mod comparison;
mod fixture;
mod forms;
mod judged;
mod sections;
mod terminal;
