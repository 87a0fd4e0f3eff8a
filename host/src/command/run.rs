//! `benchhost run`: plan, measure, keep, show.

mod ending;

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use anyhow::Context as _;
use benchhost_plan::{Benchmark, Plan};
use benchhost_record::{MachinePeaks, Overhead, Run, RunState, SCHEMA, WrittenGate};
use benchhost_report::harmless;
use jiff::Timestamp;

use super::{
    Failure, interrupt,
    prepare::{self, Prepared},
};
use crate::{
    cli::{RunArguments, SourceArguments},
    exit, judge, peaks, probe,
    progress::{Progress, Talk},
    run::{self, Kept, RunFile, Setting},
    store, terminal, worker,
};

/// Runs a suite, or every workload of the plugins given.
///
/// # Errors
/// [`Failure`] when nothing could be measured; what went wrong with single cases is in the exit code.
pub fn execute(arguments: &RunArguments) -> Result<u8, Failure> {
    if arguments.dry_run {
        let plan = prepare::plan_only(arguments)?;
        profiled(&plan, arguments)?;
        show(&benchhost_plan::render(&plan))?;
        if arguments.suite.is_some() {
            terminal::remark(
                "plugins were not opened: workloads, parameters and metrics are checked by the run",
            );
        }
        return Ok(exit::FINE);
    }
    let publish = super::publish::wanted(arguments.publish.as_deref())?;
    // Plugins may take minutes to build: what can be known before is.
    if let Some(file) = &arguments.advice.recommend {
        judge::advice(Some(file)).map_err(|error| Failure::usage(error.to_string()))?;
    }
    let interrupted = interrupt::catch()?;
    let prepared = prepare::prepare(arguments);
    if interrupted.load(Ordering::Relaxed) {
        // Whatever failed, a build for example, failed because the user wanted it to.
        return Ok(exit::INTERRUPTED);
    }
    let prepared = prepared?;
    if !prepared.anything_loaded() {
        // Already said, plugin by plugin.
        return Ok(exit::PLUGIN);
    }
    // A rule that cannot be read is better known before an hour of measuring than after it.
    judge::rules(&gates(&prepared), None).map_err(|error| Failure::usage(error.to_string()))?;
    for benchmark in &prepared.plan.benchmarks {
        let (file, name) = (&prepared.plan.file, &benchmark.name);
        run::check_energy(&benchmark.settings.probing.energy).map_err(|why| {
            Failure::usage(format!("{file}: benchmark `{name}`: `energy`: {why}"))
        })?;
    }
    run::check_metrics(&prepared.plan, &prepared.plugins).map_err(Failure::usage)?;
    let profiled = profiled(&prepared.plan, arguments)?;
    let mut run = begin(&prepared);
    let out = arguments
        .out
        .clone()
        .unwrap_or_else(|| Path::new("benchhost-out").join(&run.id));
    let beside = peaks::beside(&store::located(arguments.store.as_deref()));
    let roofs = peaks::read(&beside, &run.environment.fingerprint);
    let history = (!arguments.no_store).then(|| store::located(arguments.store.as_deref()));
    if let Some(history) = &history {
        run.overhead.yardstick = judge::known_yardstick(&run, history);
    }
    let (mut kept, remark) = Kept::begin(RunFile::create(&out)?, history.as_deref(), &run);
    if let Some(remark) = remark {
        terminal::remark(&remark);
    }
    let talk = match arguments {
        RunArguments { quiet: true, .. } => Talk::Nothing,
        RunArguments { verbose: true, .. } => Talk::Cases,
        _ => Talk::Bar,
    };
    let setting = setting(&prepared, &interrupted, roofs);
    measure(&prepared, &setting, &mut run, &mut kept, talk);
    let code = finish(arguments, &run, &kept)?;
    run::profile(&profiled, &setting, &run, &out, &mut |text| {
        terminal::remark(&text);
    });
    match &publish {
        // Who wants an end does not want to wait for receivers.
        Some(_) if run.state == RunState::Interrupted => {
            terminal::remark("nothing was published: the run was interrupted");
        }
        Some(settings) => {
            let path = kept.file().path().display().to_string();
            super::publish::softly(settings, &path, &source(arguments), None, arguments.quiet);
        }
        None => {}
    }
    // The results are complete, but what was asked for is not.
    let is_stopped = !profiled.is_empty() && interrupted.load(Ordering::Relaxed);
    Ok(if is_stopped { exit::INTERRUPTED } else { code })
}

/// The cases that `--profile` asks for.
fn profiled(plan: &Plan, arguments: &RunArguments) -> Result<Vec<Benchmark>, Failure> {
    benchhost_plan::matching(plan, &arguments.profile)
        .map_err(|error| Failure::usage(format!("--profile: {error}")))
}

/// What the run is judged by when it is published.
fn source(arguments: &RunArguments) -> SourceArguments {
    SourceArguments {
        store: arguments.store.clone(),
        gates: None,
        baseline: None,
        across_machines: false,
        advice: arguments.advice.clone(),
        no_store: arguments.no_store,
    }
}

/// Measures without a history and without a table; the result file goes into `folder`.
pub(super) fn measured_alone(
    prepared: &Prepared,
    interrupted: &AtomicBool,
    folder: &Path,
) -> Result<Run, Failure> {
    let mut run = begin(prepared);
    let (mut kept, _) = Kept::begin(RunFile::create(folder)?, None, &run);
    let setting = setting(prepared, interrupted, None);
    measure(prepared, &setting, &mut run, &mut kept, Talk::Bar);
    Ok(run)
}

/// The run before its first case: identity, machine, provenance.
fn begin(prepared: &Prepared) -> Run {
    let now = Timestamp::now();
    Run {
        schema: SCHEMA,
        id: run_id(now),
        host_version: env!("CARGO_PKG_VERSION").to_owned(),
        state: RunState::Running,
        started: moment(now),
        finished: None,
        command: std::env::args().collect(),
        seed: prepared.plan.seed,
        suite: prepared.suite.clone(),
        git: probe::git::git(Path::new(".")),
        environment: probe::environment::environment(),
        overhead: Overhead {
            program_bytes: program_bytes(),
            ..probe::clock::clock_cost()
        },
        plugins: prepared.records.clone(),
        cases: Vec::new(),
        absent_probes: Default::default(),
        probe_costs: Default::default(),
        curves: Vec::new(),
        contrasts: Vec::new(),
        planned_cases: prepared.plan.case_count() as u64,
        gates: gates(prepared),
    }
}

/// Size of this program; 0 when it is not known.
fn program_bytes() -> u64 {
    std::env::current_exe()
        .and_then(|path| path.metadata())
        .map_or(0, |about| about.len())
}

/// The gates of the suite, in the form that is kept.
fn gates(prepared: &Prepared) -> Vec<WrittenGate> {
    let suite = prepared
        .suite
        .as_ref()
        .map_or("the suite", |suite| suite.path.as_str());
    judge::written(&prepared.plan.gates, suite)
}

/// What measuring needs besides the plan.
fn setting<'a>(
    prepared: &'a Prepared,
    interrupted: &'a AtomicBool,
    roofs: Option<MachinePeaks>,
) -> Setting<'a> {
    Setting {
        // The very file that is running, even when another one has taken its name meanwhile.
        exe: PathBuf::from("/proc/self/exe"),
        folder: prepared.folder.clone(),
        plugins: &prepared.plugins,
        own_children: worker::adopt_orphans(),
        interrupted,
        probes: Default::default(),
        roofs,
    }
}

fn measure(prepared: &Prepared, setting: &Setting<'_>, run: &mut Run, kept: &mut Kept, talk: Talk) {
    run::sweep();
    let mut progress = Progress::of_plan(&prepared.plan, talk);
    run::execute(&prepared.plan, setting, run, kept, &mut progress);
    if run.state == RunState::Running {
        run.state = RunState::Finished;
    }
    run.finished = Some(moment(Timestamp::now()));
    kept.finish(run);
    progress.finish();
}

/// Table, last words, exit code.
fn finish(arguments: &RunArguments, run: &Run, kept: &Kept) -> Result<u8, Failure> {
    if arguments.quiet {
        failures(run).for_each(|line| terminal::remark(&line));
    } else {
        let opinion = ending::opinion(arguments, run, kept);
        show(&ending::text(run, &opinion, arguments.verbose))?;
    }
    let file = kept.file();
    if let Some(failure) = file.failure() {
        terminal::remark(&format!(
            "error: cannot write `{}`: {failure}",
            file.path().display()
        ));
        return Ok(exit::FAILED);
    }
    if !arguments.quiet {
        terminal::remark(&format!("results: {}", file.path().display()));
    }
    let code = exit_code(run);
    match kept.history() {
        Some((_, Some(failure))) => {
            let message = format!("the run is in `{}` only: {failure}", file.path().display());
            terminal::complain(&Failure {
                message,
                hints: failure.hint().into_iter().collect(),
                code,
            });
            Ok(if code == exit::FINE {
                exit::FAILED
            } else {
                code
            })
        }
        Some((path, None)) if !arguments.quiet => {
            terminal::remark(&format!("history: {}", path.display()));
            Ok(code)
        }
        _ => Ok(code),
    }
}

/// A line for each case that failed; the table has them otherwise.
fn failures(run: &Run) -> impl Iterator<Item = String> {
    let failed = run.cases.iter().filter(|case| case.outcome.is_failure());
    failed.map(|case| {
        let (id, sentence) = (case.case.id.as_str(), case.outcome.sentence());
        harmless(&format!("error: {id}: {sentence}"))
    })
}

fn exit_code(run: &Run) -> u8 {
    if run.state == RunState::Interrupted {
        exit::INTERRUPTED
    } else if run.plugins.iter().any(|plugin| plugin.rejected.is_some()) {
        exit::PLUGIN
    } else if run.cases.iter().any(|case| case.outcome.is_failure()) {
        exit::FAILED
    } else {
        exit::FINE
    }
}

fn show(text: &str) -> Result<(), Failure> {
    Ok(terminal::show(text).context("cannot print")?)
}

/// Start in UTC and eight letters that keep runs of the same second apart: `20261121T041500Z-3fa90c71`. In the history,
/// two runs of one name would be one.
fn run_id(now: Timestamp) -> String {
    let salt = now.subsec_nanosecond() as u32 ^ std::process::id().rotate_left(16);
    format!("{}-{salt:08x}", now.strftime("%Y%m%dT%H%M%SZ"))
}

/// With milliseconds: runs of one second must keep their order.
fn moment(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
