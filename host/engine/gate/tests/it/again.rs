//! A re-run of what looked suspicious: lone outliers fall away, real changes stay.

use benchhost_gate::{Subject, Verdict};
use benchhost_stats::SplitMix64;

use crate::support::{
    CRITICAL, WARNING, Words, and_defaults, measured, noise, one, rules, time, verdict,
};

const SEED: u64 = 20_261_121;

fn after_noise(value: f64) -> Subject {
    let past = noise(&mut SplitMix64::new(SEED), 64, 100.0, 0.02);
    measured(time(), value).after(&past)
}

#[test]
fn a_lone_outlier_becomes_unchanged_and_a_real_change_stays() {
    let rules = and_defaults("");
    let first = one(&after_noise(140.0), &rules);
    assert_eq!(first.verdict, CRITICAL, "seed {SEED}: {}", first.sentence);
    assert!(first.is_suspicious);

    let outlier = one(&after_noise(140.0).again(100.5), &rules);
    assert_eq!(
        outlier.verdict,
        Verdict::Unchanged,
        "seed {SEED}: {}",
        outlier.sentence
    );
    assert!(!outlier.is_suspicious, "two looks are enough");
    assert!(
        outlier.sentence.ends_with("; measured again: 100.5 ns"),
        "{}",
        outlier.sentence
    );

    let real = one(&after_noise(140.0).again(138.0), &rules);
    assert_eq!(real.verdict, CRITICAL, "seed {SEED}");
    assert!(!real.is_suspicious);
}

#[test]
fn a_small_change_is_found_by_a_second_look_only() {
    let rules = and_defaults("");
    let once = one(&after_noise(107.0), &rules);
    let twice = one(&after_noise(107.0).again(107.5), &rules);

    assert_ne!(once.verdict, WARNING, "seed {SEED}: {}", once.sentence);
    assert!(once.is_suspicious);
    assert_eq!(twice.verdict, WARNING, "seed {SEED}: {}", twice.sentence);
    let other_way = one(&after_noise(107.0).again(93.0), &rules);
    assert_eq!(other_way.verdict, Verdict::Unchanged, "seed {SEED}");
}

#[test]
fn an_improvement_is_looked_at_twice_like_a_regression() {
    let rules = and_defaults("");

    assert_eq!(
        verdict(&after_noise(70.0).again(71.0), &rules),
        Verdict::Improved
    );
    assert_eq!(
        verdict(&after_noise(70.0).again(99.0), &rules),
        Verdict::Unchanged
    );
    let recent = measured(time(), 70.0).after(&[100.0; 3]);
    assert_eq!(verdict(&recent, &rules), Verdict::Improved);
    assert!(one(&recent, &rules).is_suspicious);
    assert_eq!(
        verdict(&recent.clone().again(101.0), &rules),
        Verdict::Unchanged
    );
}

#[test]
fn levels_are_judged_by_the_look_that_is_nearer() {
    for (rule, first, fine, bad) in [
        ("max = '120 ns'", 150.0, 110.0, 130.0),
        ("percent = 10", 150.0, 105.0, 115.0),
        ("percent = 10\nagainst = 'baseline'", 150.0, 105.0, 115.0),
        ("tolerance = 10", 150.0, 105.0, 111.0),
        ("when = 'time > baseline * 1.1'", 150.0, 105.0, 115.0),
    ] {
        let rules = rules(&format!("[[gate]]\nmetric = 'time'\n{rule}"));
        let subject = || measured(time(), first).after(&[100.0]).baseline(100.0);
        assert!(one(&subject(), &rules).is_suspicious, "{rule}");
        assert!(verdict(&subject(), &rules).fails(), "{rule}");
        let second = one(&subject().again(fine), &rules);
        assert!(!second.verdict.fails(), "{rule}: {}", second.sentence);
        assert_eq!(second.value, fine, "{rule}");
        assert!(verdict(&subject().again(bad), &rules).fails(), "{rule}");
        assert!(verdict(&subject().again(200.0), &rules).fails(), "{rule}");
    }
}

#[test]
fn looks_that_disagree_about_the_direction_decide_nothing() {
    let rules = rules("[[gate]]\nmetric = 'time'\npercent = 10");

    let judgement = one(&measured(time(), 120.0).after(&[100.0]).again(70.0), &rules);

    assert_eq!(judgement.verdict, Verdict::Inconclusive);
    assert!(judgement.sentence.ends_with("two looks disagree"));
}
