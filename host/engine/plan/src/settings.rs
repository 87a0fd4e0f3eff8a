//! How a case is measured: every setting resolved, nothing optional except what may truly be absent.
//!
//! The values used when nobody says anything are in [`crate::defaults`].

/// Everything about measuring that is not a parameter of the workload.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Fresh processes in which each case is measured; at least 1.
    pub repetitions: u32,
    /// Iterations that are done and discarded first.
    pub warm_up: WarmUp,
    /// When a case has been sampled enough.
    pub sampling: Sampling,
    /// What ends a case that misbehaves.
    pub limits: Limits,
    /// CPUs the worker is bound to.
    pub pin: Pin,
    /// Seeds of the repetitions of one case.
    pub seed_policy: SeedPolicy,
    /// What is looked at besides, while samples are taken.
    pub probing: Probing,
}

/// Names of the probes, as a suite writes them.
pub const PROBES: [&str; 7] = ["cpu", "memory", "io", "network", "gpu", "energy", "perf"];

/// Which probes look, how often, and what the energy one cannot know by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Probing {
    /// Names out of [`PROBES`], in that order; empty for none.
    pub probes: Vec<String>,
    /// Time between two looks of the probes that poll, ns.
    pub poll_ns: u64,
    /// Where the energy comes from.
    pub energy: EnergySpec,
}

/// What turns work into joules and joules into carbon.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EnergySpec {
    /// Country by ISO code or name.
    pub country: Option<String>,
    /// Region of a cloud provider, `gcp:europe-west1`.
    pub region: Option<String>,
    /// Carbon intensity in g CO2e/kWh, instead of that of a country or a region.
    pub carbon_intensity_g_per_kwh: Option<f64>,
    /// Power usage effectiveness of the building: what it draws by what its computers draw; `None` for 1.
    pub pue: Option<f64>,
    /// Thermal design power of the processor in W, where it is in no table.
    pub tdp_w: Option<f64>,
}

/// How much is discarded before sampling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WarmUp {
    /// Until the series is stationary, but at least the floor and at most the cap.
    Auto {
        /// Iterations discarded in any case.
        floor_iterations: u64,
        /// Longest warm-up in ns.
        cap_ns: u64,
    },
    /// Exactly so many iterations.
    Iterations(u64),
    /// At least this long, in ns.
    Time(u64),
    /// Nothing is discarded.
    None,
}

/// When a case has been sampled enough. Sampling ends at the first of: the precision is reached with at least
/// `min_samples`, `max_samples` are taken, `max_time_ns` is spent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// Samples taken before the precision is believed.
    pub min_samples: u32,
    /// Samples after which sampling ends.
    pub max_samples: u32,
    /// Wanted relative half-width of the confidence interval of the median, as a ratio: 0.01 is ±1 %.
    pub precision: f64,
    /// Level of that interval, as a ratio.
    pub confidence: f64,
    /// Time budget of the samples of one repetition, in ns.
    pub max_time_ns: u64,
    /// Iterations in one sample.
    pub iterations_per_sample: IterationsPerSample,
    /// What one sample is.
    pub mode: Mode,
}

/// Iterations in one sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IterationsPerSample {
    /// Calibrated so that reading the clock costs little of a sample; 1 for long iterations.
    Auto,
    /// Exactly so many; at least 1.
    Fixed(u64),
}

/// What one sample is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A block of iterations between two clock readings.
    Batch,
    /// One iteration, each timed on its own: the true distribution of latencies.
    Each,
}

/// What ends a case that misbehaves. The deadlines are in ns, each for one repetition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most memory of the worker in bytes; `None` for no limit.
    pub memory_bytes: Option<u64>,
    /// How the memory limit is enforced.
    pub memory_by: MemoryBy,
    /// Deadline of opening and checking the library.
    pub load_ns: u64,
    /// Deadline of `create`.
    pub create_ns: u64,
    /// Deadline of `setup`.
    pub setup_ns: u64,
    /// Deadline of the first, verified iteration.
    pub iteration_ns: u64,
    /// Longest time without a finished iteration after the first one.
    pub stall_ns: u64,
    /// Deadline of the last `verify`.
    pub verify_ns: u64,
    /// Deadline of `teardown`.
    pub teardown_ns: u64,
    /// Deadline of the whole repetition, from start to end of the process.
    pub total_ns: u64,
}

/// How the memory limit is enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemoryBy {
    /// A cgroup where one can be made, else the watchdog.
    Auto,
    /// A cgroup, or the case is not run.
    Cgroup,
    /// The host watches the resident memory.
    Watchdog,
    /// `RLIMIT_AS`: limits address space, so unfit for CUDA, which reserves far more than it uses.
    AddressSpace,
}

/// CPUs the worker is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pin {
    /// The host chooses as many CPUs as the case has threads.
    Auto,
    /// Not bound.
    None,
    /// These CPUs, in this order; at least one, without repeats.
    Cpus(Vec<usize>),
}

/// Seeds of the repetitions of one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeedPolicy {
    /// Every repetition has the seed of the case: their spread is noise of the machine alone.
    Same,
    /// Repetition r (from 0) has the seed of the case plus r: their spread includes the luck of the draw.
    PerRepetition,
}
