//! One repetition: what a worker is started with, and what it yielded.

use std::io;

use benchhost_plan::Benchmark;
use benchhost_record::{Case, Outcome, Overhead, Phase, Repetition, SetupTimes, Work};

use super::{
    Setting, cpus,
    drive::Drive,
    spec::{config_text, measure_spec},
};
use crate::{
    load::Plugin,
    worker::{CreateSpec, SampleRecord, SpawnSpec, ValueRecord, Worker},
};

/// Which repetition this is, and where in the run it comes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    pub(super) index: u32,
    pub(super) position: u64,
}

/// What one worker yielded.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) repetition: Repetition,
    pub(super) samples: Vec<SampleRecord>,
    /// Metric values with names and units.
    pub(super) values: Vec<ValueRecord>,
    pub(super) metric_names: Vec<(String, String)>,
    pub(super) work: Option<Work>,
    /// Warnings of the plugin's log.
    pub(super) warnings: Vec<String>,
    /// Processes that were left behind.
    pub(super) strays: usize,
}

impl Taken {
    /// A repetition that was not run.
    pub(super) fn skipped(order: Order, reason: String) -> Self {
        Self::empty(order, Outcome::Skipped { reason })
    }

    fn empty(order: Order, outcome: Outcome) -> Self {
        let repetition = Repetition {
            index: order.index,
            position: order.position,
            outcome,
            samples: 0,
            iterations_per_sample: 0,
            stopped_by: None,
            warm_up: None,
            times: SetupTimes::default(),
            usage: None,
            crash: None,
            output: benchhost_record::Output::default(),
            log: Vec::new(),
        };
        Self {
            repetition,
            samples: Vec::new(),
            values: Vec::new(),
            metric_names: Vec::new(),
            work: None,
            warnings: Vec::new(),
            strays: 0,
        }
    }
}

/// Runs one worker.
pub(super) fn take(
    setting: &Setting<'_>,
    overhead: &Overhead,
    benchmark: &Benchmark,
    case: &Case,
    plugin: &Plugin,
    order: Order,
) -> Taken {
    let cannot = |message: String| {
        Taken::empty(
            order,
            Outcome::Protocol {
                phase: Phase::Spawn,
                message,
            },
        )
    };
    let Some(meta) = plugin
        .meta
        .workloads
        .iter()
        .find(|w| w.name == case.workload)
    else {
        return Taken::skipped(
            order,
            format!("the plugin has no workload `{}`", case.workload),
        );
    };
    let scratch = match tempfile::Builder::new().prefix("benchhost-").tempdir() {
        Ok(scratch) => scratch,
        Err(error) => return cannot(format!("cannot make a scratch folder, see TMPDIR: {error}")),
    };
    let settings = &benchmark.settings;
    let cpus = cpus::choose(&settings.pin, case.threads);
    let spawn = SpawnSpec {
        exe: setting.exe.clone(),
        folder: setting.folder.clone(),
        threads: case.threads,
        cpus: cpus.clone(),
        memory: settings
            .limits
            .memory_bytes
            .map(|bytes| (bytes, settings.limits.memory_by)),
        max_samples: u64::from(settings.sampling.max_samples),
    };
    let worker = match Worker::spawn(&spawn) {
        Ok(worker) => worker,
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {
            return Taken::skipped(order, error.to_string());
        }
        Err(error) => return cannot(format!("cannot start a worker: {error}")),
    };
    let seed = match settings.seed_policy {
        benchhost_plan::SeedPolicy::Same => case.seed,
        benchhost_plan::SeedPolicy::PerRepetition => case.seed.wrapping_add(u64::from(order.index)),
    };
    let create = CreateSpec {
        workload: case.workload.clone(),
        config: config_text(case),
        metrics: meta
            .metrics
            .iter()
            .map(|metric| metric.name.clone())
            .collect(),
        threads: case.threads,
        cpus,
        device: case.device.clone(),
        seed,
        repetition: order.index,
        scratch_dir: scratch.path().display().to_string(),
    };
    let mut drive = Drive {
        setting,
        limits: &settings.limits,
        plugin,
        worker,
        taken: Taken::empty(order, Outcome::Ok),
    };
    drive.run(create, measure_spec(settings, meta, overhead), settings);
    drive.into_taken(case.threads)
}
