//! Carries out a plan: every (case, repetition) in its own worker, in a seeded order, kept on disk as it goes.

mod asked;
mod collect;
mod contrasts;
mod cpus;
mod curves;
mod device;
mod drive;
mod file;
pub(crate) mod flags;
mod fleet;
mod kept;
#[cfg(test)]
mod made;
mod order;
mod probing;
mod profile;
mod repetition;
mod rules;
mod scratch;
mod search;
pub(crate) mod sharing;
mod spec;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use benchhost_plan::Plan;
use benchhost_record::{CaseResult, MachinePeaks, Outcome, Run, RunState};
use benchhost_stats::calm_level;

pub use asked::check_metrics;
pub use cpus::usable as usable_cpus;
pub use file::RunFile;
pub use kept::Kept;
pub use probing::{Probes, check_energy};
pub use profile::profile;
pub use scratch::sweep;

pub(crate) use self::{
    collect::own as declared_metric,
    cpus::held_to,
    drive::{Drive, Left},
    flags::{
        machine::machine_flags,
        samples::{CLOCK_STEPS, DESCHEDULED_SHARE, FAULTS_PER_SAMPLE},
    },
    repetition::{Begun, Order, Taken, begin},
    rules::surplus_cpus,
    scratch::Scratch,
};
use crate::{load::Plugin, peaks};

/// A plugin of the plan: ready, or the sentence that says why not.
pub type PluginState = Result<Plugin, String>;

/// What carrying out a plan needs besides the plan.
#[derive(Debug)]
pub struct Setting<'a> {
    /// This program.
    pub exe: PathBuf,
    /// Folder that relative paths in parameters start from: the suite's, or the current one.
    pub folder: PathBuf,
    /// Plugins by the name the plan uses.
    pub plugins: &'a BTreeMap<String, PluginState>,
    /// Children of this process that are none of a plugin's.
    pub own_children: Vec<u32>,
    /// Set when the user wants to stop.
    pub interrupted: &'a AtomicBool,
    /// What looks besides.
    pub probes: Mutex<Probes>,
    /// The roofs of this machine, where they were measured.
    pub roofs: Option<MachinePeaks>,
}

impl Setting<'_> {
    /// The probes; one case is measured at a time, so nobody waits.
    pub(crate) fn probes(&self) -> MutexGuard<'_, Probes> {
        self.probes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Setting<'_> {
    /// Passes on what the probes have to say.
    fn tell(&self, run: &mut Run, observer: &mut dyn Observer) {
        let mut probes = self.probes();
        probes
            .take_remarks()
            .iter()
            .for_each(|remark| observer.remark(remark));
        run.probe_costs.clone_from(probes.costs());
        if run.absent_probes.len() < probes.absent().len() {
            run.absent_probes = probes.absent().clone();
        }
    }
}

/// Is told what happens, for progress.
pub trait Observer {
    /// A worker is about to be started; `done` of `total` are finished.
    fn starts(&mut self, label: &str, done: usize, total: usize);
    /// A worker has ended.
    fn ended(&mut self, label: &str, outcome: &Outcome);
    /// Something that the user should know at once.
    fn remark(&mut self, text: &str);
}

/// Measures every case of `plan` and fills `run`, which is `kept` after each worker.
pub fn execute(
    plan: &Plan,
    setting: &Setting<'_>,
    run: &mut Run,
    kept: &mut Kept,
    observer: &mut dyn Observer,
) {
    let jobs = order::jobs(plan);
    let mut taken: BTreeMap<(usize, usize), Vec<Taken>> = BTreeMap::new();
    let mut places = Vec::new();
    // What earlier runs saw, when they did.
    let known = run.overhead.yardstick;
    let mut level: Vec<f64> = (known > 0.0).then_some(known).into_iter().collect();
    for (position, job) in jobs.iter().enumerate() {
        if setting.interrupted.load(Ordering::Relaxed) {
            run.state = RunState::Interrupted;
            break;
        }
        let benchmark = &plan.benchmarks[job.benchmark];
        let case = &benchmark.cases[job.case];
        let label = format!("{} {}", benchmark.name, case.id.query());
        observer.starts(&label, position, jobs.len());
        let order = Order {
            index: job.repetition,
            position: position as u64,
        };
        if let (Some(search), Some(Ok(plugin))) =
            (&benchmark.search, setting.plugins.get(&benchmark.plugin))
        {
            let hunt = search::Hunt {
                setting,
                overhead: run.overhead.clone(),
                seed: run.seed,
                benchmark,
                case,
                plugin,
                position: position as u64,
            };
            let at = (job.benchmark, job.case);
            let result = hunt.largest(search, observer, &mut |so_far| {
                let at = place(run, &mut places, at, so_far);
                // A history that cannot be written says so at the end.
                let _ = kept.case(run, &run.cases[at], false);
            });
            observer.ended(&label, &result.outcome);
            let is_stopped = setting.interrupted.load(Ordering::Relaxed);
            setting.tell(run, observer);
            let at = place(run, &mut places, at, result);
            if is_stopped {
                run.state = RunState::Interrupted;
            }
            if let Some(remark) = kept.case(run, &run.cases[at], !is_stopped) {
                observer.remark(&remark);
            }
            continue;
        }
        let one = match setting.plugins.get(&benchmark.plugin) {
            Some(Ok(plugin)) => {
                repetition::take(setting, &run.overhead, benchmark, case, plugin, order)
            }
            Some(Err(reason)) => Taken::skipped(order, reason.clone()),
            None => Taken::skipped(order, format!("no plugin `{}`", benchmark.plugin)),
        };
        observer.ended(&label, &one.repetition.outcome);
        setting.tell(run, observer);
        let stop = setting.interrupted.load(Ordering::Relaxed);
        if stop {
            run.state = RunState::Interrupted;
        }
        if stop && !one.repetition.outcome.is_ok() {
            // The case that was being measured is not finished; what was finished before is kept.
            break;
        }
        level.extend(sharing::level(&one));
        run.overhead.yardstick = calm_level(&level).unwrap_or(0.0);
        let taken = taken.entry((job.benchmark, job.case)).or_default();
        taken.push(one);
        sharing::mark(taken, run.overhead.yardstick);
        let plugin = setting.plugins.get(&benchmark.plugin);
        let plugin = plugin.and_then(|state| state.as_ref().ok());
        let mut result = collect::case_result(benchmark, case, plugin, taken, run.seed);
        let roofs = setting.roofs.as_ref();
        result.roofline = roofs.and_then(|roofs| peaks::of_case(&result, roofs));
        let is_finished = taken.len() == benchmark.turns_of_a_case() as usize;
        let at = place(run, &mut places, (job.benchmark, job.case), result);
        if let Some(remark) = kept.case(run, &run.cases[at], is_finished) {
            observer.remark(&remark);
        }
    }
    run.curves = curves::curves(plan, run);
    run.contrasts = contrasts::contrasts(plan, run);
}

/// Puts the result of a case where the plan has it, in the place of an earlier one with fewer repetitions.
/// `places`: the cases that `run` holds, in order. Returns where it is.
fn place(
    run: &mut Run,
    places: &mut Vec<(usize, usize)>,
    case: (usize, usize),
    result: CaseResult,
) -> usize {
    match places.binary_search(&case) {
        Ok(known) => {
            run.cases[known] = result;
            known
        }
        Err(new) => {
            places.insert(new, case);
            run.cases.insert(new, result);
            new
        }
    }
}
