//! A whole report as JSON: the run, its verdicts, its past, what could be done. `benchhost schema report` describes it.
//!
//! Samples are not in it: `run.json` and the history keep them. What is not known is `null`; there is no NaN.

mod run;
mod series;

use schemars::{JsonSchema, Schema};
use serde::Serialize;

use super::{judgement::WireJudgement, known};
use crate::{
    Before, Report,
    facts::{Known, Status},
};
use run::WireRun;
use series::WireSeries;

/// Version of this form. Keys are only added within one.
pub const REPORT_SCHEMA: u32 = 1;

/// A report.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "benchhost report", rename = "Report")]
struct Wire<'a> {
    /// Version of this form; 1. Keys are only added within one.
    schema: u32,
    /// When it was made, RFC 3339 in UTC.
    made: &'a str,
    /// Version of the host that made it.
    host_version: &'a str,
    /// `passed`, `failed`, or `inconclusive`: nothing failed, and not everything is known.
    status: &'static str,
    /// Why, in a few words.
    reason: String,
    /// Exit code that `benchhost check` would end with.
    exit_code: u8,
    /// The run; null when the history has only imported values.
    run: Option<WireRun<'a>>,
    /// What is said of it, the worst first.
    verdicts: Vec<WireJudgement<'a>>,
    /// Metrics that no rule speaks of, by case.
    not_judged: usize,
    /// Places and names of written rules that speak of nothing that was measured.
    idle_rules: &'a [String],
    /// Alerts of the machine, newest first.
    alerts: Vec<WireAlert<'a>>,
    /// The past of each metric of each case: first of the run's cases on its machine.
    series: Vec<WireSeries<'a>>,
    /// What could be done, the most important first.
    recommendations: Vec<WireRecommendation<'a>>,
    /// The run of the same suite and machine before this one.
    before: Option<WireBefore<'a>>,
    /// Roofs of the machine, where they were measured.
    peaks: Option<&'a benchhost_record::MachinePeaks>,
    /// What is not in the report for the sake of its size, as sentences.
    left_out: &'a [String],
}

/// A verdict that somebody should know about, and what became of it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Alert")]
struct WireAlert<'a> {
    id: u64,
    case: &'a str,
    metric: &'a str,
    machine: &'a str,
    kind: benchhost_record::AlertKind,
    severity: benchhost_record::Severity,
    state: benchhost_record::AlertState,
    rule: &'a str,
    opened_run: &'a str,
    opened: &'a str,
    last_run: &'a str,
    updated: &'a str,
    runs: u32,
    value: Option<f64>,
    reference: Option<f64>,
    sentence: &'a str,
    reason: Option<&'a str>,
}

/// Something that could be done, and why.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Recommendation")]
struct WireRecommendation<'a> {
    /// Name of the rule that spoke.
    rule: &'a str,
    /// The case; empty when it is about the whole run.
    case: &'a str,
    /// The metric that triggered it; empty when it was something else.
    metric: &'a str,
    /// The number that triggered it, with its unit, as people read it.
    number: &'a str,
    /// The condition that holds, as it is written in the rule.
    condition: &'a str,
    /// What to do.
    text: &'a str,
}

/// The run before, as far as it explains a difference.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Before")]
struct WireBefore<'a> {
    id: &'a str,
    started: &'a str,
    host_version: &'a str,
    environment: &'a benchhost_record::Environment,
    git: Option<&'a benchhost_record::Git>,
    plugins: &'a [benchhost_record::PluginRecord],
}

/// The report as one line of JSON with a line feed at its end.
#[must_use]
pub fn report(report: &Report) -> String {
    let status = Status::of(report);
    let known = Known::of(report);
    let wire = Wire {
        schema: REPORT_SCHEMA,
        made: &report.made,
        host_version: &report.host_version,
        status: status.grade.word(),
        reason: status.reason,
        exit_code: report.exit_code,
        run: report.run.as_ref().map(|run| run::wire(&known, run)),
        verdicts: super::judgement::wire(&report.judged),
        not_judged: report.judged.not_judged,
        idle_rules: &report.judged.idle,
        alerts: report.alerts.iter().map(alert).collect(),
        series: report.series.iter().map(series::wire).collect(),
        recommendations: report.recommendations.iter().map(recommendation).collect(),
        before: report.before.as_ref().map(before),
        peaks: report.peaks.as_ref(),
        left_out: &report.left_out,
    };
    let mut text = serde_json::to_string(&wire).expect("keys are text and values are plain");
    text.push('\n');
    text
}

/// The JSON Schema of [`report`], draft 2020-12.
#[must_use]
pub fn report_schema() -> Schema {
    super::schema_of::<Wire<'static>>()
}

fn alert(alert: &benchhost_record::Alert) -> WireAlert<'_> {
    WireAlert {
        id: alert.id,
        case: &alert.case,
        metric: &alert.metric,
        machine: &alert.machine,
        kind: alert.kind,
        severity: alert.severity,
        state: alert.state,
        rule: &alert.rule,
        opened_run: &alert.opened_run,
        opened: &alert.opened,
        last_run: &alert.last_run,
        updated: &alert.updated,
        runs: alert.runs,
        value: known(alert.value),
        reference: known(alert.reference),
        sentence: &alert.sentence,
        reason: alert.reason.as_deref(),
    }
}

fn recommendation(one: &benchhost_advice::Recommendation) -> WireRecommendation<'_> {
    WireRecommendation {
        rule: &one.rule,
        case: &one.case,
        metric: &one.metric,
        number: &one.number,
        condition: &one.condition,
        text: &one.text,
    }
}

fn before(before: &Before) -> WireBefore<'_> {
    WireBefore {
        id: &before.id,
        started: &before.started,
        host_version: &before.host_version,
        environment: &before.environment,
        git: before.git.as_ref(),
        plugins: &before.plugins,
    }
}
