//! `plugin check --try`: each workload once, with its defaults, in a worker like any other. What is measured is thrown away.

use std::path::Path;

use benchhost_plan::{IterationsPerSample, Settings, WarmUp};
use benchhost_record::{CaseResult, RunState};

use crate::{
    cli::RunArguments,
    command::{Failure, interrupt, prepare, run::measured_alone},
    load::Plugin,
};

/// How each workload of `plugin` ended; `None` when the user ended it.
///
/// # Errors
/// [`Failure`] when nothing could be tried at all.
pub(super) fn of(plugin: &Plugin) -> Result<Option<Vec<CaseResult>>, Failure> {
    if plugin.meta.workloads.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let interrupted = interrupt::catch()?;
    let folder = tempfile::tempdir()
        .map_err(|error| Failure::usage(format!("cannot make a folder, see TMPDIR: {error}")))?;
    let mut prepared = prepare::prepare(&RunArguments {
        plugin: vec![as_typed(&plugin.path)],
        ..RunArguments::default()
    })?;
    for benchmark in &mut prepared.plan.benchmarks {
        benchmark.settings = least(benchmark.settings.clone());
    }
    let run = measured_alone(&prepared, &interrupted, folder.path())?;
    Ok((run.state != RunState::Interrupted).then_some(run.cases))
}

/// A library as it is named to `run --plugin`: its path is absolute, so that no `=` in it means anything.
fn as_typed(path: &Path) -> String {
    path.display().to_string()
}

/// One process, one sample of one iteration, nothing before it.
fn least(mut settings: Settings) -> Settings {
    settings.repetitions = 1;
    settings.warm_up = WarmUp::None;
    settings.sampling.min_samples = 1;
    settings.sampling.max_samples = 1;
    settings.sampling.iterations_per_sample = IterationsPerSample::Fixed(1);
    settings
}
