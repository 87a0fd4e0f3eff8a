//! `benchhost probe --calibrate`: measures the roofs of this machine with the workloads of the plugin `system`, and keeps them.

use std::collections::BTreeMap;

use anyhow::Context as _;
use benchhost_record::{
    CaseResult, MachinePeaks, Measurement, ParamValue, PeakLevel, Run, RunState, format_quantity,
    names,
};
use jiff::Timestamp;

use crate::{
    cli::{ProbeArguments, RunArguments},
    command::{Failure, interrupt, prepare, run::measured_alone, table::table},
    exit, peaks, probe,
    run::usable_cpus,
    store, terminal,
};

/// The suite, with places for what depends on the machine.
const SUITE: &str = include_str!("calibrate.toml");

/// An array of the triad, by last-level cache: four times as large, so that no cache helps (McCalpin's rule for STREAM).
const CACHES_AN_ARRAY: u64 = 4;

/// Smallest array of the triad, bytes: where the size of the caches cannot be read.
const SMALLEST_ARRAY: u64 = 64 << 20;

/// Largest share of the available memory that the three arrays may take.
const MEMORY_SHARE: f64 = 0.5;

/// Does what was typed.
pub(super) fn execute(arguments: &ProbeArguments) -> Result<u8, Failure> {
    let interrupted = interrupt::catch()?;
    let environment = probe::environment::environment();
    let folder = tempfile::tempdir()
        .map_err(|error| Failure::usage(format!("cannot make a folder, see TMPDIR: {error}")))?;
    let path = folder.path().join("calibrate.toml");
    let largest_cache = environment.cpu.cache_bytes.values().max().copied();
    let room = (MEMORY_SHARE / 3.0 * environment.memory.available_bytes as f64) as u64;
    let size = largest_cache.map_or(0, |cache| CACHES_AN_ARRAY * cache);
    let size = size.max(SMALLEST_ARRAY).min(room) / 64 * 64;
    let suite = SUITE
        .replace("THREADS", &thread_counts(usable_cpus().len()))
        .replace("SIZE", &size.to_string());
    std::fs::write(&path, suite)
        .map_err(|error| Failure::usage(format!("cannot write `{}`: {error}", path.display())))?;
    let typed = arguments.plugin.as_deref().unwrap_or("system");
    let typed = RunArguments {
        suite: Some(path),
        plugin: vec![format!("system={typed}")],
        ..RunArguments::default()
    };
    let prepared = prepare::prepare(&typed)?;
    if !prepared.anything_loaded() {
        return Err(Failure {
            code: exit::PLUGIN,
            ..Failure::usage(
                "the roofs are measured by the plugin `system`, which cannot be loaded",
            )
            .hint("name it, like `benchhost probe --calibrate --plugin plugins/system`")
        });
    }
    let run = measured_alone(&prepared, &interrupted, folder.path())?;
    if run.state == RunState::Interrupted {
        return Ok(exit::INTERRUPTED);
    }
    if let Some(bad) = run.cases.iter().find(|case| !case.outcome.is_ok()) {
        return Err(Failure {
            code: exit::FAILED,
            ..Failure::usage(format!("{}: {}", bad.case.id, bad.outcome.sentence()))
        });
    }
    let found = found(&run);
    let file = peaks::beside(&store::located(arguments.store.as_deref()));
    peaks::write(&file, &environment.fingerprint, found.clone()).map_err(|error| {
        Failure::usage(format!(
            "cannot keep the roofs in `{}`: {error}",
            file.display()
        ))
    })?;
    let text = format!("The roofs of this machine:\n{}", shown(&found));
    terminal::show(&text).context("cannot print")?;
    terminal::remark(&format!("kept in {}", file.display()));
    Ok(exit::FINE)
}

/// One thread, and twice as many as far as there are CPUs, and all of them.
fn thread_counts(cpus: usize) -> String {
    let doubling = std::iter::successors(Some(1), |n| Some(2 * n));
    let mut counts: Vec<usize> = doubling.take_while(|n| *n < cpus).collect();
    counts.push(cpus.max(1));
    let counts: Vec<String> = counts.iter().map(ToString::to_string).collect();
    counts.join(", ")
}

fn found(run: &Run) -> MachinePeaks {
    let mut levels: BTreeMap<u32, PeakLevel> = BTreeMap::new();
    for result in &run.cases {
        let threads = result.case.threads;
        let level = levels.entry(threads).or_default();
        level.threads = threads;
        if result.case.workload == "triad" {
            level.bytes_per_s = best(result, names::BANDWIDTH);
        } else if let (Some(ParamValue::Text(dtype)), Some(best)) =
            (result.case.params.get("dtype"), best(result, names::FLOPS))
        {
            level.flop_per_s.insert(dtype.clone(), best);
        }
    }
    MachinePeaks {
        measured: Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        host_version: env!("CARGO_PKG_VERSION").to_owned(),
        levels: levels.into_values().collect(),
    }
}

/// The best sample: a roof is what was reached once, as in STREAM.
fn best(result: &CaseResult, name: &str) -> Option<f64> {
    let is_it = |m: &&Measurement| m.metric.name == name;
    let found = result.measurements.iter().find(is_it)?;
    found.summary.as_ref().map(|summary| summary.max)
}

pub(super) fn shown(peaks: &MachinePeaks) -> String {
    let mut rows = vec![["THREADS", "F32", "F64", "MEMORY"].map(str::to_owned)];
    for level in &peaks.levels {
        let rate = |value: Option<f64>, unit: &str| {
            value.map_or_else(|| "-".to_owned(), |value| format_quantity(value, unit))
        };
        rows.push([
            level.threads.to_string(),
            rate(level.flop_per_s.get("f32").copied(), "FLOP/s"),
            rate(level.flop_per_s.get("f64").copied(), "FLOP/s"),
            rate(level.bytes_per_s, "B/s"),
        ]);
    }
    table(&rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_double_up_to_all_cpus() {
        assert_eq!(thread_counts(1), "1");
        assert_eq!(thread_counts(2), "1, 2");
        assert_eq!(thread_counts(6), "1, 2, 4, 6");
        assert_eq!(thread_counts(8), "1, 2, 4, 8");
    }

    #[test]
    fn the_suite_is_one() {
        let text = SUITE.replace("THREADS", "1, 2").replace("SIZE", "67108864");

        let plan = benchhost_plan::parse(&text, "calibrate.toml", &Default::default()).unwrap();

        assert_eq!(plan.case_count(), 6);
    }
}
