//! A report as CSV: a row for each metric of each case, for spreadsheets and scripts.
//!
//! The first seven columns are those of the regression tracker that benchhost replaces; the others are only ever added to.
//! Numbers are in the unit of their row and stay numbers. A cell of text that a spreadsheet would take for a formula gets a
//! `'` before it; RFC 4180 otherwise. A case without a value has one row with its outcome, and nothing in its numbers;
//! so has a target of which nothing was measured.

mod cell;
mod row;

use benchhost_record::{CaseResult, Run};

use crate::{Report, facts::Known};
use row::{Context, Row};

/// Columns of the regression tracker.
const TRACKER: [&str; 7] = [
    "Model Name",
    "Metric Name",
    "Value",
    "Unit",
    "Category",
    "Timestamp",
    "Date Time",
];

/// Ours.
const OURS: [&str; 45] = [
    "Case",
    "Benchmark",
    "Plugin",
    "Workload",
    "Outcome",
    "Message",
    "Direction",
    "Low",
    "High",
    "Confidence",
    "Samples",
    "Repetitions",
    "Mean",
    "Standard Deviation",
    "Minimum",
    "Maximum",
    "P50",
    "P95",
    "P99",
    "Verdict",
    "Severity",
    "Rule",
    "Reference",
    "Change",
    "P Value",
    "Why",
    "Target",
    "Target State",
    "Flags",
    "Revision",
    "Branch",
    "Suite",
    "Run",
    "Run State",
    "Machine",
    "CPU",
    "Host Version",
    "Against",
    "Against Value",
    "Ratio",
    "Ratio Low",
    "Ratio High",
    "Ratio Confidence",
    "Ratio Verdict",
    "Ratio Reason",
];

/// Every metric of every case of the run, a row each; the heading alone without a run.
#[must_use]
pub fn metrics(report: &Report) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header: Vec<&str> = TRACKER.iter().chain(&OURS).copied().collect();
    let mut put = |fields: &[String]| {
        writer
            .write_record(fields)
            .expect("memory takes every row, and all rows are equally long");
    };
    put(&header
        .iter()
        .map(|name| (*name).to_owned())
        .collect::<Vec<_>>());
    if let Some(run) = &report.run {
        for row in rows(&Known::of(report), run) {
            put(&row.fields());
        }
    }
    let bytes = writer.into_inner().expect("memory can be flushed");
    String::from_utf8(bytes).expect("all fields are text")
}

fn rows<'a>(report: &Known<'a>, run: &'a Run) -> Vec<Row<'a>> {
    let context = Context::of(run);
    let of_case = |result: &'a CaseResult| -> Vec<Row<'a>> {
        let context = context.clone();
        if result.measurements.is_empty() {
            let rows: Vec<Row<'_>> = unmeasured(report, &context, result).collect();
            if !rows.is_empty() {
                return rows;
            }
            return vec![Row::without_value(report, context, result)];
        }
        let measured = result.measurements.iter();
        let mut rows: Vec<Row<'_>> = measured
            .map(|one| Row::of(report, context.clone(), result, one))
            .collect();
        rows.extend(unmeasured(report, &context, result));
        rows
    };
    run.cases.iter().flat_map(of_case).collect()
}

/// A row without a value for each target of a case that is fine whose metric was not measured.
fn unmeasured<'a>(
    report: &Known<'a>,
    context: &Context<'a>,
    result: &'a CaseResult,
) -> impl Iterator<Item = Row<'a>> {
    let is_known = |metric: &str| {
        let mut measured = result.measurements.iter();
        measured.any(|one| one.metric.name == metric)
    };
    let wanted = result.targets.keys();
    let wanted = wanted.filter(move |metric| result.outcome.is_ok() && !is_known(metric));
    wanted.map(|metric| Row::unmeasured(report, context.clone(), result, metric))
}
