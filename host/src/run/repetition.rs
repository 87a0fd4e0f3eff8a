//! One repetition: what a worker is started with, and what it yielded.

use std::io;

use benchhost_plan::{Benchmark, SeedPolicy, Settings};
use benchhost_plugin_api::meta::WorkloadMeta;
use benchhost_record::{
    Case, Instances, InstancesMode, Outcome, Overhead, Phase, Repetition, Work,
};

use super::{
    Setting, cpus, device,
    drive::Drive,
    fleet,
    scratch::Scratch,
    spec::{config_text, measure_spec},
};
use crate::{
    load::Plugin,
    worker::{CreateSpec, SampleRecord, SpawnSpec, ValueRecord, Worker},
};

/// Which repetition this is, and where in the run it comes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order {
    pub(crate) index: u32,
    pub(crate) position: u64,
}

/// What one worker yielded.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) repetition: Repetition,
    pub(crate) samples: Vec<SampleRecord>,
    /// Which samples count: those that had their core to themselves. Empty for all.
    pub(crate) calm: Vec<bool>,
    /// Metric values with names and units.
    pub(crate) values: Vec<ValueRecord>,
    pub(crate) metric_names: Vec<(String, String)>,
    pub(crate) work: Option<Work>,
    /// Warnings of the plugin's log.
    pub(crate) warnings: Vec<String>,
    /// Processes that were left behind.
    pub(crate) strays: usize,
}

impl Taken {
    /// Wall-clock time of one iteration by sample that counts, in order, ns.
    pub(crate) fn times_ns(&self) -> Vec<f64> {
        self.counted().map(per_iteration_ns).collect()
    }

    /// The samples that count.
    pub(crate) fn counted(&self) -> impl Iterator<Item = &SampleRecord> {
        let all = self.samples.iter().enumerate();
        all.filter(|(index, _)| self.counts(*index))
            .map(|(_, sample)| sample)
    }

    /// Whether the sample counts.
    pub(crate) fn counts(&self, index: usize) -> bool {
        self.calm.get(index).copied().unwrap_or(true)
    }

    /// A repetition that was not run.
    pub(super) fn skipped(order: Order, reason: String) -> Self {
        Self::empty(order, Outcome::Skipped { reason })
    }

    pub(super) fn empty(order: Order, outcome: Outcome) -> Self {
        let repetition = Repetition::new(order.index, order.position, outcome);
        Self {
            repetition,
            samples: Vec::new(),
            calm: Vec::new(),
            values: Vec::new(),
            metric_names: Vec::new(),
            work: None,
            warnings: Vec::new(),
            strays: 0,
        }
    }
}

/// Wall-clock time of one iteration, ns.
pub(crate) fn per_iteration_ns(sample: &SampleRecord) -> f64 {
    sample.elapsed_ns as f64 / sample.iterations.max(1) as f64
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
    let settings = &benchmark.settings;
    if case.processes() > 1 {
        return fleet::take(setting, overhead, benchmark, case, plugin, order);
    }
    match begin(setting, settings, case, plugin, order) {
        Err(taken) => *taken,
        Ok(mut begun) => {
            let measure = measure_spec(settings, begun.meta, overhead, case, order);
            begun.drive.run(begun.create, measure, settings);
            begun
                .drive
                .into_taken(case.all_threads(), overhead.yardstick)
        }
    }
}

/// A worker that has been started and asked nothing yet.
pub(crate) struct Begun<'a> {
    pub(crate) drive: Drive<'a>,
    pub(crate) create: CreateSpec,
    pub(crate) meta: &'a WorkloadMeta,
    /// Folder of this worker alone; removed with it.
    pub(crate) scratch: Scratch,
}

/// Starts a worker for `case`.
///
/// # Errors
/// What is left of a repetition that could not begin.
pub(crate) fn begin<'a>(
    setting: &'a Setting<'a>,
    settings: &'a Settings,
    case: &Case,
    plugin: &'a Plugin,
    order: Order,
) -> Result<Begun<'a>, Box<Taken>> {
    begin_slot(setting, settings, case, plugin, order, 0)
}

/// Starts the worker of the `slot`-th process for `case`, which has several.
///
/// # Errors
/// What is left of a repetition that could not begin.
pub(super) fn begin_slot<'a>(
    setting: &'a Setting<'a>,
    settings: &'a Settings,
    case: &Case,
    plugin: &'a Plugin,
    order: Order,
    slot: u32,
) -> Result<Begun<'a>, Box<Taken>> {
    let skipped = |reason: String| Box::new(Taken::skipped(order, reason));
    let cannot = |message: String| {
        Box::new(Taken::empty(
            order,
            Outcome::Protocol {
                phase: Phase::Spawn,
                message,
            },
        ))
    };
    let workloads = &plugin.meta.workloads;
    let meta = workloads
        .iter()
        .find(|w| w.name == case.workload)
        .ok_or_else(|| skipped(format!("the plugin has no workload `{}`", case.workload)))?;
    if let Some(reason) = device::missing(&case.device) {
        return Err(skipped(reason));
    }
    let scratch = Scratch::new()
        .map_err(|error| cannot(format!("cannot make a scratch folder, see TMPDIR: {error}")))?;
    let cpus = cpus::of_slot(&settings.pin, case, slot);
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
    let worker = Worker::spawn(&spawn).map_err(|error| match error.kind() {
        io::ErrorKind::Unsupported => skipped(error.to_string()),
        _ => cannot(format!("cannot start a worker: {error}")),
    })?;
    let drive = Drive {
        setting,
        limits: &settings.limits,
        probing: &settings.probing,
        device: case.device.clone(),
        plugin,
        cpus: cpus::or_all(cpus.clone()),
        worker,
        spent_ns: 0,
        taken: Taken::empty(order, Outcome::Ok),
    };
    let mut create = create_spec(settings, case, meta, cpus, order, &scratch);
    // Like independent users: the same distribution, other draws.
    create.seed = create.seed.wrapping_add(u64::from(slot) << 32);
    Ok(Begun {
        drive,
        create,
        meta,
        scratch,
    })
}

/// What the instance of a repetition is made from.
fn create_spec(
    settings: &Settings,
    case: &Case,
    meta: &WorkloadMeta,
    cpus: Vec<u32>,
    order: Order,
    scratch: &Scratch,
) -> CreateSpec {
    let seed = match settings.seed_policy {
        SeedPolicy::Same => case.seed,
        SeedPolicy::PerRepetition => case.seed.wrapping_add(u64::from(order.index)),
    };
    CreateSpec {
        workload: case.workload.clone(),
        config: config_text(case),
        metrics: meta
            .metrics
            .iter()
            .map(|metric| metric.name.clone())
            .collect(),
        threads: case.threads,
        instances: match case.instances {
            Some(Instances {
                mode: InstancesMode::Rayon,
                count,
            }) => Some(count),
            _ => None,
        },
        cpus,
        device: case.device.clone(),
        seed,
        repetition: order.index,
        scratch_dir: scratch.path().display().to_string(),
    }
}
