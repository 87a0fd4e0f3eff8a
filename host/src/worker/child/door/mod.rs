//! The doors by which an instance is driven: one trait, three ways in.
//!
//! Each turns what its plugin says into answers and failures; what is claimed is checked by whoever drives it.

mod c;
mod params;
mod process;
mod rust;

use std::sync::Arc;

use benchhost_record::Work;

use super::{Failure, PageSink};
use crate::{
    load::{self, Opened},
    measure::Batch,
    worker::{message::CreateSpec, page::Page},
};

/// An instance behind its door. Driven by one thread at a time.
pub(super) trait Door: Send {
    /// Loads, builds, allocates; the work of one iteration.
    fn setup(&mut self) -> Result<Work, Failure>;
    /// Makes the next input; untimed.
    fn prepare(&mut self) -> Result<(), Failure>;
    /// Runs `n` iterations: the timed part.
    fn run(&mut self, n: u64) -> Result<Batch, Failure>;
    /// Passes on phase times and metrics of the last batch.
    fn flush(&mut self) -> Result<(), Failure>;
    /// Proves the answer of the last iteration.
    fn verify(&mut self) -> Result<(), Failure>;
    /// Releases everything.
    fn teardown(&mut self) -> Result<(), Failure>;
}

/// Makes an instance by the door of `plugin`.
pub(super) fn create(
    plugin: &mut Opened,
    spec: &CreateSpec,
    page: &'static Page,
    sink: &Arc<PageSink>,
) -> Result<Box<dyn Door>, Failure> {
    let sink = Arc::clone(sink);
    match &mut plugin.door {
        load::Door::Rust(module) => rust::create(*module, spec, page, sink),
        load::Door::C(descriptor) => {
            let params = params::merged(&plugin.meta_text, spec)?;
            c::create(descriptor, params, spec, page, sink)
        }
        load::Door::Process(line) => {
            let params = params::merged(&plugin.meta_text, spec)?;
            process::create(line, params, spec, page, sink)
        }
    }
}
