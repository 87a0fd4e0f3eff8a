//! `customSmallerIsBetter` and `customBiggerIsBetter` JSON of github-action-benchmark.

use benchhost_record::Direction;
use serde::Serialize;

use super::{
    bencher::{no_last_value, pretty},
    python,
    series::{Series, distinct, full_name},
};
use crate::Skipped;

#[derive(Serialize)]
struct Bench {
    name: String,
    unit: String,
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra: Option<String>,
}

/// The two files, since the format has no word for the direction, and the series that have no place in either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomBenchmarks {
    /// For the tool `customSmallerIsBetter`: an array, perhaps empty.
    pub smaller_is_better: String,
    /// For the tool `customBiggerIsBetter`: an array, perhaps empty.
    pub bigger_is_better: String,
    /// Series without a direction or without a last value.
    pub left_out: Vec<Skipped>,
}

/// The last point of each series. Name: `case`, or `case::metric` where the metric is not `value`. An interval
/// becomes `± half its width`, samples and revision the `extra`.
#[must_use]
pub fn custom_benchmarks(series: &[Series]) -> CustomBenchmarks {
    let (mut smaller, mut bigger, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    let suffixes = distinct(series, |one| full_name(&one.case, &one.metric));
    for (one, suffix) in series.iter().zip(suffixes) {
        let Some((value, point)) = one
            .points
            .last()
            .and_then(|point| Some((point.finite()?, point)))
        else {
            left_out.push(no_last_value(one));
            continue;
        };
        let half = point
            .interval
            .map(|(low, high)| (high - low) / 2.0)
            .filter(|half| half.is_finite());
        let mut extra = vec![format!("samples: {}", point.n.max(1))];
        extra.extend(
            point
                .revision
                .as_ref()
                .map(|revision| format!("revision: {revision}")),
        );
        let bench = Bench {
            name: format!("{}{suffix}", full_name(&one.case, &one.metric)),
            unit: one.unit.clone(),
            value,
            range: half.map(|half| format!("± {}", python::repr(half))),
            extra: Some(extra.join("\n")),
        };
        match one.direction {
            Direction::Lower => smaller.push(bench),
            Direction::Higher => bigger.push(bench),
            Direction::Neither => left_out.push(Skipped {
                place: format!("{} {}", one.case, one.metric),
                reason: "it has no direction, the format needs one".to_owned(),
            }),
        }
    }
    CustomBenchmarks {
        smaller_is_better: pretty(&smaller),
        bigger_is_better: pretty(&bigger),
        left_out,
    }
}
