//! Google Benchmark: `--benchmark_format=json`, also with repetitions.
//!
//! Rows of one `run_name` are the samples of one entry, and its value is their median. The rows `mean`, `median`,
//! `stddev` and `cv` say the same again and are only used when the repetitions themselves were not written
//! (`--benchmark_report_aggregates_only`): then the value is the `median` row. `BigO`, `RMS` and rows with an error
//! are skipped with a reason. Metrics: `time`, `cpu-time`, and each counter by its name.

use std::collections::BTreeMap;

use benchhost_record::{Direction, MetricKind, names};

use crate::{
    Entry, Error, Import,
    json::{Json, Node},
    moment, sample, unit,
};

/// Numbers of a row that are no counters.
const FIXED: [&str; 11] = [
    "cpu_coefficient",
    "cpu_time",
    "family_index",
    "iterations",
    "per_family_instance_index",
    "real_coefficient",
    "real_time",
    "repetition_index",
    "repetitions",
    "rms",
    "threads",
];

/// Values of one benchmark by metric: unit, direction, kind, samples.
type Metrics = BTreeMap<String, (String, Direction, MetricKind, Vec<f64>)>;

#[derive(Default)]
struct Benchmark {
    metrics: Metrics,
    aggregate: Metrics,
    repetitions: u64,
    label: Option<String>,
}

pub(super) fn read(root: &Node<'_>, into: &mut Import) -> Result<(), Error> {
    let context = root.field("context")?;
    let rows = root.field("benchmarks")?;
    let machine = context.find("host_name").and_then(|name| name.scalar());
    let build = context
        .find("library_build_type")
        .and_then(|name| name.scalar());
    let time = match context.find("date") {
        Some(date) => Some(moment::parse(date.text()?).ok_or_else(|| date.wrong("a date"))?),
        None => None,
    };
    let mut order = Vec::new();
    let mut benchmarks: BTreeMap<&str, Benchmark> = BTreeMap::new();
    for row in rows.items()? {
        let Some((name, aggregate)) = name_of(&row, into)? else {
            continue;
        };
        let benchmark = benchmarks.entry(name).or_insert_with(|| {
            order.push(name);
            Benchmark::default()
        });
        benchmark.label = row.find("label").and_then(|label| label.scalar());
        match aggregate {
            None => add(&row, &mut benchmark.metrics)?,
            Some("median") => {
                add(&row, &mut benchmark.aggregate)?;
                let repetitions = row.find("repetitions").or_else(|| row.find("iterations"));
                benchmark.repetitions = repetitions.map_or(Ok(1.0), |n| n.number())? as u64;
            }
            Some(_) => {}
        }
    }
    for name in order {
        let benchmark = &benchmarks[name];
        let alone = benchmark.metrics.is_empty();
        let metrics = if alone {
            &benchmark.aggregate
        } else {
            &benchmark.metrics
        };
        if metrics.is_empty() {
            into.skip(
                format!("{}, {name}", rows.place()),
                "only aggregates without a median",
            );
        }
        for (metric, (unit, direction, kind, samples)) in metrics {
            let mut entry =
                Entry::new(name, metric, sample::median(samples)).of(unit, *direction, *kind);
            if alone {
                entry.n = benchmark.repetitions.max(1);
            } else {
                entry = entry.with_samples(samples.clone());
            }
            entry.machine.clone_from(&machine);
            entry.time_unix_s = time;
            entry.label("library_build_type", build.clone());
            entry.label("label", benchmark.label.clone());
            into.entries.push(entry);
        }
    }
    Ok(())
}

/// Name of the benchmark a row belongs to, with the aggregate it is; `None` for a row that gives nothing.
fn name_of<'a>(
    row: &Node<'a>,
    into: &mut Import,
) -> Result<Option<(&'a str, Option<&'a str>)>, Error> {
    let full = row.field("name")?.text()?;
    let name = row.find("run_name").map_or(Ok(full), |name| name.text())?;
    let failed = |key| {
        row.find(key)
            .is_some_and(|node| *node.json() == Json::Bool(true))
    };
    if failed("error_occurred") || failed("skipped") {
        let message = ["error_message", "skip_message"]
            .iter()
            .find_map(|key| row.find(key)?.scalar());
        into.skip(
            row.place(),
            format!("`{full}` failed: {}", message.unwrap_or_default()),
        );
        return Ok(None);
    }
    let aggregate = match row.find("aggregate_name") {
        Some(name) => Some(name.text()?),
        // Before 1.5 the end of the name says it.
        None if row.find("run_type").is_none() => ["mean", "median", "stddev", "cv", "BigO", "RMS"]
            .into_iter()
            .find(|end| {
                full.strip_suffix(end)
                    .is_some_and(|start| start.ends_with('_'))
            }),
        None => None,
    };
    if let Some(fit @ ("BigO" | "RMS")) = aggregate {
        into.skip(
            row.place(),
            format!("`{full}` is {fit}, a fit over several cases and no measurement"),
        );
        return Ok(None);
    }
    let name = match aggregate {
        Some(end) if row.find("run_name").is_none() => {
            name[..name.len() - end.len()].trim_end_matches('_')
        }
        _ => name,
    };
    Ok(Some((name, aggregate)))
}

fn add(row: &Node<'_>, metrics: &mut Metrics) -> Result<(), Error> {
    let time_unit = row.field("time_unit")?;
    let (times, per) =
        unit::seconds(time_unit.text()?).ok_or_else(|| time_unit.wrong("a unit of time"))?;
    let mut push = |metric: &str, unit: &str, direction, kind, value: f64| {
        let found = metrics
            .entry(metric.to_owned())
            .or_insert_with(|| (unit.to_owned(), direction, kind, Vec::new()));
        found.3.push(value);
    };
    for (key, metric) in [("real_time", names::TIME), ("cpu_time", names::CPU_TIME)] {
        let value = row.field(key)?.number()? * times / per;
        push(metric, "s", Direction::Lower, MetricKind::Time, value);
    }
    for (name, node) in row.members()? {
        let Json::Number(value) = node.json() else {
            continue;
        };
        if FIXED.contains(&name) || !value.is_finite() {
            continue;
        }
        let (unit, direction, kind) = match name {
            "bytes_per_second" => ("B/s", Direction::Higher, MetricKind::Throughput),
            "items_per_second" => ("items/s", Direction::Higher, MetricKind::Throughput),
            _ => ("", Direction::Neither, MetricKind::Count),
        };
        push(name, unit, direction, kind, *value);
    }
    Ok(())
}
