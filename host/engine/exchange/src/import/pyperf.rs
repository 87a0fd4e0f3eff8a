//! pyperf: JSON of version 1.0, one or several benchmarks.
//!
//! Samples: the values of all runs; warm-ups and calibrations are none. Value: their median. Unit `second` becomes
//! `s`, `byte` becomes `B`, `integer` has no direction. Time: the last run's date, read as UTC.

use benchhost_record::{Direction, MetricKind, names};

use crate::{Entry, Error, Import, SourceFile, json::Node, moment, sample};

pub(super) fn read(file: &SourceFile<'_>, root: &Node<'_>, into: &mut Import) -> Result<(), Error> {
    let benchmarks = root.field("benchmarks")?;
    let version = root.field("version")?;
    if version.scalar().as_deref() != Some("1.0") {
        return Err(version.unknown_version("1.0"));
    }
    for benchmark in benchmarks.items()? {
        let metadata = |name: &str| {
            let own = benchmark.find("metadata").and_then(|data| data.find(name));
            own.or_else(|| root.find("metadata")?.find(name))
        };
        let stem = file.split().1.trim_end_matches(".json");
        let case = metadata("name").map_or(Ok(stem), |name| name.text())?;
        let (metric, unit, direction, kind) = match metadata("unit") {
            None => (names::TIME, "s", Direction::Lower, MetricKind::Time),
            Some(unit) => match unit.text()? {
                "second" => (names::TIME, "s", Direction::Lower, MetricKind::Time),
                "byte" => ("memory", "B", Direction::Lower, MetricKind::Memory),
                "integer" => ("value", "", Direction::Neither, MetricKind::Count),
                _ => return Err(unit.wrong("second, byte or integer")),
            },
        };
        let mut samples = Vec::new();
        let mut date = None;
        for run in benchmark.field("runs")?.items()? {
            if let Some(values) = run.find("values") {
                samples.extend(values.numbers()?);
            }
            date = run
                .find("metadata")
                .and_then(|data| data.find("date"))
                .or(date);
        }
        let value = sample::median(&samples);
        if value.is_none() {
            into.skip(
                benchmark.place(),
                format!("`{case}` has no values, only warm-ups or calibrations"),
            );
        }
        let mut entry = Entry::new(case, metric, value)
            .of(unit, direction, kind)
            .with_samples(samples);
        entry.machine = metadata("hostname").and_then(|name| name.scalar());
        entry.time_unix_s = match date.or_else(|| metadata("date")) {
            Some(date) => Some(moment::parse(date.text()?).ok_or_else(|| date.wrong("a date"))?),
            None => None,
        };
        for name in ["cpu_model_name", "python_version", "loops", "inner_loops"] {
            entry.label(name, metadata(name).and_then(|data| data.scalar()));
        }
        into.entries.push(entry);
    }
    Ok(())
}
