//! The last values, verdicts and alerts as text for a scrape, in both forms that Prometheus reads.
//!
//! `benchhost_time_seconds{case="sort?threads=1",metric="time",plugin=…,workload=…,machine=…} 0.0012` is the value of a metric of
//! the run; the ends of its interval, what a baseline expects and what it was judged against have the same name with
//! `interval_low_`, `interval_high_`, `baseline_`, `reference_` after the prefix. A case without a speed has no value, only an
//! outcome. What the history holds of earlier runs is not in it: who scrapes has a history of their own.
//!
//! Source: OpenMetrics 1.0; Prometheus exposition formats, text format 0.0.4.

mod family;
mod name;
mod run;
mod standing;
#[cfg(test)]
mod tests;
mod value;

use family::Family;

use crate::Report;

/// Which text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// OpenMetrics 1.0: with units, families of text, and an end.
    OpenMetrics,
    /// The older text of Prometheus, which node_exporter's text files and `promtool` read.
    Prometheus,
}

impl Form {
    /// What it is called in HTTP.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

/// The text, from `# HELP` to `# EOF`. `now_s`: Unix time, for the age of the run.
#[must_use]
pub fn render(report: &Report, now_s: f64) -> String {
    render_as(report, now_s, Form::OpenMetrics)
}

/// As [`render`], in either form.
#[must_use]
pub fn render_as(report: &Report, now_s: f64, form: Form) -> String {
    let mut families: Vec<Family> = run::families(report, now_s);
    families.extend(standing::families(report));
    let ours = families.iter().flat_map(whole_names).collect();
    families.extend(value::families(report, ours));
    family::text(families, form)
}

/// Names that samples of a family have, in one form or the other.
fn whole_names(family: &Family) -> [String; 2] {
    let name = name::whole(&family.name, &family.unit);
    let text = format!("{name}_info");
    [name, text]
}
