//! `benchhost history trend`: statistics of the last values of each series, and where they are heading.

use std::path::Path;

use benchhost_record::format_quantity;
use benchhost_stats::{Window, trend as trend_of, window};
use serde_json::json;

use super::{json as text_of, short};
use crate::{
    cli::{HistoryFormat, TrendArguments},
    command::{Failure, table::table, unmatched::Names},
    store::{SeriesFilter, SeriesRow, Store},
};

/// Values that a trend needs.
const FOR_A_TREND: usize = 10;

/// A series and what its last values come to.
struct Line {
    series: SeriesRow,
    latest: f64,
    window: Window,
    /// Per cent; absent for too few values, or a mean of 0.
    trend: Option<f64>,
}

/// One line for each series that has a value.
pub(super) fn trend(path: &Path, arguments: &TrendArguments) -> Result<String, Failure> {
    let filter = SeriesFilter::new(&arguments.case, &arguments.metric, None)?;
    let store = Store::open_existing(path)?;
    let size = arguments.last as usize;
    let mut lines = Vec::new();
    for series in store.series(&filter)? {
        // Gaps are no values: enough points that some may be gaps.
        let points = store.points(series.id, Some(4 * size.max(FOR_A_TREND)))?;
        let values: Vec<f64> = points
            .iter()
            .map(|point| point.value)
            .filter(|value| value.is_finite())
            .collect();
        let (Some(latest), Ok(window)) = (values.last(), window(&values, size)) else {
            continue;
        };
        lines.push(Line {
            latest: *latest,
            window,
            trend: trend_of(&values).ok().flatten(),
            series,
        });
    }
    if lines.is_empty() {
        let asked = Names::of_history(&store)?.unmatched(&arguments.case, &arguments.metric);
        let kind = match asked.as_str() {
            "" => String::new(),
            asked => format!(" that match {asked}"),
        };
        return Err(Failure::usage(format!(
            "the history `{}` has no values{kind}",
            path.display()
        ))
        .hint("`benchhost history list --series` shows what there is"));
    }
    Ok(match arguments.format {
        HistoryFormat::Table => as_table(&lines),
        HistoryFormat::Json => as_json(&lines),
    })
}

fn as_table(lines: &[Line]) -> String {
    let mut cells = vec![
        [
            "case", "metric", "machine", "latest", "mean", "sd", "min", "max", "n", "trend",
        ]
        .map(str::to_owned),
    ];
    cells.extend(lines.iter().map(|line| {
        let quantity = |value| format_quantity(value, &line.series.metric.unit);
        let Window {
            mean,
            stdev,
            min,
            max,
            count,
        } = line.window;
        [
            line.series.case.clone(),
            line.series.metric.name.clone(),
            short(&line.series.machine),
            quantity(line.latest),
            quantity(mean),
            quantity(stdev),
            quantity(min),
            quantity(max),
            count.to_string(),
            line.trend
                .map_or_else(|| "–".to_owned(), |percent| format!("{percent:+.1} %")),
        ]
    }));
    table(&cells)
        + "\ntrend: mean of the last 5 values against the 5 before; – with fewer than 10 of them\n"
}

fn as_json(lines: &[Line]) -> String {
    let series: Vec<_> = lines
        .iter()
        .map(|line| {
            json!({
                "case": line.series.case,
                "metric": line.series.metric,
                "machine": line.series.machine,
                "latest": line.latest,
                "mean": line.window.mean,
                "sd": line.window.stdev,
                "min": line.window.min,
                "max": line.window.max,
                "n": line.window.count,
                "trend_percent": line.trend,
            })
        })
        .collect();
    text_of(&json!({ "series": series }))
}
