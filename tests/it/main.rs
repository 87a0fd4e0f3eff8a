//! The program as a user runs it: one file for each thing a user does, or that can go wrong.

mod advice;
mod author;
mod c_door;
mod changes;
mod check;
mod compare;
mod completions;
mod contrast;
mod dashboard;
mod data;
mod described;
mod doctor;
mod exchange;
mod gpu;
mod history;
mod input;
mod interrupt;
mod load;
mod man;
mod meant;
mod methodology;
mod misbehaviour;
mod new;
mod plots;
mod probe;
mod process_door;
mod profile;
mod publish;
mod python;
mod report;
mod run;
mod serve;
mod store;
mod sweep;
mod tidy;
mod traces;

#[path = "../support/mod.rs"]
mod support;
