//! `benchhost history list`: runs, series, alerts.

use std::path::Path;

use benchhost_record::{Alert, format_quantity};
use serde_json::json;

use super::{json as text_of, moment, short};
use crate::{
    cli::{HistoryFormat, ListArguments},
    command::{Failure, table::table, unmatched::Names},
    store::{RunRow, SeriesFilter, SeriesRow, Store},
    terminal,
};

/// The list that was asked for.
pub(super) fn list(path: &Path, arguments: &ListArguments) -> Result<String, Failure> {
    let filter = SeriesFilter::new(&arguments.case, &arguments.metric, None)?;
    let is_filtered = !(arguments.case.is_empty() && arguments.metric.is_empty());
    let store = Store::open_existing(path)?;
    let as_json = arguments.format == HistoryFormat::Json;
    let last = arguments.last.unwrap_or(usize::MAX);
    if arguments.series {
        let mut rows = store.series(&filter)?;
        if rows.is_empty() && is_filtered {
            super::remark_on_nothing(&store, &arguments.case, &arguments.metric)?;
        }
        rows.sort_by_key(|row| std::cmp::Reverse(row.last_ms));
        rows.truncate(last);
        rows.sort_by(|a, b| (&a.case, &a.metric.name).cmp(&(&b.case, &b.metric.name)));
        return Ok(if as_json {
            series_json(&rows)
        } else {
            series_table(&rows)
        });
    }
    if arguments.alerts {
        let mut rows = store.alerts(false)?;
        let mut names = Names::default();
        rows.iter()
            .for_each(|alert| names.add(&alert.case, &alert.metric));
        rows.retain(|alert| filter.matches(&alert.case, &alert.metric, &alert.machine));
        if rows.is_empty() && is_filtered {
            let asked = names.unmatched(&arguments.case, &arguments.metric);
            terminal::remark(&format!("note: no alert matches {asked}"));
        }
        rows.truncate(last);
        return Ok(if as_json {
            text_of(&json!({ "alerts": rows }))
        } else {
            alert_table(&rows)
        });
    }
    if is_filtered {
        return Err(
            Failure::usage("--case and --metric choose among series or alerts, not runs")
                .hint("add --series or --alerts"),
        );
    }
    let rows = store.runs(arguments.last)?;
    Ok(if as_json {
        run_json(&rows)
    } else {
        run_table(&rows)
    })
}

fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

fn run_table(rows: &[RunRow]) -> String {
    let mut cells = vec![
        [
            "run", "started", "state", "suite", "revision", "machine", "cases", "failed",
        ]
        .map(str::to_owned),
    ];
    cells.extend(rows.iter().map(|row| {
        let dirty = if row.dirty { "-dirty" } else { "" };
        [
            row.id.clone(),
            moment(row.started_ms),
            word(&row.state),
            row.suite.clone().unwrap_or_default(),
            row.revision
                .as_deref()
                .map_or_else(String::new, |revision| short(revision) + dirty),
            short(&row.machine),
            format!("{} of {}", row.cases, row.planned),
            row.failed.to_string(),
        ]
    }));
    table(&cells)
}

fn run_json(rows: &[RunRow]) -> String {
    let runs: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({
                "id": row.id,
                "started": moment(row.started_ms),
                "finished": row.finished_ms.map(moment),
                "state": row.state,
                "suite": row.suite,
                "revision": row.revision,
                "branch": row.branch,
                "dirty": row.dirty,
                "machine": row.machine,
                "cases": row.cases,
                "failed": row.failed,
                "planned": row.planned,
            })
        })
        .collect();
    text_of(&json!({ "runs": runs }))
}

fn series_table(rows: &[SeriesRow]) -> String {
    let mut cells = vec![
        [
            "case", "metric", "unit", "machine", "points", "first", "last",
        ]
        .map(str::to_owned),
    ];
    cells.extend(rows.iter().map(|row| {
        [
            row.case.clone(),
            row.metric.name.clone(),
            row.metric.unit.clone(),
            short(&row.machine),
            row.points.to_string(),
            moment(row.first_ms),
            moment(row.last_ms),
        ]
    }));
    table(&cells)
}

fn series_json(rows: &[SeriesRow]) -> String {
    let series: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({
                "case": row.case,
                "metric": row.metric,
                "machine": row.machine,
                "points": row.points,
                "first": moment(row.first_ms),
                "last": moment(row.last_ms),
            })
        })
        .collect();
    text_of(&json!({ "series": series }))
}

fn alert_table(rows: &[Alert]) -> String {
    let mut cells = vec![
        [
            "alert", "state", "kind", "severity", "case", "metric", "opened", "runs", "what",
        ]
        .map(str::to_owned),
    ];
    cells.extend(rows.iter().map(|alert| {
        let sentence = if alert.sentence.is_empty() {
            format_quantity(alert.value, "1")
        } else {
            alert.sentence.clone()
        };
        [
            alert.id.to_string(),
            word(&alert.state),
            word(&alert.kind),
            word(&alert.severity),
            alert.case.clone(),
            alert.metric.clone(),
            alert.opened.clone(),
            alert.runs.to_string(),
            sentence,
        ]
    }));
    table(&cells)
}
