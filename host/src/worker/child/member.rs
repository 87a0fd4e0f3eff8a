//! One instance of a workload: status words become failures, claims are checked.

use std::sync::Arc;

use benchhost_plugin_api::abi::{
    BatchOut, PluginMod_Ref, WorkloadBox, flags,
    host::{HostFacts, services},
    status,
};
use benchhost_record::Work;
use serde::Deserialize;

use super::{Failure, PageSink};
use crate::{
    measure::Batch,
    worker::{message::CreateSpec, page::Page},
};

/// A live instance.
pub(super) struct Member {
    workload: WorkloadBox,
    sink: Arc<PageSink>,
}

impl Member {
    pub(super) fn create(
        module: PluginMod_Ref,
        spec: &CreateSpec,
        page: &'static Page,
        sink: Arc<PageSink>,
    ) -> Result<Self, Failure> {
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
            Ok(workload) => Ok(Self { workload, sink }),
            Err(error) => Err(Failure::of(error)),
        }
    }

    /// Sets it up and asks for the work of one iteration.
    pub(super) fn setup(&mut self) -> Result<Work, Failure> {
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
        Ok(facts.work)
    }

    pub(super) fn prepare(&mut self) -> Result<(), Failure> {
        let code = self.workload.prepare();
        self.check(code)
    }

    pub(super) fn run(&mut self, n: u64) -> Result<Batch, Failure> {
        let mut out = BatchOut::new();
        let code = self.workload.run_batch(n, &mut out);
        self.check(code)?;
        Ok(Batch {
            iterations: out.iters_done,
            finished: out.flags & flags::FINISHED != 0,
            stopped: out.flags & flags::STOPPED != 0,
            device_ns: out.device_ns,
            at_once: None,
        })
    }

    /// Checks what the batch claims, and lets it report phases and metrics.
    pub(super) fn finish(
        &mut self,
        asked: u64,
        batch: Batch,
        elapsed_ns: u64,
    ) -> Result<(), Failure> {
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

    pub(super) fn verify(&mut self) -> Result<(), Failure> {
        let code = self.workload.verify();
        self.check(code)
    }

    pub(super) fn teardown(&mut self) -> Result<(), Failure> {
        let code = self.workload.teardown();
        self.check(code)
    }

    fn check(&mut self, code: u32) -> Result<(), Failure> {
        if code == status::OK {
            Ok(())
        } else {
            Err(Failure::of(self.workload.take_error()))
        }
    }
}
