//! What the probes read: where each number comes from, and why some are absent.

use std::collections::BTreeMap;

use benchhost_record::{Reading, Run, format_quantity};

use super::{
    layout::{Body, Row, Table},
    paint::{Paint, Style},
};
use crate::text::harmless;

/// Readings whose source is told: what a model says, and what an instrument says that is not there everywhere.
fn is_told(reading: &Reading) -> bool {
    let name = reading.metric.name.as_str();
    ["energy", "carbon", "power", "gpu"]
        .iter()
        .any(|family| name == *family || name.starts_with(&format!("{family}-")))
}

/// What the looks cost, each probe: before, in between, after.
fn costs(run: &Run) -> Option<String> {
    let time = |ns: f64| format_quantity(ns, "ns");
    let costs = run.probe_costs.iter().map(|(name, cost)| {
        let polls = if cost.polls > 0 {
            format!(" + {} × {}", cost.polls, time(cost.poll_ns))
        } else {
            String::new()
        };
        let (begin, end) = (time(cost.begin_ns as f64), time(cost.end_ns as f64));
        format!("{name} {begin}{polls} + {end}")
    });
    let costs: Vec<String> = costs.collect();
    (!costs.is_empty()).then(|| {
        format!(
            "before the first sample + polls + after the last one: {}",
            costs.join(", ")
        )
    })
}

/// The section, when there is something to say.
pub(super) fn section(run: &Run, width: Option<usize>, paint: Paint) -> Option<String> {
    let mut sources: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
    let repetitions = run.cases.iter().flat_map(|case| &case.repetitions);
    for reading in repetitions
        .flat_map(|one| &one.readings)
        .filter(|one| is_told(one))
    {
        let key = (reading.basis.word().to_owned(), reading.source.clone());
        let names = sources.entry(key).or_default();
        if !names.contains(&reading.metric.name.as_str()) {
            names.push(&reading.metric.name);
        }
    }
    let row = |label: String, text: String| Row {
        label: harmless(&label),
        body: Body::Sentence {
            text: harmless(&text),
            style: Style::Plain,
        },
    };
    let mut rows: Vec<Row> = sources
        .into_iter()
        .map(|((basis, source), names)| row(names.join(", "), format!("{basis}: {source}")))
        .collect();
    let absent = run.absent_probes.iter();
    rows.extend(absent.map(|(name, reason)| row(name.clone(), format!("absent: {reason}"))));
    rows.extend(costs(run).map(|text| row("cost".to_owned(), text)));
    if rows.is_empty() {
        return None;
    }
    let table = Table {
        headers: Vec::new(),
        dispensability: Vec::new(),
        remarks: String::new(),
        rows,
    };
    let title = paint.lines(&["probes".to_owned()], Style::Bold);
    Some(format!("{title}{}", table.render(width, paint).0))
}
