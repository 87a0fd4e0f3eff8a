//! The run of a report: everything but the samples, and of each process only how it ended.

use std::collections::BTreeMap;

use benchhost_record::{
    Case, CaseResult, Contrast, Curve, Environment, Flag, Git, Measurement, Metric, Outcome,
    Overhead, PluginRecord, ProbeCost, Roofline, Run, RunState, Search, SuiteSource, Summary, Work,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::known;
use crate::facts::{Known, Tally, TargetState, target};

/// The run.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RunOfReport")]
pub(super) struct WireRun<'a> {
    id: &'a str,
    state: RunState,
    started: &'a str,
    finished: Option<&'a str>,
    host_version: &'a str,
    command: &'a [String],
    seed: u64,
    suite: Option<&'a SuiteSource>,
    git: Option<&'a Git>,
    environment: &'a Environment,
    overhead: &'a Overhead,
    plugins: &'a [PluginRecord],
    probe_costs: &'a BTreeMap<String, ProbeCost>,
    absent_probes: &'a BTreeMap<String, String>,
    /// How many cases the plan has.
    planned_cases: u64,
    /// How the cases ended.
    counts: WireCounts,
    cases: Vec<WireCase<'a>>,
    curves: &'a [Curve],
    /// Benchmarks that the suite sets against each other.
    contrasts: &'a [Contrast],
}

/// How many cases ended how. Skipped ones are neither right nor wrong.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Counts")]
struct WireCounts {
    ok: usize,
    wrong: usize,
    failed: usize,
    skipped: usize,
    /// Planned, and not in.
    missing: usize,
}

/// A case.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CaseOfReport")]
struct WireCase<'a> {
    case: &'a Case,
    outcome: &'a Outcome,
    /// How it ended as a sentence; empty when it is right.
    sentence: String,
    /// Processes that measured it.
    repetitions: usize,
    measurements: Vec<WireMeasurement<'a>>,
    work: Option<&'a Work>,
    flags: &'a [Flag],
    /// Targets of the suite.
    targets: Vec<WireTarget<'a>>,
    search: Option<&'a Search>,
    roofline: Option<&'a Roofline>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MeasurementOfReport")]
struct WireMeasurement<'a> {
    metric: &'a Metric,
    /// Null when the case has no speed.
    summary: Option<WireSummary>,
}

/// Statistics of the samples, all in the metric's unit.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SummaryOfReport")]
struct WireSummary {
    n: u64,
    repetitions: u32,
    median: Option<f64>,
    /// Interval of the median.
    low: Option<f64>,
    high: Option<f64>,
    /// Confidence of the interval, 0–1; 0 when the samples are too few for one.
    confidence: Option<f64>,
    mad: Option<f64>,
    mean: Option<f64>,
    trimmed_mean: Option<f64>,
    standard_deviation: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
    /// By name: `p50`, `p99.9`; null when there are too few samples to state it.
    quantiles: BTreeMap<String, Option<f64>>,
    outliers: u64,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Target")]
struct WireTarget<'a> {
    metric: &'a str,
    /// The bound as written.
    bound: &'a str,
    /// Null when nothing was measured, or in another unit.
    is_met: Option<bool>,
}

pub(super) fn wire<'a>(report: &Known<'_>, run: &'a Run) -> WireRun<'a> {
    let tally = Tally::of(run);
    WireRun {
        id: &run.id,
        state: run.state,
        started: &run.started,
        finished: run.finished.as_deref(),
        host_version: &run.host_version,
        command: &run.command,
        seed: run.seed,
        suite: run.suite.as_ref(),
        git: run.git.as_ref(),
        environment: &run.environment,
        overhead: &run.overhead,
        plugins: &run.plugins,
        probe_costs: &run.probe_costs,
        absent_probes: &run.absent_probes,
        planned_cases: run.planned_cases,
        counts: WireCounts {
            ok: tally.ok,
            wrong: tally.wrong,
            failed: tally.failed,
            skipped: tally.skipped,
            missing: tally.missing,
        },
        cases: run.cases.iter().map(|one| case(report, one)).collect(),
        curves: &run.curves,
        contrasts: &run.contrasts,
    }
}

fn case<'a>(report: &Known<'_>, result: &'a CaseResult) -> WireCase<'a> {
    let targets = result.targets.keys().filter_map(|metric| {
        let (bound, state) = target(report, result, metric)?;
        Some(WireTarget {
            metric,
            bound,
            is_met: match state {
                TargetState::Met => Some(true),
                TargetState::Missed => Some(false),
                TargetState::Open => None,
            },
        })
    });
    WireCase {
        case: &result.case,
        outcome: &result.outcome,
        sentence: result.outcome.sentence(),
        repetitions: result.repetitions.len(),
        measurements: result.measurements.iter().map(measurement).collect(),
        work: result.work.as_ref(),
        flags: &result.flags,
        targets: targets.collect(),
        search: result.search.as_ref(),
        roofline: result.roofline.as_ref(),
    }
}

fn measurement(one: &Measurement) -> WireMeasurement<'_> {
    WireMeasurement {
        metric: &one.metric,
        summary: one.summary.as_ref().map(summary),
    }
}

fn summary(summary: &Summary) -> WireSummary {
    let quantiles = summary.quantiles.iter().map(|one| {
        // 99.9, not 99.90000000000001.
        let percent = (one.q * 1e9).round() / 1e7;
        (format!("p{percent}"), one.value.and_then(known))
    });
    WireSummary {
        n: summary.n,
        repetitions: summary.repetitions,
        median: known(summary.median),
        low: known(summary.interval.low),
        high: known(summary.interval.high),
        confidence: known(summary.interval.confidence),
        mad: known(summary.mad),
        mean: known(summary.mean),
        trimmed_mean: known(summary.trimmed_mean),
        standard_deviation: known(summary.standard_deviation),
        min: known(summary.min),
        max: known(summary.max),
        quantiles: quantiles.collect(),
        outliers: summary.outliers,
    }
}
