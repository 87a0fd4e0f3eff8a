//! The door for C, C++, Zig, Fortran, CUDA C: a descriptor with function pointers, found under one symbol.
//!
//! `include/benchhost_plugin.h` is generated from this file, `status` and `types`; a test compares it with the committed
//! one. The rules of the module hold here too, and one more: whoever reads a struct of the other side reads no more of it
//! than its `size` says. What lies beyond is absent, as a null pointer is. So either side may be the newer one.

use std::ffi::{c_char, c_void};

use super::BatchOut;

/// Name of the symbol: a [`Descriptor`], not a pointer to one.
pub const SYMBOL: &str = "benchhost_plugin_v1";

/// First eight bytes of the descriptor: `BNCHPLUG` in a little-endian word.
pub const MAGIC: u64 = 0x4755_4c50_4843_4e42;

/// Revision of this interface.
pub const C_ABI_REVISION: u32 = 1;

/// What a plugin defines, once, as the constant `benchhost_plugin_v1`. Functions that return a `uint32_t` return `BH_OK`
/// or another status word; `take_error` is then asked for the sentence. No exception may leave any of them. The host
/// drives an instance from one thread at a time; several instances may live at once.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Descriptor {
    /// `BH_MAGIC`.
    pub magic: u64,
    /// `sizeof(bh_plugin)`.
    pub size: u32,
    /// `BH_ABI_REVISION`.
    pub abi_rev: u32,
    /// What the plugin offers, as TOML; begin it with `BH_META`. Must be quick and needs no instance.
    pub meta: Option<unsafe extern "C" fn() -> *const c_char>,
    /// Makes an instance of `workload`. Read parameters with the functions of `host`, which lives as long as the instance.
    /// Cheap; heavy work belongs in `setup`.
    pub create: Option<
        unsafe extern "C" fn(
            host: *const Host,
            workload: *const c_char,
            instance: *mut *mut c_void,
        ) -> u32,
    >,
    /// The timed part: runs `iterations` iterations and fills in `batch`. Waits for its device at the end. Allocates, logs
    /// and locks nothing.
    pub run_batch: Option<
        unsafe extern "C" fn(instance: *mut c_void, iterations: u64, batch: *mut BatchOut) -> u32,
    >,
    /// The sentence about the last failure, or null; valid until the next call. `instance` is null when `create` made none.
    pub take_error: Option<unsafe extern "C" fn(instance: *mut c_void) -> *const c_char>,
    /// Releases everything. The last call.
    pub destroy: Option<unsafe extern "C" fn(instance: *mut c_void)>,
    /// Extension by id; null when unknown. May itself be null.
    pub ext: Option<unsafe extern "C" fn(id: *const c_char) -> *const c_void>,
    /// Loads, builds, allocates. Optional, like all that follow.
    pub setup: Option<unsafe extern "C" fn(instance: *mut c_void) -> u32>,
    /// Makes the input of the next batch; untimed.
    pub prepare: Option<unsafe extern "C" fn(instance: *mut c_void) -> u32>,
    /// Proves the answer of the last iteration: `BH_WRONG` voids the measurement. Without it, results are flagged.
    pub verify: Option<unsafe extern "C" fn(instance: *mut c_void) -> u32>,
    /// Says what one iteration does. Asked after `setup`.
    pub work: Option<unsafe extern "C" fn(instance: *mut c_void, work: *mut WorkOut) -> u32>,
    /// Reports the workload's own metrics with the function `metric` of the host, after each sample; untimed.
    pub metrics: Option<unsafe extern "C" fn(instance: *mut c_void) -> u32>,
}

/// Size of the smallest descriptor there is: up to and with `ext`.
pub const SMALLEST_DESCRIPTOR: u32 = std::mem::offset_of!(Descriptor, setup) as u32;

/// Work of one iteration. Zero is "none" or "not known".
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct WorkOut {
    /// `sizeof(bh_work)`, set by the host.
    pub size: u32,
    /// Zero.
    pub reserved: u32,
    /// How many items one iteration handles.
    pub items: f64,
    /// What an item is, in the plural; a text that lives as long as the plugin, or null.
    pub item: *const c_char,
    /// Floating-point operations of one iteration; a multiply-add is 2.
    pub flop: f64,
    /// Bytes of memory traffic one iteration cannot avoid.
    pub bytes: f64,
}

/// What the host gives to an instance. Texts and functions are valid as long as the instance lives.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Host {
    /// `sizeof(bh_host)` as the host knows it.
    pub size: u32,
    /// `BH_ABI_REVISION` of the host.
    pub abi_rev: u32,
    /// The host's own.
    pub handle: u64,
    /// Threads the workload may use.
    pub threads: u32,
    /// Index of this repetition, from 0.
    pub repetition: u32,
    /// Seed for everything random.
    pub seed: u64,
    /// CPUs the process is held to, like `0,1`; empty when it is not.
    pub cpu_list: *const c_char,
    /// `cpu`, `cuda`, `cuda:1`, …
    pub device: *const c_char,
    /// A folder of this instance alone, removed afterwards.
    pub scratch_dir: *const c_char,
    /// A parameter as a whole number. `BH_CONFIG` when there is none of that name and type; the host says so itself.
    pub param_int:
        unsafe extern "C" fn(host: *const Self, name: *const c_char, value: *mut i64) -> u32,
    /// A parameter as a number.
    pub param_float:
        unsafe extern "C" fn(host: *const Self, name: *const c_char, value: *mut f64) -> u32,
    /// A parameter that is true or false.
    pub param_bool:
        unsafe extern "C" fn(host: *const Self, name: *const c_char, value: *mut bool) -> u32,
    /// A parameter as text; one of another type as TOML.
    pub param_text: unsafe extern "C" fn(
        host: *const Self,
        name: *const c_char,
        value: *mut *const c_char,
    ) -> u32,
    /// A line for the log of the case; `level` is one of `BH_LOG_…`.
    pub log: unsafe extern "C" fn(host: *const Self, level: u32, message: *const c_char),
    /// A value of a metric that the description declares; call it in `metrics` alone.
    pub metric: unsafe extern "C" fn(host: *const Self, name: *const c_char, value: f64),
    /// Adds `ns` to phase `name` of the batch: the host shows `time.NAME` per iteration.
    pub span: unsafe extern "C" fn(host: *const Self, name: *const c_char, ns: u64),
    /// Monotonic clock in ns, for spans.
    pub now_ns: unsafe extern "C" fn() -> u64,
    /// Shows life during a long iteration.
    pub progress: unsafe extern "C" fn(host: *const Self),
    /// Not 0 when the host wants the batch to end early: return what is done, with `BH_STOPPED`.
    pub should_stop: unsafe extern "C" fn(host: *const Self) -> u32,
    /// Extension by id; null when unknown.
    pub ext: unsafe extern "C" fn(host: *const Self, id: *const c_char) -> *const c_void,
    /// Not 0 when the parameter has a value: that of the suite, or a default. Ask it for parameters without one.
    pub param_is_set: unsafe extern "C" fn(host: *const Self, name: *const c_char) -> u32,
}
