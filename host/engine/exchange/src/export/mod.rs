//! Records in, files other tools read out: one file per format.
//!
//! Names of cases, metrics and units are data of somebody else: each format escapes them so that a name with quotes,
//! line breaks, markup or a formula stays a name. Formats that hold one value per name ([`custom_benchmarks`],
//! [`bencher_metric_format`]) take the last point of a series; when that point has no value the series is left out
//! and named, never shown with an older value.

mod bencher;
mod csv;
mod custom;
mod json_lines;
mod openmetrics;
mod python;
mod series;
mod tracker;

pub use bencher::{BencherMetrics, bencher_metric_format};
pub use csv::csv;
pub use custom::{CustomBenchmarks, custom_benchmarks};
pub use json_lines::{history_header, history_line, json_lines};
pub use openmetrics::openmetrics;
pub use series::{Point, Series, gather};
pub use tracker::{Alert, Severity, tracker_alerts, tracker_csv, tracker_history, tracker_report};
