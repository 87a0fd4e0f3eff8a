//! What can be read of GPUs: names, units and directions.

use benchhost_record::{Direction, Extent, Metric, MetricKind};

pub(super) const ENERGY: &str = "gpu-energy";
pub(super) const POWER: &str = "gpu-power";
pub(super) const UTILISATION: &str = "gpu-utilisation";
pub(super) const MEMORY_USED: &str = "gpu-memory-used";
pub(super) const TEMPERATURE: &str = "gpu-temperature";
pub(super) const CLOCK: &str = "gpu-clock";
pub(super) const THROTTLED: &str = "gpu-throttled";

/// Memory that all processes use on the GPUs of the case: what a poll tells. Only over time.
pub(super) const MEMORY_IN_USE: &str = "gpu-memory-in-use";

/// All of them, in the order they are shown.
pub(super) const ALL: [&str; 7] = [
    ENERGY,
    POWER,
    UTILISATION,
    MEMORY_USED,
    TEMPERATURE,
    CLOCK,
    THROTTLED,
];

/// The metric called `name`.
pub(super) fn metric(name: &'static str) -> Metric {
    let (unit, direction, kind) = match name {
        ENERGY => ("J", Direction::Lower, MetricKind::Energy),
        POWER => ("W", Direction::Neither, MetricKind::Count),
        UTILISATION => ("1", Direction::Neither, MetricKind::Ratio),
        MEMORY_USED => ("B", Direction::Lower, MetricKind::Memory),
        MEMORY_IN_USE => ("B", Direction::Neither, MetricKind::Memory),
        TEMPERATURE => ("°C", Direction::Neither, MetricKind::Count),
        CLOCK => ("MHz", Direction::Neither, MetricKind::Count),
        _ => ("1", Direction::Neither, MetricKind::Ratio),
    };
    Metric::new(name, unit, direction, kind)
}

/// Only energy grows with the time that is looked at.
pub(super) fn extent(name: &str) -> Extent {
    match name {
        ENERGY => Extent::Amount,
        _ => Extent::Level,
    }
}

/// Smallest step, for people.
pub(super) fn resolution(name: &str) -> &'static str {
    match name {
        ENERGY => "1 mJ; the driver brings its counter up to date some ten times a second",
        POWER => "1 mW, as new as the driver's last look",
        UTILISATION => "1 % of a window of 1/6 to 1 s",
        MEMORY_USED => "1 B",
        TEMPERATURE => "1 °C",
        CLOCK => "1 MHz",
        _ => "one look",
    }
}
