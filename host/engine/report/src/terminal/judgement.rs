//! The table of a judged run: verdict, value, reference, the worst first; sentences for what asks for attention.

use benchhost_gate::{Judgement, Judgements, Verdict};
use benchhost_record::{Metric, MetricKind, Severity, format_quantity};

use super::{
    layout::{Body, Row, Table, wrapped},
    notes::count,
    paint::{Paint, Style},
    quantity::{NOTHING, change, short, tenths},
};
use crate::{facts::word, text::harmless};

const HEADERS: [&str; 6] = ["metric", "verdict", "value", "reference", "change", "rule"];

/// By column of [`HEADERS`]: the higher, the sooner it goes.
const DISPENSABILITY: [u8; 6] = [0, 0, 2, 3, 0, 5];

/// Verdicts of a run as text with a line feed at its end.
///
/// `heading`: what was judged. `all`: whether to list what is unchanged or has too few data too. `width`, `colour`: as for
/// the other tables.
#[must_use]
pub fn render_judgements(
    heading: &str,
    judged: &Judgements,
    all: bool,
    width: Option<u16>,
    colour: bool,
) -> String {
    let paint = Paint::new(colour);
    let width = width.map(usize::from);
    let is_shown = |one: &&Judgement| all || !is_quiet(one.verdict);
    let shown: Vec<&Judgement> = judged.judged.iter().filter(is_shown).collect();
    let heading = paint.lines(&wrapped(&harmless(heading), width, 2), Style::Bold);
    let mut sections = vec![heading];
    if !shown.is_empty() {
        let table = Table {
            headers: HEADERS.map(str::to_owned).to_vec(),
            dispensability: DISPENSABILITY.to_vec(),
            remarks: String::new(),
            rows: shown.iter().map(|one| row(one)).collect(),
        };
        let (lines, _) = table.render(width, paint);
        sections[0].push_str(&lines);
    }
    let sentences: Vec<String> = shown
        .iter()
        .filter(|one| one.verdict != Verdict::Failed && !is_quiet(one.verdict))
        .flat_map(|one| {
            wrapped(
                &harmless(&format!("{}: {}", word(one.verdict), one.sentence)),
                width,
                2,
            )
        })
        .collect();
    if !sentences.is_empty() {
        sections.push(paint.lines(&sentences, Style::Caution));
    }
    sections.push(summary(judged, width, paint));
    sections.join("\n")
}

/// Verdicts that nobody has to look at.
fn is_quiet(verdict: Verdict) -> bool {
    matches!(
        verdict,
        Verdict::Unchanged | Verdict::TargetMet | Verdict::InsufficientData
    )
}

fn row(one: &Judgement) -> Row {
    if one.verdict == Verdict::Failed {
        return Row {
            label: harmless(&one.case),
            body: Body::Sentence {
                text: harmless(&failed(one)),
                style: Style::Bad,
            },
        };
    }
    let value = |value| self::value(value, &one.metric);
    Row {
        label: harmless(&one.case),
        body: Body::Numbers {
            cells: vec![
                short(&one.metric.name),
                word(one.verdict),
                value(one.value),
                value(one.reference),
                change(one.effect),
                short(&one.rule),
            ],
            remarks: String::new(),
        },
    }
}

/// `failed: ended by SIGABRT`: the case stands beside it, and which metric is missing matters to nobody.
fn failed(one: &Judgement) -> String {
    let subject = format!("{}: no {}: ", one.case, one.metric.name);
    let why = one.sentence.strip_prefix(&subject);
    format!("{}: {}", word(one.verdict), why.unwrap_or(&one.sentence))
}

/// The word for a severity.
#[must_use]
pub fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
}

/// A value of a metric with its unit.
pub(super) fn value(value: f64, metric: &Metric) -> String {
    match metric.kind {
        _ if !value.is_finite() => NOTHING.to_owned(),
        MetricKind::Ratio => tenths(value),
        _ => short(&format_quantity(value, &metric.unit)),
    }
}

fn summary(judged: &Judgements, width: Option<usize>, paint: Paint) -> String {
    let counts: Vec<String> = judged
        .counts()
        .into_iter()
        .map(|(word, n)| format!("{n} {word}"))
        .collect();
    let mut parts = vec![format!(
        "{}: {}",
        count(judged.judged.len(), "verdict"),
        if counts.is_empty() {
            "none".to_owned()
        } else {
            counts.join(", ")
        }
    )];
    if judged.not_judged > 0 {
        parts.push(format!(
            "{} not judged: no rule speaks of them",
            count(judged.not_judged, "metric")
        ));
    }
    let style = if judged.fails() || judged.has_failures() {
        Style::Bad
    } else {
        Style::Good
    };
    paint.lines(&wrapped(&parts.join(" · "), width, 2), style)
}
