//! The frozen types.

#![allow(
    missing_docs,
    non_camel_case_types,
    non_local_definitions,
    unreachable_pub,
    clippy::used_underscore_items,
    reason = "abi_stable's macros emit undocumented items with underscores and local impls"
)]

use std::sync::atomic::{AtomicU32, AtomicU64};

use abi_stable::{
    StableAbi, declare_root_module_statics,
    library::RootModule,
    package_version_strings, sabi_trait,
    sabi_types::VersionStrings,
    std_types::{RBox, RResult, RStr, RString},
};

/// The root module: all that a plugin exports.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = PluginMod_Ref)))]
pub struct PluginMod {
    /// [`ABI_REVISION`](crate::ABI_REVISION) of the plugin.
    pub abi_rev: u32,
    /// `[any]` [`PluginMeta`](crate::meta::PluginMeta) as TOML.
    pub meta: extern "C" fn() -> RString,
    /// `[control]` Makes an instance of `workload` with `config`, a TOML table of its parameters.
    pub create: extern "C" fn(
        host: HostServices_Ref,
        workload: RStr<'_>,
        config: RStr<'_>,
    ) -> RResult<WorkloadBox, PluginError>,
    /// `[any]` Extension by id, like `benchhost.cuda-timing/1`; null when unknown.
    #[sabi(last_prefix_field)]
    pub ext: extern "C" fn(id: RStr<'_>) -> *const (),
}

impl RootModule for PluginMod_Ref {
    declare_root_module_statics! {PluginMod_Ref}
    const BASE_NAME: &'static str = "benchhost_plugin";
    const NAME: &'static str = "benchhost plugin";
    const VERSION_STRINGS: VersionStrings = package_version_strings!();
}

/// An instance of a workload, freed by the plugin that made it.
pub type WorkloadBox = WorkloadAbi_TO<'static, RBox<()>>;

/// An instance of a workload. Every method returns a [`status`](crate::abi::status) word unless said; after a word
/// other than `OK`, `take_error` tells the story once. `Send`, not `Sync`.
#[sabi_trait]
pub trait WorkloadAbi: Send {
    /// `[control]` Loads, builds, allocates.
    fn setup(&mut self) -> u32;
    /// `[control]` TOML about the live instance: `work = { items, item, flop, bytes }` of one iteration.
    fn facts(&mut self) -> RString;
    /// `[measure]` Makes the input of the next iteration; untimed.
    fn prepare(&mut self) -> u32;
    /// `[measure]` Runs `n` iterations; the timed part. Allocates nothing, logs nothing, locks nothing.
    fn run_batch(&mut self, n: u64, out: &mut BatchOut) -> u32;
    /// `[measure]` Reports phase times and metrics of the last batch through `HostServices::metric`; untimed.
    fn flush(&mut self) -> u32;
    /// `[control]` Proves the answer of the last iteration.
    fn verify(&mut self) -> u32;
    /// `[control]` The last error, then none.
    fn take_error(&mut self) -> PluginError;
    /// `[control]` Releases everything and drops the workload; later calls answer `POISONED`.
    #[sabi(last_prefix_field)]
    fn teardown(&mut self) -> u32;
}

/// What one batch did. Written by the plugin; by value, so it never grows: later facts use `reserved`.
#[repr(C)]
#[derive(StableAbi, Debug, Clone, Copy)]
pub struct BatchOut {
    /// Size of this struct in bytes, set by the host.
    pub size: u32,
    /// Bits like `FINISHED`, set by the plugin.
    pub flags: u32,
    /// Iterations done; fewer than asked only together with `FINISHED` or `STOPPED`.
    pub iters_done: u64,
    /// Items handled, when the workload counts them itself; else 0.
    pub work_items: u64,
    /// Digest of the last iteration.
    pub digest: u64,
    /// Time the device reports for the batch in ns; 0 when it reports none. Never the main time.
    pub device_ns: u64,
    /// Room for the duration of each iteration in ns, or null.
    pub each_ptr: *mut u64,
    /// How many durations fit.
    pub each_cap: u64,
    /// Zero.
    pub reserved: [u64; 8],
}

impl BatchOut {
    /// An empty answer sheet without room for single durations.
    #[must_use]
    pub fn new() -> Self {
        Self {
            size: size_of::<Self>() as u32,
            flags: 0,
            iters_done: 0,
            work_items: 0,
            digest: 0,
            device_ns: 0,
            each_ptr: std::ptr::null_mut(),
            each_cap: 0,
            reserved: [0; 8],
        }
    }

    /// An empty answer sheet that collects the duration of each iteration in `each`, which must stay borrowed
    /// until the batch has returned.
    #[must_use]
    pub fn with_each(each: &mut [u64]) -> Self {
        Self {
            each_ptr: each.as_mut_ptr(),
            each_cap: each.len() as u64,
            ..Self::new()
        }
    }
}

impl Default for BatchOut {
    fn default() -> Self {
        Self::new()
    }
}

/// Bits of [`BatchOut::flags`].
pub mod flags {
    /// The workload has nothing more to do (a fixed number of epochs, say); the host takes no further sample.
    pub const FINISHED: u32 = 1;
    /// The batch ended early because the host set the stop word.
    pub const STOPPED: u32 = 2;
}

/// What the host gives to an instance. Plugins import nothing from the host; they are handed this table.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = HostServices_Ref)))]
pub struct HostServices {
    /// [`ABI_REVISION`](crate::ABI_REVISION) of the host.
    pub api_rev: u32,
    /// First argument of every function below.
    pub handle: u64,
    /// `[any]` A line for the log. Levels are those of [`log_level`].
    pub log: extern "C" fn(handle: u64, level: u32, target: RStr<'_>, message: RStr<'_>),
    /// `[measure]` One value of one metric for the sample just taken.
    pub metric: extern "C" fn(handle: u64, name: RStr<'_>, unit: RStr<'_>, value: f64),
    /// `[any]` Heartbeat: a workload whose iterations are long adds 1 now and then.
    pub progress: &'static AtomicU64,
    /// `[any]` Not 0 when the host wants the batch to end early.
    pub stop: &'static AtomicU32,
    /// Threads the workload may use.
    pub threads: u32,
    /// CPUs the process is pinned to, like `0,1`; empty when it is not pinned.
    pub cpu_list: RStr<'static>,
    /// `cpu`, `cuda`, `cuda:1`, …
    pub device: RStr<'static>,
    /// Seed for everything random.
    pub seed: u64,
    /// Index of this repetition, from 0.
    pub repetition: u32,
    /// A folder of this instance alone, removed afterwards.
    pub scratch_dir: RStr<'static>,
    /// `[any]` Extension by id; null when unknown.
    #[sabi(last_prefix_field)]
    pub ext: extern "C" fn(handle: u64, id: RStr<'_>) -> *const (),
}

/// Levels of [`HostServices::log`].
pub mod log_level {
    /// The case is at risk.
    pub const ERROR: u32 = 1;
    /// The number may be less good than it looks.
    pub const WARN: u32 = 2;
    /// Worth knowing.
    pub const INFO: u32 = 3;
    /// For whoever looks for a fault.
    pub const DEBUG: u32 = 4;
}

/// An error as plain data.
#[repr(C)]
#[derive(StableAbi, Debug, Clone)]
pub struct PluginError {
    /// A [`status`](crate::abi::status) word.
    pub code: u32,
    /// One sentence.
    pub message: RString,
    /// Causes, or location and backtrace of a panic; may be empty.
    pub detail: RString,
}
