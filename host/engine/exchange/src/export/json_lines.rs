//! Our own JSON lines: the form [`crate::Format::Benchhost`] reads, lossless.

use super::series::Series;
use crate::{Entry, HISTORY_SCHEMA};

/// The first line, with its line break.
#[must_use]
pub fn history_header() -> String {
    format!("{{\"benchhost\":\"history\",\"schema\":{HISTORY_SCHEMA}}}\n")
}

/// One entry as a line, with its line break. Numbers read back exactly; a number that is infinite or none is `null`
/// as value, and left out of time, interval and samples.
#[must_use]
pub fn history_line(entry: &Entry) -> String {
    let mut entry = entry.clone();
    entry.value = entry.value.filter(|value| value.is_finite());
    entry.time_unix_s = entry.time_unix_s.filter(|time| time.is_finite());
    entry.interval = entry
        .interval
        .filter(|(low, high)| low.is_finite() && high.is_finite());
    entry.samples.retain(|sample| sample.is_finite());
    entry.n = entry.n.max(1);
    let mut line = serde_json::to_string(&entry).expect("text keys and finite numbers");
    line.push('\n');
    line
}

/// All points of all series, header first. For millions of points write [`history_header`] and [`history_line`] as
/// they come.
#[must_use]
pub fn json_lines(series: &[Series]) -> String {
    let mut text = history_header();
    for one in series {
        for point in &one.points {
            text.push_str(&history_line(&Entry {
                case: one.case.clone(),
                metric: one.metric.clone(),
                unit: one.unit.clone(),
                direction: one.direction,
                kind: one.kind,
                machine: one.machine.clone(),
                time_unix_s: point.time_unix_s,
                revision: point.revision.clone(),
                value: point.value,
                interval: point.interval,
                n: point.n,
                samples: point.samples.clone(),
                labels: point.labels.clone(),
            }));
        }
    }
    text
}
