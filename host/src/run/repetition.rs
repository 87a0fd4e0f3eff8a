//! One worker from start to end: the steps in order, the outcome, and everything that was seen on the way.

use std::time::Instant;

use benchhost_plan::{Benchmark, IterationsPerSample, Limits, Mode, Settings, WarmUp};
use benchhost_plugin_api::{abi::status, meta::WorkloadMeta};
use benchhost_record::{Case, Outcome, Overhead, ParamValue, Phase, Repetition, SetupTimes, Work};

use super::{Setting, cpus, rules};
use crate::{
    load::Plugin,
    measure::{self, MeasureSpec, WarmUpSpec},
    worker::{
        CreateSpec, Deadline, Ended, FromWorker, Measured, PROTOCOL, SampleRecord, SpawnSpec,
        ToWorker, ValueRecord, Worker, classify, end_strays,
    },
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
        Err(error) => return cannot(format!("cannot make a scratch folder: {error}")),
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

/// A worker on its way through the steps.
struct Drive<'a> {
    setting: &'a Setting<'a>,
    limits: &'a Limits,
    plugin: &'a Plugin,
    worker: Worker,
    taken: Taken,
}

/// Why the steps were left early.
enum Left {
    /// The worker is alive and said why.
    Failed(Outcome),
    /// The worker is gone.
    Ended(Box<Ended>),
}

impl From<Box<Ended>> for Left {
    fn from(ended: Box<Ended>) -> Self {
        Self::Ended(ended)
    }
}

impl Drive<'_> {
    fn run(&mut self, create: CreateSpec, measure: MeasureSpec, settings: &Settings) {
        let steps = self.steps(create, measure, settings);
        let outcome = match steps {
            Ok(()) => Outcome::Ok,
            Err(Left::Failed(outcome)) => {
                // What it said tells more than how it ends after that.
                let _ = self.part(&outcome);
                outcome
            }
            Err(Left::Ended(ended)) => {
                self.taken.repetition.crash = ended.evidence.crash.clone();
                classify(&ended.evidence)
            }
        };
        // Whatever was seen, good or bad, may have come from another file.
        self.taken.repetition.outcome = match self.check_file() {
            Err(Left::Failed(replaced)) => replaced,
            _ => outcome,
        };
    }

    fn steps(
        &mut self,
        create: CreateSpec,
        measure: MeasureSpec,
        settings: &Settings,
    ) -> Result<(), Left> {
        let limits = *self.limits;
        self.check_file()?;
        self.greet(limits.load_ns)?;
        let path = self.plugin.path.display().to_string();
        self.taken.repetition.times.load_ns =
            self.done(&ToWorker::Load { path }, limits.load_ns, None)?;
        self.taken.repetition.times.create_ns =
            self.done(&ToWorker::Create(Box::new(create)), limits.create_ns, None)?;
        self.taken.repetition.times.setup_ns =
            self.done(&ToWorker::Setup, limits.setup_ns, None)?;
        self.taken.repetition.times.first_iteration_ns =
            self.done(&ToWorker::FirstIteration, limits.iteration_ns, None)?;
        let request = ToWorker::Measure(measure);
        self.done(
            &request,
            measure_limit(settings, &limits),
            Some(limits.stall_ns),
        )?;
        self.done(&ToWorker::Verify, limits.verify_ns, None)?;
        self.done(&ToWorker::Teardown, limits.teardown_ns, None)?;
        self.worker.finish(
            self.deadline(limits.teardown_ns, None),
            self.setting.interrupted,
        )?;
        Ok(())
    }

    /// Teardown and good-bye after a failure that the worker survived.
    fn part(&mut self, outcome: &Outcome) -> Result<(), Left> {
        let limit = self.limits.teardown_ns;
        if !matches!(outcome, Outcome::Panic { .. }) {
            // The failure is known; how tearing down goes after it adds nothing.
            self.call(&ToWorker::Teardown, limit, None)?;
        }
        self.worker
            .finish(self.deadline(limit, None), self.setting.interrupted)?;
        Ok(())
    }

    /// The library must be the one that was looked at.
    fn check_file(&self) -> Result<(), Left> {
        match self.plugin.identity.changed(&self.plugin.path) {
            None => Ok(()),
            Some(message) => Err(Left::Failed(Outcome::Wrong {
                rule: "plugin-unchanged".to_owned(),
                message: format!("the plugin was replaced during the run: {message}"),
            })),
        }
    }

    fn greet(&mut self, limit_ns: u64) -> Result<(), Left> {
        let hello = ToWorker::Hello {
            protocol: PROTOCOL,
            build: crate::build_id(),
        };
        let answer = self.call(&hello, limit_ns, None)?;
        self.taken.repetition.times.start_ns = nanos_since(self.worker.spawned());
        match answer {
            FromWorker::Hello { protocol, build }
                if protocol == PROTOCOL && build == crate::build_id() =>
            {
                Ok(())
            }
            other => Err(Left::Failed(Outcome::Protocol {
                phase: Phase::Spawn,
                message: format!("the worker is another build of benchhost: {other:?}"),
            })),
        }
    }

    /// Sends a request that is answered by a duration or by samples.
    fn done(
        &mut self,
        request: &ToWorker,
        limit_ns: u64,
        stall_ns: Option<u64>,
    ) -> Result<u64, Left> {
        let phase = request.phase();
        match self.call(request, limit_ns, stall_ns)? {
            FromWorker::Done { elapsed_ns } | FromWorker::Loaded { elapsed_ns, .. } => {
                Ok(elapsed_ns)
            }
            FromWorker::Ready { elapsed_ns, work } => {
                self.taken.work = Some(work);
                Ok(elapsed_ns)
            }
            FromWorker::Measured(measured) => self.measured(&measured),
            FromWorker::Failed {
                phase,
                code,
                rule,
                message,
                detail,
            } => Err(Left::Failed(said(phase, code, rule, message, detail))),
            FromWorker::Refused { message } => Err(Left::Failed(Outcome::PluginError {
                phase,
                message,
                detail: String::new(),
            })),
            other => Err(Left::Failed(Outcome::Protocol {
                phase,
                message: format!("answered with {other:?}"),
            })),
        }
    }

    fn measured(&mut self, measured: &Measured) -> Result<u64, Left> {
        let repetition = &mut self.taken.repetition;
        repetition.warm_up = Some(measured.warm_up);
        repetition.iterations_per_sample = measured.iterations_per_sample;
        repetition.stopped_by = Some(measured.stopped_by);
        repetition.usage = Some(measured.usage);
        repetition.times.measure_ns = measured.measure_ns;
        if self.worker.page().sample_count() == 0 {
            return Err(Left::Failed(Outcome::PluginError {
                phase: Phase::WarmUp,
                message:
                    "the workload finished during its warm-up, before the first sample; give it \
                          more to do or set warm-up = \"none\""
                        .to_owned(),
                detail: String::new(),
            }));
        }
        Ok(measured.measure_ns)
    }

    fn call(
        &mut self,
        request: &ToWorker,
        limit_ns: u64,
        stall_ns: Option<u64>,
    ) -> Result<FromWorker, Box<Ended>> {
        let deadline = self.deadline(limit_ns, stall_ns);
        self.worker
            .call(request, deadline, self.setting.interrupted)
    }

    /// The limit of a step, or what is left of the limit of all steps if that is less.
    fn deadline(&self, limit_ns: u64, stall_ns: Option<u64>) -> Deadline {
        let left = self
            .limits
            .total_ns
            .saturating_sub(nanos_since(self.worker.spawned()));
        Deadline {
            limit_ns: limit_ns.min(left),
            stall_ns,
        }
    }

    fn into_taken(mut self, threads: u32) -> Taken {
        let taken = &mut self.taken;
        taken.samples = self.worker.page().samples();
        taken.values = self.worker.page().values();
        taken.metric_names = self.worker.metric_names().to_vec();
        let repetition = &mut taken.repetition;
        if let Some(usage) = &mut repetition.usage {
            usage.runnable_threads = self.worker.runnable_threads();
        }
        repetition.samples = taken.samples.len() as u64;
        repetition.output = self.worker.output();
        for (level, message) in self.worker.log() {
            repetition.log.push(message.clone());
            if *level <= benchhost_plugin_api::abi::log_level::WARN {
                taken.warnings.push(message.clone());
            }
        }
        if repetition.outcome.is_ok()
            && let Some(lie) = rules::too_many_threads(repetition, threads)
        {
            repetition.outcome = lie;
        }
        drop(self.worker);
        self.taken.strays = end_strays(&[]);
        self.taken
    }
}

/// The outcome of a failure that the worker reported itself.
fn said(phase: Phase, code: u32, rule: String, message: String, detail: String) -> Outcome {
    match code {
        status::WRONG => Outcome::Wrong { rule, message },
        status::UNSUPPORTED => Outcome::Skipped { reason: message },
        status::PANIC | status::POISONED => Outcome::Panic {
            phase,
            message,
            detail,
        },
        _ => Outcome::PluginError {
            phase,
            message,
            detail,
        },
    }
}

/// Time that warm-up and samples may take together before the worker counts as hung: twice what they were given,
/// and a stall on top, because a single iteration may be long.
fn measure_limit(settings: &Settings, limits: &Limits) -> u64 {
    let warm_up = match settings.warm_up {
        WarmUp::Auto { cap_ns, .. } => cap_ns,
        WarmUp::Time(ns) => ns,
        // Bounded by the heartbeat and the total only.
        WarmUp::Iterations(_) => return limits.total_ns,
        WarmUp::None => 0,
    };
    let given = warm_up.saturating_add(settings.sampling.max_time_ns);
    given
        .saturating_mul(2)
        .saturating_add(limits.stall_ns.saturating_mul(2))
}

fn measure_spec(settings: &Settings, meta: &WorkloadMeta, overhead: &Overhead) -> MeasureSpec {
    let sampling = &settings.sampling;
    MeasureSpec {
        warm_up: match settings.warm_up {
            WarmUp::Auto {
                floor_iterations,
                cap_ns,
            } => WarmUpSpec::Auto {
                floor: floor_iterations,
                cap_ns,
            },
            WarmUp::Iterations(count) => WarmUpSpec::Iterations { count },
            WarmUp::Time(ns) => WarmUpSpec::Time { ns },
            WarmUp::None => WarmUpSpec::None,
        },
        mode: match sampling.mode {
            Mode::Batch => measure::Mode::Batch,
            Mode::Each => measure::Mode::Each,
        },
        min_samples: u64::from(sampling.min_samples),
        max_samples: u64::from(sampling.max_samples),
        precision: sampling.precision,
        confidence: sampling.confidence,
        max_time_ns: sampling.max_time_ns,
        iterations: match sampling.iterations_per_sample {
            IterationsPerSample::Auto => None,
            IterationsPerSample::Fixed(n) => Some(n),
        },
        clock_read_ns: overhead.clock_read_ns,
        prepares_each_iteration: meta.prepares_each_iteration,
    }
}

/// The parameters of a case as the TOML text that the plugin parses.
fn config_text(case: &Case) -> String {
    let table: toml::Table = case
        .params
        .iter()
        .map(|(key, value)| (key.clone(), to_toml(value)))
        .collect();
    toml::to_string(&table).expect("numbers, text and lists of them are always TOML")
}

fn to_toml(value: &ParamValue) -> toml::Value {
    match value {
        ParamValue::Bool(value) => (*value).into(),
        ParamValue::Int(value) => (*value).into(),
        ParamValue::Float(value) => (*value).into(),
        ParamValue::Text(value) => value.clone().into(),
        ParamValue::List(values) => toml::Value::Array(values.iter().map(to_toml).collect()),
    }
}

fn nanos_since(start: Instant) -> u64 {
    start.elapsed().as_nanos() as u64
}
