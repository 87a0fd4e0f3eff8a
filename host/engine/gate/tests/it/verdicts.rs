//! Verdicts: their order, what fails, what cannot be judged, directions.

use benchhost_gate::{Past, Subject, Value, Verdict};
use benchhost_record::{Direction, MetricKind};

use crate::support::{
    CRITICAL, INFO, WARNING, Words, and_defaults, judged, measured, named, one, rules, time,
    verdict,
};

#[test]
fn the_worst_comes_first_and_within_a_verdict_the_largest() {
    let rules = rules(
        "[[gate]]\nmetric = '*'\npercent = 5\n[[gate]]\ncase = 'limit'\nmetric = '*'\nmax = 1",
    );
    let at = |name: &str, value: f64| measured(time(), value).of(name, name).after(&[100.0]);
    let failed = Subject {
        value: Err("exit code 1".to_owned()),
        ..at("failed", 0.0)
    };
    let plain = named("plain", "1", Direction::Neither, MetricKind::Count);
    let subjects = [
        at("same", 100.0),
        at("new", 100.0).after(&[]),
        at("better", 50.0),
        at("remark", 103.0),
        at("warning", 106.0),
        at("limit", 100.0),
        at("more", 107.0),
        at("critical", 120.0),
        failed,
        measured(plain, 300.0).of("plain", "plain").after(&[100.0]),
    ];

    let found = judged(&subjects, &rules);

    let order: Vec<&str> = found.judged.iter().map(|one| one.case.as_str()).collect();
    assert_eq!(
        order,
        [
            "failed", "critical", "limit", "more", "warning", "remark", "plain", "better", "same",
            "new"
        ]
    );
    assert_eq!(
        found.counts(),
        [
            ("failed", 1),
            ("regressed", 1),
            ("target-missed", 1),
            ("regressed", 3),
            ("changed", 1),
            ("improved", 1),
            ("unchanged", 1),
            ("insufficient-data", 1),
        ]
        .into_iter()
        .fold(Vec::new(), |mut counts: Vec<(&str, usize)>, (word, n)| {
            match counts.iter_mut().find(|(known, _)| *known == word) {
                Some((_, sum)) => *sum += n,
                None => counts.push((word, n)),
            }
            counts
        })
    );
    assert!(found.fails() && found.has_failures());
    let mut turned = subjects.to_vec();
    turned.reverse();
    // NaN equals nothing: compared as text.
    let again = format!("{:?}", judged(&turned, &rules));
    assert_eq!(
        again,
        format!("{found:?}"),
        "the order of subjects does not matter"
    );
}

#[test]
fn a_failed_case_has_no_speed_and_opens_with_its_reason() {
    let mut subject = measured(time(), 1.0)
        .after(&[1.0; 20])
        .of("p/w?threads=1", "w");
    subject.value = Err("the answer is wrong: found {3}, expected 4".to_owned());

    let judgement = one(&subject, &and_defaults(""));

    assert_eq!(
        (judgement.verdict, judgement.rule.as_str()),
        (Verdict::Failed, "outcome")
    );
    assert!(judgement.value.is_nan() && judgement.reference.is_nan());
    assert_eq!(
        judgement.sentence,
        "p/w?threads=1: no time: the answer is wrong: found {3}, expected 4"
    );
}

#[test]
fn what_no_rule_speaks_of_is_counted() {
    let plain = named("plain", "1", Direction::Neither, MetricKind::Count);
    let found = judged(
        &[measured(plain, 1.0), measured(time(), 1.0)],
        &and_defaults(""),
    );

    assert_eq!((found.judged.len(), found.not_judged), (1, 1));
    assert!(!found.fails());
}

#[test]
fn a_metric_without_a_good_direction_changes_in_both() {
    let rules = rules("[[gate]]\nmetric = '*'\npercent = 5\n");
    let at = |value| {
        let plain = named("plain", "1", Direction::Neither, MetricKind::Count);
        verdict(&measured(plain, value).after(&[100.0]), &rules)
    };

    assert_eq!(at(106.0), Verdict::Changed);
    assert_eq!(at(94.0), Verdict::Changed);
    assert_eq!(at(95.0), Verdict::Unchanged);
    assert!(!Verdict::Changed.fails());
    for rule in ["tolerance = 5", "history = true"] {
        let rules = crate::support::rules(&format!("[[gate]]\nmetric = '*'\n{rule}"));
        for value in [80.0, 120.0] {
            let plain = named("plain", "1", Direction::Neither, MetricKind::Count);
            let past: Vec<f64> = (0..20).map(|i| 100.0 + f64::from(i % 3)).collect();
            let subject = measured(plain, value).baseline(100.0).after(&past);
            assert_eq!(
                verdict(&subject, &rules),
                Verdict::Changed,
                "{rule} {value}"
            );
        }
    }
}

#[test]
fn values_that_are_no_numbers_are_never_fine() {
    let all = "[[gate]]\nmetric = '*'\npercent = 5\nmax = 5\nhistory = true\nchange = true\ntolerance = 1\nwhen = 'time > 5'";
    for rules in [rules(all), and_defaults(all), and_defaults("")] {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let subject = measured(time(), value).baseline(1.0).after(&[1.0; 30]);
            let judgement = one(&subject, &rules);
            assert_eq!(
                judgement.verdict,
                Verdict::InsufficientData,
                "{value}: {}",
                judgement.sentence
            );
        }
    }
}

/// A subject whose typical value and best tenth moved by so many percent.
fn moved(metric: benchhost_record::Metric, typical: f64, best: f64) -> Subject {
    let mut subject = measured(metric, 100.0 + typical).after(&[]);
    subject.value = Ok(Value {
        best: Some(100.0 + best),
        ..Value::plain(100.0 + typical)
    });
    let before = Past {
        value: 100.0,
        best: Some(100.0),
        ..Past::default()
    };
    subject.past = vec![before; 3];
    subject
}

#[test]
fn a_guarded_rule_asks_the_best_samples_too() {
    let rules = rules("[[gate]]\nmetric = '*'\npercent = 10\nguarded = true");
    let plain = || named("plain", "1", Direction::Neither, MetricKind::Count);
    let higher = || crate::support::throughput("1/s");
    for (metric, typical, best, expected) in [
        (time(), 15.0, 12.0, WARNING),
        (time(), 15.0, 8.1, WARNING),
        (time(), 15.0, 7.0, Verdict::Inconclusive),
        (time(), 25.0, -5.0, Verdict::Inconclusive),
        (time(), 8.0, 0.0, Verdict::Unchanged),
        (time(), 8.0, 8.1, INFO),
        (time(), -15.0, -12.0, Verdict::Improved),
        (time(), -15.0, 0.0, Verdict::Unchanged),
        (higher(), -25.0, -24.0, CRITICAL),
        (higher(), -25.0, 0.0, Verdict::Inconclusive),
        (higher(), 25.0, 20.0, Verdict::Improved),
        (plain(), -25.0, -20.0, Verdict::Changed),
        (plain(), 25.0, 20.0, Verdict::Changed),
        (plain(), -25.0, 20.0, Verdict::Inconclusive),
    ] {
        let found = one(&moved(metric, typical, best), &rules);
        assert_eq!(
            found.verdict, expected,
            "{typical} {best}: {}",
            found.sentence
        );
    }
}

#[test]
fn inconclusive_is_not_hidden_by_another_rule_that_sees_nothing() {
    let rules = rules("[[gate]]\nmetric = 'time'\nmax = 500\npercent = 10\nguarded = true");

    let judgement = one(&moved(time(), 15.0, 0.0), &rules);

    assert_eq!(judgement.verdict, Verdict::Inconclusive);
    assert!(judgement.is_suspicious, "a re-run may tell");
}

#[test]
fn a_target_of_the_suite_is_judged_beside_the_rules() {
    let mut subject = measured(time(), 300e6);
    subject.target = Some("<= 250ms".to_owned());

    let judgement = one(&subject, &and_defaults(""));

    assert_eq!(judgement.verdict, Verdict::TargetMissed);
    assert_eq!(judgement.place, "targets of the suite");
    assert_eq!(judgement.reference, 250e6);
}

#[test]
fn a_target_looks_at_the_statistic_it_names() {
    let rules = rules("[[gate]]\nmetric = 'time'\nmax = '250 ms'\nstatistic = 'p95'");
    let mut subject = measured(time(), 100e6);
    assert_eq!(verdict(&subject, &rules), Verdict::InsufficientData);

    subject.value.as_mut().unwrap().statistics = vec![("p95".to_owned(), 260e6)];
    let judgement = one(&subject, &rules);

    assert_eq!(
        (judgement.verdict, judgement.value),
        (Verdict::TargetMissed, 260e6)
    );
}

#[test]
fn a_rule_that_cannot_be_asked_says_why() {
    for (keys, sentence) in [
        (
            "max = '5 MB'",
            "the bound `<= 5 MB` is in another unit than the metric, \"1\"",
        ),
        (
            "percent = 'class'",
            "its class has no threshold in percent: give it one, or a tolerance",
        ),
        (
            "percent = 5\nagainst = 'baseline'",
            "there is no baseline; `benchhost baseline save` makes one",
        ),
        ("percent = 5", "there is no earlier value"),
        (
            "significant = true",
            "there is no baseline; `benchhost baseline save` makes one",
        ),
        ("history = true", "0 earlier values of 8 that history needs"),
        (
            "when = 'nonsense > 5'",
            "`nonsense > 5`: `nonsense` is not known here: names are `accuracy`, baseline, previous, median, mean, min, max",
        ),
        (
            "when = 'accuracy > previous'",
            "`accuracy > previous`: there is no earlier value",
        ),
    ] {
        let rules = rules(&format!("[[gate]]\nmetric = 'accuracy'\n{keys}"));
        let judgement = one(&measured(crate::support::accuracy(), 0.5), &rules);
        assert_eq!(judgement.verdict, Verdict::InsufficientData, "{keys}");
        assert!(
            judgement.sentence.ends_with(sentence),
            "{keys}: {}",
            judgement.sentence
        );
    }
}

#[test]
fn a_loss_of_a_run_that_time_ended_is_judged_by_those_who_ask_only() {
    let loss = named("loss", "nat", Direction::Lower, MetricKind::Quality);
    let past = [
        2.00, 2.01, 1.99, 2.0, 2.01, 1.99, 2.0, 2.0, 2.01, 1.99, 2.0, 2.0,
    ];
    let mut subject = measured(loss, 2.5).after(&past);
    let written = "[[gate]]\nmetric = 'loss'\npercent = 10";

    assert_eq!(verdict(&subject, &and_defaults("")), WARNING);
    subject.value = subject.value.map(|value| Value {
        is_of_its_length: true,
        ..value
    });

    let judgement = one(&subject, &and_defaults(""));
    assert_eq!(judgement.verdict, Verdict::InsufficientData);
    assert!(
        judgement.sentence.ends_with(
            "it changes with the number of iterations, which time decided: no two runs can be compared"
        ),
        "{}",
        judgement.sentence
    );
    assert_eq!(verdict(&subject, &and_defaults(written)), CRITICAL);
}

#[test]
fn a_met_target_speaks_where_the_past_is_silent_and_only_there() {
    let rules = and_defaults("[[gate]]\nmetric = 'time'\nmax = '2 s'");
    let past: Vec<f64> = (0..20).map(|i| 1e6 + f64::from(i % 3)).collect();
    let at = |past: &[f64]| one(&measured(time(), 1e6).after(past), &rules);

    let first = at(&[]);
    assert_eq!(first.verdict, Verdict::TargetMet, "{}", first.sentence);
    assert!(first.reference == 2e9 && !first.verdict.fails());
    assert_eq!(at(&past).verdict, Verdict::Unchanged);
    assert_eq!(
        verdict(&measured(time(), 3e9), &rules),
        Verdict::TargetMissed
    );
    // What somebody asked for and cannot be judged is told before.
    let asked = and_defaults(
        "[[gate]]\nmetric = 'time'\nmax = '2 s'\n[[gate]]\nmetric = 'time'\nhistory = true",
    );
    assert_eq!(
        verdict(&measured(time(), 1e6), &asked),
        Verdict::InsufficientData
    );
}
