//! A series run by run: a step is told once, then it is the new normal.

use benchhost_gate::{Rules, Verdict};
use benchhost_stats::SplitMix64;

use crate::support::{Words, and_defaults, measured, noise, one, rules, time, verdict};

/// Verdicts of `rules` on every value from `first` on, each with what came before.
fn run_by_run(values: &[f64], first: usize, rules: &Rules) -> Vec<Verdict> {
    (first..values.len())
        .map(|now| verdict(&measured(time(), values[now]).after(&values[..now]), rules))
        .collect()
}

fn stepped(seed: u64, size: f64) -> Vec<f64> {
    let mut random = SplitMix64::new(seed);
    let mut values = noise(&mut random, 60, 100.0, 0.015);
    values.extend(noise(&mut random, 40, 100.0 * size, 0.015));
    values
}

#[test]
fn the_change_rule_tells_a_step_once() {
    let rules = rules("[[gate]]\nchange = true\n[[gate]]\nmax = '1 s'");
    for seed in 0..10 {
        for (size, is_worse) in [(1.2, true), (0.8, false)] {
            let found = run_by_run(&stepped(seed, size), 30, &rules);
            let told: Vec<usize> = (0..found.len())
                .filter(|at| found[*at] != Verdict::TargetMet)
                .map(|at| at + 30)
                .collect();
            assert_eq!(told.len(), 1, "seed {seed}, ×{size}: told at {told:?}");
            assert!(
                (60..75).contains(&told[0]),
                "seed {seed}, ×{size}: told at {told:?}"
            );
            assert_eq!(found[told[0] - 30].fails(), is_worse, "seed {seed}");
        }
    }
}

#[test]
fn after_an_old_step_the_new_level_is_what_is_expected() {
    let rules = rules("[[gate]]\nhistory = true");
    for seed in 0..10 {
        let values = stepped(seed, 1.3);
        let normal = one(&measured(time(), 130.0).after(&values), &rules);
        assert_eq!(
            normal.verdict,
            Verdict::Unchanged,
            "seed {seed}: {}",
            normal.sentence
        );
        assert!(
            (normal.reference - 130.0).abs() < 2.0,
            "seed {seed}: {}",
            normal.reference
        );
        let back = one(&measured(time(), 100.0).after(&values), &rules);
        assert_eq!(
            back.verdict,
            Verdict::Improved,
            "seed {seed}: {}",
            back.sentence
        );
    }
}

#[test]
fn a_lasting_step_is_red_for_a_while_and_not_for_ever() {
    let rules = and_defaults("");
    for seed in 0..10 {
        let found = run_by_run(&stepped(seed, 1.3), 40, &rules);
        assert!(
            found[20].fails(),
            "seed {seed}: the first slow run is seen at once"
        );
        assert!(found[..20].iter().all(|one| !one.fails()), "seed {seed}");
        assert!(
            found[40..].iter().all(|one| !one.fails()),
            "seed {seed}: {:?}",
            &found[40..]
        );
    }
}

#[test]
fn a_young_series_is_judged_by_its_class_and_a_grown_one_by_itself() {
    let rules = and_defaults("");
    let after = |n: usize, value| one(&measured(time(), value).after(&vec![100.0; n]), &rules);

    assert_eq!(after(0, 500.0).verdict, Verdict::InsufficientData);
    assert_eq!(
        (after(1, 120.0).verdict.fails(), after(1, 120.0).rule),
        (true, "recent".to_owned())
    );
    assert_eq!(
        (after(8, 120.0).verdict.fails(), after(8, 120.0).rule),
        (true, "history".to_owned())
    );
    assert_eq!(
        after(7, 108.0).verdict,
        Verdict::Unchanged,
        "below the threshold of its class"
    );
}

#[test]
fn missing_values_are_no_values() {
    let rules = and_defaults("");
    let mut past: Vec<f64> = noise(&mut SplitMix64::new(5), 30, 100.0, 0.01);
    for index in [3, 7, 29] {
        past[index] = f64::NAN;
    }

    assert_eq!(
        verdict(&measured(time(), 101.0).after(&past), &rules),
        Verdict::Unchanged
    );
    assert!(verdict(&measured(time(), 140.0).after(&past), &rules).fails());
    let none = measured(time(), 140.0).after(&[f64::NAN; 30]);
    assert_eq!(verdict(&none, &rules), Verdict::InsufficientData);
}

#[test]
fn a_count_that_never_varied_may_not_vary_and_nothing_may_become_something() {
    let rules = rules("[[gate]]\nmetric = '*'\nhistory = true");
    let counted = |past: f64, value: f64| one(&measured(time(), value).after(&[past; 20]), &rules);

    assert!(counted(4096.0, 4097.0).verdict.fails());
    assert_eq!(counted(4096.0, 4096.0).verdict, Verdict::Unchanged);
    assert_eq!(counted(0.0, 0.0).verdict, Verdict::Unchanged);
    let from_nothing = counted(0.0, 3.0);
    assert_eq!(from_nothing.verdict, crate::support::WARNING);
    assert!(
        from_nothing.effect.is_nan(),
        "a share of nothing is no number"
    );
}
