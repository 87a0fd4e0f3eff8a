//! A metric: name, unit, direction and kind. The direction comes from here, never from the name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is measured, in which unit, and which direction is better.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Metric {
    /// Name, unique in a case. The host's own are in [`names`].
    pub name: String,
    /// Unit of the values: `ns`, `B`, `samples/s`, `1` for a plain number.
    pub unit: String,
    /// Which direction is better.
    pub direction: Direction,
    /// What is measured.
    pub kind: MetricKind,
}

impl Metric {
    /// A metric by its four facts.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        unit: impl Into<String>,
        direction: Direction,
        kind: MetricKind,
    ) -> Self {
        Self {
            name: name.into(),
            unit: unit.into(),
            direction,
            kind,
        }
    }
}

/// Which direction of a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Lower is better.
    Lower,
    /// Higher is better.
    Higher,
    /// The metric is only shown.
    #[default]
    Neither,
}

/// What a metric measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MetricKind {
    /// A duration.
    Time,
    /// Work in a time.
    Throughput,
    /// An amount of memory.
    Memory,
    /// An amount of energy.
    Energy,
    /// How good an answer is.
    Quality,
    /// A number of things.
    #[default]
    Count,
    /// A fraction, stored as 0–1.
    Ratio,
}

/// Names of the metrics that the host itself measures; a plugin may not declare them.
pub mod names {
    /// Wall-clock time of one iteration, ns.
    pub const TIME: &str = "time";
    /// Prefix of the phases inside an iteration, ns: `time.forward`.
    pub const PHASE_PREFIX: &str = "time.";
    /// Declared items handled in a second.
    pub const THROUGHPUT: &str = "throughput";
    /// Declared floating-point operations in a second, FLOP/s.
    pub const FLOPS: &str = "flops";
    /// Declared bytes of memory traffic in a second, B/s.
    pub const BANDWIDTH: &str = "bandwidth";
    /// CPU time of all threads of one iteration, ns.
    pub const CPU_TIME: &str = "cpu-time";
    /// Highest resident memory of the worker while measuring, B.
    pub const PEAK_MEMORY: &str = "peak-memory";
    /// Resident memory of the worker over time, B; only as a trace.
    pub const MEMORY: &str = "memory";
    /// Growth of resident memory from the first to the last sample, B.
    pub const MEMORY_GROWTH: &str = "memory-growth";
    /// Time of `create` and `setup`, ns.
    pub const SETUP_TIME: &str = "setup-time";
    /// From the moment an iteration was asked for to its end, ns; only under an offered load.
    pub const LATENCY: &str = "latency";
    /// Iterations that were served in a second; only under an offered load.
    pub const SERVED: &str = "served";
    /// Prefix of what searches find: `largest-batch`.
    pub const LARGEST_PREFIX: &str = "largest-";
    /// Shortest by longest time of the instances of a sample, 0–1; only with several.
    pub const FAIRNESS: &str = "fairness";
    /// Time of one iteration by the host's clock, ns, the way to the plugin and back included; only of plugins that time
    /// themselves.
    pub const WALL_TIME: &str = "wall-time";

    /// All fixed names.
    pub const ALL: [&str; 12] = [
        TIME,
        THROUGHPUT,
        FLOPS,
        BANDWIDTH,
        CPU_TIME,
        PEAK_MEMORY,
        MEMORY_GROWTH,
        SETUP_TIME,
        LATENCY,
        SERVED,
        FAIRNESS,
        WALL_TIME,
    ];
}
