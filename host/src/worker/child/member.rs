//! One instance of a workload, whatever its door: claims are checked.

use std::sync::Arc;

use benchhost_record::Work;

use super::{
    Failure, PageSink,
    door::{self, Door},
};
use crate::{
    load::Opened,
    measure::Batch,
    worker::{message::CreateSpec, page::Page},
};

/// A live instance.
pub(super) struct Member {
    door: Box<dyn Door>,
    sink: Arc<PageSink>,
}

impl Member {
    pub(super) fn create(
        plugin: &mut Opened,
        spec: &CreateSpec,
        page: &'static Page,
        sink: Arc<PageSink>,
    ) -> Result<Self, Failure> {
        Ok(Self {
            door: door::create(plugin, spec, page, &sink)?,
            sink,
        })
    }

    /// Sets it up and asks for the work of one iteration.
    pub(super) fn setup(&mut self) -> Result<Work, Failure> {
        let work = self.door.setup()?;
        let numbers = [work.items, work.flop, work.bytes];
        if numbers
            .iter()
            .any(|number| !number.is_finite() || *number < 0.0)
        {
            return Err(Failure::lie("work", format!("declared work is {work:?}")));
        }
        Ok(work)
    }

    pub(super) fn prepare(&mut self) -> Result<(), Failure> {
        self.door.prepare()
    }

    pub(super) fn run(&mut self, n: u64) -> Result<Batch, Failure> {
        self.door.run(n)
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
        if let Some(times) = batch
            .self_timed
            .filter(|times| times.own_ns > times.wall_ns)
        {
            let message = format!(
                "the plugin says that a sample took {} ns, by the host's clock the whole request took {} ns",
                times.own_ns, times.wall_ns
            );
            return Err(Failure::lie("self-timed", message));
        }
        self.door.flush()?;
        match self.sink.violation() {
            Some((rule, message)) => Err(Failure::lie(rule, message)),
            None => Ok(()),
        }
    }

    pub(super) fn verify(&mut self) -> Result<(), Failure> {
        self.door.verify()
    }

    pub(super) fn teardown(&mut self) -> Result<(), Failure> {
        self.door.teardown()
    }
}
