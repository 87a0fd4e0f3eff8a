//! Classes of metrics, and how much worse each may become by default.

use benchhost_record::{Direction, Metric, MetricKind, names};

/// What a metric stands for, as far as thresholds go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Durations.
    Latency,
    /// Amounts of memory.
    Memory,
    /// Work in a time.
    Throughput,
    /// CPU time and shares of it.
    Cpu,
    /// Durations before the first iteration.
    Startup,
    /// How good an answer is.
    Quality,
    /// Amounts of energy.
    Energy,
    /// Everything else with a direction: ratios, counts.
    Other,
}

impl Class {
    /// Class of a metric. Decided by its kind; the names are those of the host itself.
    #[must_use]
    pub fn of(metric: &Metric) -> Self {
        match metric.kind {
            _ if metric.name == names::CPU_TIME || metric.name.starts_with("cpu") => Self::Cpu,
            _ if metric.name == names::SETUP_TIME => Self::Startup,
            // What a search finds has steps of its own, some per cent wide.
            _ if metric.name.starts_with(names::LARGEST_PREFIX) => Self::Throughput,
            MetricKind::Time => Self::Latency,
            MetricKind::Memory => Self::Memory,
            MetricKind::Throughput => Self::Throughput,
            MetricKind::Quality => Self::Quality,
            MetricKind::Energy => Self::Energy,
            MetricKind::Count | MetricKind::Ratio => Self::Other,
        }
    }

    /// Change for the worse, as a share of the reference, from which a warning is due. Quality, ratios and counts have
    /// none: they are judged by an absolute tolerance.
    ///
    /// Source: thresholds of the system that benchhost replaces, latency 15 %, memory 20 %, throughput 10 %, CPU 25 %,
    /// start-up 15 %.
    #[must_use]
    pub fn threshold(self) -> Option<f64> {
        match self {
            Self::Latency | Self::Startup | Self::Energy => Some(0.15),
            Self::Memory => Some(0.20),
            Self::Throughput => Some(0.10),
            Self::Cpu => Some(0.25),
            Self::Quality | Self::Other => None,
        }
    }

    /// Whether a metric may be judged by default while only a few values of it are known. Those that the host measures
    /// itself may; what a plugin declares (an accuracy after a second of training, an epoch) may scatter by any amount.
    #[must_use]
    pub fn speaks_early(metric: &Metric) -> bool {
        let is_own = [
            names::TIME,
            names::THROUGHPUT,
            names::CPU_TIME,
            names::PEAK_MEMORY,
        ]
        .contains(&metric.name.as_str());
        is_own || Self::of(metric) == Self::Cpu
    }

    /// Whether defaults judge the metric at all: parts, side effects and what has no direction are only kept.
    #[must_use]
    pub fn is_judged(metric: &Metric) -> bool {
        let is_part = metric.name.starts_with(names::PHASE_PREFIX);
        let is_side_effect = [
            names::MEMORY_GROWTH,
            names::SETUP_TIME,
            names::FLOPS,
            names::BANDWIDTH,
        ]
        .contains(&metric.name.as_str());
        metric.direction != Direction::Neither && !is_part && !is_side_effect
    }
}
