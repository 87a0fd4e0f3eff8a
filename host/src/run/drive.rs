//! Leads one worker through its steps, and turns how that ended into an outcome.

use std::time::Instant;

use benchhost_plan::{Limits, Settings};
use benchhost_plugin_api::abi::status;
use benchhost_record::{Outcome, Phase};

use super::{Setting, repetition::Taken, rules, spec::measure_limit};
use crate::{
    load::Plugin,
    measure::MeasureSpec,
    worker::{
        CreateSpec, Deadline, Ended, FromWorker, Measured, PROTOCOL, ToWorker, Worker, classify,
        end_strays,
    },
};

/// A worker on its way through the steps.
pub(super) struct Drive<'a> {
    pub(super) setting: &'a Setting<'a>,
    pub(super) limits: &'a Limits,
    pub(super) plugin: &'a Plugin,
    pub(super) worker: Worker,
    pub(super) taken: Taken,
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
    /// Leads the worker through all steps; the outcome is in `taken` afterwards.
    pub(super) fn run(&mut self, create: CreateSpec, measure: MeasureSpec, settings: &Settings) {
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
        if let Some(limit_bytes) = self.worker.watched_limit()
            && measured.usage.peak_bytes > limit_bytes
        {
            // Too quick for the host to have seen it.
            return Err(Left::Failed(Outcome::OomLimit {
                phase: Phase::Measure,
                limit_bytes,
                peak_bytes: measured.usage.peak_bytes,
            }));
        }
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

    /// Takes what the worker left: samples, output, log.
    pub(super) fn into_taken(mut self, threads: u32) -> Taken {
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
        self.taken.strays = end_strays(&self.setting.own_children);
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

fn nanos_since(start: Instant) -> u64 {
    start.elapsed().as_nanos() as u64
}
