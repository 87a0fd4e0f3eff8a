//! One repetition with a process for each instance: they are led in step, a batch of all is one sample.

mod recorder;
mod together;

use std::{
    cell::Cell,
    rc::Rc,
    sync::{Mutex, MutexGuard, PoisonError},
};

use benchhost_plan::Benchmark;
use benchhost_record::{Case, Outcome, Overhead, Phase};
use rayon::{ThreadPool, ThreadPoolBuilder};

use self::{recorder::HostRecorder, together::together};
use super::{
    Setting,
    drive::{Drive, Left},
    repetition::{Begun, Order, Taken, begin_slot},
    spec::measure_spec,
};
use crate::{
    load::Plugin,
    measure::{AtOnce, Batch, Clock as _, MonotonicClock, Subject, SystemClock, equal, sample},
    probe::{Target, machine::MachineCounters, process::CpuUse},
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
        drives
            .iter()
            .for_each(|drive| lock(drive).worker.follow_memory());
        let (before, own_before) = (MachineCounters::now(&cpus), own_use(&target.pids));
        let mut fleet = Fleet {
            drives: &drives,
            pool: &pool,
            wanted: Rc::clone(&recorder.on),
            recording: None,
        };
        match sample(&mut fleet, &mut recorder, &SystemClock::start(), &spec) {
            Ok(how) => sampled = Some(how),
            Err((index, left)) => steps[index] = Err(left),
        }
        let own = own_use(&target.pids).zip(own_before);
        let own = own.map(|(after, before)| after.since(&before));
        let machine = MachineCounters::now(&cpus).since(&before, own);
        for drive in &drives {
            let mut drive = lock(drive);
            drive.taken.repetition.traces = drive.worker.memory_trace(None).into_iter().collect();
        }
        let mut probes = setting.probes();
        let readings = probes.end(probing, &case.device);
        let traces = probes.traces(probing, &case.device);
        drop(probes);
        let repetition = &mut lock(&drives[0]).taken.repetition;
        repetition.machine = Some(machine);
        repetition.readings = readings;
        repetition.traces.extend(traces);
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

/// What the processes had from the scheduler, together; `None` when one of them is gone.
fn own_use(pids: &[u32]) -> Option<CpuUse> {
    let all: Option<Vec<CpuUse>> = pids.iter().map(|pid| CpuUse::of(*pid)).collect();
    let all = all?;
    let waited: Option<u64> = all.iter().map(|one| one.waited_ns).sum();
    Some(CpuUse {
        used_ns: all.iter().map(|one| one.used_ns).sum(),
        waited_ns: waited,
    })
}

fn held(drives: &mut [Mutex<Drive<'_>>]) -> Vec<u32> {
    let cpus = drives.iter().flat_map(|drive| lock(drive).cpus.clone());
    let mut cpus: Vec<u32> = cpus.collect();
    cpus.sort_unstable();
    cpus.dedup();
    cpus
}

fn lock<'a, 'd>(drive: &'a Mutex<Drive<'d>>) -> MutexGuard<'a, Drive<'d>> {
    drive.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The processes as one thing that is measured.
struct Fleet<'a, 'd> {
    drives: &'a [Mutex<Drive<'d>>],
    pool: &'a ThreadPool,
    /// Whether the samples have begun, and whether the workers know.
    wanted: Rc<Cell<bool>>,
    recording: Option<bool>,
}

impl Subject for Fleet<'_, '_> {
    /// Which process, and how it ended.
    type Error = (usize, Left);

    fn prepare(&mut self) -> Result<(), Self::Error> {
        let wanted = self.wanted.get();
        if self.recording != Some(wanted) {
            for (index, drive) in self.drives.iter().enumerate() {
                lock(drive).record(wanted).map_err(|left| (index, left))?;
            }
            self.recording = Some(wanted);
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
        let (mut finished, mut stopped) = (false, false);
        let mut iterations = Vec::new();
        for (index, batch) in done.into_iter().enumerate() {
            let batch = batch.map_err(|left| (index, left))?;
            times.push((batch.started_ns, batch.started_ns + batch.elapsed_ns));
            finished |= batch.finished;
            stopped |= batch.stopped;
            iterations.push(batch.iterations);
        }
        Ok(Batch {
            iterations: equal(iterations),
            finished,
            stopped,
            at_once: AtOnce::of(&times),
            ..Batch::default()
        })
    }

    fn finish(&mut self, _asked: u64, _batch: Batch, _elapsed_ns: u64) -> Result<(), Self::Error> {
        // Each worker has checked its own.
        Ok(())
    }
}
