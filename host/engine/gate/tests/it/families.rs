//! Many metrics of one run: false alarms stay rare, the one real change is found.

use benchhost_gate::{Subject, Verdict};
use benchhost_stats::SplitMix64;

use crate::support::{CRITICAL, Words, and_defaults, judged, measured, noise, rules, time};

const METRICS: usize = 1000;
const PAST: usize = 64;

/// A thousand metrics of a run that changed nothing; each has its own level and noise of 1 to 5 %.
fn unchanged(random: &mut SplitMix64) -> Vec<Subject> {
    (0..METRICS)
        .map(|index| {
            let level = 10f64.powf(3.0 + 6.0 * random.uniform());
            let spread = 0.01 + 0.04 * random.uniform();
            let values = noise(random, PAST + 1, level, spread);
            measured(time(), values[PAST])
                .after(&values[..PAST])
                .of(&format!("p/w?i={index}&threads=1"), "b")
        })
        .collect()
}

#[test]
fn runs_of_a_thousand_unchanged_metrics_do_not_alarm() {
    // At a level of .005, of 20 runs at most one may alarm (two have a probability of .5 %).
    const RUNS: u64 = 20;
    let rules = rules("[[gate]]\nhistory = true");
    let mut alarmed = Vec::new();
    for seed in 0..RUNS {
        let subjects = unchanged(&mut SplitMix64::new(seed));
        let found = judged(&subjects, &rules);
        assert_eq!(found.judged.len(), METRICS);
        if found.judged[0].verdict != Verdict::Unchanged
            && found.judged[0].verdict != Verdict::Inconclusive
        {
            alarmed.push((seed, found.judged[0].sentence.clone()));
        }
    }
    assert!(alarmed.len() <= 1, "seeds 0..{RUNS}: {alarmed:?}");
}

#[test]
fn with_all_defaults_one_in_a_hundred_metrics_alarms_at_most() {
    const SEED: u64 = 7;
    let found = judged(&unchanged(&mut SplitMix64::new(SEED)), &and_defaults(""));

    let alarms = found
        .judged
        .iter()
        .filter(|one| one.verdict.fails())
        .count();

    assert!(alarms <= METRICS / 100, "seed {SEED}: {alarms} alarms");
}

#[test]
fn one_change_among_a_thousand_is_found_and_comes_first() {
    const SEED: u64 = 11;
    let mut random = SplitMix64::new(SEED);
    let mut subjects = unchanged(&mut random);
    let values = noise(&mut random, PAST + 1, 5e6, 0.02);
    subjects[500] = measured(time(), values[PAST] * 1.3)
        .after(&values[..PAST])
        .of("p/slow?threads=1", "b");

    let found = judged(&subjects, &rules("[[gate]]\nhistory = true"));

    assert_eq!(found.judged[0].case, "p/slow?threads=1", "seed {SEED}");
    assert!(
        found.judged[0].verdict.fails(),
        "seed {SEED}: {:?}",
        found.judged[0]
    );
    assert_eq!(
        found
            .judged
            .iter()
            .filter(|one| one.verdict.fails())
            .count(),
        1
    );
    let alone = judged(&subjects[500..=500], &rules("[[gate]]\nhistory = true"));
    assert!(matches!(
        alone.judged[0].verdict,
        CRITICAL | crate::support::WARNING
    ));
}

#[test]
fn what_would_stand_alone_is_inconclusive_in_a_crowd() {
    const SEED: u64 = 3;
    let mut random = SplitMix64::new(SEED);
    let past: Vec<f64> = (0..PAST).map(|i| 100.0 + (i % 5) as f64).collect();
    let middling = |value| {
        measured(time(), value)
            .after(&past)
            .of("p/middling?threads=1", "b")
    };
    let rules = rules("[[gate]]\nhistory = true");
    let value = (0..200)
        .map(|step| 104.0 + 0.25 * f64::from(step))
        .find(|value| {
            judged(&[middling(*value)], &rules).judged[0]
                .verdict
                .fails()
        })
        .expect("far enough is a regression");
    let mut subjects = unchanged(&mut random);
    subjects.push(middling(value));

    let found = judged(&subjects, &rules);

    let middling = found
        .judged
        .iter()
        .find(|one| one.case.contains("middling"))
        .unwrap();
    assert_eq!(middling.verdict, Verdict::Inconclusive, "seed {SEED}");
    assert!(middling.p.unwrap() < 0.005 && middling.is_suspicious);
}
