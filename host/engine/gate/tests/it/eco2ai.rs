//! eco2ai-tracking-benchmarks: four limits that must not be reached.

use benchhost_gate::Verdict;
use benchhost_record::{Direction, MetricKind};

use crate::support::{WARNING, measured, named, rules, verdict};

const LIMITS: &str = r#"
[[gate]]
metric = "training-overhead"
target = "< 5%"

[[gate]]
metric = "memory-overhead"
target = "< 100 MiB"

[[gate]]
metric = "energy-error"
target = "< 10%"

[[gate]]
metric = "gpu-monitoring"
target = "< 1 ms"
"#;

#[test]
fn below_is_fine_and_on_the_line_is_missed() {
    let rules = rules(LIMITS);
    let lower = |name: &str, unit: &str, kind| named(name, unit, Direction::Lower, kind);
    for (metric, line) in [
        (lower("training-overhead", "1", MetricKind::Ratio), 0.05),
        (lower("training-overhead", "%", MetricKind::Ratio), 5.0),
        (
            lower("memory-overhead", "B", MetricKind::Memory),
            104_857_600.0,
        ),
        (lower("memory-overhead", "MiB", MetricKind::Memory), 100.0),
        (lower("energy-error", "1", MetricKind::Ratio), 0.1),
        (lower("gpu-monitoring", "ns", MetricKind::Time), 1e6),
        (lower("gpu-monitoring", "ms", MetricKind::Time), 1.0),
    ] {
        let at = |value| verdict(&measured(metric.clone(), value), &rules);
        assert_eq!(at(line * 0.999), Verdict::TargetMet, "{metric:?}");
        assert_eq!(at(line), Verdict::TargetMissed, "{metric:?}");
        assert_eq!(at(-line), Verdict::TargetMet, "{metric:?}");
    }
}

#[test]
fn the_error_against_a_reference_measurement_is_an_expression() {
    let rules = rules("[[gate]]\nwhen = \"abs(energy - 2.5 kWh) / 2.5kWh >= 10%\"");
    for (value, unit, expected) in [
        (2.6, "kWh", Verdict::Unchanged),
        (2.76, "kWh", WARNING),
        (2.2, "kWh", WARNING),
        (9e6, "J", Verdict::Unchanged),
        (8e6, "J", WARNING),
    ] {
        let energy = named("energy", unit, Direction::Lower, MetricKind::Energy);
        assert_eq!(
            verdict(&measured(energy, value), &rules),
            expected,
            "{value} {unit}"
        );
    }
}
