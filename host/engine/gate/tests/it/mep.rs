//! mep-ci-benchmarks: accuracy against baselines with a tolerance, and thresholds in three tiers.

use benchhost_gate::Verdict;

use crate::support::{CRITICAL, WARNING, Words, accuracy, measured, one, rules, verdict};

/// baseline_results.json as rules: one for each benchmark.
const BASELINES: &str = r#"
[[gate]]
case = "mnist_3epoch_mlp_small"
metric = "accuracy"
tolerance = 0.03

[[gate]]
case = "mnist_10epoch_10k"
metric = "accuracy"
tolerance = 0.02

[[gate]]
case = "xor_100step"
metric = "accuracy"
tolerance = 0.25
"#;

/// Benchmark, optimiser, accuracy of the baseline, tolerance.
const RESULTS: [(&str, &str, f64, f64); 6] = [
    ("mnist_3epoch_mlp_small", "smep", 0.914, 0.03),
    ("mnist_3epoch_mlp_small", "sgd", 0.910, 0.03),
    ("mnist_3epoch_mlp_small", "adam", 0.902, 0.03),
    ("mnist_10epoch_10k", "smep", 0.9537, 0.02),
    ("mnist_10epoch_10k", "adam", 0.9575, 0.02),
    ("xor_100step", "smep", 1.0, 0.25),
];

fn found(benchmark: &str, optimizer: &str, baseline: f64, value: f64) -> benchhost_gate::Subject {
    measured(accuracy(), value)
        .of(
            &format!("mep/{benchmark}?optimizer={optimizer}&threads=1"),
            benchmark,
        )
        .baseline(baseline)
}

#[test]
fn below_baseline_minus_tolerance_is_a_regression_and_on_it_is_fine() {
    let rules = rules(BASELINES);

    for (benchmark, optimizer, baseline, tolerance) in RESULTS {
        let at = |value| verdict(&found(benchmark, optimizer, baseline, value), &rules);
        let line = baseline - tolerance;
        assert_eq!(at(line - 1e-6), WARNING, "{benchmark}/{optimizer}");
        assert_eq!(at(line), Verdict::Unchanged, "{benchmark}/{optimizer}");
        assert_eq!(at(baseline), Verdict::Unchanged, "{benchmark}/{optimizer}");
        assert_eq!(
            at(line - 1.01 * tolerance),
            CRITICAL,
            "{benchmark}/{optimizer}"
        );
        assert_eq!(
            at(baseline + 1.01 * tolerance),
            Verdict::Improved,
            "{benchmark}/{optimizer}"
        );
    }
    // As people write the line down.
    for (baseline, tolerance, line) in [
        (0.914, "0.03", 0.884),
        (0.910, "0.03", 0.88),
        (0.902, "0.03", 0.872),
        (0.9537, "0.02", 0.9337),
        (0.9575, "0.02", 0.9375),
        (1.0, "0.25", 0.75),
    ] {
        let rules = crate::support::rules(&format!("[[gate]]\ntolerance = {tolerance}"));
        let subject = measured(accuracy(), line).baseline(baseline);
        assert_eq!(verdict(&subject, &rules), Verdict::Unchanged, "{line}");
    }
}

#[test]
fn the_tolerance_of_the_baseline_file_holds_by_default() {
    let mut subject = measured(accuracy(), 0.88).baseline(0.914);
    subject.baseline.as_mut().unwrap().tolerance = Some(0.03);

    let judgement = one(&subject, &crate::support::and_defaults(""));

    assert_eq!(
        (judgement.verdict, judgement.rule.as_str()),
        (WARNING, "baseline")
    );
    assert_eq!(judgement.place, "default");
}

#[test]
fn a_benchmark_without_baseline_says_so_and_fails_nothing() {
    let subject = measured(accuracy(), 0.5).of("mep/xor_100step?threads=1", "xor_100step");

    let judgement = one(&subject, &rules(BASELINES));

    assert_eq!(judgement.verdict, Verdict::InsufficientData);
    assert!(
        judgement
            .sentence
            .ends_with("there is no baseline; `benchhost baseline save` makes one")
    );
}

#[test]
fn the_thresholds_of_the_tiers_are_targets() {
    let rules = rules(
        r#"
        [[gate]]
        case = "xor_100step"
        metric = "accuracy"
        min = "75%"
        [[gate]]
        case = "mnist_1epoch"
        metric = "accuracy"
        target = ">= 80%"
        [[gate]]
        case = "mnist_3epoch"
        metric = "accuracy"
        min = 0.88
        [[gate]]
        case = "mnist_10epoch*"
        metric = "accuracy"
        min = "93 %"
        "#,
    );
    for (benchmark, line) in [
        ("xor_100step", 0.75),
        ("mnist_1epoch", 0.80),
        ("mnist_3epoch", 0.88),
        ("mnist_10epoch_10k", 0.93),
    ] {
        let at = |value| {
            verdict(
                &measured(accuracy(), value).of("mep/x?threads=1", benchmark),
                &rules,
            )
        };
        assert_eq!(at(line), Verdict::TargetMet, "{benchmark}");
        assert_eq!(at(line + 0.01), Verdict::TargetMet, "{benchmark}");
        assert_eq!(at(line - 1e-6), Verdict::TargetMissed, "{benchmark}");
    }
}

#[test]
fn no_degradation_beyond_two_percent() {
    let rules = rules("[[gate]]\nmetric = \"*\"\npercent = 2\nagainst = \"baseline\"");
    for (value, expected) in [
        (0.9, Verdict::Unchanged),
        (0.9 * 0.98, crate::support::INFO),
        (0.9 * 0.979, WARNING),
        (0.9 * 0.95, CRITICAL),
    ] {
        let subject = measured(accuracy(), value).baseline(0.9);
        assert_eq!(verdict(&subject, &rules), expected, "{value}");
    }
}

#[test]
fn several_seeds_are_tested_for_significance() {
    let rules = rules("[[gate]]\nmetric = \"accuracy\"\nsignificant = \"1%\"");
    let at = |now: &[f64]| {
        let mut subject = measured(accuracy(), now[0]).baseline(0.954);
        subject.baseline.as_mut().unwrap().repetitions = vec![0.953, 0.954, 0.955, 0.954, 0.9535];
        subject.value.as_mut().unwrap().repetitions = now.to_vec();
        verdict(&subject, &rules)
    };

    assert_eq!(at(&[0.9, 0.901, 0.899, 0.9005, 0.8995]), WARNING);
    assert_eq!(
        at(&[0.9535, 0.954, 0.9545, 0.954, 0.953]),
        Verdict::Unchanged
    );
    assert_eq!(at(&[0.90, 0.97, 0.99]), Verdict::Inconclusive);
    assert_eq!(at(&[0.9]), Verdict::InsufficientData);
    assert_eq!(at(&[0.99, 0.991, 0.9905, 0.99, 0.9895]), Verdict::Improved);
}
