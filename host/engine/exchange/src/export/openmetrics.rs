//! OpenMetrics text, one gauge family per metric and unit.
//!
//! `benchhost_time_seconds{case="sort",machine="ci"} 0.0012 1697385600.0`. Times and memory are in base units, as the
//! format asks; the unit is the family's suffix. Points whose time grows are all written, so that the text can be
//! backfilled; a series without times has its last value only, and one that ends without value has nothing.
//!
//! Source: OpenMetrics 1.0, sections "Text format" and "Supported metadata and units".

use std::{collections::BTreeMap, fmt::Write};

use benchhost_record::openmetrics as words;

use super::{
    python,
    series::{Series, distinct},
};
use crate::unit;

#[derive(Default)]
struct Family {
    unit: String,
    samples: String,
}

/// The text, from `# TYPE` to `# EOF`.
#[must_use]
pub fn openmetrics(series: &[Series]) -> String {
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    let suffixes = distinct(series, |one| {
        format!("{}\n{}\n{}", one.case, one.metric, one.unit)
    });
    for (one, suffix) in series.iter().zip(&suffixes) {
        let ours = unit::read(&one.unit);
        let word = words::unit(&ours.name);
        let name = family_name(&one.metric, &word);
        let labels = labels(one, suffix);
        let mut samples = String::new();
        for (value, time) in points(one) {
            let _ = write!(
                samples,
                "{name}{{{labels}}} {}",
                python::repr(ours.convert(value))
            );
            if let Some(time) = time {
                let _ = write!(samples, " {}", python::repr(time));
            }
            samples.push('\n');
        }
        if !samples.is_empty() {
            let family = families.entry(name).or_default();
            family.unit = word;
            family.samples.push_str(&samples);
        }
    }
    let mut text = String::new();
    for (name, family) in families {
        let _ = writeln!(text, "# TYPE {name} gauge");
        if !family.unit.is_empty() {
            let _ = writeln!(text, "# UNIT {name} {}", family.unit);
        }
        text.push_str(&family.samples);
    }
    text.push_str("# EOF\n");
    text
}

/// Value and time of the points that may be written.
fn points(series: &Series) -> Vec<(f64, Option<f64>)> {
    let mut points = Vec::new();
    let mut last = f64::NEG_INFINITY;
    for point in &series.points {
        let time = point.time_unix_s.filter(|time| time.is_finite());
        let (Some(value), Some(time)) = (point.finite(), time) else {
            continue;
        };
        if time > last {
            points.push((value, Some(time)));
            last = time;
        }
    }
    let has_times = series
        .points
        .iter()
        .any(|point| point.time_unix_s.is_some());
    if !has_times {
        let value = series.points.last().and_then(super::Point::finite);
        points.extend(value.map(|value| (value, None)));
    }
    points
}

/// Case, metric as written and machine; what keeps two series of the same names apart is in `series`.
fn labels(series: &Series, suffix: &str) -> String {
    let mut labels = format!(
        "case=\"{}\",metric=\"{}\"",
        escape(&series.case),
        escape(&series.metric)
    );
    if let Some(machine) = &series.machine {
        let _ = write!(labels, ",machine=\"{}\"", escape(machine));
    }
    if suffix.contains('#')
        && series
            .machine
            .as_ref()
            .is_none_or(|name| suffix != format!(" @ {name}"))
    {
        let _ = write!(labels, ",series=\"{}\"", escape(suffix.trim()));
    }
    let _ = write!(labels, ",unit=\"{}\"", escape(&series.unit));
    labels
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

/// `benchhost_metric_unit`; a metric that already ends with the unit gets none a second time.
fn family_name(metric: &str, unit: &str) -> String {
    let mut name = format!("benchhost_{}", words::word(metric));
    let is_there = unit.is_empty() || name.ends_with(&format!("_{unit}"));
    if !is_there {
        name.push('_');
        name.push_str(unit);
    }
    name
}
