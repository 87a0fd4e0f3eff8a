//! Leads one worker through its steps, and turns how that ended into an outcome.

use std::time::Instant;

use benchhost_plan::{Limits, Probing, Settings};
use benchhost_plugin_api::abi::status;
use benchhost_record::{Outcome, Phase, StopReason};
use benchhost_stats::{Steadiness, steadiness};

use super::{
    Setting,
    repetition::Taken,
    rules, sharing,
    spec::{finished_early, measure_limit},
};
use crate::{
    load::Plugin,
    measure::MeasureSpec,
    probe::{Target, machine::MachineCounters},
    worker::{
        CreateSpec, Deadline, Ended, FromWorker, Measured, PROTOCOL, PROTOCOL_RULE, ToWorker,
        Worker, classify, end_strays,
    },
};

/// A worker on its way through the steps.
pub(crate) struct Drive<'a> {
    pub(super) setting: &'a Setting<'a>,
    pub(super) limits: &'a Limits,
    pub(super) probing: &'a Probing,
    pub(super) device: String,
    pub(super) plugin: &'a Plugin,
    /// CPUs the worker is held to.
    pub(super) cpus: Vec<u32>,
    pub(super) worker: Worker,
    /// Time of its requests so far.
    pub(super) spent_ns: u64,
    pub(super) taken: Taken,
}

/// A timed batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Batched {
    pub(crate) iterations: u64,
    pub(crate) elapsed_ns: u64,
    /// On the monotonic clock, when a moment was asked for.
    pub(crate) started_ns: u64,
    /// The workload has nothing more to do.
    pub(crate) finished: bool,
    /// It ended early because it was asked to.
    pub(crate) stopped: bool,
}

/// Why the steps were left early.
#[derive(Debug)]
pub(crate) enum Left {
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
    /// Leads the worker through all steps; the outcome is in `taken` afterwards.
    pub(super) fn run(&mut self, create: CreateSpec, measure: MeasureSpec, settings: &Settings) {
        let limit_ns = measure_limit(settings, self.limits);
        let steps = self
            .open(create)
            .and_then(|()| self.measure(measure, limit_ns))
            .and_then(|()| self.close());
        self.settle(steps);
    }

    /// From the first word to the first, verified iteration.
    pub(crate) fn open(&mut self, create: CreateSpec) -> Result<(), Left> {
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
        Ok(())
    }

    /// From the last verification to the last word.
    pub(crate) fn close(&mut self) -> Result<(), Left> {
        let limits = *self.limits;
        self.done(&ToWorker::Verify, limits.verify_ns, None)?;
        self.done(&ToWorker::Teardown, limits.teardown_ns, None)?;
        self.worker.finish(
            self.deadline(limits.teardown_ns, None),
            self.setting.interrupted,
        )?;
        Ok(())
    }

    /// Turns how the steps ended into the outcome in `taken`.
    pub(crate) fn settle(&mut self, steps: Result<(), Left>) {
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

    /// Asks for one timed batch, at once or at a moment of the monotonic clock.
    pub(crate) fn batch(
        &mut self,
        iterations: u64,
        start_at_ns: Option<u64>,
    ) -> Result<Batched, Left> {
        let request = ToWorker::Batch {
            iterations,
            start_at_ns,
        };
        let limit_ns = self.limits.total_ns;
        match self.call(&request, limit_ns, Some(self.limits.stall_ns))? {
            FromWorker::Batched {
                iterations,
                elapsed_ns,
                started_ns,
                finished,
                stopped,
            } => Ok(Batched {
                iterations,
                elapsed_ns,
                started_ns,
                finished,
                stopped,
            }),
            other => Err(refusal(request.phase(), other)),
        }
    }

    /// As [`batch`](Self::batch), with the probes looking. What they read is not asked, only what looking costs.
    pub(crate) fn watched_batch(&mut self, iterations: u64) -> Result<Batched, Left> {
        if self.probing.probes.is_empty() {
            return self.batch(iterations, None);
        }
        self.look();
        let batch = self.batch(iterations, None);
        self.setting.probes().end(self.probing, &self.device);
        batch
    }

    /// The batches from here on are warm-up, or samples.
    pub(crate) fn record(&mut self, on: bool) -> Result<(), Left> {
        self.done(&ToWorker::Record { on }, self.limits.verify_ns, None)
            .map(drop)
    }

    /// Fetches what was used since the samples began.
    pub(crate) fn usage(&mut self) -> Result<(), Left> {
        match self.call(&ToWorker::Usage, self.limits.verify_ns, None)? {
            FromWorker::Used(usage) => {
                self.taken.repetition.usage = Some(*usage);
                self.check_memory(usage.peak_bytes)
            }
            other => Err(refusal(ToWorker::Usage.phase(), other)),
        }
    }

    /// Takes the samples, and looks at the machine before and after.
    fn measure(&mut self, measure: MeasureSpec, limit_ns: u64) -> Result<(), Left> {
        let (before, own_before) = (MachineCounters::now(&self.cpus), self.worker.cpu_use());
        let (is_fixed, finished_early) = (measure.is_fixed(), finished_early(&measure));
        let request = ToWorker::Measure(measure);
        self.look();
        self.worker.follow_memory();
        let measured = self.done(&request, limit_ns, Some(self.limits.stall_ns));
        let usage = self.taken.repetition.usage;
        let after_bytes = usage
            .map(|usage| usage.after_bytes)
            .filter(|_| measured.is_ok());
        let memory = self.worker.memory_trace(after_bytes);
        let mut probes = self.setting.probes();
        self.taken.repetition.readings = probes.end(self.probing, &self.device);
        let traces = probes.traces(self.probing, &self.device);
        drop(probes);
        self.taken.repetition.traces = memory.into_iter().chain(traces).collect();
        let own = self.worker.cpu_use().zip(own_before);
        let own = own.map(|(after, before)| after.since(&before));
        let machine = MachineCounters::now(&self.cpus).since(&before, own);
        self.taken.repetition.machine = Some(machine);
        let repetition = &mut self.taken.repetition;
        let is_full = matches!(
            repetition.stopped_by,
            Some(StopReason::SampleLimit | StopReason::Finished)
        );
        repetition.has_fixed_length = is_fixed && is_full;
        measured?;
        if self.worker.page().sample_count() == 0 {
            return Err(Left::Failed(Outcome::PluginError {
                phase: Phase::WarmUp,
                message: finished_early.to_owned(),
                detail: String::new(),
            }));
        }
        Ok(())
    }

    /// The probes look for the first time.
    fn look(&self) {
        let target = Target {
            pids: vec![self.worker.id()],
            cpus: self.cpus.clone(),
        };
        let mut probes = self.setting.probes();
        probes.begin(self.probing, &self.device, &target);
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
            other => Err(refusal(phase, other)),
        }
    }

    fn measured(&mut self, measured: &Measured) -> Result<u64, Left> {
        let repetition = &mut self.taken.repetition;
        repetition.warm_up = Some(measured.warm_up);
        repetition.iterations_per_sample = measured.iterations_per_sample;
        repetition.stopped_by = Some(measured.stopped_by);
        repetition.usage = Some(measured.usage);
        repetition.times.measure_ns = measured.measure_ns;
        self.check_memory(measured.usage.peak_bytes)?;
        if self.worker.page().sample_count() == 0 && measured.stopped_by == StopReason::TimeBudget {
            return Err(Left::Failed(Outcome::Skipped {
                reason: "nothing was asked for within max-time: raise max-time or the offered load"
                    .to_owned(),
            }));
        }
        Ok(measured.measure_ns)
    }

    /// The limit holds for what was too quick for the host to see, too.
    fn check_memory(&self, peak_bytes: u64) -> Result<(), Left> {
        match self.worker.watched_limit() {
            Some(limit_bytes) if peak_bytes > limit_bytes => Err(Left::Failed(Outcome::OomLimit {
                phase: Phase::Measure,
                limit_bytes,
                peak_bytes,
            })),
            _ => Ok(()),
        }
    }

    fn call(
        &mut self,
        request: &ToWorker,
        limit_ns: u64,
        stall_ns: Option<u64>,
    ) -> Result<FromWorker, Box<Ended>> {
        let deadline = self.deadline(limit_ns, stall_ns);
        let started = Instant::now();
        let answer = self
            .worker
            .call(request, deadline, self.setting.interrupted);
        self.spent_ns += nanos_since(started);
        answer
    }

    /// The limit of a step, or what is left of the limit of all steps if that is less.
    fn deadline(&self, limit_ns: u64, stall_ns: Option<u64>) -> Deadline {
        // Its own time only: in a comparison the other side has its turns, too.
        let left = self.limits.total_ns.saturating_sub(self.spent_ns);
        Deadline {
            limit_ns: limit_ns.min(left),
            stall_ns,
        }
    }

    /// Takes what the worker left: samples, output, log.
    pub(crate) fn into_taken(mut self, threads: u32, calm_level: f64) -> Taken {
        let taken = &mut self.taken;
        taken.samples = self.worker.page().samples();
        taken.values = self.worker.page().values();
        sharing::mark(std::slice::from_mut(taken), calm_level);
        taken.metric_names = self.worker.metric_names().to_vec();
        let stood_still = steadiness(&taken.times_ns()) == Ok(Steadiness::Steady);
        let repetition = &mut taken.repetition;
        if let Some(warm_up) = &mut repetition.warm_up {
            // The rule that ended the warm-up could not foresee what came after it.
            warm_up.steady &= stood_still;
        }
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
        self.taken.strays = end_strays(&self.setting.own_children);
        self.taken
    }
}

/// What an answer means that is none of those a request hopes for.
fn refusal(phase: Phase, answer: FromWorker) -> Left {
    Left::Failed(match answer {
        FromWorker::Failed {
            phase,
            code,
            rule,
            message,
            detail,
        } => said(phase, code, rule, message, detail),
        FromWorker::Refused { message } => Outcome::PluginError {
            phase,
            message,
            detail: String::new(),
        },
        other => Outcome::Protocol {
            phase,
            message: format!("answered with {other:?}"),
        },
    })
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
        _ if rule == PROTOCOL_RULE => Outcome::Protocol { phase, message },
        _ => Outcome::PluginError {
            phase,
            message,
            detail,
        },
    }
}

fn nanos_since(start: Instant) -> u64 {
    start.elapsed().as_nanos() as u64
}
