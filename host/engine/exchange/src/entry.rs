//! What an import gives: entries, baselines, and what could not be taken.

use std::collections::BTreeMap;

use benchhost_record::{Direction, MetricKind};
use serde::{Deserialize, Serialize};

use crate::Format;

/// One value of one series as another tool recorded it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Name of the case, parameters included.
    pub case: String,
    /// Name of the metric, like `time`; `value` where the format has but one.
    pub metric: String,
    /// Unit of value, interval and samples; empty when there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// Which direction is better, as the tool says it.
    #[serde(default)]
    pub direction: Direction,
    /// What is measured.
    #[serde(default)]
    pub kind: MetricKind,
    /// Name of the machine, when the file has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// When it was measured (asv: when it was committed), seconds since 1970-01-01 UTC.
    #[serde(default, rename = "time", skip_serializing_if = "Option::is_none")]
    pub time_unix_s: Option<f64>,
    /// Revision of what was measured, as the file has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// The value; `None` when it is missing, failed or not a number.
    pub value: Option<f64>,
    /// Interval the tool gives for the value: low, high.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<(f64, f64)>,
    /// Samples behind the value, at least 1.
    #[serde(default = "one")]
    pub n: u64,
    /// The samples, in the order they were taken, when the file has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<f64>,
    /// What else the file says about it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

fn one() -> u64 {
    1
}

impl Entry {
    /// An entry with one sample, no unit, no direction and nothing else known.
    #[must_use]
    pub fn new(case: impl Into<String>, metric: impl Into<String>, value: Option<f64>) -> Self {
        Self {
            case: case.into(),
            metric: metric.into(),
            unit: String::new(),
            direction: Direction::Neither,
            kind: MetricKind::Count,
            machine: None,
            time_unix_s: None,
            revision: None,
            value,
            interval: None,
            n: 1,
            samples: Vec::new(),
            labels: BTreeMap::new(),
        }
    }

    /// The same entry with its unit, direction and kind.
    #[must_use]
    pub(crate) fn of(mut self, unit: &str, direction: Direction, kind: MetricKind) -> Self {
        self.unit = unit.to_owned();
        self.direction = direction;
        self.kind = kind;
        self
    }

    /// The same entry with `samples`, which also set `n`.
    #[must_use]
    pub(crate) fn with_samples(mut self, samples: Vec<f64>) -> Self {
        self.n = (samples.len() as u64).max(1);
        self.samples = samples;
        self
    }

    /// Adds a label when there is something to say.
    pub(crate) fn label(&mut self, name: &str, text: Option<String>) {
        if let Some(text) = text {
            self.labels.insert(name.to_owned(), text);
        }
    }
}

/// A value that must be kept, with the distance that is tolerated.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    /// Name of the case.
    pub case: String,
    /// Name of the metric.
    pub metric: String,
    /// Unit of value and tolerance; empty when there is none.
    pub unit: String,
    /// Which direction is better.
    pub direction: Direction,
    /// The value.
    pub value: f64,
    /// How much worse is tolerated, absolute, in the unit; never negative.
    pub tolerance: f64,
}

/// Something in a file that gave no value, or no full one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// File and place in it: `bench.json: benchmarks[3]`.
    pub place: String,
    /// Why, in one sentence.
    pub reason: String,
}

/// What was found in one set of files.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// The format they were read as.
    pub format: Format,
    /// The values, in the order of the files (members of a JSON object by name).
    pub entries: Vec<Entry>,
    /// The baselines; only [`Format::BaselineResults`] has them.
    pub baselines: Vec<Baseline>,
    /// What was not taken, and why.
    pub skipped: Vec<Skipped>,
}

impl Import {
    pub(crate) fn new(format: Format) -> Self {
        Self {
            format,
            entries: Vec::new(),
            baselines: Vec::new(),
            skipped: Vec::new(),
        }
    }

    pub(crate) fn skip(&mut self, place: impl Into<String>, reason: impl Into<String>) {
        self.skipped.push(Skipped {
            place: place.into(),
            reason: reason.into(),
        });
    }
}

/// One file that somebody else has read.
#[derive(Debug, Clone, Copy)]
pub struct SourceFile<'a> {
    /// Its path, for messages; formats of several files also look at its folders, separated by `/` or `\`.
    pub path: &'a str,
    /// Its content.
    pub text: &'a str,
}

impl<'a> SourceFile<'a> {
    /// Folder and name of the path; the folder is empty when there is none.
    pub(crate) fn split(&self) -> (&'a str, &'a str) {
        self.path
            .rsplit_once(['/', '\\'])
            .unwrap_or(("", self.path))
    }
}
