//! Metrics history of the Inference-PIO regression tracker: `{"model:metric": [{name, value, …}]}`.
//!
//! Case: `model_name`; metric: `name`; unit as written. Category and metadata become labels (`category`,
//! `metadata.KEY`), so that the history can be written again.

use benchhost_record::{Direction, MetricKind};

use crate::{Entry, Error, Import, json::Node, unit};

pub(super) fn read(root: &Node<'_>, into: &mut Import) -> Result<(), Error> {
    for (_, history) in root.members()? {
        for metric in history.items()? {
            let unit = metric.field("unit")?.text()?;
            let category = metric.find("category").map_or(Ok(""), |node| node.text())?;
            let value = metric.field("value")?.value()?;
            let case = metric.field("model_name")?.text()?;
            let kind = kind(category, unit);
            let mut entry = Entry::new(case, metric.field("name")?.text()?, value).of(
                unit,
                tracker_direction(category, unit),
                kind,
            );
            entry.time_unix_s = Some(metric.field("timestamp")?.number()?);
            entry.label(
                "category",
                Some(category.to_owned()).filter(|text| !text.is_empty()),
            );
            if let Some(metadata) = metric.find("metadata") {
                for (key, node) in metadata.members()? {
                    entry.label(&format!("metadata.{key}"), node.scalar());
                }
            }
            if value.is_none() {
                into.skip(metric.place(), "no number");
            }
            into.entries.push(entry);
        }
    }
    Ok(())
}

/// Which direction is better for a metric of the tracker, by its category and unit.
///
/// Memory is better low, accuracy and efficiency high, whatever the unit. Otherwise the unit says it: rates
/// (`tokens/sec`, `requests/sec`, anything per second) and `throughput` high, durations and `time` low, amounts of
/// memory low; anything else has no direction.
///
/// Source: sections "Metrics Categories" and "Example Detection Logic" of the tracker's document.
#[must_use]
pub fn tracker_direction(category: &str, unit: &str) -> Direction {
    match category {
        "memory" | "time" | "latency" => return Direction::Lower,
        "accuracy" | "efficiency" => return Direction::Higher,
        _ => {}
    }
    match unit {
        "throughput" => Direction::Higher,
        "time" | "memory usage" => Direction::Lower,
        _ => unit::read(unit).direction(),
    }
}

fn kind(category: &str, written: &str) -> MetricKind {
    match (category, written) {
        ("memory", _) => MetricKind::Memory,
        ("accuracy", _) => MetricKind::Quality,
        (_, "throughput") => MetricKind::Throughput,
        (_, "time") => MetricKind::Time,
        _ => unit::kind(written),
    }
}
