//! Change points of series:
//! `{"series":[{"series","points","changes":[{"index","time","kind","before","after","interval":[i,j],"confidence"}]}]}`.

use benchhost_stats::{ChangeKind, ChangePoint};
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use super::known;

/// A series and how it changed.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedSeries {
    /// Its name.
    pub series: String,
    /// Unit of its values; empty when unknown.
    pub unit: String,
    /// How many points it has, missing ones too.
    pub points: usize,
    /// Its changes, with the time of the first point of each new regime.
    pub changes: Vec<(ChangePoint, String)>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(title = "benchhost history changes")]
struct Wire<'a> {
    series: Vec<WireSeries<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Series")]
struct WireSeries<'a> {
    series: &'a str,
    points: usize,
    changes: Vec<WireChange<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Change")]
struct WireChange<'a> {
    index: usize,
    time: Time<'a>,
    kind: &'static str,
    before: Option<f64>,
    after: Option<f64>,
    noise_before: Option<f64>,
    noise_after: Option<f64>,
    interval: [usize; 2],
    confidence: f64,
}

/// A time as it was given: a number stays one.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Time<'a> {
    Whole(i64),
    Number(f64),
    Text(&'a str),
}

/// The series as one line of JSON with a line feed at its end, in the order given.
#[must_use]
pub fn changes(all: &[ChangedSeries]) -> String {
    let wire = Wire {
        series: all
            .iter()
            .map(|one| WireSeries {
                series: &one.series,
                points: one.points,
                changes: one
                    .changes
                    .iter()
                    .map(|(change, time)| wire_change(change, time))
                    .collect(),
            })
            .collect(),
    };
    let mut text = serde_json::to_string(&wire).expect("keys are text and values are plain");
    text.push('\n');
    text
}

fn wire_change<'a>(change: &ChangePoint, time: &'a str) -> WireChange<'a> {
    let number = time.parse::<f64>().ok().filter(|number| number.is_finite());
    WireChange {
        index: change.index,
        time: match (time.parse::<i64>(), number) {
            (Ok(whole), _) => Time::Whole(whole),
            (_, Some(number)) => Time::Number(number),
            _ => Time::Text(time),
        },
        kind: match change.kind {
            ChangeKind::Step => "step",
            ChangeKind::Drift => "drift",
        },
        before: known(change.before),
        after: known(change.after),
        noise_before: known(change.noise_before),
        noise_after: known(change.noise_after),
        interval: [change.interval.0, change.interval.1],
        confidence: change.confidence,
    }
}

/// The JSON Schema of [`changes`], draft 2020-12.
#[must_use]
pub fn changes_schema() -> Schema {
    super::schema_of::<Wire<'static>>()
}
