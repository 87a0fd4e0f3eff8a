//! Comparisons as JSON, for scripts.
//!
//! `{"comparisons":[{"case","metric","verdict","ratio","interval":[lo,hi],"rounds","pairs","seconds", …}], …}`. Keys are only
//! ever added. An end of an interval that is not known yet is `null`.

use benchhost_record::{Comparison, Comparisons, Flag};
use schemars::{JsonSchema, Schema};
use serde::Serialize;

#[derive(Serialize, JsonSchema)]
#[schemars(title = "benchhost compare")]
struct WireComparisons<'a> {
    comparisons: Vec<WireComparison<'a>>,
    #[serde(flatten)]
    terms: WireTerms<'a>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Terms")]
struct WireTerms<'a> {
    method: &'a benchhost_record::Method,
    level: f64,
    tolerance: f64,
    margin: f64,
    seed: u64,
    interrupted: bool,
    baseline: &'a benchhost_record::ComparedSide,
    candidate: &'a benchhost_record::ComparedSide,
    host_version: &'a str,
    environment: &'a benchhost_record::Environment,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Comparison")]
struct WireComparison<'a> {
    case: &'a str,
    metric: &'a str,
    unit: &'a str,
    verdict: &'a str,
    ratio: Option<f64>,
    interval: Option<[Option<f64>; 2]>,
    confidence: Option<f64>,
    rounds: u64,
    pairs: u64,
    seconds: f64,
    round_sd: Option<f64>,
    baseline: Option<f64>,
    candidate: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    flags: &'a [Flag],
}

/// The comparisons as one line of JSON with a line feed at its end.
#[must_use]
pub fn comparisons(all: &Comparisons) -> String {
    let wire = WireComparisons {
        comparisons: all.comparisons.iter().map(comparison).collect(),
        terms: WireTerms {
            method: &all.method,
            level: all.level,
            tolerance: all.tolerance,
            margin: all.margin,
            seed: all.seed,
            interrupted: all.interrupted,
            baseline: &all.baseline,
            candidate: &all.candidate,
            host_version: &all.host_version,
            environment: &all.environment,
        },
    };
    let mut text = serde_json::to_string(&wire).expect("keys are text and values are plain");
    text.push('\n');
    text
}

fn comparison(one: &Comparison) -> WireComparison<'_> {
    let known = |end: f64, open: f64| (end.is_finite() && end != open).then_some(end);
    WireComparison {
        case: one.case.as_str(),
        metric: &one.metric.name,
        unit: &one.metric.unit,
        verdict: one.verdict.word(&one.metric),
        ratio: one.ratio,
        interval: one
            .interval
            .map(|i| [known(i.low, 0.0), known(i.high, f64::INFINITY)]),
        confidence: one.interval.map(|i| i.confidence),
        rounds: one.rounds,
        pairs: one.pairs,
        seconds: one.seconds,
        round_sd: one.round_sd,
        baseline: one.baseline,
        candidate: one.candidate,
        reason: one.reason.as_deref(),
        flags: &one.flags,
    }
}

/// The JSON Schema of [`comparisons`], draft 2020-12.
#[must_use]
pub fn comparisons_schema() -> Schema {
    super::schema_of::<WireComparisons<'static>>()
}
