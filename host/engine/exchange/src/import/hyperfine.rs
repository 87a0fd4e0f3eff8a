//! hyperfine: `--export-json`.
//!
//! Value: the median of the wall times, s; also `user-time` and `system-time`, and `peak-memory` where the version
//! writes it. The file says neither when nor where. hyperfine stops at a command that fails unless it is told to go
//! on: where exit codes are not 0, somebody wanted the times all the same, so they are kept, with the label
//! `exit_codes` and a note.

use std::collections::{BTreeMap, BTreeSet};

use benchhost_record::{Direction, MetricKind, names};

use crate::{
    Entry, Error, Import, case,
    json::{Json, Node},
    sample,
};

pub(super) fn read(root: &Node<'_>, into: &mut Import) -> Result<(), Error> {
    for result in root.field("results")?.items()? {
        let command = result.field("command")?.text()?;
        let mut params = BTreeMap::new();
        if let Some(found) = result.find("parameters") {
            for (name, value) in found.members()? {
                params.insert(name.to_owned(), value.scalar().unwrap_or_default());
            }
        }
        let case = case::named(command, &params);
        let failed = exit_codes(&result)?;
        if let Some(codes) = &failed {
            into.skip(
                result.place(),
                format!("`{command}` ended with {codes}; its times are kept"),
            );
        }
        let mut push = |metric: &str, unit: &str, kind, value, samples: Vec<f64>| {
            let mut entry = Entry::new(&case, metric, Some(value)).of(unit, Direction::Lower, kind);
            if !samples.is_empty() {
                entry = entry.with_samples(samples);
            }
            entry.label("exit_codes", failed.clone());
            into.entries.push(entry);
        };
        let times = result
            .find("times")
            .map_or(Ok(Vec::new()), |times| times.numbers())?;
        let n = times.len();
        let median = result.find("median").or_else(|| result.find("mean"));
        let median = match median {
            Some(median) => median.number()?,
            None => result.field("median")?.number()?,
        };
        push(names::TIME, "s", MetricKind::Time, median, times);
        for (key, metric) in [("user", "user-time"), ("system", "system-time")] {
            if let Some(mean) = result.find(key) {
                push(metric, "s", MetricKind::Time, mean.number()?, Vec::new());
            }
        }
        if let Some(memory) = result.find("memory_usage_byte") {
            let samples = memory.numbers()?;
            if let Some(median) = sample::median(&samples) {
                push(names::PEAK_MEMORY, "B", MetricKind::Memory, median, samples);
            }
        }
        // User and system times are means over the same runs.
        let runs = (n as u64).max(1);
        let case_entries = into
            .entries
            .iter_mut()
            .rev()
            .take_while(|entry| entry.case == case);
        case_entries.for_each(|entry| entry.n = entry.n.max(runs));
    }
    Ok(())
}

/// The codes other than 0, once each; a process that a signal ended has none.
fn exit_codes(result: &Node<'_>) -> Result<Option<String>, Error> {
    let Some(codes) = result.find("exit_codes") else {
        return Ok(None);
    };
    let mut failed = BTreeSet::new();
    for code in codes.items()? {
        match code.json() {
            Json::Null => failed.insert("a signal".to_owned()),
            _ => match code.number()? {
                0.0 => false,
                number => failed.insert(format!("exit code {number}")),
            },
        };
    }
    let failed: Vec<String> = failed.into_iter().collect();
    Ok(Some(failed.join(", ")).filter(|text| !text.is_empty()))
}
