//! Key figures: a table for each workload, because nothing else may be put side by side.

use benchhost_gate::{Judgement, Verdict};
use benchhost_record::{CaseResult, Outcome};

use super::{
    escape::{cell_code, code, text},
    outcomes::ended,
    row_label,
    section::{Section, Table},
};
use crate::{
    facts::{Figure, Known, Reference, TargetState, count, figures, groups, quantity, said, word},
    terminal::label::labels,
};

/// What stands where there is nothing.
const NOTHING: &str = "–";

const HEADERS: &[&str] = &[
    "case",
    "metric",
    ">value",
    ">±",
    "target",
    ">reference",
    ">change",
    "verdict",
];

/// Longest message in a cell, in characters.
const MESSAGE: usize = 200;

pub(super) fn sections(report: &Known<'_>) -> Vec<Section> {
    let groups = groups(report.cases());
    let mut sections: Vec<Section> = Vec::new();
    for cases in groups {
        sections.extend(section(report, &cases));
    }
    if let Some(first) = sections.first_mut() {
        first.head.insert_str(0, "## Key figures\n\n");
    }
    sections
}

fn section(report: &Known<'_>, cases: &[&CaseResult]) -> Option<Section> {
    let is_skipped = |result: &CaseResult| matches!(result.outcome, Outcome::Skipped { .. });
    let shown: Vec<&CaseResult> = cases
        .iter()
        .copied()
        .filter(|one| !is_skipped(one))
        .collect();
    if shown.is_empty() {
        return None;
    }
    let labels = labels(&shown);
    let mut rows = Vec::new();
    for (result, label) in shown.iter().zip(&labels.rows) {
        rows.extend(of_case(report, result, label));
    }
    let skipped = cases.len() - shown.len();
    let (name, shared) = labels
        .heading
        .split_once(" · ")
        .unwrap_or((&labels.heading, ""));
    let mut head = format!("### {}\n\n", text(name));
    if !shared.is_empty() {
        head.push_str(&format!("All with {}.\n\n", code(shared)));
    }
    Some(Section {
        name: format!("key figures of {}", code(name)),
        head,
        table: Some(Table {
            headers: HEADERS,
            rows,
        }),
        tail: match skipped {
            0 => String::new(),
            n => format!(
                "{} of this workload skipped, see below.\n",
                count(n, "case")
            ),
        },
    })
}

fn of_case(report: &Known<'_>, result: &CaseResult, label: &str) -> Vec<Vec<String>> {
    let label = row_label(result, label);
    if !result.outcome.is_ok() {
        return vec![without_value(result, label)];
    }
    let figures = figures(report, result);
    if figures.is_empty() {
        let mut row = vec![NOTHING.to_owned(); HEADERS.len()];
        row[0] = label;
        row[HEADERS.len() - 1] = "nothing was measured".to_owned();
        return vec![row];
    }
    let names = std::iter::once(label).chain(std::iter::repeat(String::new()));
    let rows = names.zip(&figures);
    rows.map(|(name, figure)| row(name, figure)).collect()
}

/// A case that has no speed says why instead.
fn without_value(result: &CaseResult, label: String) -> Vec<String> {
    let mut row = vec![NOTHING.to_owned(); HEADERS.len()];
    row[0] = label;
    row[HEADERS.len() - 1] = ended(result, MESSAGE);
    row
}

fn row(label: String, figure: &Figure<'_>) -> Vec<String> {
    let metric = &figure.measurement.metric;
    let shown = |value: f64| text(&quantity(value, &metric.unit, metric.kind));
    let nothing = || NOTHING.to_owned();
    let change = figure
        .reference
        .and_then(|reference| said(reference.effect));
    vec![
        label,
        cell_code(&metric.name),
        shown(figure.value),
        figure.spread.map_or_else(nothing, spread),
        figure.target.map_or_else(nothing, |(bound, state)| {
            format!("{} {}", cell_code(bound), met(state))
        }),
        figure.reference.map_or_else(nothing, |reference| {
            reference_cell(&shown(reference.value), reference)
        }),
        change.unwrap_or_else(nothing),
        verdict(figure.judgement),
    ]
}

fn reference_cell(shown: &str, reference: Reference) -> String {
    if reference.is_unjudged {
        return format!("{shown} (value before)");
    }
    shown.to_owned()
}

fn met(state: TargetState) -> &'static str {
    match state {
        TargetState::Met => "✓ met",
        TargetState::Missed => "**✗ missed**",
        TargetState::Open => "? not measured",
    }
}

/// A share as per cent, two digits of it.
fn spread(share: f64) -> String {
    let value = 100.0 * share;
    if !value.is_finite() {
        return NOTHING.to_owned();
    }
    let decimals = match value {
        size if size >= 9.95 => 0,
        size if size >= 0.995 => 1,
        _ => 2,
    };
    format!("{value:.decimals$} %")
}

pub(super) fn verdict(judgement: Option<&Judgement>) -> String {
    let Some(one) = judgement else {
        return "not judged".to_owned();
    };
    let word = word(one.verdict);
    match one.verdict {
        verdict if verdict.fails() => format!("**✗ {word}**"),
        Verdict::Improved => format!("✓ {word}"),
        Verdict::Inconclusive => format!("? {word}"),
        _ => word,
    }
}
