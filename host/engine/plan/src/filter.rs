//! Keeps the cases that the command line asks for.

use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::{
    error::Error,
    place::{Place, WayOut},
    plan::{Benchmark, Plan},
};

/// Keeps the cases of which the benchmark's name, `plugin/workload` or the id matches any of `filter`, and the
/// benchmarks that still have some. An empty filter keeps everything.
///
/// # Errors
/// A filter that is no glob, or filters that leave nothing.
pub(crate) fn filter(
    benchmarks: Vec<Benchmark>,
    filter: &[String],
    suite: Place,
) -> Result<Vec<Benchmark>, Error> {
    if filter.is_empty() {
        return Ok(benchmarks);
    }
    kept(benchmarks, filter, suite)
}

fn kept(
    benchmarks: Vec<Benchmark>,
    filter: &[String],
    suite: Place,
) -> Result<Vec<Benchmark>, Error> {
    let globs = globs(filter, &suite)?;
    let names: Vec<String> = benchmarks.iter().map(|b| b.name.clone()).collect();
    let known = known(&benchmarks);
    let mut kept = Vec::new();
    for mut benchmark in benchmarks {
        let workload = format!("{}/{}", benchmark.plugin, benchmark.workload);
        if !globs.is_match(&benchmark.name) && !globs.is_match(workload) {
            benchmark
                .cases
                .retain(|case| globs.is_match(case.id.as_str()));
        }
        if !benchmark.cases.is_empty() {
            kept.push(benchmark);
        }
    }
    if kept.is_empty() {
        return Err(Error::NothingMatches {
            at: suite,
            filter: filter.to_vec(),
            way_out: WayOut::of_globs(filter, &known, &names),
        });
    }
    Ok(kept)
}

/// The part of `plan` that any of `filter` matches, by the same rule as the command line's filter.
///
/// # Errors
/// A filter that is no glob, or filters that match nothing.
pub fn matching(plan: &Plan, filter: &[String]) -> Result<Vec<Benchmark>, Error> {
    if filter.is_empty() {
        return Ok(Vec::new());
    }
    kept(plan.benchmarks.clone(), filter, Place::new(&plan.file, 0))
}

/// Every name that a filter is tried on.
fn known(benchmarks: &[Benchmark]) -> Vec<String> {
    let mut known = Vec::new();
    for benchmark in benchmarks {
        known.push(benchmark.name.clone());
        known.push(format!("{}/{}", benchmark.plugin, benchmark.workload));
        let ids = benchmark.cases.iter().map(|case| case.id.as_str());
        known.extend(ids.map(str::to_owned));
    }
    known
}

fn globs(filter: &[String], suite: &Place) -> Result<GlobSet, Error> {
    let bad = |text: &str, error: &globset::Error| Error::BadFilter {
        at: suite.clone(),
        filter: text.to_owned(),
        message: error.kind().to_string(),
    };
    let mut set = GlobSetBuilder::new();
    for text in filter {
        set.add(Glob::new(text).map_err(|error| bad(text, &error))?);
    }
    set.build().map_err(|error| bad(&filter.join(" "), &error))
}
