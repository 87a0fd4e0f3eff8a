//! One repetition with a process for each instance: they are led in step, a batch of all is one sample.

use std::{
    cell::Cell,
    rc::Rc,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use benchhost_plan::Benchmark;
use benchhost_record::{Case, Outcome, Overhead, Phase, Repetition, Usage, names};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::{
    Setting,
    drive::{Drive, Left},
    repetition::{Begun, Order, Taken, begin_slot},
    rules,
    spec::measure_spec,
};
use crate::{
    load::Plugin,
    measure::{
        AtOnce, Batch, Clock as _, Edge, MonotonicClock, Recorder, Sampled, Subject, SystemClock,
        sample,
    },
    probe::{Target, machine::MachineCounters},
    worker::{SampleRecord, ValueRecord},
};

/// Time until all have heard when to begin, for any number of processes and for each of them, ns.
const LEAD_NS: u64 = 300_000;
const LEAD_EACH_NS: u64 = 50_000;

/// How far apart processes that wait for one moment begin, ns: samples must be long against it.
const SKEW_NS: f64 = 10_000.0;

/// Runs one worker for each instance.
pub(super) fn take(
    setting: &Setting<'_>,
    overhead: &Overhead,
    benchmark: &Benchmark,
    case: &Case,
    plugin: &Plugin,
    order: Order,
) -> Taken {
    let mut begun = Vec::new();
    for slot in 0..case.processes() {
        match begin_slot(setting, &benchmark.settings, case, plugin, order, slot) {
            Ok(one) => begun.push(one),
            // Those that have been started are ended when they are dropped.
            Err(taken) => return *taken,
        }
    }
    let pool = ThreadPoolBuilder::new().num_threads(begun.len()).build();
    let Ok(pool) = pool else {
        let message = format!("cannot start {} threads to lead them", begun.len());
        let phase = Phase::Spawn;
        return Taken::empty(order, Outcome::Protocol { phase, message });
    };
    let mut spec = measure_spec(&benchmark.settings, begun[0].meta, overhead, case, order);
    spec.clock_read_ns = spec.clock_read_ns.max(SKEW_NS);
    let mut scratch = Vec::new();
    let mut steps: Vec<Result<(), Left>> = Vec::new();
    let mut drives = Vec::new();
    for one in begun {
        let Begun {
            mut drive, create, ..
        } = one;
        scratch.push(one.scratch);
        steps.push(drive.open(create));
        drives.push(Mutex::new(drive));
    }
    let mut sampled = None;
    let mut recorder = HostRecorder::new(setting.interrupted);
    if steps.iter().all(Result::is_ok) {
        let cpus: Vec<u32> = held(&mut drives);
        let target = Target {
            pids: drives.iter().map(|drive| lock(drive).worker.id()).collect(),
            cpus: cpus.clone(),
        };
        let probing = &benchmark.settings.probing;
        setting.probes().begin(probing, &case.device, &target);
        let before = MachineCounters::now(&cpus);
        let mut fleet = Fleet {
            drives: &drives,
            pool: &pool,
            wanted: Rc::clone(&recorder.on),
            recording: false,
        };
        match sample(&mut fleet, &mut recorder, &SystemClock::start(), &spec) {
            Ok(how) => sampled = Some(how),
            Err((index, left)) => steps[index] = Err(left),
        }
        let machine = MachineCounters::now(&cpus).since(&before, None);
        let readings = setting.probes().end(probing, &case.device);
        let repetition = &mut lock(&drives[0]).taken.repetition;
        repetition.machine = Some(machine);
        repetition.readings = readings;
    }
    let ended = drives.into_iter().zip(steps).map(|(drive, so_far)| {
        let mut drive = drive.into_inner().unwrap_or_else(PoisonError::into_inner);
        let steps = so_far.and_then(|()| {
            if sampled.is_some() {
                drive.usage()?;
            }
            drive.close()
        });
        drive.settle(steps);
        drive
    });
    // All must be at their end before what they leave behind is swept up.
    let ended: Vec<Drive<'_>> = ended.collect();
    let taken = ended
        .into_iter()
        .map(|drive| drive.into_taken(case.threads, 0.0));
    together(taken.collect(), &recorder.samples, sampled)
}

fn held(drives: &mut [Mutex<Drive<'_>>]) -> Vec<u32> {
    let cpus = drives.iter().flat_map(|drive| lock(drive).cpus.clone());
    let mut cpus: Vec<u32> = cpus.collect();
    cpus.sort_unstable();
    cpus.dedup();
    cpus
}

fn lock<'a, 'd>(drive: &'a Mutex<Drive<'d>>) -> std::sync::MutexGuard<'a, Drive<'d>> {
    drive.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The processes as one thing that is measured.
struct Fleet<'a, 'd> {
    drives: &'a [Mutex<Drive<'d>>],
    pool: &'a ThreadPool,
    /// Whether the samples have begun, and whether the workers know.
    wanted: Rc<Cell<bool>>,
    recording: bool,
}

impl Subject for Fleet<'_, '_> {
    /// Which process, and how it ended.
    type Error = (usize, Left);

    fn prepare(&mut self) -> Result<(), Self::Error> {
        let wanted = self.wanted.get();
        if wanted != self.recording {
            for (index, drive) in self.drives.iter().enumerate() {
                lock(drive).record(wanted).map_err(|left| (index, left))?;
            }
            self.recording = wanted;
        }
        Ok(())
    }

    fn run(&mut self, n: u64) -> Result<Batch, Self::Error> {
        let lead_ns = LEAD_NS + LEAD_EACH_NS * self.drives.len() as u64;
        let start_at_ns = MonotonicClock.now_ns() + lead_ns;
        let done = self
            .pool
            .broadcast(|thread| lock(&self.drives[thread.index()]).batch(n, Some(start_at_ns)));
        let mut times = Vec::new();
        let mut finished = false;
        let mut iterations = n;
        for (index, batch) in done.into_iter().enumerate() {
            let batch = batch.map_err(|left| (index, left))?;
            times.push((batch.started_ns, batch.started_ns + batch.elapsed_ns));
            finished |= batch.finished;
            iterations = iterations.min(batch.iterations);
        }
        Ok(Batch {
            iterations,
            finished,
            at_once: AtOnce::of(&times),
            ..Batch::default()
        })
    }

    fn finish(&mut self, _asked: u64, _batch: Batch, _elapsed_ns: u64) -> Result<(), Self::Error> {
        // Each worker has checked its own.
        Ok(())
    }
}

/// Keeps the samples of all together.
struct HostRecorder<'a> {
    samples: Vec<(SampleRecord, f64)>,
    fairness: f64,
    on: Rc<Cell<bool>>,
    interrupted: &'a AtomicBool,
}

impl<'a> HostRecorder<'a> {
    fn new(interrupted: &'a AtomicBool) -> Self {
        Self {
            samples: Vec::new(),
            fairness: 1.0,
            on: Rc::new(Cell::new(false)),
            interrupted,
        }
    }
}

impl Recorder for HostRecorder<'_> {
    fn edge(&mut self) -> Edge {
        // Each worker reads its own.
        Edge::default()
    }

    fn recording(&mut self, on: bool) {
        self.on.set(on);
    }

    fn keep(&mut self, iterations: u64, elapsed_ns: u64, _used: Edge) -> bool {
        let sample = SampleRecord {
            iterations,
            elapsed_ns,
            ..SampleRecord::default()
        };
        self.samples.push((sample, self.fairness));
        true
    }

    fn note(&mut self, _name: &str, value: f64) {
        self.fairness = value;
    }

    fn yardstick(&mut self) -> u64 {
        0
    }

    fn settle(&mut self, _samples: usize, _newer: usize, _yardstick: u64) {}

    fn should_stop(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    fn beat(&mut self) {}
}

/// One repetition out of those of all processes: samples of all at once, sums of what they used, the worst outcome.
fn together(all: Vec<Taken>, samples: &[(SampleRecord, f64)], sampled: Option<Sampled>) -> Taken {
    let outcomes: Vec<&Outcome> = all.iter().map(|one| &one.repetition.outcome).collect();
    let outcome = rules::worst(&outcomes);
    let records: Vec<Vec<SampleRecord>> = all.iter().map(|one| one.samples.clone()).collect();
    let mut all = all.into_iter();
    let mut first = all.next().expect("a fleet has at least one process");
    for one in all {
        add(&mut first, one);
    }
    first.repetition.outcome = outcome;
    let of_all = |index: usize, field: fn(&SampleRecord) -> u64| -> u64 {
        records
            .iter()
            .filter_map(|own| own.get(index))
            .map(field)
            .sum()
    };
    first.samples = samples
        .iter()
        .enumerate()
        .map(|(index, (sample, _))| SampleRecord {
            cpu_ns: of_all(index, |own| own.cpu_ns),
            faults: of_all(index, |own| own.faults),
            preemptions: of_all(index, |own| own.preemptions),
            ..*sample
        })
        .collect();
    first.calm = Vec::new();
    let metric = first.metric_names.len() as u32;
    first
        .metric_names
        .push((names::FAIRNESS.to_owned(), "1".to_owned()));
    let fairness = samples
        .iter()
        .enumerate()
        .map(|(index, (_, value))| ValueRecord {
            sample: index as u32,
            metric,
            value: *value,
        });
    first.values.extend(fairness);
    if let Some(sampled) = sampled {
        let repetition = &mut first.repetition;
        repetition.warm_up = Some(sampled.warm_up);
        repetition.iterations_per_sample = sampled.iterations_per_sample;
        repetition.stopped_by = Some(sampled.stopped_by);
        repetition.times.measure_ns = sampled.measure_ns;
    }
    first.repetition.samples = first.samples.len() as u64;
    first
}

/// Adds what another process of the same repetition yielded.
fn add(sum: &mut Taken, one: Taken) {
    let offset = sum.metric_names.len() as u32;
    sum.metric_names.extend(one.metric_names);
    sum.values
        .extend(one.values.into_iter().map(|value| ValueRecord {
            metric: value.metric + offset,
            ..value
        }));
    sum.warnings.extend(one.warnings);
    sum.strays += one.strays;
    let Repetition {
        usage,
        crash,
        log,
        output,
        ..
    } = one.repetition;
    let whole = &mut sum.repetition;
    whole.usage = match (whole.usage, usage) {
        (Some(a), Some(b)) => Some(added(a, b)),
        (a, b) => a.or(b),
    };
    whole.crash = whole.crash.take().or(crash);
    whole.log.extend(log);
    if whole.output.is_empty() {
        whole.output = output;
    }
}

fn added(a: Usage, b: Usage) -> Usage {
    Usage {
        user_ns: a.user_ns + b.user_ns,
        system_ns: a.system_ns + b.system_ns,
        minor_faults: a.minor_faults + b.minor_faults,
        major_faults: a.major_faults + b.major_faults,
        voluntary_switches: a.voluntary_switches + b.voluntary_switches,
        involuntary_switches: a.involuntary_switches + b.involuntary_switches,
        peak_bytes: a.peak_bytes + b.peak_bytes,
        before_bytes: a.before_bytes + b.before_bytes,
        after_bytes: a.after_bytes + b.after_bytes,
        threads_seen: a.threads_seen + b.threads_seen,
        busy_threads: a.busy_threads + b.busy_threads,
        runnable_threads: a.runnable_threads + b.runnable_threads,
    }
}
