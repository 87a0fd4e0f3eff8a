//! An instance of a workload as the worker drives it: status words become failures, claims are checked.

use std::sync::Arc;

use benchhost_plugin_api::abi::{
    BatchOut, PluginMod_Ref, WorkloadBox, flags,
    host::{HostFacts, services},
    status,
};
use benchhost_record::{Phase, Work};
use serde::Deserialize;

use super::{
    Failure, PageSink,
    guard::{self, Counters},
};
use crate::{
    measure::{self, Batch, Edge, MeasureSpec, Recorder, Subject, SystemClock, Yardstick},
    worker::{
        message::{CreateSpec, FromWorker, Measured},
        page::{Page, SampleRecord},
    },
};

/// A live instance.
pub(super) struct Instance {
    workload: WorkloadBox,
    sink: Arc<PageSink>,
    recorder: PageRecorder,
    clock: SystemClock,
}

impl Instance {
    pub(super) fn create(
        module: PluginMod_Ref,
        spec: &CreateSpec,
        page: &'static Page,
        sink: PageSink,
    ) -> Result<Self, Failure> {
        let sink = Arc::new(sink);
        let facts = HostFacts {
            progress: page.progress(),
            stop: page.stop(),
            threads: spec.threads,
            cpus: spec.cpus.clone(),
            device: spec.device.clone(),
            seed: spec.seed,
            repetition: spec.repetition,
            scratch_dir: spec.scratch_dir.clone(),
        };
        let host = services(facts, Box::new(Arc::clone(&sink)));
        let workload = module.create()(
            host,
            spec.workload.as_str().into(),
            spec.config.as_str().into(),
        );
        match workload.into_result() {
            Ok(workload) => Ok(Self {
                workload,
                recorder: PageRecorder {
                    page,
                    sink: Arc::clone(&sink),
                    start: Counters::default(),
                    on: false,
                    yardstick: Yardstick::default(),
                },
                sink,
                clock: SystemClock::start(),
            }),
            Err(error) => Err(Failure::of(error)),
        }
    }

    pub(super) fn setup(&mut self) -> Result<FromWorker, Failure> {
        #[derive(Default, Deserialize)]
        struct Facts {
            #[serde(default)]
            work: Work,
        }
        let code = self.workload.setup();
        self.check(code)?;
        let text = self.workload.facts();
        let facts: Facts = toml::from_str(&text).map_err(|error| {
            Failure::lie(
                "facts",
                format!("facts are not readable: {}", error.message()),
            )
        })?;
        let numbers = [facts.work.items, facts.work.flop, facts.work.bytes];
        if numbers
            .iter()
            .any(|number| !number.is_finite() || *number < 0.0)
        {
            return Err(Failure::lie(
                "work",
                format!("declared work is {:?}", facts.work),
            ));
        }
        Ok(FromWorker::Ready {
            elapsed_ns: 0,
            work: facts.work,
        })
    }

    /// One iteration whose answer is proved before anything is timed.
    pub(super) fn first_iteration(&mut self) -> Result<FromWorker, Failure> {
        self.sink.record(false);
        self.prepare()?;
        let batch = self.run(1)?;
        self.finish(1, batch, u64::MAX)?;
        self.verify()
    }

    pub(super) fn measure(&mut self, spec: &MeasureSpec) -> Result<FromWorker, Failure> {
        let mut recorder = self.recorder.clone();
        let clock = self.clock;
        let sampled = measure::sample(self, &mut recorder, &clock, spec)?;
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

    /// One timed batch of a comparison, kept while recording.
    pub(super) fn batch(&mut self, iterations: u64) -> Result<FromWorker, Failure> {
        let mut recorder = self.recorder.clone();
        let clock = self.clock;
        let (batch, elapsed_ns) = measure::batch(self, &mut recorder, &clock, iterations)?;
        Ok(FromWorker::Batched {
            iterations: batch.iterations,
            elapsed_ns,
            finished: batch.finished || batch.stopped,
        })
    }

    /// What was used since the samples began.
    pub(super) fn usage(&self) -> FromWorker {
        FromWorker::Used(Box::new(self.recorder.start.used()))
    }

    pub(super) fn verify(&mut self) -> Result<FromWorker, Failure> {
        let code = self.workload.verify();
        self.check(code)?;
        Ok(FromWorker::Done { elapsed_ns: 0 })
    }

    pub(super) fn teardown(&mut self) -> Result<FromWorker, Failure> {
        let code = self.workload.teardown();
        self.check(code)?;
        Ok(FromWorker::Done { elapsed_ns: 0 })
    }

    fn check(&mut self, code: u32) -> Result<(), Failure> {
        if code == status::OK {
            Ok(())
        } else {
            Err(Failure::of(self.workload.take_error()))
        }
    }
}

impl Subject for Instance {
    type Error = Failure;

    fn prepare(&mut self) -> Result<(), Failure> {
        let code = self.workload.prepare();
        self.check(code)
    }

    fn run(&mut self, n: u64) -> Result<Batch, Failure> {
        let mut out = BatchOut::new();
        let code = self.workload.run_batch(n, &mut out);
        self.check(code)?;
        Ok(Batch {
            iterations: out.iters_done,
            finished: out.flags & flags::FINISHED != 0,
            stopped: out.flags & flags::STOPPED != 0,
            device_ns: out.device_ns,
        })
    }

    fn finish(&mut self, asked: u64, batch: Batch, elapsed_ns: u64) -> Result<(), Failure> {
        let early = batch.finished || batch.stopped;
        if batch.iterations > asked || (batch.iterations < asked && !early) {
            let message = format!(
                "{asked} iterations were asked, the plugin says it did {}",
                batch.iterations
            );
            return Err(Failure::lie("iterations-done", message));
        }
        if batch.device_ns > elapsed_ns {
            let message = format!(
                "the device time of a sample is {} ns, the whole sample took {elapsed_ns} ns",
                batch.device_ns
            );
            return Err(Failure::lie("device-time", message));
        }
        let code = self.workload.flush();
        self.check(code)?;
        match self.sink.violation() {
            Some((rule, message)) => Err(Failure::lie(rule, message)),
            None => Ok(()),
        }
    }
}

#[derive(Clone)]
struct PageRecorder {
    page: &'static Page,
    sink: Arc<PageSink>,
    start: Counters,
    on: bool,
    yardstick: Yardstick,
}

impl Recorder for PageRecorder {
    fn edge(&mut self) -> Edge {
        guard::edge()
    }

    fn recording(&mut self, on: bool) {
        self.page
            .set_phase(if on { Phase::Measure } else { Phase::WarmUp });
        self.sink.record(on);
        self.on = on;
        if on {
            guard::reset_peak_memory();
            self.start = Counters::now();
        }
    }

    fn keep(&mut self, iterations: u64, elapsed_ns: u64, used: Edge) -> bool {
        if !self.on {
            return true;
        }
        !self.sink.is_full()
            && self.page.push_sample(SampleRecord {
                iterations,
                elapsed_ns,
                cpu_ns: used.cpu_ns,
                faults: used.faults,
                preemptions: used.preemptions,
                yardstick: 0,
            })
    }

    fn yardstick(&mut self) -> u64 {
        self.yardstick.read()
    }

    fn settle(&mut self, samples: usize, newer: usize, yardstick: u64) {
        self.page.settle(samples, newer, yardstick);
    }

    fn should_stop(&self) -> bool {
        self.page.stop().load(std::sync::atomic::Ordering::Relaxed) != 0
    }

    fn beat(&mut self) {
        self.page
            .progress()
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}
