//! What an export takes: points of one series in order.

use std::collections::BTreeMap;

use benchhost_record::{Direction, MetricKind};

use crate::Entry;

/// All points of one metric of one case on one machine.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// Name of the case.
    pub case: String,
    /// Name of the metric.
    pub metric: String,
    /// Unit of all values; empty when there is none.
    pub unit: String,
    /// Which direction is better.
    pub direction: Direction,
    /// What is measured.
    pub kind: MetricKind,
    /// Name of the machine.
    pub machine: Option<String>,
    /// The points, oldest first.
    pub points: Vec<Point>,
}

/// One point of a series.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Point {
    /// When it was measured, seconds since 1970-01-01 UTC.
    pub time_unix_s: Option<f64>,
    /// Revision of what was measured.
    pub revision: Option<String>,
    /// The value; `None` when it failed or is missing.
    pub value: Option<f64>,
    /// Interval of the value: low, high.
    pub interval: Option<(f64, f64)>,
    /// Samples behind the value, at least 1.
    pub n: u64,
    /// The samples, when they are kept.
    pub samples: Vec<f64>,
    /// What else is known; the tracker's formats use `category` and `metadata.KEY`.
    pub labels: BTreeMap<String, String>,
}

impl Point {
    /// The value when it is a finite number.
    pub(super) fn finite(&self) -> Option<f64> {
        self.value.filter(|value| value.is_finite())
    }
}

/// Puts entries of the same case, metric, unit and machine into one series, in the order given. Series come in the
/// order of their first entry; direction and kind are those of that entry.
#[must_use]
pub fn gather(entries: &[Entry]) -> Vec<Series> {
    let mut found: Vec<Series> = Vec::new();
    let mut index = BTreeMap::new();
    for entry in entries {
        let key = (&entry.case, &entry.metric, &entry.unit, &entry.machine);
        let at = *index.entry(key).or_insert_with(|| {
            found.push(Series {
                case: entry.case.clone(),
                metric: entry.metric.clone(),
                unit: entry.unit.clone(),
                direction: entry.direction,
                kind: entry.kind,
                machine: entry.machine.clone(),
                points: Vec::new(),
            });
            found.len() - 1
        });
        found[at].points.push(Point {
            time_unix_s: entry.time_unix_s,
            revision: entry.revision.clone(),
            value: entry.value,
            interval: entry.interval,
            n: entry.n,
            samples: entry.samples.clone(),
            labels: entry.labels.clone(),
        });
    }
    found
}

/// Case and metric as one name: `case` for the metric `value`, else `case::metric`; always the long form when the
/// case itself holds `::`, so that splitting at the last `::` gives both back.
pub(super) fn full_name(case: &str, metric: &str) -> String {
    if metric == "value" && !case.contains("::") {
        case.to_owned()
    } else {
        format!("{case}::{metric}")
    }
}

/// For each series what tells it from those that share its `name`: nothing, or ` @ machine`, then a number.
pub(super) fn distinct(series: &[Series], name: impl Fn(&Series) -> String) -> Vec<String> {
    let names: Vec<String> = series.iter().map(&name).collect();
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for name in &names {
        *count.entry(name).or_default() += 1;
    }
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let mut suffixes = Vec::new();
    for (name, one) in names.iter().zip(series) {
        let mut suffix = match &one.machine {
            Some(machine) if count[name.as_str()] > 1 => format!(" @ {machine}"),
            _ => String::new(),
        };
        let times = taken.entry(format!("{name}{suffix}")).or_default();
        *times += 1;
        if *times > 1 {
            suffix.push_str(&format!(" #{times}"));
        }
        suffixes.push(suffix);
    }
    suffixes
}
