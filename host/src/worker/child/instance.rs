//! What a worker measures: the steps of its instances, as answers to the host.

use std::{fs, path::Path, sync::Arc};

use super::{Failure, PageSink, crew::Crew, member::Member, recorder::PageRecorder};
use crate::{
    load::Opened,
    measure::{
        self, Clock as _, MeasureSpec, MonotonicClock, Recorder as _, Subject as _, SystemClock,
    },
    worker::{
        message::{CreateSpec, FromWorker, Measured},
        page::Page,
    },
};

/// The instances of a worker and what records them.
pub(super) struct Instance {
    crew: Crew,
    sink: Arc<PageSink>,
    recorder: PageRecorder,
    clock: SystemClock,
}

/// Gives the `index`-th of several instances its own folder, and its own CPUs where there are enough for all.
fn own_place(spec: &mut CreateSpec, index: u32) -> Result<(), Failure> {
    if spec.instances.is_none() {
        return Ok(());
    }
    if let Some(cpus) = own_cpus(spec).into_iter().nth(index as usize) {
        spec.cpus = cpus;
    }
    let folder = Path::new(&spec.scratch_dir).join(index.to_string());
    fs::create_dir(&folder)
        .map_err(|error| Failure::order(&format!("cannot make `{}`: {error}", folder.display())))?;
    spec.scratch_dir = folder.display().to_string();
    Ok(())
}

/// CPUs of each instance; empty where there are too few for all.
fn own_cpus(spec: &CreateSpec) -> Vec<Vec<u32>> {
    let each = spec.threads.max(1) as usize;
    let wanted = each * spec.instances.unwrap_or(1) as usize;
    if spec.cpus.len() < wanted {
        return Vec::new();
    }
    spec.cpus.chunks(each).map(<[u32]>::to_vec).collect()
}

impl Instance {
    pub(super) fn create(
        plugin: &mut Opened,
        spec: &CreateSpec,
        page: &'static Page,
        sink: PageSink,
    ) -> Result<Self, Failure> {
        let sink = Arc::new(sink);
        let mut member = |index: u32| {
            let mut spec = spec.clone();
            // Like independent users: the same distribution, other draws.
            spec.seed = spec.seed.wrapping_add(u64::from(index) << 32);
            own_place(&mut spec, index)?;
            Member::create(plugin, &spec, page, Arc::clone(&sink))
        };
        let crew = match spec.instances {
            None => Crew::alone(member(0)?),
            Some(count) => {
                let members = (0..count).map(member).collect::<Result<_, _>>()?;
                Crew::at_once(members, &own_cpus(spec))?
            }
        };
        Ok(Self {
            crew,
            recorder: PageRecorder::new(page, Arc::clone(&sink)),
            sink,
            clock: SystemClock::start(),
        })
    }

    pub(super) fn setup(&mut self) -> Result<FromWorker, Failure> {
        let mut all = None;
        self.crew.each(|member| {
            all = Some(member.setup()?);
            Ok(())
        })?;
        Ok(FromWorker::Ready {
            elapsed_ns: 0,
            work: all.unwrap_or_default(),
        })
    }

    /// One iteration whose answer is proved before anything is timed.
    pub(super) fn first_iteration(&mut self) -> Result<FromWorker, Failure> {
        self.sink.record(false);
        self.crew.prepare()?;
        let batch = self.crew.run(1)?;
        self.crew.finish(1, batch, u64::MAX)?;
        self.verify()
    }

    pub(super) fn measure(&mut self, spec: &MeasureSpec) -> Result<FromWorker, Failure> {
        let mut recorder = self.recorder.clone();
        let mut spec = spec.clone();
        if let Some(handover_ns) = self.crew.handover_ns() {
            spec.clock_read_ns = spec.clock_read_ns.max(handover_ns);
        }
        let sampled = measure::sample(&mut self.crew, &mut recorder, &self.clock, &spec)?;
        let usage = recorder.start.used();
        Ok(FromWorker::Measured(Box::new(Measured {
            warm_up: sampled.warm_up,
            iterations_per_sample: sampled.iterations_per_sample,
            stopped_by: sampled.stopped_by,
            measure_ns: sampled.measure_ns,
            usage,
        })))
    }

    /// Begins the warm-up or the samples of a comparison.
    pub(super) fn record(&mut self, on: bool) -> FromWorker {
        self.recorder.recording(on);
        FromWorker::Done { elapsed_ns: 0 }
    }

    /// One timed batch of a comparison, or of one process among several, kept while recording. `start_at_ns`: when to begin.
    pub(super) fn batch(
        &mut self,
        iterations: u64,
        start_at_ns: Option<u64>,
    ) -> Result<FromWorker, Failure> {
        let mut recorder = self.recorder.clone();
        let mut started_ns = 0;
        let ready = || {
            if let Some(moment_ns) = start_at_ns {
                MonotonicClock.wait_until(moment_ns);
                started_ns = MonotonicClock.now_ns();
            }
        };
        let crew = &mut self.crew;
        let (batch, elapsed_ns) =
            measure::batch(crew, &mut recorder, &self.clock, iterations, ready)?;
        Ok(FromWorker::Batched {
            iterations: batch.iterations,
            elapsed_ns,
            started_ns,
            finished: batch.finished,
            stopped: batch.stopped,
        })
    }

    /// What was used since the samples began.
    pub(super) fn usage(&self) -> FromWorker {
        FromWorker::Used(Box::new(self.recorder.start.used()))
    }

    pub(super) fn verify(&mut self) -> Result<FromWorker, Failure> {
        self.crew.each(Member::verify)?;
        Ok(FromWorker::Done { elapsed_ns: 0 })
    }

    pub(super) fn teardown(&mut self) -> Result<FromWorker, Failure> {
        self.crew.each(Member::teardown)?;
        Ok(FromWorker::Done { elapsed_ns: 0 })
    }
}
