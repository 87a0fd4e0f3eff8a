//! What got worse, missed its target, got better, or may have moved: each case once, the worst first.

use benchhost_gate::{Judgement, Judgements};

use super::{
    judgement::value,
    layout::{Body, Row, Table},
    mark::mark,
    notes::count,
    paint::{Paint, Style},
    quantity::short,
};
use crate::{facts::movers, text::harmless};

/// Cases that are shown.
const MOST: usize = 10;

const HEADERS: [&str; 4] = ["metric", "verdict", "value", "reference"];

/// By column of [`HEADERS`]: the higher, the sooner it goes.
const DISPENSABILITY: [u8; 4] = [0, 0, 2, 3];

/// Where the verdict stands in [`HEADERS`].
const VERDICT: usize = 1;

/// The section, when something moved.
pub(super) fn section(judged: &Judgements, width: Option<usize>, paint: Paint) -> Option<String> {
    let moved = movers(&judged.judged);
    // A case whose time got worse has a worse throughput as well: one line says it.
    let mut cases: Vec<(&Judgement, usize)> = Vec::new();
    for one in moved {
        match cases.iter_mut().find(|(first, _)| first.case == one.case) {
            Some((_, others)) => *others += 1,
            None => cases.push((one, 0)),
        }
    }
    if cases.is_empty() {
        return None;
    }
    let table = Table {
        headers: HEADERS.map(str::to_owned).to_vec(),
        dispensability: DISPENSABILITY.to_vec(),
        remarks: "also".to_owned(),
        rows: cases
            .iter()
            .take(MOST)
            .map(|(one, others)| row(one, *others))
            .collect(),
    };
    let title = paint.lines(&["movers".to_owned()], Style::Bold);
    let mut text = format!("{title}{}", table.render(width, paint).0);
    if cases.len() > MOST {
        let more = count(cases.len() - MOST, "case");
        let more = format!("  … +{more}: benchhost check\n");
        text.push_str(&paint.text(&more, Style::Dim));
    }
    Some(text)
}

fn row(one: &Judgement, others: usize) -> Row {
    let mark = mark(one);
    let remarks = match others {
        0 => String::new(),
        others => format!("+{}", count(others, "metric")),
    };
    Row {
        label: harmless(&one.case),
        body: Body::Judged {
            cells: vec![
                short(&one.metric.name),
                mark.text,
                value(one.value, &one.metric),
                value(one.reference, &one.metric),
            ],
            remarks,
            mark: VERDICT,
            style: mark.style,
        },
    }
}
