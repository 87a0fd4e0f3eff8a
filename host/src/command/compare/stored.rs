//! Two stored runs.

use std::path::Path;

use benchhost_plan::closest_glob;
use benchhost_record::{ComparedSide, Comparisons, Method, Run, names};

use crate::{
    cli::CompareArguments,
    command::{Failure, stored::read},
    compare::{Terms, stored},
    meant::{meant, suggested},
};

/// Compares two stored runs.
pub(super) fn compare(
    arguments: &CompareArguments,
    terms: &Terms,
    baseline: &Path,
    candidate: &Path,
) -> Result<Comparisons, Failure> {
    refuse_build_options(arguments)?;
    let runs = [read(baseline)?, read(candidate)?];
    let [base, new] = &runs;
    let machines = runs
        .each_ref()
        .map(|run| run.environment.fingerprint.as_str());
    if machines[0] != machines[1] && !arguments.across_machines {
        let cpu = |run: &Run| {
            let model = run
                .environment
                .cpu
                .model
                .clone()
                .unwrap_or_else(|| "unknown CPU".to_owned());
            format!("{model}, {} CPUs", run.environment.cpu.usable_cpus)
        };
        return Err(Failure::usage(format!(
            "the runs were made on different machines ({} and {}): their times say nothing about the code",
            cpu(base),
            cpu(new)
        ))
        .hint("--across-machines compares them all the same"));
    }
    let globs = filter(&arguments.filter)?;
    let keep = |id: &str| {
        let workload = id.split_once('?').map_or(id, |(workload, _)| workload);
        arguments.filter.is_empty() || globs.is_match(id) || globs.is_match(workload)
    };
    some_match(&runs, &arguments.filter, &keep)?;
    let comparisons = stored::comparisons(base, new, terms, &keep);
    if comparisons.is_empty() {
        return Err(Failure::usage(format!(
            "the runs have nothing in common to compare by {}{}",
            terms.metrics.join(", "),
            meant_metric(&runs, &terms.metrics)
        ))
        .hint(format!(
            "every run has `{}` and `{}`",
            names::TIME,
            names::PEAK_MEMORY
        )));
    }
    Ok(Comparisons {
        method: Method::StoredRuns,
        baseline: side(baseline, base),
        candidate: side(candidate, new),
        level: terms.level,
        tolerance: terms.tolerance,
        margin: terms.margin,
        seed: terms.seed,
        host_version: env!("CARGO_PKG_VERSION").to_owned(),
        environment: new.environment.clone(),
        interrupted: false,
        comparisons,
    })
}

/// Refuses filters that no case of either run matches.
fn some_match(
    runs: &[Run; 2],
    filter: &[String],
    keep: &dyn Fn(&str) -> bool,
) -> Result<(), Failure> {
    let ids = || {
        runs.iter()
            .flat_map(|run| &run.cases)
            .map(|one| one.case.id.as_str())
    };
    if filter.is_empty() || ids().any(keep) {
        return Ok(());
    }
    let workload = |id: &str| id.split('?').next().unwrap_or(id).to_owned();
    let known: Vec<String> = ids().flat_map(|id| [workload(id), id.to_owned()]).collect();
    let typed: Vec<String> = filter.iter().map(|glob| format!("`{glob}`")).collect();
    let meant = filter.iter().find_map(|glob| closest_glob(glob, &known));
    Err(Failure::usage(format!(
        "no case of the runs matches --filter {}{}",
        typed.join(", "),
        suggested(meant.as_deref())
    )))
}

/// The metric that was probably meant, where none of `asked` was measured.
fn meant_metric(runs: &[Run; 2], asked: &[String]) -> String {
    let cases = runs.iter().flat_map(|run| &run.cases);
    let known = cases.flat_map(|case| &case.measurements);
    let known: Vec<&str> = known.map(|one| one.metric.name.as_str()).collect();
    let is_known = |name: &&String| known.contains(&name.as_str());
    let unknown = asked.iter().find(|name| !is_known(name));
    unknown.map_or_else(String::new, |name| meant(name, &known))
}

/// Options that only mean something when the sides are measured now.
fn refuse_build_options(arguments: &CompareArguments) -> Result<(), Failure> {
    let given = [
        ("--suite", arguments.suite.is_some()),
        ("--param", !arguments.param.is_empty()),
        ("--base-param", !arguments.base_param.is_empty()),
        ("--candidate-param", !arguments.candidate_param.is_empty()),
        ("--allow-other-parameters", arguments.allow_other_parameters),
        ("--max-time", arguments.max_time.is_some()),
        ("--max-rounds", arguments.max_rounds.is_some()),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((option, _)) => Err(Failure::usage(format!(
            "{option} has no meaning for stored runs: what they measured is fixed"
        ))),
        None => Ok(()),
    }
}

fn filter(globs: &[String]) -> Result<globset::GlobSet, Failure> {
    let mut set = globset::GlobSetBuilder::new();
    for glob in globs {
        let parsed = globset::Glob::new(glob)
            .map_err(|error| Failure::usage(format!("--filter: `{glob}`: {}", error.kind())))?;
        set.add(parsed);
    }
    set.build()
        .map_err(|error| Failure::usage(format!("--filter: {error}")))
}

fn side(path: &Path, run: &Run) -> ComparedSide {
    ComparedSide {
        name: run.id.clone(),
        path: path.display().to_string(),
        version: run
            .git
            .as_ref()
            .map(|git| git.revision.clone())
            .unwrap_or_default(),
        ..ComparedSide::default()
    }
}
