//! contrastive-id-benchmark-suite: targets, and a check of two metrics against a baseline.

use benchhost_gate::Verdict;
use benchhost_record::{Direction, Metric, MetricKind};

use crate::support::{
    CRITICAL, INFO, WARNING, Words, measured, named, rules, throughput, time, verdict,
};

/// `targets` of the system.
const TARGETS: &str = r#"
[[gate]]
name = "training"
case = "contrastive/training*"
budget = { time = "200 ms", "time.forward" = "50 ms", "time.backward" = "100 ms", epoch-time = "5 min" }

[[gate]]
case = "contrastive/training*"
metric = "throughput"
min = "50 samples/second"

[[gate]]
case = "contrastive/training*"
metric = "gpu-utilization"
min = "80%"

[[gate]]
case = "contrastive/infonce*"
metric = "time"
max = "10ms"

[[gate]]
case = "contrastive/windows*"
metric = "throughput"
min = "1000 windows/s"

[[gate]]
case = "contrastive/batches*"
metric = "time"
max = "50ms"

[[gate]]
case = "contrastive/h5*"
metric = "throughput"
min = "100 MB/s"

[[gate]]
case = "contrastive/scalability*"
metric = "max-batch"
min = 128

[[gate]]
case = "contrastive/scalability*"
metric = "max-window"
min = 4096

[[gate]]
metric = "memory-scaling"
max = 1.2

[[gate]]
metric = "gpu-memory-per-sample"
max = "0.5 MB"

[[gate]]
metric = "cpu-memory-per-sample"
max = "2.0 MB"

[[gate]]
metric = "memory-growth-rate"
max = 0.1

[[gate]]
metric = "gpu-speedup"
min = 5

[[gate]]
metric = "mixed-precision-speedup"
target = ">= 1.2"
"#;

fn plain(name: &str, unit: &str, kind: MetricKind, direction: Direction) -> Metric {
    named(name, unit, direction, kind)
}

#[test]
fn every_target_holds_on_its_line_and_is_missed_beyond() {
    use Direction::{Higher, Lower};
    use MetricKind::{Count, Memory, Ratio, Time};
    let rules = rules(TARGETS);
    let phase = |name: &str| plain(name, "ns", Time, Lower);
    for (workload, metric, line) in [
        ("training", throughput("samples/s"), 50.0),
        ("training", time(), 200e6),
        ("training", phase("time.forward"), 50e6),
        ("training", phase("time.backward"), 100e6),
        ("training", phase("epoch-time"), 300e9),
        (
            "training",
            plain("gpu-utilization", "1", Ratio, Higher),
            0.8,
        ),
        ("infonce", time(), 10e6),
        ("windows", throughput("windows/s"), 1000.0),
        ("batches", time(), 50e6),
        ("h5", throughput("B/s"), 100e6),
        ("scalability", plain("max-batch", "1", Count, Higher), 128.0),
        (
            "scalability",
            plain("max-window", "1", Count, Higher),
            4096.0,
        ),
        (
            "scalability",
            plain("memory-scaling", "1", Ratio, Lower),
            1.2,
        ),
        (
            "training",
            plain("gpu-memory-per-sample", "B", Memory, Lower),
            0.5e6,
        ),
        (
            "training",
            plain("cpu-memory-per-sample", "B", Memory, Lower),
            2e6,
        ),
        (
            "training",
            plain("memory-growth-rate", "1", Ratio, Lower),
            0.1,
        ),
        ("training", plain("gpu-speedup", "1", Ratio, Higher), 5.0),
        (
            "training",
            plain("mixed-precision-speedup", "1", Ratio, Higher),
            1.2,
        ),
    ] {
        let case = format!("contrastive/{workload}?batch=16&threads=1&window=512");
        let at = |value| verdict(&measured(metric.clone(), value).of(&case, "b"), &rules);
        let worse = if metric.direction == Lower {
            1.001
        } else {
            0.999
        };
        assert_eq!(at(line), Verdict::TargetMet, "{workload} {}", metric.name);
        assert_eq!(
            at(line * worse),
            Verdict::TargetMissed,
            "{workload} {}",
            metric.name
        );
        assert_eq!(
            at(line / worse),
            Verdict::TargetMet,
            "{workload} {}",
            metric.name
        );
    }
}

#[test]
fn ten_percent_of_two_metrics_against_the_baseline() {
    let rules = rules(
        "[[gate]]\nmetric = [\"throughput\", \"time\"]\npercent = 10\nagainst = \"baseline\"",
    );
    let at = |metric: Metric, value| verdict(&measured(metric, value).baseline(100.0), &rules);

    assert_eq!(at(time(), 110.0), INFO);
    assert_eq!(at(time(), 110.1), WARNING);
    assert_eq!(at(time(), 121.0), CRITICAL);
    assert_eq!(at(throughput("samples/s"), 89.0), WARNING);
    // The system calls any change a regression; here a better value is an improvement.
    assert_eq!(at(time(), 89.0), Verdict::Improved);
    assert_eq!(at(throughput("samples/s"), 120.0), Verdict::Improved);
    assert_eq!(at(time(), 0.0), Verdict::Improved);
}

#[test]
fn a_change_in_either_direction_can_be_asked_for_literally() {
    let rules = rules("[[gate]]\nwhen = \"abs(value - baseline) / baseline > 10%\"");
    let at = |metric: Metric, value| verdict(&measured(metric, value).baseline(100.0), &rules);

    assert_eq!(at(time(), 89.0), WARNING);
    assert_eq!(at(throughput("samples/s"), 111.0), WARNING);
    assert_eq!(at(time(), 110.0), Verdict::Unchanged);
    let nothing = measured(time(), 5.0).baseline(0.0);
    assert_eq!(
        verdict(
            &nothing,
            &crate::support::rules("[[gate]]\npercent = 10\nagainst = \"baseline\"")
        ),
        Verdict::Unchanged
    );
}
