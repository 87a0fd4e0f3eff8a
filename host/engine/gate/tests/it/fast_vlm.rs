//! fast-vlm-benchmark-automation: thresholds by class, budgets, alerts.

use benchhost_gate::{Subject, Verdict};
use benchhost_record::{Direction, Metric, MetricKind};

use crate::support::{
    INFO, WARNING, Words, and_defaults, measured, memory, named, one, rules, throughput, time,
    verdict,
};

/// benchmark_thresholds.json as it would be written.
const THRESHOLDS: &str = r#"
[[gate]]
name = "latency"
metric = "time"
percent = 15.0
against = "baseline"

[[gate]]
name = "memory"
metric = "peak-memory"
percent = 20.0
against = "baseline"

[[gate]]
name = "throughput"
metric = "throughput"
percent = 10.0
against = "baseline"

[[gate]]
name = "cpu"
metric = "cpu*"
percent = 25.0
against = "baseline"
"#;

fn cpu() -> Metric {
    named("cpu-percent", "%", Direction::Lower, MetricKind::Ratio)
}

fn changed(metric: Metric, percent: f64) -> Subject {
    let sign = if metric.direction == Direction::Higher {
        -1.0
    } else {
        1.0
    };
    measured(metric, 1000.0 + sign * 10.0 * percent).baseline(1000.0)
}

#[test]
fn each_class_has_its_threshold_as_written() {
    let rules = rules(THRESHOLDS);
    for (metric, threshold) in [
        (time(), 15.0),
        (memory(), 20.0),
        (throughput("ops/sec"), 10.0),
        (cpu(), 25.0),
    ] {
        assert_eq!(
            verdict(&changed(metric.clone(), threshold), &rules),
            INFO,
            "{}",
            metric.name
        );
        let beyond = one(&changed(metric.clone(), threshold + 0.1), &rules);
        assert_eq!(beyond.verdict, WARNING, "{}", metric.name);
        assert_eq!(
            verdict(&changed(metric, -threshold - 1.0), &rules),
            Verdict::Improved
        );
    }
}

#[test]
fn each_class_has_its_threshold_by_default() {
    let rules = and_defaults("");
    for (metric, threshold) in [
        (time(), 15.0),
        (memory(), 20.0),
        (throughput("ops/sec"), 10.0),
        (cpu(), 25.0),
    ] {
        let against_baseline = |percent| verdict(&changed(metric.clone(), percent), &rules);
        assert_eq!(
            against_baseline(threshold),
            Verdict::Unchanged,
            "{}",
            metric.name
        );
        assert_eq!(
            against_baseline(threshold + 0.1),
            WARNING,
            "{}",
            metric.name
        );
        let against_past = |percent| {
            let subject = changed(metric.clone(), percent).after(&[1000.0; 3]);
            verdict(
                &Subject {
                    baseline: None,
                    ..subject
                },
                &rules,
            )
        };
        assert_eq!(
            against_past(threshold),
            Verdict::Unchanged,
            "{}",
            metric.name
        );
        assert_eq!(against_past(threshold + 0.1), WARNING, "{}", metric.name);
    }
}

#[test]
fn regression_check_with_one_threshold_of_ten_for_everything() {
    let rules = rules("[[gate]]\npercent = 10\nagainst = \"baseline\"");
    for metric in [time(), memory(), throughput("ops/sec"), cpu()] {
        assert_eq!(
            verdict(&changed(metric.clone(), 10.0), &rules),
            INFO,
            "{}",
            metric.name
        );
        assert_eq!(verdict(&changed(metric, 10.5), &rules), WARNING);
    }
}

#[test]
fn budgets_of_two_kinds_of_use() {
    let rules = rules(
        r#"
        [[gate]]
        case = "mobile_inference"
        budget = { time = "250 ms", peak-memory = "512 MB", cpu-percent = "70%" }
        [[gate]]
        case = "batch_processing"
        budget = { time = "5000 ms", peak-memory = "2048 MB", cpu-percent = 90 }
        "#,
    );
    for (benchmark, limits) in [
        ("mobile_inference", [250e6, 512e6, 70.0]),
        ("batch_processing", [5e9, 2048e6, 90.0]),
    ] {
        for (metric, limit) in [time(), memory(), cpu()].into_iter().zip(limits) {
            let at = |value| {
                verdict(
                    &measured(metric.clone(), value).of("vlm/x?threads=1", benchmark),
                    &rules,
                )
            };
            assert_eq!(at(limit), Verdict::TargetMet, "{benchmark} {}", metric.name);
            assert_eq!(
                at(limit * 1.001),
                Verdict::TargetMissed,
                "{benchmark} {}",
                metric.name
            );
        }
    }
}

#[test]
fn a_share_of_cpu_may_be_kept_as_a_fraction() {
    let rules = rules("[[gate]]\nbudget = { cpu = \"70%\" }");
    let cpu = named("cpu", "1", Direction::Lower, MetricKind::Ratio);

    assert_eq!(
        verdict(&measured(cpu.clone(), 0.7), &rules),
        Verdict::TargetMet
    );
    assert_eq!(verdict(&measured(cpu, 0.71), &rules), Verdict::TargetMissed);
}

/// `alerts = {...}` without naming metrics: each speaks of the metrics that its words mean.
const ALERTS: &str = r#"
[[gate]]
name = "latency_spike"
when = "latency > baseline * 1.3"
severity = "critical"

[[gate]]
name = "memory_leak"
when = "growth(memory, 1h) > 100MB"
"#;

#[test]
fn a_latency_spike_is_an_expression() {
    let rules = rules(ALERTS);
    let at = |value| one(&measured(time(), value).baseline(100e6), &rules);

    assert_eq!(at(130e6).verdict, Verdict::Unchanged);
    let spike = at(131e6);
    assert_eq!(spike.verdict, crate::support::CRITICAL);
    assert_eq!(spike.rule, "latency_spike");
    assert_eq!(spike.reference, 130e6);
}

#[test]
fn a_memory_leak_is_growth_over_an_hour() {
    let rules = rules(ALERTS);
    // Ten minutes between runs: an hour reaches six runs back.
    let growing = |step: f64, now: f64| {
        let past: Vec<f64> = (0..20).map(|i| 400e6 + step * f64::from(i)).collect();
        one(&measured(memory(), now).after(&past), &rules)
    };

    assert_eq!(
        growing(10e6, 600e6).verdict,
        Verdict::Unchanged,
        "70 MB in an hour"
    );
    let leak = growing(20e6, 800e6);
    assert_eq!((leak.verdict, leak.rule.as_str()), (WARNING, "memory_leak"));
    let nothing = one(&measured(memory(), 1e9), &rules);
    assert_eq!(nothing.verdict, Verdict::InsufficientData);
}

#[test]
fn recommendations_are_remarks() {
    let rules = rules("[[gate]]\nmetric = \"time\"\nmax = \"500 ms\"\nseverity = \"info\"");

    let judgement = one(&measured(time(), 501e6), &rules);

    assert_eq!(judgement.verdict, INFO);
    assert!(!judgement.verdict.fails());
}
