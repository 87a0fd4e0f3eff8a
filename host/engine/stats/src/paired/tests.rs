//! The comparison as a whole: what it decides, when, and that it never decides too often.

use super::*;
use crate::decide::{Decision, decide};
use crate::random::SplitMix64;

const BOUNDS: Bounds = Bounds {
    tolerance: 0.01 / 3.0,
    margin: 0.01,
};
const LEVEL: f64 = 0.005;

fn round(log_ratio: f64) -> Round {
    Round {
        log_ratio,
        pairs: 16,
        pair_sd: 0.0,
    }
}

/// Decision and the round it came in, looked at after every one of `most` rounds.
fn watch(bounds: Bounds, most: usize, mut next: impl FnMut() -> f64) -> Option<(Decision, usize)> {
    let mut paired = Paired::new(bounds);
    (1..=most).find_map(|n| {
        paired.observe(round(next()));
        Some((decide(&[&paired], LEVEL)[0].decision?, n))
    })
}

#[test]
fn a_large_effect_is_decided_in_ten_rounds_and_not_before() {
    let mut random = SplitMix64::new(1);
    let slower = watch(BOUNDS, 60, || 0.1 + 0.0005 * random.normal());
    let faster = watch(BOUNDS, 60, || -0.1 + 0.0005 * random.normal());

    assert_eq!(slower, Some((Decision::Higher, 10)));
    assert_eq!(faster, Some((Decision::Lower, 10)));
}

#[test]
fn an_effect_of_one_round_sd_takes_about_twenty_rounds() {
    let bounds = Bounds {
        tolerance: 0.0,
        margin: 0.0,
    };
    let mut taken: Vec<usize> = (0..200)
        .map(|seed| {
            let mut random = SplitMix64::new(seed);
            watch(bounds, 200, || 1.0 + random.normal()).map_or(200, |(_, n)| n)
        })
        .collect();
    taken.sort_unstable();

    assert!((18..=25).contains(&taken[100]), "median {}", taken[100]);
}

#[test]
fn quiet_twins_are_equivalent_and_a_constant_metric_too() {
    let mut random = SplitMix64::new(2);
    let quiet = watch(BOUNDS, 60, || 0.0005 * random.normal());
    let constant = watch(BOUNDS, 60, || 0.0);

    assert_eq!(quiet.unwrap().0, Decision::Equivalent);
    assert_eq!(constant.unwrap().0, Decision::Equivalent);
}

#[test]
fn noise_above_the_margin_stays_undecided() {
    let mut random = SplitMix64::new(3);
    assert_eq!(watch(BOUNDS, 60, || 0.08 * random.normal()), None);
}

/// At the edge of the null, where it is hardest: the true ratio is exactly the tolerance, heavy tails, watched always.
#[test]
fn false_decisions_stay_below_the_level_however_often_it_is_watched() {
    const SERIES: u64 = 4000;
    let seed = 20_261_121;
    let mut wrong = 0;
    for i in 0..SERIES {
        let mut random = SplitMix64::new(seed + i);
        let decided = watch(BOUNDS, 60, || {
            let heavy = random.normal() / random.uniform().sqrt();
            BOUNDS.tolerance + 0.004 * heavy
        });
        wrong += u64::from(decided.is_some_and(|(d, _)| d != Decision::Equivalent));
    }
    // Binomial(4000, .005): more than 35 has a probability below .0005.
    assert!(wrong <= 35, "{wrong} of {SERIES} with seed {seed}");
}

#[test]
fn the_interval_says_the_same_as_the_decision() {
    let mut random = SplitMix64::new(4);
    for effect in [0.0, 0.004, 0.02, -0.02] {
        let mut paired = Paired::new(BOUNDS);
        for _ in 0..80 {
            paired.observe(round(effect + 0.003 * random.normal()));
            let decided = decide(&[&paired], LEVEL)[0];
            let interval = paired.interval(decided.level);
            match decided.decision {
                Some(Decision::Higher) => assert!(interval.low > BOUNDS.tolerance),
                Some(Decision::Lower) => assert!(interval.high < -BOUNDS.tolerance),
                Some(Decision::Equivalent) => {
                    assert!(interval.low > -BOUNDS.margin && interval.high < BOUNDS.margin);
                }
                None => {}
            }
        }
        let centre = paired.log_ratio().unwrap();
        let interval = paired.interval(LEVEL);
        assert!(interval.low < centre && centre < interval.high);
        assert!(
            interval.low < effect && effect < interval.high,
            "{interval:?}"
        );
    }
}

#[test]
fn too_few_rounds_leave_the_interval_open() {
    let mut paired = Paired::new(BOUNDS);
    assert_eq!(paired.log_ratio(), None);
    for _ in 0..5 {
        paired.observe(round(0.1));
    }
    let interval = paired.interval(LEVEL);
    assert_eq!(
        (interval.low, interval.high),
        (f64::NEG_INFINITY, f64::INFINITY)
    );
}
