//! The value of every setting when nobody says anything, each with its unit and its reason.

use crate::settings::{
    EnergySpec, IterationsPerSample, Limits, MemoryBy, Mode, Pin, Probing, Sampling, SeedPolicy,
    Settings, WarmUp,
};

/// Nanoseconds in a second.
const SECOND: u64 = 1_000_000_000;

/// Seed of a suite that names none. Fixed, so that two runs of one suite do the same work.
pub const SEED: u64 = 42;
/// Processes per case. One is enough to look; intervals between processes need at least five.
pub const REPETITIONS: u32 = 1;
/// Iterations discarded in any case: the first touches cold pages, the next fill caches and pools.
pub const WARM_UP_FLOOR: u64 = 3;
/// Longest detected warm-up in ns; as long as two fifths of the samples, more would be waste.
pub const WARM_UP_CAP_NS: u64 = 2 * SECOND;
/// Samples before the precision is believed. Below 30 an interval of the median at 99 % spans most of the range.
pub const MIN_SAMPLES: u32 = 30;
/// Most samples; a 99.9 % quantile needs 6 636 (confidence .99, one slow sample allowed).
pub const MAX_SAMPLES: u32 = 10_000;
/// Relative half-width asked of the interval of the median: ±1 % is below what most changes of interest cost.
pub const PRECISION: f64 = 0.01;
/// Level of that interval: one in a hundred wrong, since a suite has dozens of cases.
pub const CONFIDENCE: f64 = 0.99;
/// Time budget of the samples of one repetition, in ns.
pub const MAX_TIME_NS: u64 = 5 * SECOND;
/// Threads of a case: the number that says most about the code and least about the machine.
pub const THREADS: u32 = 1;
/// Device of a case.
pub const DEVICE: &str = "cpu";
/// Time between two looks of the probes that poll, in ns: the counters of graphics processors change no faster.
pub const POLL_NS: u64 = SECOND / 10;
/// How close a search comes, relative to the value it finds: it saves half the tries of one per cent.
pub const SEARCH_RESOLUTION: f64 = 0.02;
/// Deadline of opening a library, in ns; it takes milliseconds unless the disk is slow.
pub const LOAD_NS: u64 = 30 * SECOND;
/// Deadline of `create` in ns: room for compiling kernels or starting a device.
pub const CREATE_NS: u64 = 60 * SECOND;
/// Deadline of `setup` in ns: room for reading a model or a data set.
pub const SETUP_NS: u64 = 120 * SECOND;
/// Deadline of the first iteration in ns: room for everything that is done lazily.
pub const ITERATION_NS: u64 = 60 * SECOND;
/// Longest time without a finished iteration, in ns.
pub const STALL_NS: u64 = 60 * SECOND;
/// Deadline of the last `verify` in ns; it may compute a slow reference.
pub const VERIFY_NS: u64 = 60 * SECOND;
/// Deadline of `teardown` in ns.
pub const TEARDOWN_NS: u64 = 10 * SECOND;
/// Deadline of a whole repetition in ns: the backstop when every part stays within its own.
pub const TOTAL_NS: u64 = 600 * SECOND;

impl Default for Settings {
    fn default() -> Self {
        Self {
            repetitions: REPETITIONS,
            warm_up: WarmUp::default(),
            sampling: Sampling::default(),
            limits: Limits::default(),
            pin: Pin::Auto,
            seed_policy: SeedPolicy::Same,
            probing: Probing::default(),
        }
    }
}

impl Default for Probing {
    fn default() -> Self {
        Self {
            probes: Vec::new(),
            poll_ns: POLL_NS,
            energy: EnergySpec::default(),
        }
    }
}

impl Default for WarmUp {
    fn default() -> Self {
        Self::Auto {
            floor_iterations: WARM_UP_FLOOR,
            cap_ns: WARM_UP_CAP_NS,
        }
    }
}

impl Default for Sampling {
    fn default() -> Self {
        Self {
            min_samples: MIN_SAMPLES,
            max_samples: MAX_SAMPLES,
            precision: PRECISION,
            confidence: CONFIDENCE,
            max_time_ns: MAX_TIME_NS,
            iterations_per_sample: IterationsPerSample::Auto,
            mode: Mode::Batch,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: None,
            memory_by: MemoryBy::Auto,
            load_ns: LOAD_NS,
            create_ns: CREATE_NS,
            setup_ns: SETUP_NS,
            iteration_ns: ITERATION_NS,
            stall_ns: STALL_NS,
            verify_ns: VERIFY_NS,
            teardown_ns: TEARDOWN_NS,
            total_ns: TOTAL_NS,
        }
    }
}
