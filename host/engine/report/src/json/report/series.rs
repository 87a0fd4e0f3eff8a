//! The past of a metric, as columns of equal length.

use benchhost_record::Metric;
use benchhost_stats::{ChangeKind, ChangePoint};
use schemars::JsonSchema;
use serde::Serialize;

use super::known;
use crate::{Point, Series};

/// The values of one metric of one case on one machine, oldest first.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Series")]
pub(super) struct WireSeries<'a> {
    case: &'a str,
    metric: &'a Metric,
    /// Fingerprint of the machine; empty when unknown.
    machine: &'a str,
    /// How many points the history has; more than are here when the series was thinned.
    all_points: u64,
    /// The points that are here, as columns of equal length.
    points: WirePoints<'a>,
    changes: Vec<WireChange>,
    /// What a baseline expects; null without one.
    baseline: Option<WireBand>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Points")]
struct WirePoints<'a> {
    /// When, ms since 1970 in UTC.
    time_ms: Vec<i64>,
    /// The value in the metric's unit; null when the case failed.
    value: Vec<Option<f64>>,
    /// Lower end of its interval.
    low: Vec<Option<f64>>,
    /// Upper end.
    high: Vec<Option<f64>>,
    /// The run it comes from.
    run: Vec<Option<&'a str>>,
    /// The commit, with `-dirty` when the work tree differed from it.
    revision: Vec<Option<&'a str>>,
}

/// A place where a series changed.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Change")]
struct WireChange {
    /// First point of the new regime, an index into the columns.
    index: usize,
    /// `step` or `drift`.
    kind: &'static str,
    before: Option<f64>,
    after: Option<f64>,
    noise_before: Option<f64>,
    noise_after: Option<f64>,
    /// First and last point at which the new regime may have begun.
    interval: [usize; 2],
    confidence: Option<f64>,
}

/// A value, and what is no reason for an alarm.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Band")]
struct WireBand {
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
}

pub(super) fn wire(series: &Series) -> WireSeries<'_> {
    let points = &series.points;
    let end = |pick: fn((f64, f64)) -> f64| -> Vec<Option<f64>> {
        let ends = points.iter().map(|point| point.interval.map(pick));
        ends.map(|end| end.and_then(known)).collect()
    };
    let text = |pick: fn(&Point) -> Option<&str>| points.iter().map(pick).collect();
    WireSeries {
        case: &series.case,
        metric: &series.metric,
        machine: &series.machine,
        all_points: series.all_points,
        points: WirePoints {
            time_ms: points.iter().map(|point| point.time_ms).collect(),
            value: points.iter().map(|point| known(point.value)).collect(),
            low: end(|ends| ends.0),
            high: end(|ends| ends.1),
            run: text(|point| point.run.as_deref()),
            revision: text(|point| point.revision.as_deref()),
        },
        changes: series.changes.iter().map(change).collect(),
        baseline: series.baseline.as_ref().map(|band| WireBand {
            value: known(band.value),
            low: known(band.low),
            high: known(band.high),
        }),
    }
}

fn change(change: &ChangePoint) -> WireChange {
    WireChange {
        index: change.index,
        kind: match change.kind {
            ChangeKind::Step => "step",
            ChangeKind::Drift => "drift",
        },
        before: known(change.before),
        after: known(change.after),
        noise_before: known(change.noise_before),
        noise_after: known(change.noise_after),
        interval: [change.interval.0, change.interval.1],
        confidence: known(change.confidence),
    }
}
