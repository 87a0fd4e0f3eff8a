//! `benchhost baseline list` and `show`.

use std::{fs, path::Path};

use benchhost_record::format_quantity;

use crate::{
    baseline::{self, Baseline, FOLDER},
    cli::HistoryFormat,
    command::{Failure, table::table},
};

/// The baselines there are; a file that is none is named with the reason.
pub(super) fn list() -> Result<String, Failure> {
    let mut names: Vec<String> = fs::read_dir(FOLDER)
        .map(|entries| {
            entries
                .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
                .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
                .collect()
        })
        .unwrap_or_default();
    names.sort();
    if names.is_empty() {
        return Ok(format!(
            "no baselines in `{FOLDER}`; `benchhost baseline save` makes one\n"
        ));
    }
    let header = ["name", "cases", "values", "machine", "newest"].map(str::to_owned);
    let rows: Vec<[String; 5]> = std::iter::once(header)
        .chain(names.into_iter().map(|name| row(&name)))
        .collect();
    Ok(table(&rows))
}

fn row(name: &str) -> [String; 5] {
    match Baseline::read(&baseline::path(name)) {
        Ok(found) => [
            name.to_owned(),
            found.case.len().to_string(),
            found
                .case
                .values()
                .map(|case| case.metrics.len())
                .sum::<usize>()
                .to_string(),
            if found.cpu.is_empty() {
                "any".to_owned()
            } else {
                found.cpu.clone()
            },
            found
                .case
                .values()
                .map(|case| case.measured.clone())
                .max()
                .unwrap_or_default(),
        ],
        Err(error) => [
            name.to_owned(),
            String::new(),
            String::new(),
            String::new(),
            error.to_string(),
        ],
    }
}

/// A baseline as a table, or as JSON.
pub(super) fn show(name: &str, format: HistoryFormat) -> Result<String, Failure> {
    let path = baseline::path(name);
    let found = Baseline::read(Path::new(&path))?;
    if format == HistoryFormat::Json {
        let value = serde_json::to_value(&found).map_err(anyhow::Error::from)?;
        return Ok(format!("{value:#}\n"));
    }
    let header = [
        "case",
        "metric",
        "value",
        "interval",
        "n",
        "tolerance",
        "run",
    ]
    .map(str::to_owned);
    let mut rows = vec![header];
    for (case, entry) in &found.case {
        for (metric, one) in &entry.metrics {
            let quantity = |value: f64| format_quantity(value, &one.unit);
            rows.push([
                case.clone(),
                metric.clone(),
                quantity(one.value),
                one.interval.map_or_else(String::new, |[low, high]| {
                    format!("{} … {}", quantity(low), quantity(high))
                }),
                one.n.map_or_else(String::new, |n| n.to_string()),
                match (&one.tolerance, one.allowed()) {
                    (Some(toml::Value::String(text)), _) => text.clone(),
                    (Some(_), Some(allowed)) => quantity(allowed),
                    _ => "by class".to_owned(),
                },
                entry.run.clone(),
            ]);
        }
    }
    Ok(table(&rows))
}
