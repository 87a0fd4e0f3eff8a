//! The door for Rust: a trait object across the stable ABI.

use std::sync::Arc;

use benchhost_plugin_api::abi::{
    BatchOut, PluginMod_Ref, WorkloadBox, flags,
    host::{HostFacts, services},
    status,
};
use benchhost_record::Work;
use serde::Deserialize;

use super::Door;
use crate::{
    measure::Batch,
    worker::{
        child::{Failure, PageSink},
        message::CreateSpec,
        page::Page,
    },
};

struct Instance(WorkloadBox);

/// Makes an instance.
pub(super) fn create(
    module: PluginMod_Ref,
    spec: &CreateSpec,
    page: &'static Page,
    sink: Arc<PageSink>,
) -> Result<Box<dyn Door>, Failure> {
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
    let host = services(facts, Box::new(sink));
    let workload = module.create()(
        host,
        spec.workload.as_str().into(),
        spec.config.as_str().into(),
    );
    match workload.into_result() {
        Ok(workload) => Ok(Box::new(Instance(workload))),
        Err(error) => Err(Failure::of(error)),
    }
}

impl Instance {
    fn check(&mut self, code: u32) -> Result<(), Failure> {
        if code == status::OK {
            Ok(())
        } else {
            Err(Failure::of(self.0.take_error()))
        }
    }
}

impl Door for Instance {
    fn setup(&mut self) -> Result<Work, Failure> {
        #[derive(Default, Deserialize)]
        struct Facts {
            #[serde(default)]
            work: Work,
        }
        let code = self.0.setup();
        self.check(code)?;
        let text = self.0.facts();
        let facts: Facts = toml::from_str(&text).map_err(|error| {
            Failure::lie(
                "facts",
                format!("facts are not readable: {}", error.message()),
            )
        })?;
        Ok(facts.work)
    }

    fn prepare(&mut self) -> Result<(), Failure> {
        let code = self.0.prepare();
        self.check(code)
    }

    fn run(&mut self, n: u64) -> Result<Batch, Failure> {
        let mut out = BatchOut::new();
        let code = self.0.run_batch(n, &mut out);
        self.check(code)?;
        Ok(batch(&out))
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let code = self.0.flush();
        self.check(code)
    }

    fn verify(&mut self) -> Result<(), Failure> {
        let code = self.0.verify();
        self.check(code)
    }

    fn teardown(&mut self) -> Result<(), Failure> {
        let code = self.0.teardown();
        self.check(code)
    }
}

/// What the sheet of a library says, in Rust or in C.
pub(super) fn batch(out: &BatchOut) -> Batch {
    Batch {
        iterations: out.iters_done,
        finished: out.flags & flags::FINISHED != 0,
        stopped: out.flags & flags::STOPPED != 0,
        device_ns: out.device_ns,
        at_once: None,
        self_timed: None,
    }
}
