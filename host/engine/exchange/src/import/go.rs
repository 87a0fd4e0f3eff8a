//! Go: text of `go test -bench`, with its header lines `goos: goarch: pkg: cpu:`.
//!
//! `BenchmarkX-8  1000  123 ns/op  16 B/op  2 allocs/op  7 custom/op`. Lines of the same name are samples, the value
//! is their median. Case: package and name, without the number of processors (label `procs`) unless the file has the
//! name with several. Metrics: `time` for ns/op, `throughput` for MB/s, else the unit as written; a custom unit has
//! the direction its `Unit X better=lower` line gives it. Anything else in the text is the test's own output.

use std::collections::{BTreeMap, BTreeSet};

use benchhost_record::{Direction, MetricKind, names};

use crate::{Entry, Error, Import, SourceFile, json, sample};

type Samples<'a> = BTreeMap<&'a str, Vec<f64>>;

/// Package, name, processors (as written).
type Key<'a> = (&'a str, &'a str, Option<&'a str>);

pub(super) fn read(file: &SourceFile<'_>, into: &mut Import) -> Result<(), Error> {
    json::check_text(file.path, file.text, into.format)?;
    let skipped_before = into.skipped.len();
    let mut header: BTreeMap<&str, &str> = BTreeMap::new();
    let mut better: BTreeMap<&str, Direction> = BTreeMap::new();
    let mut order: Vec<(Key<'_>, BTreeMap<&str, &str>)> = Vec::new();
    let mut found: BTreeMap<Key<'_>, Samples<'_>> = BTreeMap::new();
    for (index, line) in file.text.lines().enumerate() {
        let place = Place {
            file: file.path,
            line: index as u64 + 1,
        };
        if let Some(rest) = line.strip_prefix("Benchmark") {
            let Some(values) = values(line, &place)? else {
                continue;
            };
            let name =
                &line[..line.len() - rest.trim_start_matches(|c: char| !c.is_whitespace()).len()];
            let (name, procs) = split_procs(name);
            let key = (header.get("pkg").copied().unwrap_or(""), name, procs);
            let samples = found.entry(key).or_insert_with(|| {
                order.push((key, header.clone()));
                BTreeMap::new()
            });
            for (unit, value) in values {
                samples.entry(unit).or_default().push(value);
            }
        } else if line.starts_with("--- FAIL") || line.starts_with("FAIL\t") {
            into.skip(place.text(), line.to_owned());
        } else if let Some(rest) = line.strip_prefix("Unit ") {
            better.extend(unit_line(rest));
        } else if let Some((key, value)) = line.split_once(": ")
            && let "goos" | "goarch" | "pkg" | "cpu" | "toolchain" = key
        {
            header.insert(key, value.trim());
        }
    }
    if order.is_empty() && into.skipped.len() == skipped_before {
        return Err(Error::Missing {
            file: file.path.to_owned(),
            key: "BenchmarkName-8  1000  123 ns/op".to_owned(),
            format: into.format,
        });
    }
    let names: BTreeSet<Key<'_>> = order.iter().map(|(key, _)| *key).collect();
    for (key, header) in order {
        let (package, name, procs) = key;
        let several = names.range((package, name, None)..).nth(1);
        let several = several.is_some_and(|next| (next.0, next.1) == (package, name))
            || names
                .range(..key)
                .next_back()
                .is_some_and(|last| (last.0, last.1) == (package, name));
        let dot = if package.is_empty() { "" } else { "." };
        let mut case = format!("{package}{dot}{name}");
        if several {
            case.push_str(&format!("?procs={}", procs.unwrap_or("1")));
        }
        for (unit, samples) in &found[&key] {
            let mut entry = entry(&case, unit, samples, better.get(unit).copied());
            entry.label("procs", procs.map(str::to_owned));
            for (key, value) in &header {
                entry.label(key, Some((*value).to_owned()));
            }
            into.entries.push(entry);
        }
    }
    Ok(())
}

struct Place<'a> {
    file: &'a str,
    line: u64,
}

impl Place<'_> {
    fn text(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }

    fn wrong(&self, column: &str, found: &str, expected: &'static str) -> Error {
        Error::Row {
            file: self.file.to_owned(),
            line: self.line,
            column: column.to_owned(),
            found: found.to_owned(),
            expected,
        }
    }
}

/// Unit and value of each pair; `None` for a line that only announces a benchmark or is text of its own.
fn values<'a>(line: &'a str, place: &Place<'_>) -> Result<Option<Vec<(&'a str, f64)>>, Error> {
    let mut words = line.split_whitespace().skip(1);
    let Some(iterations) = words.next() else {
        return Ok(None);
    };
    if iterations.parse::<u64>().is_err() {
        return Ok(None);
    }
    let mut values = Vec::new();
    while let Some(number) = words.next() {
        let value = number.parse().ok().filter(|value: &f64| value.is_finite());
        let value = value.ok_or_else(|| place.wrong("value", number, "a finite number"))?;
        let unit = words
            .next()
            .ok_or_else(|| place.wrong("unit", "", "a unit after each value"))?;
        values.push((unit, value));
    }
    if values.is_empty() {
        return Err(place.wrong("value", "", "a value with unit, like `123 ns/op`"));
    }
    Ok(Some(values))
}

fn split_procs(name: &str) -> (&str, Option<&str>) {
    match name.rsplit_once('-') {
        Some((start, end)) if !end.is_empty() && end.bytes().all(|b| b.is_ascii_digit()) => {
            (start, Some(end))
        }
        _ => (name, None),
    }
}

/// `ns/GC better=lower assume=exact`.
fn unit_line(rest: &str) -> Option<(&str, Direction)> {
    let mut words = rest.split_whitespace();
    let unit = words.next()?;
    let direction = words.find_map(|word| match word.strip_prefix("better=")? {
        "lower" => Some(Direction::Lower),
        "higher" => Some(Direction::Higher),
        _ => None,
    })?;
    Some((unit, direction))
}

fn entry(case: &str, unit: &str, samples: &[f64], better: Option<Direction>) -> Entry {
    let (metric, ours, direction, kind, times, per) = match unit {
        "ns/op" => (
            names::TIME,
            "s",
            Direction::Lower,
            MetricKind::Time,
            1.0,
            1e9,
        ),
        "MB/s" => (
            names::THROUGHPUT,
            "B/s",
            Direction::Higher,
            MetricKind::Throughput,
            1e6,
            1.0,
        ),
        "B/op" => (unit, "B", Direction::Lower, MetricKind::Memory, 1.0, 1.0),
        "allocs/op" => (unit, unit, Direction::Lower, MetricKind::Count, 1.0, 1.0),
        _ => (unit, unit, Direction::Neither, MetricKind::Count, 1.0, 1.0),
    };
    let samples: Vec<f64> = samples.iter().map(|value| value * times / per).collect();
    Entry::new(case, metric, sample::median(&samples))
        .of(ours, better.unwrap_or(direction), kind)
        .with_samples(samples)
}
