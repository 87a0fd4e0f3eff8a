//! JMH: `-rf json`.
//!
//! Value: the score with its confidence interval. Metric: `time` for the modes avgt, sample and ss, `throughput` for
//! thrpt; secondary metrics by their name, with a direction only where their unit gives one. The same benchmark in
//! several modes of time has the mode in its metric: `time.sample`. Samples: `rawData` of all forks.

use std::collections::{BTreeMap, BTreeSet};

use benchhost_record::{Direction, MetricKind, names};

use crate::{
    Entry, Error, Import, case,
    json::{Json, Node},
    unit,
};

pub(super) fn read(root: &Node<'_>, into: &mut Import) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for result in root.items()? {
        let name = result.field("benchmark")?.text()?;
        let mut params = BTreeMap::new();
        if let Some(found) = result.find("params") {
            for (key, value) in found.members()? {
                params.insert(key.to_owned(), value.scalar().unwrap_or_default());
            }
        }
        let case = case::named(name, &params);
        let mode = result.field("mode")?;
        let (mut metric, direction) = match mode.text()? {
            "thrpt" => (names::THROUGHPUT.to_owned(), Direction::Higher),
            "avgt" | "sample" | "ss" => (names::TIME.to_owned(), Direction::Lower),
            _ => return Err(mode.wrong("thrpt, avgt, sample or ss")),
        };
        if !seen.insert((case.clone(), metric.clone())) {
            metric = format!("{metric}.{}", mode.text()?);
        }
        let before = into.entries.len();
        let primary = result.field("primaryMetric")?;
        let mut entry = score(&primary, &case, &metric, into)?;
        entry.direction = direction;
        if direction == Direction::Higher {
            entry.kind = MetricKind::Throughput;
        }
        into.entries.push(entry);
        if let Some(secondary) = result.find("secondaryMetrics") {
            for (name, metric) in secondary.members()? {
                let entry = score(&metric, &case, name, into)?;
                into.entries.push(entry);
            }
        }
        for entry in &mut into.entries[before..] {
            for key in ["mode", "threads", "forks", "jdkVersion", "jmhVersion"] {
                entry.label(key, result.find(key).and_then(|node| node.scalar()));
            }
        }
    }
    Ok(())
}

fn score(node: &Node<'_>, case: &str, metric: &str, into: &mut Import) -> Result<Entry, Error> {
    let unit = unit::read(node.field("scoreUnit")?.text()?);
    let raw = node.field("score")?;
    let value = number(&raw)?.map(|value| unit.convert(value));
    if value.is_none() {
        into.skip(
            raw.place(),
            format!("the score of `{case}` is not a number"),
        );
    }
    let direction = match unit.kind {
        MetricKind::Throughput if unit.name.starts_with("ops/") => Direction::Higher,
        MetricKind::Time => Direction::Lower,
        _ => Direction::Neither,
    };
    let mut entry = Entry::new(case, metric, value).of(&unit.name, direction, unit.kind);
    if let Some(bounds) = node.find("scoreConfidence") {
        let bounds: Vec<Option<f64>> = bounds
            .items()?
            .map(|bound| number(&bound))
            .collect::<Result<_, _>>()?;
        if let [Some(low), Some(high)] = bounds[..] {
            entry.interval = Some((unit.convert(low), unit.convert(high)));
        }
    }
    if let Some(forks) = node.find("rawData") {
        let mut samples = Vec::new();
        for fork in forks.items()? {
            samples.extend(fork.numbers()?.into_iter().map(|value| unit.convert(value)));
        }
        entry = entry.with_samples(samples);
    } else if let Some(forks) = node.find("rawDataHistogram") {
        entry.n = histogram_count(&forks)?.max(1);
    }
    Ok(entry)
}

/// JMH writes what is not a number as the text `NaN`.
fn number(node: &Node<'_>) -> Result<Option<f64>, Error> {
    match node.json() {
        Json::Text(text) if matches!(text.as_str(), "NaN" | "Infinity" | "-Infinity") => Ok(None),
        _ => node.value(),
    }
}

/// Values behind `[fork][iteration][[value, count]]`.
fn histogram_count(forks: &Node<'_>) -> Result<u64, Error> {
    let mut count = 0.0;
    for fork in forks.items()? {
        for iteration in fork.items()? {
            for bucket in iteration.items()? {
                let pair = bucket.numbers()?;
                count += pair
                    .get(1)
                    .ok_or_else(|| bucket.wrong("a value and its count"))?;
            }
        }
    }
    Ok(count as u64)
}
