//! The table of a comparison: ratio, interval, verdict, and what they cost.

use benchhost_record::{
    Comparison, Comparisons, Flag, Interval, Method, Metric, MetricKind, Verdict, names,
};

use super::{
    layout::{Body, Row, Table, wrapped},
    notes::count,
    paint::{Paint, Style},
    quantity::{NOTHING, finite, percent},
};
use crate::text::harmless;

const HEADERS: [&str; 8] = [
    "baseline",
    "candidate",
    "ratio",
    "interval",
    "verdict",
    "rounds",
    "round-sd",
    "seconds",
];

/// By column of [`HEADERS`]: the higher, the sooner it goes.
const DISPENSABILITY: [u8; 8] = [6, 6, 0, 0, 0, 3, 4, 5];

/// The comparisons as text with a line feed at its end.
///
/// `width`: columns of the terminal; without one nothing is cut or wrapped. `colour`: whether to use ANSI escape
/// sequences.
#[must_use]
pub fn render_comparisons(all: &Comparisons, width: Option<u16>, colour: bool) -> String {
    let paint = Paint::new(colour);
    let width = width.map(usize::from);
    let table = Table {
        headers: HEADERS.map(str::to_owned).to_vec(),
        dispensability: DISPENSABILITY.to_vec(),
        remarks: "flags".to_owned(),
        rows: all.comparisons.iter().map(|one| row(all, one)).collect(),
    };
    let heading = format!("{} → {}", all.baseline.name, all.candidate.name);
    let heading = wrapped(&harmless(&heading), width, 2);
    let (lines, _) = table.render(width, paint);
    let mut sections = vec![format!("{}{lines}", paint.lines(&heading, Style::Bold))];
    sections.extend(remarks(all, width, paint));
    sections.push(summary(all, width, paint));
    sections.join("\n")
}

fn row(all: &Comparisons, one: &Comparison) -> Row {
    let label = harmless(&label(all, one));
    if one.verdict == Verdict::Failed {
        let reason = one.reason.as_deref().unwrap_or("no reason known");
        return Row {
            label,
            body: Body::Sentence {
                text: harmless(&format!("failed: {reason}")),
                style: Style::Bad,
            },
        };
    }
    let value = |value: Option<f64>| value.map(|value| quantity(value, &one.metric));
    let share = |share: Option<f64>| share.map(percent);
    let cells = [
        value(one.baseline),
        value(one.candidate),
        one.ratio
            .filter(|ratio| ratio.is_finite())
            .map(|ratio| format!("{ratio:.4}")),
        one.interval.map(interval),
        Some(one.verdict.word(&one.metric).to_owned()),
        Some(one.rounds.to_string()),
        share(one.round_sd),
        Some(format!("{:.2}", one.seconds)),
    ];
    let cells = cells.map(|cell| cell.unwrap_or_else(|| NOTHING.to_owned()));
    Row {
        label,
        body: Body::Numbers {
            cells: cells.to_vec(),
            remarks: words(&one.flags),
        },
    }
}

/// The case, and its metric where that is not the time of all of them.
fn label(all: &Comparisons, one: &Comparison) -> String {
    let only_time = all
        .comparisons
        .iter()
        .all(|other| other.metric.name == names::TIME);
    if only_time {
        one.case.to_string()
    } else {
        format!("{} {}", one.case, one.metric.name)
    }
}

fn quantity(value: f64, metric: &Metric) -> String {
    match metric.kind {
        MetricKind::Ratio => percent(value),
        _ => finite(value, &metric.unit),
    }
}

fn interval(interval: Interval) -> String {
    let end = |value: f64| {
        if value == 0.0 {
            "0".to_owned()
        } else if value.is_finite() {
            format!("{value:.4}")
        } else {
            "∞".to_owned()
        }
    };
    format!("{} … {}", end(interval.low), end(interval.high))
}

fn words(flags: &[Flag]) -> String {
    let mut words: Vec<&str> = Vec::new();
    for flag in flags {
        if !words.contains(&flag.kind.word()) {
            words.push(flag.kind.word());
        }
    }
    words.join(", ")
}

/// What is missing for a verdict, and what the flags say; each sentence once.
fn remarks(all: &Comparisons, width: Option<usize>, paint: Paint) -> Option<String> {
    let mut said: Vec<(String, Vec<String>)> = Vec::new();
    let mut say = |sentence: String, label: String| match said
        .iter_mut()
        .find(|(known, _)| *known == sentence)
    {
        Some((_, labels)) => labels.push(label),
        None => said.push((sentence, vec![label])),
    };
    for one in &all.comparisons {
        if one.verdict == Verdict::Inconclusive
            && let Some(reason) = &one.reason
        {
            say(format!("inconclusive: {reason}"), label(all, one));
        }
        for flag in &one.flags {
            say(
                format!("{}: {}", flag.kind.word(), flag.message),
                label(all, one),
            );
        }
    }
    let lines: Vec<String> = said
        .into_iter()
        .flat_map(|(sentence, labels)| {
            let whom = if labels.len() == all.comparisons.len() {
                String::new()
            } else if labels.len() > 3 {
                format!("{}: ", count(labels.len(), "case"))
            } else {
                format!("{}: ", labels.join(", "))
            };
            wrapped(&harmless(&format!("{whom}{sentence}")), width, 2)
        })
        .collect();
    (!lines.is_empty()).then(|| paint.lines(&lines, Style::Caution))
}

/// How many of each verdict, and under which terms.
fn summary(all: &Comparisons, width: Option<usize>, paint: Paint) -> String {
    let mut verdicts: Vec<(&str, usize)> = Vec::new();
    for one in &all.comparisons {
        let word = one.verdict.word(&one.metric);
        match verdicts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, number)) => *number += 1,
            None => verdicts.push((word, 1)),
        }
    }
    let verdicts: Vec<String> = verdicts
        .into_iter()
        .map(|(word, number)| format!("{number} {word}"))
        .collect();
    let seconds: f64 = all
        .comparisons
        .iter()
        .map(|one| one.seconds)
        .fold(0.0, f64::max);
    let mut parts = vec![
        format!(
            "{}: {}",
            count(all.comparisons.len(), "comparison"),
            if verdicts.is_empty() {
                "none".to_owned()
            } else {
                verdicts.join(", ")
            }
        ),
        match all.method {
            Method::PairedRounds => format!("false decisions ≤ {}", percent(all.level)),
            Method::StoredRuns => format!(
                "false decisions ≤ {} if nothing but the code changed between the runs",
                percent(all.level)
            ),
        },
        format!("a change is more than {}", percent(all.tolerance)),
        format!("equivalent within ±{}", percent(all.margin)),
    ];
    if all.method == Method::PairedRounds {
        parts.push(format!("longest case {seconds:.1} s"));
        parts.push(format!("seed {}", all.seed));
    }
    if all.interrupted {
        parts.push("interrupted".to_owned());
    }
    let worst = all
        .comparisons
        .iter()
        .any(|one| matches!(one.verdict, Verdict::Worse | Verdict::Failed));
    let style = if worst { Style::Bad } else { Style::Good };
    let lines = wrapped(&parts.join(" · "), width, 2);
    paint.lines(&lines, style)
}
