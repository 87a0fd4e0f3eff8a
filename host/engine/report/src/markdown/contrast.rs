//! Benchmarks that are set against each other: a table for each two, the ratio beside what both measured.

use benchhost_record::{Contrast, ContrastPair, Verdict};

use super::{
    escape::{cell_code, code, prose, text},
    section::{Section, Table},
};
use crate::{
    facts::{Known, Sides, beside, confidence, of_both, quantity, ratio, reasons},
    terminal::label::apart,
};

/// What stands where there is nothing.
const NOTHING: &str = "–";

/// Metrics beside the ratio, at most; run.json has all.
const MOST: usize = 8;

const HEADERS: &[&str] = &[
    "case",
    "metric",
    ">baseline",
    ">candidate",
    ">ratio",
    "interval",
    "verdict",
];

pub(crate) fn sections(report: &Known<'_>) -> Vec<Section> {
    let Some(run) = &report.run else {
        return Vec::new();
    };
    let sides = Sides::of(run);
    let shown = run.contrasts.iter().filter(|one| !one.pairs.is_empty());
    shown.map(|one| section(one, &sides)).collect()
}

fn section(contrast: &Contrast, sides: &Sides<'_>) -> Section {
    let ids: Vec<_> = contrast.pairs.iter().map(|pair| &pair.candidate).collect();
    let (shared, labels) = apart(&ids);
    let shared = of_both(&shared, contrast);
    let mut names: Vec<String> = beside(contrast, sides)
        .into_iter()
        .map(|one| one.name)
        .collect();
    let more = names.len().saturating_sub(MOST);
    names.truncate(MOST);
    let pairs = contrast.pairs.iter().zip(&labels);
    let rows = pairs
        .flat_map(|(pair, label)| rows(pair, label, &names, sides))
        .collect();
    let (baseline, candidate) = (code(&contrast.against), code(&contrast.benchmark));
    let mut head = format!("## {candidate} against {baseline}\n\n");
    if !contrast.differ_in.is_empty() {
        let keys: Vec<String> = contrast.differ_in.iter().map(|key| code(key)).collect();
        head.push_str(&format!("They differ in {}. ", keys.join(" and ")));
    }
    if !shared.is_empty() {
        head.push_str(&format!("All with {}. ", code(&shared)));
    }
    head.push_str(&format!(
        "Baseline: {baseline}; candidate: {candidate}; ratio: candidate / baseline{}.\n\n",
        confidence(contrast).map_or_else(String::new, |c| format!(", confidence {c}"))
    ));
    Section {
        name: format!("{candidate} against {baseline}"),
        head,
        table: Some(Table {
            headers: HEADERS,
            rows,
        }),
        tail: remarks(contrast, &labels, more),
    }
}

/// The ratio first, then a row for each other metric; a pair without a ratio says why.
fn rows(pair: &ContrastPair, label: &str, names: &[String], sides: &Sides<'_>) -> Vec<Vec<String>> {
    let Some(verdict) = pair.verdict else {
        let mut row = vec![NOTHING.to_owned(); HEADERS.len()];
        row[0] = cell_code(label);
        let reason = prose(pair.reason.as_deref().unwrap_or("no reason known"));
        row[HEADERS.len() - 1] = if sides.fails(pair) {
            format!("**✗ no ratio**: {reason}")
        } else {
            format!("no ratio: {reason}")
        };
        return vec![row];
    };
    let mut first = values(pair, &pair.metric.name);
    first[0] = cell_code(label);
    let (shown, interval) = ratio(pair);
    first[4] = shown.unwrap_or_else(|| NOTHING.to_owned());
    first[5] = interval.unwrap_or_else(|| NOTHING.to_owned());
    let word = verdict.word(&pair.metric);
    first[6] = match verdict {
        Verdict::Inconclusive => format!("? {word}"),
        _ => format!("**{word}**"),
    };
    let flags = sides.flags(pair);
    if !flags.is_empty() {
        first[6].push_str(&format!(" ({})", flags.join(", ")));
    }
    let known = names.iter().filter(|name| pair.both_of(name).is_some());
    let others = known.map(|name| values(pair, name));
    std::iter::once(first).chain(others).collect()
}

/// A row with both values of a metric.
fn values(pair: &ContrastPair, name: &str) -> Vec<String> {
    let mut row = vec![String::new(); HEADERS.len()];
    row[1] = cell_code(name);
    if let Some(both) = pair.both_of(name) {
        let (unit, kind) = (&both.metric.unit, both.metric.kind);
        row[2] = text(&quantity(both.baseline, unit, kind));
        row[3] = text(&quantity(both.candidate, unit, kind));
    }
    row
}

fn remarks(contrast: &Contrast, labels: &[String], more: usize) -> String {
    let mut lines = String::new();
    for (sentence, pairs) in reasons(contrast) {
        let whom = match pairs.len() {
            all if all == labels.len() => String::new(),
            1 => format!("{}: ", code(&labels[pairs[0]])),
            many => format!("{many} cases: "),
        };
        lines.push_str(&format!("- {whom}{}\n", prose(sentence)));
    }
    if more > 0 {
        lines.push_str(&format!("- {more} more metrics of both are in run.json\n"));
    }
    lines
}
