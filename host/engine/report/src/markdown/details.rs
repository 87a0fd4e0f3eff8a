//! Details: every metric of every case, a table for each workload, with what makes the numbers doubtful.

use benchhost_record::{CaseResult, Measurement, Metric, Summary, names};

use super::{
    escape::{block, cell_code, code, text},
    figures::verdict,
    row_label,
    section::{Section, Table},
};
use crate::{
    facts::{Known, count, flagged, groups, quantity},
    terminal::{findings, label::labels},
};

/// Columns of text in a block of code.
const WIDTH: u16 = 110;

const NOTHING: &str = "–";

const HEADERS: &[&str] = &[
    "case", "metric", ">median", "interval", ">p95", ">p99", ">min", ">max", ">samples", "verdict",
];

pub(super) fn sections(report: &Known<'_>) -> Vec<Section> {
    let Some(run) = &report.run else {
        return Vec::new();
    };
    let mut sections: Vec<Section> = Vec::new();
    for cases in groups(&run.cases) {
        let measured: Vec<&CaseResult> = cases
            .into_iter()
            .filter(|result| !result.measurements.is_empty() || !result.flags.is_empty())
            .collect();
        if !measured.is_empty() {
            sections.push(of_workload(report, &measured));
        }
    }
    let found: Vec<String> = findings(run, WIDTH)
        .iter()
        .map(|text| block(text))
        .collect();
    if !found.is_empty() {
        sections.push(Section::text(
            "scaling, searches, roofs and probes",
            format!(
                "<details><summary>Scaling laws, searches, roofs, probes</summary>\n\n{}\n</details>\n",
                found.join("\n")
            ),
        ));
    }
    if let Some(first) = sections.first_mut() {
        first.head.insert_str(0, "## Details\n\n");
    }
    sections
}

fn of_workload(report: &Known<'_>, cases: &[&CaseResult]) -> Section {
    let labels = labels(cases);
    let mut rows = Vec::new();
    for (result, label) in cases.iter().zip(&labels.rows) {
        let names =
            std::iter::once(row_label(result, label)).chain(std::iter::repeat(String::new()));
        let measured = names.zip(&result.measurements);
        rows.extend(measured.map(|(name, one)| row(report, result, name, one)));
    }
    let (name, shared) = labels
        .heading
        .split_once(" · ")
        .unwrap_or((&labels.heading, ""));
    let shared = match shared {
        "" => String::new(),
        shared => format!("All with {}.\n\n", code(shared)),
    };
    let name = code(name);
    Section {
        head: format!(
            "<details><summary>{}: {}</summary>\n\n{shared}",
            in_html(&labels.heading),
            count(cases.len(), "case")
        ),
        name: format!("details of {name}"),
        table: (!rows.is_empty()).then_some(Table {
            headers: HEADERS,
            rows,
        }),
        tail: format!("{}</details>\n", flags(cases)),
    }
}

/// The name of a workload between tags, where Markdown is not read.
fn in_html(heading: &str) -> String {
    let name = heading.split(" · ").next().unwrap_or_default();
    let shown = super::escape::visible(name);
    let escaped = shown
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    format!("<code>{escaped}</code>")
}

fn row(report: &Known<'_>, result: &CaseResult, label: String, one: &Measurement) -> Vec<String> {
    let metric = &one.metric;
    let name = cell_code(&metric.name);
    let Some(summary) = &one.summary else {
        let mut row = vec![NOTHING.to_owned(); HEADERS.len()];
        (row[0], row[1]) = (label, name);
        row[HEADERS.len() - 1] = "no value".to_owned();
        return row;
    };
    let shown = |value: f64| text(&quantity(value, &metric.unit, metric.kind));
    let judgement = report.verdict(result.case.id.as_str(), &metric.name);
    vec![
        label,
        name,
        shown(summary.median),
        interval(summary, metric, &shown),
        quantile(summary, 0.95, &shown),
        quantile(summary, 0.99, &shown),
        shown(summary.min),
        shown(summary.max),
        samples(summary),
        verdict(judgement),
    ]
}

fn samples(summary: &Summary) -> String {
    match summary.repetitions {
        0 | 1 => summary.n.to_string(),
        n => format!("{} in {n} processes", summary.n),
    }
}

fn interval(summary: &Summary, metric: &Metric, shown: &dyn Fn(f64) -> String) -> String {
    let mut interval = summary.interval;
    // An interval of a few values reaches beyond what can be.
    if metric.name == names::FAIRNESS {
        (interval.low, interval.high) = (interval.low.max(0.0), interval.high.min(1.0));
    }
    if interval.confidence <= 0.0 {
        return NOTHING.to_owned();
    }
    let confidence = 100.0 * interval.confidence;
    format!(
        "{} – {} ({confidence:.0} %)",
        shown(interval.low),
        shown(interval.high)
    )
}

fn quantile(summary: &Summary, q: f64, shown: &dyn Fn(f64) -> String) -> String {
    let mut quantiles = summary.quantiles.iter();
    let value = quantiles.find(|one| one.q == q).and_then(|one| one.value);
    value.map_or_else(|| NOTHING.to_owned(), shown)
}

/// Each kind of remark with its first sentence and the number of cases that have it.
fn flags(cases: &[&CaseResult]) -> String {
    let mut lines = String::new();
    for (kind, flagged) in flagged(cases.iter().copied()) {
        let (message, more) = (text(flagged.message), flagged.how_many());
        lines.push_str(&format!("- **{}**: {message}{more}\n", kind.word()));
    }
    match lines.is_empty() {
        true => lines,
        false => format!("What makes these numbers doubtful:\n\n{lines}\n"),
    }
}
