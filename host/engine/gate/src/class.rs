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
    /// Everything else with a direction.
    Other,
}

impl Class {
    /// Class of a metric. Decided by its kind; the names are those of the host itself.
    #[must_use]
    pub fn of(metric: &Metric) -> Self {
        match metric.kind {
            _ if metric.name == names::CPU_TIME || metric.name.starts_with("cpu") => Self::Cpu,
            _ if metric.name == names::SETUP_TIME => Self::Startup,
            MetricKind::Time => Self::Latency,
            MetricKind::Memory => Self::Memory,
            MetricKind::Throughput => Self::Throughput,
            MetricKind::Quality => Self::Quality,
            MetricKind::Energy | MetricKind::Count | MetricKind::Ratio => Self::Other,
        }
    }

    /// Change for the worse, as a share of the reference, from which a warning is due. Quality has none: it is judged by
    /// an absolute tolerance.
    ///
    /// Source: thresholds of the system that benchhost replaces, latency 15 %, memory 20 %, throughput 10 %, CPU 25 %,
    /// start-up 15 %.
    #[must_use]
    pub fn threshold(self) -> Option<f64> {
        match self {
            Self::Latency | Self::Startup | Self::Other => Some(0.15),
            Self::Memory => Some(0.20),
            Self::Throughput => Some(0.10),
            Self::Cpu => Some(0.25),
            Self::Quality => None,
        }
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
