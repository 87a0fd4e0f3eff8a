//! Bencher Metric Format: `{"case": {"measure": {"value", "lower_value", "upper_value"}}}`.
//!
//! Source: bencher.dev/docs/reference/bencher-metric-format.

use std::collections::BTreeMap;

use serde::Serialize;

use super::series::{Series, distinct};
use crate::Skipped;

#[derive(Serialize)]
struct Metric {
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    lower_value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upper_value: Option<f64>,
}

/// The text, and the series that have no place in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BencherMetrics {
    /// JSON.
    pub json: String,
    /// Series whose last point has no value.
    pub left_out: Vec<Skipped>,
}

/// The last point of each series; the measure is the metric's name. The format has no unit: set it in Bencher for
/// each measure. Series that differ in the machine alone have it in their case: `case @ machine`.
#[must_use]
pub fn bencher_metric_format(series: &[Series]) -> BencherMetrics {
    let mut cases: BTreeMap<String, BTreeMap<&str, Metric>> = BTreeMap::new();
    let mut left_out = Vec::new();
    let suffixes = distinct(series, |one| format!("{}\n{}", one.case, one.metric));
    for (one, suffix) in series.iter().zip(suffixes) {
        let Some((value, point)) = one
            .points
            .last()
            .and_then(|point| Some((point.finite()?, point)))
        else {
            left_out.push(no_last_value(one));
            continue;
        };
        let interval = point
            .interval
            .filter(|(low, high)| low.is_finite() && high.is_finite());
        let measures = cases.entry(format!("{}{suffix}", one.case)).or_default();
        measures.insert(
            &one.metric,
            Metric {
                value,
                lower_value: interval.map(|bounds| bounds.0),
                upper_value: interval.map(|bounds| bounds.1),
            },
        );
    }
    BencherMetrics {
        json: pretty(&cases),
        left_out,
    }
}

/// JSON with line breaks and one at its end.
pub(super) fn pretty(value: &impl Serialize) -> String {
    let mut text =
        serde_json::to_string_pretty(value).expect("maps with text keys and finite numbers");
    text.push('\n');
    text
}

pub(super) fn no_last_value(series: &Series) -> Skipped {
    Skipped {
        place: format!("{} {}", series.case, series.metric),
        reason: "its last point has no value".to_owned(),
    }
}
