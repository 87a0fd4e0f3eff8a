//! Metrics history JSON and CSV of the tracker.

use std::collections::BTreeMap;

use benchhost_record::MetricKind;
use serde::Serialize;

use super::super::{
    Point, Series,
    bencher::pretty,
    csv::{Rows, cell},
    python,
};
use crate::moment;

#[derive(Serialize)]
struct WireMetric<'a> {
    name: &'a str,
    value: f64,
    unit: &'a str,
    timestamp: f64,
    model_name: &'a str,
    category: &'a str,
    metadata: BTreeMap<&'a str, &'a str>,
}

/// `{"model:metric": [{name, value, unit, timestamp, model_name, category, metadata}]}`. A point without time has the
/// timestamp 0; the machine goes into the metadata when the point does not say another.
#[must_use]
pub fn tracker_history(series: &[Series]) -> String {
    let mut history: BTreeMap<String, Vec<WireMetric<'_>>> = BTreeMap::new();
    for one in series {
        let metrics = history
            .entry(format!("{}:{}", one.case, one.metric))
            .or_default();
        for (point, value) in valued(one) {
            let metadata = point
                .labels
                .iter()
                .filter_map(|(key, text)| Some((key.strip_prefix("metadata.")?, text.as_str())));
            let mut metadata: BTreeMap<&str, &str> = metadata.collect();
            if let Some(machine) = &one.machine {
                metadata.entry("machine").or_insert(machine);
            }
            if let Some(revision) = &point.revision {
                metadata.entry("revision").or_insert(revision);
            }
            metrics.push(WireMetric {
                name: &one.metric,
                value,
                unit: &one.unit,
                timestamp: time(point),
                model_name: &one.case,
                category: category(one, point),
                metadata,
            });
        }
    }
    history.retain(|_, metrics| !metrics.is_empty());
    pretty(&history)
}

/// `Model Name,Metric Name,Value,Unit,Category,Timestamp,Date Time`. A text cell that begins with `= + - @` gets a
/// `'` before it, so that no spreadsheet runs it.
#[must_use]
pub fn tracker_csv(series: &[Series]) -> String {
    let header = [
        "Model Name",
        "Metric Name",
        "Value",
        "Unit",
        "Category",
        "Timestamp",
        "Date Time",
    ];
    let mut rows = Rows::new(&header);
    for one in series {
        for (point, value) in valued(one) {
            rows.push(&[
                &cell(&one.case),
                &cell(&one.metric),
                &python::repr(value),
                &cell(&one.unit),
                &cell(category(one, point)),
                &python::repr(time(point)),
                &moment::iso(time(point)).unwrap_or_default(),
            ]);
        }
    }
    rows.text()
}

/// Points with a finite value.
pub(super) fn valued(series: &Series) -> impl Iterator<Item = (&Point, f64)> {
    series
        .points
        .iter()
        .filter_map(|point| Some((point, point.finite()?)))
}

fn time(point: &Point) -> f64 {
    point
        .time_unix_s
        .filter(|time| time.is_finite())
        .unwrap_or(0.0)
}

fn category<'a>(series: &Series, point: &'a Point) -> &'a str {
    if let Some(category) = point.labels.get("category") {
        return category;
    }
    match series.kind {
        MetricKind::Memory => "memory",
        MetricKind::Quality => "accuracy",
        MetricKind::Time
        | MetricKind::Throughput
        | MetricKind::Energy
        | MetricKind::Count
        | MetricKind::Ratio => "performance",
    }
}
