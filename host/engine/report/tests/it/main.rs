//! The texts of the report, whole, against runs made by hand.

mod comparison;
mod contrast;
mod fixture;
mod forms;
mod html;
mod judged;
mod sections;
mod terminal;
