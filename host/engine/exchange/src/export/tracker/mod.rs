//! The three files of the Inference-PIO regression tracker, and its list of alerts, as its document shows them.
//!
//! Model: the case; metric: the metric. Category: the label `category` of a point, else `memory` for memory,
//! `accuracy` for quality and `performance` for the rest. Points without value have no place in these forms and are
//! left out. Numbers look as Python prints them; dates are in UTC, where the tracker takes its machine's zone.

mod alert;
mod history;
mod report;

pub use alert::{Alert, Severity, tracker_alerts};
pub use history::{tracker_csv, tracker_history};
pub use report::tracker_report;
