//! Two benchmarks of one run in one table: both times, their ratio with its interval, and what both have besides.

use benchhost_record::{BothValues, CaseId, Contrast, ContrastPair, MetricKind, Run, Verdict};

use super::{
    label::apart,
    layout::{Body, Row, Table, wrapped},
    notes::count,
    paint::{Paint, Style},
    quantity::{NOTHING, finite, short, shortened, tenths},
};
use crate::{
    facts::{Beside, Sides, beside, confidence, of_both, ratio, reasons},
    text::harmless,
};

/// Letters of a benchmark's name over its times.
const NAME: usize = 16;

/// Headers after both times, with the sooner-it-goes of each.
const HEADERS: [(&str, u8); 3] = [("ratio", 0), ("interval", 0), ("verdict", 2)];

/// Pairs that a sentence names, at most.
const NAMED: usize = 3;

/// One section for each contrast.
pub(super) fn sections(run: &Run, width: Option<usize>, paint: Paint) -> Vec<String> {
    let shown = run.contrasts.iter().filter(|one| !one.pairs.is_empty());
    let sides = Sides::of(run);
    shown
        .map(|one| section(one, &sides, width, paint))
        .collect()
}

fn section(contrast: &Contrast, sides: &Sides<'_>, width: Option<usize>, paint: Paint) -> String {
    let ids: Vec<&CaseId> = contrast.pairs.iter().map(|pair| &pair.candidate).collect();
    let (shared, labels) = apart(&ids);
    let shared = of_both(&shared, contrast);
    let beside = beside(contrast, sides);
    let has_ratio = contrast.pairs.iter().any(|pair| pair.verdict.is_some());
    let rows = contrast.pairs.iter().zip(&labels);
    let table = Table {
        headers: if has_ratio {
            headers(contrast, &beside)
        } else {
            Vec::new()
        },
        dispensability: if has_ratio {
            dispensability(&beside)
        } else {
            Vec::new()
        },
        remarks: String::new(),
        rows: rows
            .map(|(pair, label)| row(pair, label, &beside, sides))
            .collect(),
    };
    let (lines, left_out) = table.render(width, paint);
    let mut heading = format!("{} against {}", contrast.benchmark, contrast.against);
    if !contrast.differ_in.is_empty() {
        heading.push_str(&format!(", by {}", contrast.differ_in.join(" and ")));
    }
    if !shared.is_empty() {
        heading.push_str(&format!(" · {shared}"));
    }
    let heading = wrapped(&harmless(&heading), width, 2);
    let mut text = format!("{}{lines}", paint.lines(&heading, Style::Bold));
    if has_ratio {
        let hidden: Vec<String> = left_out
            .into_iter()
            .map(|at| table.headers[at].clone())
            .collect();
        text.push_str(&said(
            &legend(contrast, &beside, &hidden),
            width,
            paint,
            Style::Dim,
        ));
    }
    for (sentence, pairs) in reasons(contrast) {
        let named: Vec<&str> = pairs.iter().map(|at| labels[*at].as_str()).collect();
        let whom = match named.len() {
            all if all == labels.len() => String::new(),
            few if few <= NAMED => format!("{}: ", named.join(", ")),
            many => format!("{}: ", count(many, "case")),
        };
        let sentence = format!("{whom}{}", harmless(sentence));
        text.push_str(&said(&sentence, width, paint, Style::Caution));
    }
    text
}

fn said(sentence: &str, width: Option<usize>, paint: Paint, style: Style) -> String {
    let room = width.map(|all| all.saturating_sub(2));
    let lines: Vec<String> = wrapped(sentence, room, 2)
        .iter()
        .map(|line| format!("  {line}"))
        .collect();
    paint.lines(&lines, style)
}

fn headers(contrast: &Contrast, beside: &[Beside]) -> Vec<String> {
    let mut sides = [&contrast.against, &contrast.benchmark].map(|name| shortened(name, NAME));
    if sides[0] == sides[1] {
        // Long names with one beginning.
        sides = ["baseline", "candidate"].map(str::to_owned);
    }
    let ratio = HEADERS.map(|(header, _)| header.to_owned());
    let beside = beside.iter().map(|one| short(&one.name));
    sides.into_iter().chain(ratio).chain(beside).collect()
}

fn dispensability(beside: &[Beside]) -> Vec<u8> {
    let ratio = HEADERS.map(|(_, dispensability)| dispensability);
    let beside = beside.iter().map(|one| one.dispensability);
    [0, 0].into_iter().chain(ratio).chain(beside).collect()
}

fn row(pair: &ContrastPair, label: &str, beside: &[Beside], sides: &Sides<'_>) -> Row {
    let label = label.to_owned();
    let Some(verdict) = pair.verdict else {
        let reason = pair.reason.as_deref().unwrap_or("no reason known");
        let style = if sides.fails(pair) {
            Style::Bad
        } else {
            Style::Caution
        };
        let text = harmless(&format!("no ratio: {reason}"));
        return Row {
            label,
            body: Body::Sentence { text, style },
        };
    };
    let nothing = || NOTHING.to_owned();
    let (ratio, interval) = ratio(pair);
    let time = pair.both_of(&pair.metric.name);
    let mut cells = vec![
        time.map_or_else(nothing, |one| quantity(one, one.baseline)),
        time.map_or_else(nothing, |one| quantity(one, one.candidate)),
        ratio.unwrap_or_else(nothing),
        interval.unwrap_or_else(nothing),
        verdict.word(&pair.metric).to_owned(),
    ];
    let mark = cells.len() - 1;
    let both = |one: &Beside| pair.both_of(&one.name).map_or_else(nothing, change);
    cells.extend(beside.iter().map(both));
    let style = match verdict {
        Verdict::Better => Style::Good,
        Verdict::Worse => Style::Bad,
        Verdict::Inconclusive => Style::Caution,
        _ => Style::Plain,
    };
    Row {
        label,
        body: Body::Judged {
            cells,
            // The table of each of them has its flags.
            remarks: String::new(),
            mark,
            style,
        },
    }
}

/// Both values, the unit once where it is that of both.
fn change(one: &BothValues) -> String {
    let (there, here) = (quantity(one, one.baseline), quantity(one, one.candidate));
    match (there.split_once(' '), here.split_once(' ')) {
        (Some((number, unit)), Some((_, same))) if unit == same => format!("{number} → {here}"),
        _ => format!("{there} → {here}"),
    }
}

fn quantity(one: &BothValues, value: f64) -> String {
    match one.metric.kind {
        MetricKind::Ratio => tenths(value),
        _ => short(&finite(value, &one.metric.unit)),
    }
}

/// What the columns mean.
fn legend(contrast: &Contrast, beside: &[Beside], hidden: &[String]) -> String {
    let metric = contrast.pairs.first().map(|pair| pair.metric.name.as_str());
    let mut text = format!(
        "ratio: {} of {} by that of {}",
        metric.unwrap_or_default(),
        contrast.benchmark,
        contrast.against
    );
    if let Some(confidence) = confidence(contrast) {
        text.push_str(&format!(", confidence {confidence}"));
    }
    if beside.iter().any(|one| !hidden.contains(&short(&one.name))) {
        let sides = format!(" · others: {} → {}", contrast.against, contrast.benchmark);
        text.push_str(&sides);
    }
    if !hidden.is_empty() {
        text.push_str(&format!(" · no room for {}", hidden.join(", ")));
    }
    harmless(&text)
}
