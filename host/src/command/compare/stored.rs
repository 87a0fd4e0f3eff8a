//! Two stored runs.

use std::path::Path;

use benchhost_record::{ComparedSide, Comparisons, Method, Run, names};

use crate::{
    cli::CompareArguments,
    command::{Failure, stored::read},
    compare::{Terms, stored},
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
    let comparisons = stored::comparisons(base, new, terms, &keep);
    if comparisons.is_empty() {
        return Err(Failure::usage(format!(
            "the runs have nothing in common to compare by {}",
            terms.metrics.join(", ")
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
