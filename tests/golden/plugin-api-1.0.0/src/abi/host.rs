//! The host's side of the boundary: making the service table that an instance is handed.

use std::sync::atomic::{AtomicU32, AtomicU64};

use abi_stable::{prefix_type::PrefixTypeTrait, std_types::RStr};

use super::types::{HostServices, HostServices_Ref};
use crate::ABI_REVISION;

/// Receives what an instance reports. One for each instance.
pub trait HostSink: Send + Sync + 'static {
    /// A log line; `level` is one of [`log_level`](super::log_level).
    fn log(&self, level: u32, target: &str, message: &str);
    /// A value of a metric for the sample just taken. Not checked: may be undeclared or not finite.
    fn metric(&self, name: &str, unit: &str, value: f64);
}

/// What an instance is told about where it runs.
#[derive(Debug, Clone)]
pub struct HostFacts {
    /// Heartbeat word.
    pub progress: &'static AtomicU64,
    /// Stop word.
    pub stop: &'static AtomicU32,
    /// Threads the workload may use.
    pub threads: u32,
    /// CPUs the process is pinned to; empty when it is not.
    pub cpus: Vec<u32>,
    /// Device by name.
    pub device: String,
    /// Seed for everything random.
    pub seed: u64,
    /// Index of the repetition.
    pub repetition: u32,
    /// Folder of this instance alone.
    pub scratch_dir: String,
}

/// Makes the table for one instance. It is leaked, because a plugin may hold on to it for ever; a worker makes
/// one or a few in its life.
#[must_use]
pub fn services(facts: HostFacts, sink: Box<dyn HostSink>) -> HostServices_Ref {
    let sink: *const Box<dyn HostSink> = Box::leak(Box::new(sink));
    let cpu_list = facts
        .cpus
        .iter()
        .map(u32::to_string)
        .collect::<Vec<_>>()
        .join(",");
    HostServices {
        api_rev: ABI_REVISION,
        handle: sink.expose_provenance() as u64,
        log,
        metric,
        progress: facts.progress,
        stop: facts.stop,
        threads: facts.threads,
        cpu_list: leak(cpu_list),
        device: leak(facts.device),
        seed: facts.seed,
        repetition: facts.repetition,
        scratch_dir: leak(facts.scratch_dir),
        ext,
    }
    .leak_into_prefix()
}

fn leak(text: String) -> RStr<'static> {
    RStr::from_str(text.leak())
}

fn sink(handle: u64) -> &'static dyn HostSink {
    let pointer = std::ptr::with_exposed_provenance::<Box<dyn HostSink>>(handle as usize);
    // SAFETY: `services` made the handle from a leaked box and is the only maker of the tables whose functions
    // receive it; a plugin that passes another handle breaks the contract of `HostServices::handle`.
    unsafe { &**pointer }
}

extern "C" fn log(handle: u64, level: u32, target: RStr<'_>, message: RStr<'_>) {
    sink(handle).log(level, target.as_str(), message.as_str());
}

extern "C" fn metric(handle: u64, name: RStr<'_>, unit: RStr<'_>, value: f64) {
    sink(handle).metric(name.as_str(), unit.as_str(), value);
}

extern "C" fn ext(_handle: u64, _id: RStr<'_>) -> *const () {
    std::ptr::null()
}

/// Makes an instance of `W` through the same shim that a loaded plugin uses, for `benchhost-testkit`.
///
/// # Errors
/// What [`Workload::create`](crate::Workload::create) reports.
pub fn instantiate<W: crate::Workload>(
    services: HostServices_Ref,
    config: &str,
) -> Result<super::WorkloadBox, super::PluginError> {
    super::shim::create::<W>(services, config).into_result()
}

/// What the metadata of a plugin would say about `W` under `name`.
#[must_use]
pub fn describe<W: crate::Workload>(name: &str) -> crate::meta::WorkloadMeta {
    crate::export::workload_meta::<W>(name)
}

impl<S: HostSink> HostSink for std::sync::Arc<S> {
    fn log(&self, level: u32, target: &str, message: &str) {
        (**self).log(level, target, message);
    }

    fn metric(&self, name: &str, unit: &str, value: f64) {
        (**self).metric(name, unit, value);
    }
}
