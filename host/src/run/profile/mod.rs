//! Where a case spends its time: one more worker of it under `perf`, after all measuring, made into a flame graph.
//!
//! Nothing of it enters the results: neither samples nor the outcome. What stands in the way is a sentence.

mod graph;
mod name;
mod perf;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use benchhost_plan::Benchmark;
use benchhost_record::{Case, CaseResult, Run};
use benchhost_report::harmless;

use self::perf::{Perf, Trouble};
use super::{
    Setting,
    drive::Left,
    repetition::{Begun, Order, begin},
    scratch::Scratch,
};

/// Folder of the flame graphs, beside `run.json`.
const FOLDER: &str = "profile";

/// Time with `perf` looking: some two thousand samples of each thread.
const LOOK: Duration = Duration::from_secs(2);
/// `perf` that has not begun by then will not.
const PATIENCE: Duration = Duration::from_secs(10);
/// A batch this long hides that the host asks for the next one.
const BATCH_NS: u64 = 50_000_000;

/// Profiles the cases of `wanted` and tells each file, or why there is none. Stops at once when the user wants to.
pub fn profile(
    wanted: &[Benchmark],
    setting: &Setting<'_>,
    run: &Run,
    out: &Path,
    tell: &mut dyn FnMut(String),
) {
    let folder = out.join(FOLDER);
    for benchmark in wanted {
        for case in &benchmark.cases {
            if setting.interrupted.load(Ordering::Relaxed) {
                return;
            }
            let id = harmless(case.id.as_str());
            let result = run
                .cases
                .iter()
                .find(|result| is_of(result, benchmark, case));
            match measured(result).and_then(|()| one(benchmark, case, setting, &folder)) {
                Ok(path) => tell(format!("profile: {}", path.display())),
                Err(Trouble::Stopped) => {
                    return tell("profile: stopped; the results are complete".to_owned());
                }
                Err(Trouble::OfCase(why)) => tell(format!("profile: none of {id}: {why}")),
                // The next case would meet the same.
                Err(Trouble::OfAll(why)) => return tell(format!("profile: none: {why}")),
            }
        }
    }
}

fn is_of(result: &CaseResult, benchmark: &Benchmark, case: &Case) -> bool {
    result.case.id == case.id && result.case.benchmark == benchmark.name
}

/// Whether there is something that could be looked at.
fn measured(result: Option<&CaseResult>) -> Result<(), Trouble> {
    match result {
        None => Err(Trouble::OfCase("it was not measured".to_owned())),
        Some(result) if result.search.is_some() => Err(Trouble::OfCase(
            "it is a search, of many values; give its largest value as a parameter of a case"
                .to_owned(),
        )),
        Some(result) if !result.outcome.is_ok() => {
            Err(Trouble::OfCase(harmless(&result.outcome.sentence())))
        }
        Some(_) => Ok(()),
    }
}

/// Profiles one case and returns the flame graph.
fn one(
    benchmark: &Benchmark,
    case: &Case,
    setting: &Setting<'_>,
    folder: &Path,
) -> Result<PathBuf, Trouble> {
    let Some(Ok(plugin)) = setting.plugins.get(&benchmark.plugin) else {
        return Err(Trouble::OfCase("its plugin was not loaded".to_owned()));
    };
    let order = Order {
        index: 0,
        position: 0,
    };
    let begun = begin(setting, &benchmark.settings, case, plugin, order);
    let begun =
        begun.map_err(|taken| Trouble::OfCase(harmless(&taken.repetition.outcome.sentence())))?;
    let scratch =
        Scratch::new().map_err(|error| cannot("make a scratch folder, see TMPDIR", &error))?;
    let samples = samples(begun, scratch.path(), setting)?;
    let title = format!("{}: {}", benchmark.name, case.id);
    let graph = graph::flame_graph(&samples, &harmless(&title)).map_err(Trouble::OfCase)?;
    let name = name::of_case(&benchmark.name, case.id.as_str());
    let path = folder.join(format!("{name}.svg"));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(folder.join(format!("{name}.folded")), graph.folded))
        .and_then(|()| fs::write(&path, graph.svg))
        .map_err(|error| cannot(&format!("write `{}`", path.display()), &error))?;
    Ok(path)
}

fn cannot(what: &str, error: &io::Error) -> Trouble {
    Trouble::OfAll(format!("cannot {what}: {error}"))
}

/// Leads a worker through its steps with `perf` looking at its iterations, and returns what `perf script` says.
fn samples(begun: Begun<'_>, scratch: &Path, setting: &Setting<'_>) -> Result<Vec<u8>, Trouble> {
    let Begun {
        mut drive,
        create,
        meta,
        scratch: _own,
    } = begun;
    let mut perf = None;
    let mut refused = None;
    let steps = drive.open(create).and_then(|()| {
        match Perf::attach(drive.worker.id(), scratch) {
            Ok(attached) => perf = Some(attached),
            Err(trouble) => {
                refused = Some(trouble);
                return Ok(());
            }
        }
        let perf = perf.as_mut().expect("it has just been attached");
        iterate(meta.prepares_each_iteration, perf, &mut |iterations| {
            let batch = drive.batch(iterations, None)?;
            Ok((batch.elapsed_ns, batch.finished || batch.stopped))
        })
    });
    let steps = steps.and_then(|()| drive.close());
    drive.settle(steps);
    // Before the worker is gone: what is left of its children would be ended together with `perf`.
    let recorded = perf.map(|perf| perf.finish(setting.interrupted));
    let taken = drive.into_taken(u32::MAX, 0.0);
    if setting.interrupted.load(Ordering::Relaxed) {
        return Err(Trouble::Stopped);
    }
    if let Some(trouble) = refused {
        return Err(trouble);
    }
    let outcome = &taken.repetition.outcome;
    match recorded {
        Some(Err(trouble)) => Err(trouble),
        Some(Ok(recording)) if outcome.is_ok() => recording.script(setting.interrupted),
        _ => Err(Trouble::OfCase(harmless(&outcome.sentence()))),
    }
}

/// Asks for batches until `perf` has looked for long enough.
fn iterate(
    one_by_one: bool,
    perf: &mut Perf,
    batch: &mut dyn FnMut(u64) -> Result<(u64, bool), Left>,
) -> Result<(), Left> {
    let began = Instant::now();
    let mut iterations = 1_u64;
    let mut looking: Option<Instant> = None;
    loop {
        let (elapsed_ns, is_over) = batch(iterations)?;
        if elapsed_ns < BATCH_NS && !one_by_one {
            iterations = iterations.saturating_mul(2);
        }
        if looking.is_none() && perf.is_looking() {
            looking = Some(Instant::now());
        }
        let is_enough = looking.is_some_and(|since| since.elapsed() >= LOOK);
        let is_hopeless = looking.is_none() && (began.elapsed() > PATIENCE || perf.has_ended());
        if is_over || is_enough || is_hopeless {
            return Ok(());
        }
    }
}
