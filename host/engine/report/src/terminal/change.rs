//! The table of change points.

use benchhost_stats::{ChangeKind, ChangePoint};

use super::{
    layout::{Body, Row, Table, wrapped},
    notes::count,
    paint::{Paint, Style},
    quantity::{change as moved, finite, tenths},
};
use crate::{json::ChangedSeries, text::harmless};

const HEADERS: [&str; 8] = [
    "index",
    "time",
    "kind",
    "before",
    "after",
    "change",
    "between",
    "confidence",
];

/// By column of [`HEADERS`]: the higher, the sooner it goes.
const DISPENSABILITY: [u8; 8] = [4, 0, 1, 3, 3, 0, 5, 6];

/// Changes of all series as text with a line feed at its end; series without any are counted.
#[must_use]
pub fn render_changes(all: &[ChangedSeries], width: Option<u16>, colour: bool) -> String {
    let paint = Paint::new(colour);
    let width = width.map(usize::from);
    let rows: Vec<Row> = all
        .iter()
        .flat_map(|series| {
            series
                .changes
                .iter()
                .map(move |(change, time)| row(series, change, time))
        })
        .collect();
    let changed = all
        .iter()
        .filter(|series| !series.changes.is_empty())
        .count();
    let points: usize = all.iter().map(|series| series.points).sum();
    let words = format!(
        "{} of {} changed, {} looked at, {} found",
        changed,
        count(all.len(), "series").replace("seriess", "series"),
        count(points, "point"),
        count(rows.len(), "change"),
    );
    let last = paint.lines(&wrapped(&words, width, 2), Style::Good);
    if rows.is_empty() {
        return last;
    }
    let table = Table {
        headers: HEADERS.map(str::to_owned).to_vec(),
        dispensability: DISPENSABILITY.to_vec(),
        remarks: String::new(),
        rows,
    };
    let (lines, _) = table.render(width, paint);
    [lines, last].join("\n")
}

fn row(series: &ChangedSeries, change: &ChangePoint, time: &str) -> Row {
    let level = |value: f64| harmless(&finite(value, &series.unit));
    let share = (change.after - change.before) / change.before.abs();
    let (first, last) = change.interval;
    Row {
        label: harmless(&series.series),
        body: Body::Numbers {
            cells: vec![
                change.index.to_string(),
                harmless(time),
                match change.kind {
                    ChangeKind::Step => "step",
                    ChangeKind::Drift => "drift",
                }
                .to_owned(),
                level(change.before),
                level(change.after),
                moved(share),
                if first == last {
                    first.to_string()
                } else {
                    format!("{first}…{last}")
                },
                tenths(change.confidence),
            ],
            remarks: String::new(),
        },
    }
}
